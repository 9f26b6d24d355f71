"""How far each asker's account has run ahead, for all processes. Who it is stands there as a keyed hash only.

Each function works inside its caller's transaction.
"""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, Connection, LargeBinary, Table, delete, insert, select, update

from warifu.wire.provider.tables import metadata

__all__ = ["forget", "keep_account", "read_account"]

accounts = Table(
    "pace_account",
    metadata,
    Column("asker", LargeBinary(32), primary_key=True),
    Column("full_at", BigInteger),
)


def read_account(connection: Connection, asker: bytes, *, lock: bool = False) -> datetime | None:
    """When everything will have flowed back. Stored in thousandths of a second."""
    query = select(accounts.c.full_at).where(accounts.c.asker == asker)
    found = connection.scalar(query.with_for_update() if lock else query)
    return None if found is None else datetime.fromtimestamp(found / 1000, UTC)


def keep_account(connection: Connection, asker: bytes, full_at: datetime) -> None:
    """Keep it."""
    values = {"full_at": _stored(full_at)}
    if not connection.execute(update(accounts).where(accounts.c.asker == asker).values(**values)).rowcount:
        connection.execute(insert(accounts).values(asker=asker, **values))


def forget(connection: Connection, now: datetime) -> None:
    """Delete the accounts of who has been quiet."""
    connection.execute(delete(accounts).where(accounts.c.full_at <= _stored(now)))


def _stored(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
