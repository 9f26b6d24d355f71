"""Reading and writing the provider's rows; each function works inside its caller's transaction.

Whoever changes a login, or anything that belongs to one (its hand-over, its passkeys' ceremony, its tokens), locks the
login's row first: on SQLite the transaction itself is exclusive, on PostgreSQL ``FOR UPDATE`` makes the second one wait
and see what the first one did. A login outlives all that belongs to it.

Statements that every login needs are built once: building one takes SQLAlchemy longer than SQLite takes to execute it.
"""

import re
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql

from warifu.errors import NotFound
from warifu.idp import AccessToken, AssertionUse, Client, Login, PushedRequest, RefreshToken
from warifu.wire.provider.tables import (
    access_token_of,
    access_tokens,
    client_of,
    clients,
    login_of,
    logins,
    pushed_request_of,
    pushed_requests,
    refresh_token_of,
    refresh_tokens,
    seconds,
    spent_assertions,
    values_of_access_token,
    values_of_client,
    values_of_new_login,
    values_of_progress,
    values_of_pushed_request,
    values_of_refresh_token,
)

_TRANSACTION = re.compile(r"[0-9A-Za-z_-]{1,64}")

_CLIENT = select(clients).where(clients.c.id == bindparam("here"))
_LOGIN = select(logins).where(logins.c.transaction_id == bindparam("here"))
_LOCKED_LOGIN = _LOGIN.with_for_update()
_LOGIN_OF_CODE = select(logins).where(logins.c.code_hash == bindparam("here")).with_for_update()
_ADD_LOGIN, _SAVE_LOGIN = insert(logins), update(logins).where(logins.c.transaction_id == bindparam("here"))
# SQLite says it in the same words.
_SPEND_ASSERTION = (
    postgresql.insert(spent_assertions).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
)
_ACCESS_TOKEN = select(access_tokens).where(access_tokens.c.hash == bindparam("here"))
_LOCKED_ACCESS_TOKEN = _ACCESS_TOKEN.with_for_update()
_ADD_ACCESS_TOKEN, _ADD_REFRESH_TOKEN = insert(access_tokens), insert(refresh_tokens)
_REFRESH_TOKEN = select(refresh_tokens).where(refresh_tokens.c.hash == bindparam("here"))
_LOCKED_LOGIN_OF_REFRESH_TOKEN = (
    select(logins.c.transaction_id)
    .where(
        logins.c.transaction_id == _REFRESH_TOKEN.with_only_columns(refresh_tokens.c.transaction_id).scalar_subquery()
    )
    .with_for_update()
)
_SPEND_REFRESH_TOKEN = update(refresh_tokens).where(refresh_tokens.c.hash == bindparam("here"))

# --- clients ----------------------------------------------------------------------------------------------------------


def keep_client(connection: Connection, client: Client) -> None:
    """Register a client, or change what is registered under its id."""
    values = values_of_client(client)
    if not connection.execute(update(clients).where(clients.c.id == client.id).values(**values)).rowcount:
        connection.execute(insert(clients).values(**values))


def find_client(connection: Connection, client_id: str) -> Client | None:
    """The client with this id."""
    row = connection.execute(_CLIENT, {"here": client_id}).one_or_none()
    return None if row is None else client_of(row)


def read_client(connection: Connection, client_id: str) -> Client:
    """The client of a login; it exists as long as the login does."""
    client = find_client(connection, client_id)
    assert client is not None
    return client


# --- logins -----------------------------------------------------------------------------------------------------------


def add_login(connection: Connection, login: Login) -> None:
    """Keep a login that has just begun."""
    connection.execute(_ADD_LOGIN, values_of_new_login(login))


def read_login(connection: Connection, transaction: str, *, lock: bool = False) -> Login:
    """The login with this transaction id; `lock` it to change it.

    Raises:
        NotFound: there is none, or it has been forgotten.
    """
    # It comes from a path. What can be no transaction is not asked for: databases refuse some texts altogether.
    named = _TRANSACTION.fullmatch(transaction)
    row = named and connection.execute(_LOCKED_LOGIN if lock else _LOGIN, {"here": transaction}).one_or_none()
    if row is None:
        raise NotFound("there is no such login")
    return login_of(row)


def find_login_of_code(connection: Connection, code_hash: bytes) -> Login | None:
    """The login whose code this is, locked."""
    row = connection.execute(_LOGIN_OF_CODE, {"here": code_hash}).one_or_none()
    return None if row is None else login_of(row)


