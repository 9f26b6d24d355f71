"""Reading and writing the provider's rows; each function works inside its caller's transaction.

Whoever changes a login, or anything that belongs to one (its hand-over, its passkeys' ceremony, its tokens), locks the
login's row first: on SQLite the transaction itself is exclusive, on PostgreSQL ``FOR UPDATE`` makes the second one wait
and see what the first one did. A login outlives all that belongs to it.
"""

import re
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

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

# --- clients ----------------------------------------------------------------------------------------------------------


def keep_client(connection: Connection, client: Client) -> None:
    """Register a client, or change what is registered under its id."""
    values = values_of_client(client)
    if not connection.execute(update(clients).where(clients.c.id == client.id).values(**values)).rowcount:
        connection.execute(insert(clients).values(**values))


def find_client(connection: Connection, client_id: str) -> Client | None:
    """The client with this id."""
    row = connection.execute(select(clients).where(clients.c.id == client_id)).one_or_none()
    return None if row is None else client_of(row)


def read_client(connection: Connection, client_id: str) -> Client:
    """The client of a login; it exists as long as the login does."""
    client = find_client(connection, client_id)
    assert client is not None
    return client


# --- logins -----------------------------------------------------------------------------------------------------------


def add_login(connection: Connection, login: Login) -> None:
    """Keep a login that has just begun."""
    connection.execute(insert(logins).values(**values_of_new_login(login)))


def read_login(connection: Connection, transaction: str, *, lock: bool = False) -> Login:
    """The login with this transaction id; `lock` it to change it.

    Raises:
        NotFound: there is none, or it has been forgotten.
    """
    query = select(logins).where(logins.c.transaction_id == transaction)
    # It comes from a path. What can be no transaction is not asked for: databases refuse some texts altogether.
    named = _TRANSACTION.fullmatch(transaction)
    row = named and connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("there is no such login")
    return login_of(row)


def find_login_of_code(connection: Connection, code_hash: bytes) -> Login | None:
    """The login whose code this is, locked."""
    row = connection.execute(select(logins).where(logins.c.code_hash == code_hash).with_for_update()).one_or_none()
    return None if row is None else login_of(row)


def save_login(connection: Connection, login: Login) -> None:
    """Keep how far a login has come."""
    here = logins.c.transaction_id == login.transaction
    connection.execute(update(logins).where(here).values(**values_of_progress(login)))


# --- assertions and access tokens -------------------------------------------------------------------------------------


def spend_assertion(connection: Connection, use: AssertionUse) -> AssertionUse | None:
    """Write down that an assertion was used; None if it was before."""
    values = {"client_id": use.client_id, "jti": use.jti, "expires_at": seconds(use.expires_at) + 1}
    try:
        with connection.begin_nested():
            connection.execute(insert(spent_assertions).values(**values))
    except IntegrityError:
        return None
    return use


def add_access_token(connection: Connection, token: AccessToken) -> None:
    """Keep an access token."""
    connection.execute(insert(access_tokens).values(**values_of_access_token(token)))


def find_access_token(connection: Connection, token_hash: bytes, *, lock: bool = False) -> AccessToken | None:
    """The access token with this hash; `lock` it so that it is not taken back while it is used."""
    query = select(access_tokens).where(access_tokens.c.hash == token_hash)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else access_token_of(row)


def revoke_tokens(connection: Connection, transaction: str) -> None:
    """Take back every token that came from a login, and what it would have shown."""
    here = access_tokens.c.transaction_id == transaction
    connection.execute(update(access_tokens).where(here).values(revoked=True, claims={}))
    connection.execute(delete(refresh_tokens).where(refresh_tokens.c.transaction_id == transaction))


# --- refresh tokens and pushed requests -------------------------------------------------------------------------------


def add_refresh_token(connection: Connection, token: RefreshToken) -> None:
    """Keep a refresh token."""
    connection.execute(insert(refresh_tokens).values(**values_of_refresh_token(token)))


def find_refresh_token(connection: Connection, token_hash: bytes) -> RefreshToken | None:
    """The refresh token with this hash, its login locked."""
    its = select(refresh_tokens.c.transaction_id).where(refresh_tokens.c.hash == token_hash).scalar_subquery()
    connection.execute(select(logins.c.transaction_id).where(logins.c.transaction_id == its).with_for_update())
    row = connection.execute(select(refresh_tokens).where(refresh_tokens.c.hash == token_hash)).one_or_none()
    return None if row is None else refresh_token_of(row)


def spend_refresh_token(connection: Connection, token: RefreshToken) -> None:
    """Write down that a refresh token was used."""
    connection.execute(update(refresh_tokens).where(refresh_tokens.c.hash == token.hash).values(spent=True))


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
