"""The certificates by which somebody is logged in, each with the sealed question whether it still is good.

A row is there as long as a session that began with it may be ended, and no longer: it is the one place where a serial
number can be opened with the provider's secret alone. A process that takes a row has it for two minutes. Each function
works inside its caller's transaction.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, Connection, LargeBinary, Table, bindparam, delete, insert, select, update

from warifu.wire.database import hold
from warifu.wire.provider.tables import metadata, seconds

__all__ = ["forget", "keep_until", "make_due", "put_off", "take_due", "unwatch", "watch"]

_LEASE = timedelta(minutes=2)

watched = Table(
    "watched_certificate",
    metadata,
    Column("certificate_hash", LargeBinary(32), primary_key=True),
    Column("question", LargeBinary),
    Column("due_at", BigInteger),
    Column("until", BigInteger),
)

_ADD = insert(watched)
_NEXT = update(watched).where(watched.c.certificate_hash == bindparam("here"))
_LONGER = _NEXT.where(watched.c.until < bindparam("before"))


def watch(connection: Connection, certificate_hash: bytes, question: bytes, due_at: datetime, until: datetime) -> None:
    """Somebody has shown this certificate, and it was good."""
    hold(connection, f"{watched.name} {certificate_hash.hex()}")
    if connection.execute(_NEXT, {"here": certificate_hash, "due_at": seconds(due_at)}).rowcount:
        keep_until(connection, certificate_hash, until)
        return
    values = {"question": question, "due_at": seconds(due_at), "until": seconds(until)}
    connection.execute(_ADD, {"certificate_hash": certificate_hash, **values})


def keep_until(connection: Connection, certificate_hash: bytes | None, until: datetime) -> None:
    """Keep what is watched at least until then."""
    connection.execute(_LONGER, {"here": certificate_hash, "before": seconds(until), "until": seconds(until)})


def take_due(connection: Connection, now: datetime, count: int) -> list[tuple[bytes, bytes]]:
    """Certificates whose turn it is, who has waited longest first, each with its question."""
    query = select(watched).where(watched.c.due_at <= seconds(now), watched.c.until > seconds(now))
    query = query.order_by(watched.c.due_at).limit(count).with_for_update(skip_locked=True)
    found = [(bytes(row.certificate_hash), bytes(row.question)) for row in connection.execute(query)]
    for certificate_hash, _ in found:
        put_off(connection, certificate_hash, now + _LEASE)
    return found


def put_off(connection: Connection, certificate_hash: bytes, due_at: datetime) -> None:
    """Ask about it then."""
    connection.execute(_NEXT, {"here": certificate_hash, "due_at": seconds(due_at)})


def make_due(connection: Connection, now: datetime) -> None:
    """Ask about all of them now."""
    connection.execute(update(watched).values(due_at=seconds(now)))


def unwatch(connection: Connection, hashes: Collection[bytes]) -> None:
    """Nobody is logged in with these any more."""
    connection.execute(delete(watched).where(watched.c.certificate_hash.in_(hashes)))


def forget(connection: Connection, now: datetime) -> None:
    """Delete what has had its time."""
    connection.execute(delete(watched).where(watched.c.until <= seconds(now)))