def save_login(connection: Connection, login: Login) -> None:
    """Keep how far a login has come."""
    connection.execute(_SAVE_LOGIN, {"here": login.transaction, **values_of_progress(login)})


# --- assertions and access tokens -------------------------------------------------------------------------------------


def spend_assertion(connection: Connection, use: AssertionUse) -> AssertionUse | None:
    """Write down that an assertion was used; None if it was before."""
    values = {"client_id": use.client_id, "jti": use.jti, "expires_at": seconds(use.expires_at) + 1}
    return use if connection.execute(_SPEND_ASSERTION, values).rowcount == 1 else None


def add_access_token(connection: Connection, token: AccessToken) -> None:
    """Keep an access token."""
    connection.execute(_ADD_ACCESS_TOKEN, values_of_access_token(token))


def find_access_token(connection: Connection, token_hash: bytes, *, lock: bool = False) -> AccessToken | None:
    """The access token with this hash; `lock` it so that it is not taken back while it is used."""
    query = _LOCKED_ACCESS_TOKEN if lock else _ACCESS_TOKEN
    row = connection.execute(query, {"here": token_hash}).one_or_none()
    return None if row is None else access_token_of(row)


def revoke_tokens(connection: Connection, transaction: str) -> None:
    """Take back every token that came from a login, and what it would have shown."""
    here = access_tokens.c.transaction_id == transaction
    connection.execute(update(access_tokens).where(here).values(revoked=True, claims={}))
    connection.execute(delete(refresh_tokens).where(refresh_tokens.c.transaction_id == transaction))


def revoke_tokens_of(connection: Connection, client_id: str) -> None:
    """Take back every token of a client."""
    here = access_tokens.c.client_id == client_id
    connection.execute(update(access_tokens).where(here).values(revoked=True, claims={}))
    connection.execute(delete(refresh_tokens).where(refresh_tokens.c.client_id == client_id))


# --- refresh tokens and pushed requests -------------------------------------------------------------------------------


def add_refresh_token(connection: Connection, token: RefreshToken) -> None:
    """Keep a refresh token."""
    connection.execute(_ADD_REFRESH_TOKEN, values_of_refresh_token(token))


def find_refresh_token(connection: Connection, token_hash: bytes) -> RefreshToken | None:
    """The refresh token with this hash, its login locked."""
    connection.execute(_LOCKED_LOGIN_OF_REFRESH_TOKEN, {"here": token_hash})
    row = connection.execute(_REFRESH_TOKEN, {"here": token_hash}).one_or_none()
    return None if row is None else refresh_token_of(row)


def spend_refresh_token(connection: Connection, token: RefreshToken) -> None:
    """Write down that a refresh token was used."""
    connection.execute(_SPEND_REFRESH_TOKEN, {"here": token.hash, "spent": True})


def add_pushed_request(connection: Connection, pushed: PushedRequest) -> None:
    """Keep a pushed authorization request."""
    connection.execute(insert(pushed_requests).values(**values_of_pushed_request(pushed)))


def take_pushed_request(connection: Connection, reference_hash: bytes) -> PushedRequest | None:
    """The pushed request with this hash, which is thereby used."""
    here = pushed_requests.c.hash == reference_hash
    row = connection.execute(select(pushed_requests).where(here).with_for_update()).one_or_none()
    # Of two that come at once, one deletes it and has it.
    if row is None or not connection.execute(delete(pushed_requests).where(here)).rowcount:
        return None
    return pushed_request_of(row)


# --- forgetting -------------------------------------------------------------------------------------------------------


def forget(connection: Connection, now: datetime, code_lifetime: timedelta, token_lifetime: timedelta) -> None:
    """Delete what has had its time: attributes first, then tokens, spent assertions, and logins.

    A login outlives its last possible code and token, so that a code used a second time is still recognised.
    """
    unfinished = seconds(now - code_lifetime)
    connection.execute(
        update(logins).where(logins.c.expires_at <= unfinished, logins.c.claims.is_not(None)).values(claims=None)
    )
    for table in (access_tokens, refresh_tokens, pushed_requests):
        connection.execute(delete(table).where(table.c.expires_at <= seconds(now)))
    connection.execute(delete(spent_assertions).where(spent_assertions.c.expires_at <= seconds(now)))
    connection.execute(delete(logins).where(logins.c.expires_at <= unfinished - int(token_lifetime.total_seconds())))
