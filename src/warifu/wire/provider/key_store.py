"""The schedule of the keys that sign ID tokens, as rows; the keys themselves are elsewhere.

Each function works inside its caller's transaction.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, Connection, LargeBinary, Row, String, Table, Text, insert, select, update

from warifu.idp import KeySchedule, SigningKey
from warifu.wire.provider.tables import metadata, moment, seconds

__all__ = ["add_key", "read_schedule", "save_key"]

token_keys = Table(
    "token_key",
    metadata,
    Column("kid", String(43), primary_key=True),
    Column("public_key_info", LargeBinary),
    Column("announced_at", BigInteger),
    Column("used_from", BigInteger),
    Column("withdrawn_at", BigInteger),
    Column("place", Text),
)

_ALL = select(token_keys)


def read_schedule(connection: Connection) -> KeySchedule:
    """All keys there ever were: few."""
    return KeySchedule(_key_of(row) for row in connection.execute(_ALL))


def add_key(connection: Connection, key: SigningKey) -> None:
    """Keep a key that is new."""
    connection.execute(insert(token_keys).values(**_values_of(key)))


def save_key(connection: Connection, key: SigningKey) -> None:
    """Keep what became of a key."""
    connection.execute(update(token_keys).where(token_keys.c.kid == key.kid).values(**_values_of(key)))


def _key_of(row: Row[Any]) -> SigningKey:
    withdrawn = None if row.withdrawn_at is None else moment(row.withdrawn_at)
    used = moment(row.used_from)
    return SigningKey(row.kid, bytes(row.public_key_info), moment(row.announced_at), used, withdrawn, row.place)


def _values_of(key: SigningKey) -> dict[str, Any]:
    return {
        "kid": key.kid,
        "public_key_info": key.public_key_info,
        "announced_at": seconds(key.announced_at),
        "used_from": seconds(key.used_from),
        "withdrawn_at": None if key.withdrawn_at is None else seconds(key.withdrawn_at),
        "place": key.place,
    }
