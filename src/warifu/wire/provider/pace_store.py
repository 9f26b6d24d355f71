"""How far each asker's account has run ahead, for all processes. Who it is stands there as a keyed hash only.

Each function works inside its caller's transaction.
"""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, Connection, LargeBinary, Table, delete, insert, select, update

from warifu.wire.database import hold
from warifu.wire.provider.tables import metadata

__all__ = ["forget", "hold_account", "keep_account", "read_account"]

accounts = Table(
    "pace_account",
    metadata,
    Column("asker", LargeBinary(32), primary_key=True),
    Column("full_at", BigInteger),
)


def hold_account(connection: Connection, asker: bytes) -> None:
    """Keep others from an account, also from one that is yet to be made."""
    hold(connection, f"{accounts.name} {asker.hex()}")


def read_account(connection: Connection, asker: bytes) -> datetime | None:
    """When everything will have flowed back. Stored in thousandths of a second."""
    found = connection.scalar(select(accounts.c.full_at).where(accounts.c.asker == asker))
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
