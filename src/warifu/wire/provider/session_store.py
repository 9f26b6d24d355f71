"""Sessions at clients, and what clients are yet to be told about them; each function inside its caller's transaction.

A message waits in the same transaction in which its session ends, so that none is lost. A process that takes a client
has it for half a minute from each message on, after which another may: so a client is told at least once, by one
process at a time, and of what ended first first.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    LargeBinary,
    Row,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from warifu.idp import AccessToken, Client, ClientSession, Status
from warifu.wire.database import hold
from warifu.wire.provider import store
from warifu.wire.provider.tables import access_tokens, logins, metadata, moment, seconds

__all__ = [
    "KEPT",
    "add_session",
    "end_logins",
    "end_sessions",
    "find_session",
    "forget",
    "keep_client",
    "leave_client",
    "next_due",
    "put_off",
    "put_off_others",
    "revoke_one",
    "take_clients",
    "told",
]

KEPT = timedelta(hours=24)
"""How long after its login a session can still be ended; clients keep theirs no longer without asking again."""
_GIVEN_UP = timedelta(hours=24)
"""How long a client that does not answer is told again and again."""
_LEASE = timedelta(seconds=30)

sessions = Table(
    "client_session",
    metadata,
    Column("sid", String(36), primary_key=True),
    Column("transaction_id", String(64)),
    Column("client_id", String(255)),
    Column("subject", String(36)),
    Column("certificate_hash", LargeBinary(32)),
    Column("authenticated_at", BigInteger),
    Column("acr", String(16)),
    Column("ended", Boolean),
    Column("expires_at", BigInteger),
)

messages = Table(
    "logout_message",
    metadata,
    Column("sid", String(36), primary_key=True),
    Column("due_at", BigInteger),
    Column("tries", BigInteger),
    Column("gives_up_at", BigInteger),
)

lanes = Table(
    "logout_lane",
    metadata,
    Column("client_id", String(255), primary_key=True),
    Column("until", BigInteger),
)

_ADD, _SESSION = insert(sessions), select(sessions).where(sessions.c.sid == bindparam("here"))


def add_session(connection: Connection, session: ClientSession, now: datetime) -> None:
    """Keep a session that has begun."""
    values = {
        "sid": session.sid,
        "transaction_id": session.transaction,
        "client_id": session.client_id,
        "subject": session.subject,
        "certificate_hash": session.certificate_hash,
        "authenticated_at": seconds(session.authenticated_at),
        "acr": session.acr,
        "ended": session.ended,
        "expires_at": seconds(now + KEPT),
    }
    connection.execute(_ADD, values)


def find_session(connection: Connection, sid: str) -> ClientSession | None:
    """The session with this id."""
    row = connection.execute(_SESSION, {"here": sid}).one_or_none()
    return None if row is None else _session_of(row)


def end_sessions(
    connection: Connection,
    now: datetime,
    *,
    tells: bool,
    sid: str | None = None,
    subjects: Sequence[str] | None = None,
    client_id: str | None = None,
    certificates: Sequence[bytes] | None = None,
) -> list[ClientSession]:
    """End the sessions that fit all that is named; their tokens are taken back; `tells` has the clients told."""
    column = sessions.c
    named = [
        *([] if sid is None else [column.sid == sid]),
        *([] if subjects is None else [column.subject.in_(subjects)]),
        *([] if client_id is None else [column.client_id == client_id]),
        *([] if certificates is None else [column.certificate_hash.in_(certificates)]),
    ]
    assert named, "ending every session is never meant"
    rows = connection.execute(select(sessions).where(column.ended.is_(False), *named).with_for_update()).all()
    ended = [_session_of(row) for row in rows]
    for session in ended:
        connection.execute(update(sessions).where(column.sid == session.sid).values(ended=True))
        store.revoke_tokens(connection, session.transaction)
        if tells:
            _tell(connection, session, store.find_client(connection, session.client_id), now)
    return ended


def end_logins(connection: Connection, certificates: Sequence[bytes]) -> None:
    """End the logins that were answered with these and are no sessions yet: their codes are as good as used."""
    column = logins.c
    unfinished = or_(column.code_spent.is_(None), column.code_spent.is_(False))
    over = {"status": Status.REFUSED.value, "error": "access_denied", "error_description": "certificate_refused"}
    its = (column.certificate_hash.in_(certificates), unfinished)
    connection.execute(update(logins).where(*its).values(**over, claims=None, code_spent=True))


def take_clients(connection: Connection, now: datetime, count: int) -> list[str]:
    """Clients for whom a message is due, who has waited longest first; nobody else takes them for a while."""
    hold(connection, lanes.name)
    due, by = func.min(messages.c.due_at), sessions.c.client_id
    taken = select(lanes.c.client_id).where(lanes.c.until > seconds(now))
    query = select(by).join_from(messages, sessions, messages.c.sid == sessions.c.sid).group_by(by).order_by(due, by)
    found = connection.scalars(query.having(due <= seconds(now)).where(by.not_in(taken)).limit(count)).all()
    for client_id in found:
        leave_client(connection, client_id)
        connection.execute(insert(lanes).values(client_id=client_id, until=seconds(now + _LEASE)))
    return list(found)


def keep_client(connection: Connection, client_id: str, now: datetime) -> None:
    """Have a client that was taken for half a minute from now on."""
    connection.execute(update(lanes).where(lanes.c.client_id == client_id).values(until=seconds(now + _LEASE)))


def leave_client(connection: Connection, client_id: str) -> None:
    """Let others have it."""
    connection.execute(delete(lanes).where(lanes.c.client_id == client_id))


def next_due(connection: Connection, client_id: str, now: datetime) -> tuple[ClientSession, int] | None:
    """The message of a client whose turn it is, and how often it was tried."""
    column = messages.c
    query = select(sessions, column.tries).join_from(messages, sessions, column.sid == sessions.c.sid)
    query = query.where(sessions.c.client_id == client_id, column.due_at <= seconds(now))
    row = connection.execute(query.order_by(column.due_at, column.gives_up_at, column.sid).limit(1)).one_or_none()
    return None if row is None else (_session_of(row), int(row.tries))


def told(connection: Connection, sid: str) -> None:
    """The client knows, or never will."""
    connection.execute(delete(messages).where(messages.c.sid == sid))


def put_off(connection: Connection, sid: str, tries: int, due_at: datetime) -> None:
    """Try again later; not at all when the client has not answered for so long."""
    here = messages.c.sid == sid
    connection.execute(update(messages).where(here).values(tries=tries, due_at=seconds(due_at)))
    connection.execute(delete(messages).where(here, messages.c.gives_up_at <= seconds(due_at)))


def put_off_others(connection: Connection, client_id: str, now: datetime, due_at: datetime) -> None:
    """Have all that is due for a client wait until then, for the client does not answer."""
    its = messages.c.sid.in_(select(sessions.c.sid).where(sessions.c.client_id == client_id))
    due = messages.c.due_at <= seconds(now)
    connection.execute(update(messages).where(its, due).values(due_at=seconds(due_at)))


def revoke_one(connection: Connection, token: AccessToken) -> None:
    """Take one access token back, and what it would have shown."""
    connection.execute(update(access_tokens).where(access_tokens.c.hash == token.hash).values(revoked=True, claims={}))


def forget(connection: Connection, now: datetime) -> None:
    """Delete what has had its time; a session whose client is yet to be told stays until that is over."""
    waiting = select(messages.c.sid)
    connection.execute(delete(sessions).where(sessions.c.expires_at <= seconds(now), sessions.c.sid.not_in(waiting)))


def _tell(connection: Connection, session: ClientSession, client: Client | None, now: datetime) -> None:
    if client is None or client.backchannel_logout_uri is None:
        return
    values = {"due_at": seconds(now), "tries": 0, "gives_up_at": seconds(now + _GIVEN_UP)}
    connection.execute(insert(messages).values(sid=session.sid, **values))


def _session_of(row: Row[Any]) -> ClientSession:
    by = None if row.certificate_hash is None else bytes(row.certificate_hash)
    at = moment(row.authenticated_at)
    return ClientSession(row.sid, row.transaction_id, row.client_id, row.subject, by, at, row.acr, row.ended)
