"""The register's tables. Moments are seconds since 1970, UTC; days ISO 8601.

Nothing is overwritten: a record's every version is a row of its own, with the whole record in ``body`` (`kept`), and
``current`` tells the newest one; ``number`` is the order in which they were written. The other columns are what is
looked for; they repeat the body. The log has a row for everything done and every look, in the order in which it was
written; its frontier is the right edge of the Merkle tree over those rows (`ledger`).
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

metadata = MetaData()


def _versions(name: str, *columns: Column[Any]) -> Table:
    """A table of records in all their versions."""
    return Table(
        name,
        metadata,
        Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        Column("id", String(64), nullable=False),
        Column("version", Integer, nullable=False),
        Column("current", Boolean, nullable=False),
        *columns,
        Column("act", String(32), nullable=False),
        Column("written_at", BigInteger, nullable=False),
        Column("body", LargeBinary, nullable=False),
    )


residents = _versions(
    "resident",
    Column("holder", String(32), nullable=False),
    Column("municipality", String(5), nullable=False),
    Column("household", String(32), nullable=False),
    Column("live", Boolean, nullable=False),
    Column("name", String(300), nullable=False),
    Column("reading", String(100), nullable=False),
    Column("birth_date", String(8), nullable=False),
    Column("code", String(11), nullable=False),
    Column("lapses", String(10)),
)

annexes = _versions(
    "annex",
    Column("holder", String(32), nullable=False),
    Column("municipality", String(5), nullable=False),
    Column("live", Boolean, nullable=False),
    Column("name", String(300), nullable=False),
    Column("birth_date", String(8), nullable=False),
    Column("code", String(11), nullable=False),
)

pool = _versions(
    "pooled_code",
    Column("municipality", String(5), nullable=False),
    Column("unused", Boolean, nullable=False),
)

cards = _versions(
    "card",
    Column("holder", String(32), nullable=False),
    Column("municipality", String(5), nullable=False),
    Column("state", String(16), nullable=False),
    Column("expires", String(10)),
    Column("present_by", String(10)),
)

phones = _versions(
    "phone",
    Column("holder", String(32), nullable=False),
    Column("card", String(32), nullable=False),
    Column("state", String(16), nullable=False),
)

orders = Table(
    "certificate_order",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("holder", String(32), nullable=False),
    Column("card", String(32), nullable=False),
    Column("phone", String(32)),
    Column("kind", String(16), nullable=False),
    Column("ordered_at", BigInteger, nullable=False),
    Column("answered_at", BigInteger),
    Column("answer", LargeBinary),
)
"""Certificates that were ordered, for which card or phone, and the authority's answer as it came."""

calls = Table(
    "hotline_call",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("clerk", String(64), nullable=False),
    Column("holder", String(32)),
    Column("called_at", BigInteger, nullable=False),
)

addressees = Table(
    "addressee",
    metadata,
    Column("municipality", String(5), primary_key=True),
    Column("holder", String(32), primary_key=True),
    Column("integrated", String(15), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
)

addressee_numbers = Table(
    "addressee_number",
    metadata,
    Column("municipality", String(5), primary_key=True),
    Column("section", String(16), primary_key=True),
    Column("digits", String(15), primary_key=True),
    Column("holder", String(32), nullable=False),
    Column("given_at", BigInteger, nullable=False),
)

acts = Table(
    "act",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("what", String(32), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("done_at", BigInteger, nullable=False),
)
"""What was done, by the act's id: what it was asked to do, and what came of it, told again when it is asked again."""

log_entries = Table(
    "log_entry",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("entry", LargeBinary, nullable=False),
    Column("leaf", LargeBinary(32)),
)
"""``leaf`` is what stays of an entry that was erased, because its time was over; the entry is empty then."""

log_holders = Table(
    "log_holder",
    metadata,
    Column("holder", String(32), primary_key=True),
    Column("position", BigInteger, primary_key=True),
)
"""Whom an entry is about, so that a person can be told who looked."""

log_states = Table(
    "log_state",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("frontier", LargeBinary, nullable=False),
)

tokens = Table(
    "token",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("until", BigInteger),
    Column("withdrawn_at", BigInteger),
)
"""Bearer tokens of clerks and machines; only the hash is kept."""
