"""The rows of hand-overs: one for each login. Each function works inside its caller's transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    Row,
    Select,
    String,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from warifu.idp import Digits, HandOver, Way
from warifu.wire.provider.tables import metadata, moment, seconds

__all__ = ["add", "find", "find_by_phone", "find_by_secret", "forget", "save"]

hand_overs = Table(
    "hand_over",
    metadata,
    Column("transaction_id", String(64), primary_key=True),
    Column("strong", Boolean),
    Column("expires_at", BigInteger),
    Column("link_hash", LargeBinary(32)),
    Column("code_hash", LargeBinary(32)),
    Column("code_expires_at", BigInteger),
    Column("codes", Integer),
    Column("way", String(16)),
    Column("phone_hash", LargeBinary(32)),
    Column("digits_hash", LargeBinary(32)),
    Column("digits_expires_at", BigInteger),
    Column("digits_drawn", Integer),
    Column("wrong", Integer),
    Column("ready", Boolean),
    Column("answered", Boolean),
)

_OF_LOGIN = select(hand_overs).where(hand_overs.c.transaction_id == bindparam("here"))
_LOCKED = _OF_LOGIN.with_for_update()
_BY_SECRET = select(hand_overs).where(
    (hand_overs.c.code_hash == bindparam("here")) | (hand_overs.c.link_hash == bindparam("here"))
)
_BY_PHONE = select(hand_overs).where(hand_overs.c.phone_hash == bindparam("here"))
_ADD, _SAVE = insert(hand_overs), update(hand_overs).where(hand_overs.c.transaction_id == bindparam("here"))


def add(connection: Connection, hand_over: HandOver) -> None:
    """Keep the hand-over of a login that has just begun."""
    connection.execute(_ADD, {"transaction_id": hand_over.transaction, **_values(hand_over)})


def find(connection: Connection, transaction: str, *, lock: bool = False) -> HandOver | None:
    """The hand-over of a login; `lock` it to change it."""
    return _find(connection, _LOCKED if lock else _OF_LOGIN, transaction)


def find_by_secret(connection: Connection, secret_hash: bytes) -> HandOver | None:
    """The hand-over whose code or link this is."""
    return _find(connection, _BY_SECRET, secret_hash)


def find_by_phone(connection: Connection, phone_hash: bytes) -> HandOver | None:
    """The hand-over that this phone has."""
    return _find(connection, _BY_PHONE, phone_hash)


def save(connection: Connection, hand_over: HandOver) -> None:
    """Keep how far a hand-over has come."""
    connection.execute(_SAVE, {"here": hand_over.transaction, **_values(hand_over)})


def forget(connection: Connection, before: datetime) -> None:
    """Delete those whose login ended before then."""
    connection.execute(delete(hand_overs).where(hand_overs.c.expires_at <= seconds(before)))


def _find(connection: Connection, query: Select[Any], here: str | bytes) -> HandOver | None:
    row = connection.execute(query, {"here": here}).one_or_none()
    return None if row is None else _hand_over_of(row)


def _hand_over_of(row: Row[Any]) -> HandOver:
    digits = None
    if row.digits_hash is not None:
        digits = Digits(row.digits_hash, moment(row.digits_expires_at), row.digits_drawn)
    return HandOver(
        row.transaction_id,
        row.strong,
        moment(row.expires_at),
        row.link_hash,
        row.code_hash,
        moment(row.code_expires_at),
        row.codes,
        None if row.way is None else Way(row.way),
        row.phone_hash,
        digits,
        row.wrong,
        row.ready,
        row.answered,
    )


def _values(hand_over: HandOver) -> dict[str, Any]:
    digits = hand_over.digits
    return {
        "strong": hand_over.strong,
        "expires_at": seconds(hand_over.expires_at),
        "link_hash": hand_over.link_hash,
        "code_hash": hand_over.code_hash,
        "code_expires_at": seconds(hand_over.code_expires_at),
        "codes": hand_over.codes,
        "way": hand_over.way and hand_over.way.value,
        "phone_hash": hand_over.phone_hash,
        "digits_hash": digits and digits.hash,
        "digits_expires_at": digits and seconds(digits.expires_at),
        "digits_drawn": digits and digits.drawn,
        "wrong": hand_over.wrong,
        "ready": hand_over.ready,
        "answered": hand_over.answered,
    }
