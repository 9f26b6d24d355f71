"""The tables of the party that numbers. Moments are seconds since 1970, UTC.

A code is given out once and its row never changes. Of a designation every version stays: the number with the code it
belonged to, and until when; ``current`` tells the newest one. No two current designations have the same code, and no
two rows of version 1 the same number.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, Row, String, Table

from warifu.person import IndividualNumber, ResidentRecordCode
from warifu.registry import AllottedCode, Designation

_metadata = MetaData()

codes = Table(
    "code",
    _metadata,
    Column("code", String(11), primary_key=True),
    Column("municipality", String(5), nullable=False),
    Column("request_id", String(32), nullable=False),
    Column("place", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
)

designations = Table(
    "designation",
    _metadata,
    Column("number", String(12), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("current", Boolean, nullable=False),
    Column("code", String(11), nullable=False),
    Column("request_id", String(32), nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("former_since", BigInteger),
    Column("written_at", BigInteger, nullable=False),
)


def values_of_code(row: AllottedCode, place: int) -> dict[str, Any]:
    """The columns of a code that was given out; `place` is its place in the block."""
    return {
        "code": row.code.reveal(),
        "municipality": row.municipality,
        "request_id": row.request_id,
        "place": place,
        "at": _seconds(row.at),
    }


def values_of_designation(row: Designation) -> dict[str, Any]:
    """The columns of a designation, but its version."""
    return {
        "number": row.number.reveal(),
        "code": row.code.reveal(),
        "request_id": row.request_id,
        "since": _seconds(row.since),
        "former_since": None if row.former_since is None else _seconds(row.former_since),
    }


def designation_of(row: Row[Any]) -> Designation:
    """The designation in a row."""
    return Designation(
        IndividualNumber.parse(row.number),
        ResidentRecordCode.parse(row.code),
        row.request_id,
        _moment(row.since),
        None if row.former_since is None else _moment(row.former_since),
    )


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
