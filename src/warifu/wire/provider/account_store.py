"""Rows of the sessions at the resident's page; each function works inside its caller's transaction."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import BigInteger, Column, Connection, LargeBinary, String, Table, delete, insert, select

from warifu.idp import How
from warifu.wire.provider.tables import certificate_holders, metadata, moment, seconds

__all__ = [
    "add_session",
    "certificates_of",
    "end_session",
    "end_sessions_of",
    "forget_sessions",
    "person_of_session",
]

sessions = Table(
    "account_session",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("person", String(36)),
    Column("expires_at", BigInteger),
)


def add_session(connection: Connection, token_hash: bytes, person: str, expires_at: datetime) -> None:
    """Keep a session by the hash of its cookie."""
    connection.execute(insert(sessions).values(hash=token_hash, person=person, expires_at=seconds(expires_at)))


def person_of_session(connection: Connection, token_hash: bytes, now: datetime) -> str | None:
    """Whose session this is, as long as it lasts."""
    here = (sessions.c.hash == token_hash, sessions.c.expires_at > seconds(now))
    found: str | None = connection.scalar(select(sessions.c.person).where(*here))
    return found


def end_session(connection: Connection, token_hash: bytes) -> None:
    """Let a session be over."""
    connection.execute(delete(sessions).where(sessions.c.hash == token_hash))


def end_sessions_of(connection: Connection, people: Iterable[str]) -> None:
    """Let all sessions of these people be over."""
    connection.execute(delete(sessions).where(sessions.c.person.in_(list(people))))


def forget_sessions(connection: Connection, now: datetime) -> None:
    """Delete those whose time is over."""
    connection.execute(delete(sessions).where(sessions.c.expires_at <= seconds(now)))


def certificates_of(connection: Connection, person: str) -> list[tuple[How, datetime]]:
    """How and since when certificates are known to be a person's; those carried over to a newer key once only."""
    its = select(certificate_holders.c.how, certificate_holders.c.since).where(
        certificate_holders.c.person == person, certificate_holders.c.how.is_not(None)
    )
    rows = connection.execute(its.order_by(certificate_holders.c.since))
    known = [(How(row.how), moment(row.since)) for row in rows]
    return list(dict.fromkeys(pair for pair in known if pair[0] is not How.NEW_KEY))
