"""The tables of the authorities' record. Moments are seconds since 1970, UTC.

A certificate's row is written twice: first as ``reserved``, which takes its serial number, then, once it is signed and
before it is handed out, as issued with its DER. A row that stayed reserved was never handed out: to everybody who asks
it was never issued, and its number is not used again.

``live`` stands for "in the way of another one": a unique index over holder, kind and medium covers the rows that have
it. It goes away at revocation, and for an expired certificate when the holder's next one is issued.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    SmallInteger,
    String,
    Table,
)

from warifu.ca import Entry, State
from warifu.person import Municipality
from warifu.pki import CertificateKind, Medium, Reason, Revocation
from warifu.wire.authority.images import imaged

RESERVED = "reserved"
"""The state of a row whose certificate has not been handed out."""

_metadata = MetaData()

serial_counters = Table(
    "serial_counter",
    _metadata,
    Column("kind", String(16), primary_key=True),
    Column("next", BigInteger, nullable=False),
)

list_counters = Table(
    "list_counter",
    _metadata,
    Column("kind", String(16), primary_key=True),
    Column("generation", LargeBinary(20), primary_key=True),
    Column("municipality", String(5), primary_key=True),
    Column("next", BigInteger, nullable=False),
)

generations = Table(
    "generation",
    _metadata,
    Column("kind", String(16), primary_key=True),
    Column("key_id", LargeBinary(20), primary_key=True),
    Column("certificate", LargeBinary, nullable=False),
    Column("known_since", BigInteger, nullable=False),
    Column("compromised_at", BigInteger),
)
"""`compromised_at` is when it was known that the key had leaked."""

municipalities = Table(
    "municipality",
    _metadata,
    Column("code", String(5), primary_key=True),
    *(Column(name, String(64), nullable=False) for name in ("prefecture", "name", "prefecture_romaji", "name_romaji")),
)

former_spellings = Table(
    "former_spelling",
    _metadata,
    Column("kind", String(16), primary_key=True),
    Column("code", String(5), primary_key=True),
    Column("number", Integer, primary_key=True),
    *(Column(name, String(64), nullable=False) for name in ("prefecture", "name", "prefecture_romaji", "name_romaji")),
    Column("before", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
)
"""How a municipality was written before (`spellings`): in certificates with serial numbers below `before`, till the
moment `until`; `number` counts a municipality's former spellings from 1."""

certificates = Table(
    "certificate",
    _metadata,
    Column("kind", String(16), primary_key=True),
    Column("serial_number", BigInteger, primary_key=True),
    Column("generation", LargeBinary(20), nullable=False),
    Column("medium", String(8), nullable=False),
    Column("holder", LargeBinary(32), nullable=False),
    Column("municipality", String(5), nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("not_after", BigInteger, nullable=False),
    Column("state", String(8), nullable=False),
    Column("live", Boolean, nullable=False),
    Column("revoked_at", BigInteger),
    Column("reason", SmallInteger),
    Column("der", LargeBinary),
    Column("card", String(32)),
    Column("as_of", BigInteger),
    Column("abroad", Boolean, nullable=False),
    Column("signed_with", BigInteger),
    Column("sealed_holder", LargeBinary),
)
"""`card`, `as_of` and `abroad` are an entry's; `signed_with` is the serial number of the card's signing certificate
whose key signed the application for a phone's; `sealed_holder` is who the holder is, encrypted (`holders`): the
register is asked about them by the identifier that it gave."""

happenings = Table(
    "happening",
    _metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("serial_number", BigInteger, nullable=False),
    Column("event", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
)

revocation_lists = Table(
    "revocation_list",
    _metadata,
    Column("kind", String(16), primary_key=True),
    Column("generation", LargeBinary(20), primary_key=True),
    Column("municipality", String(5), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("this_update", BigInteger, nullable=False),
    Column("der", LargeBinary, nullable=False),
)

former_lists = Table(
    "former_list",
    _metadata,
    Column("kind", String(16), primary_key=True),
    Column("generation", LargeBinary(20), primary_key=True),
    Column("municipality", String(5), primary_key=True),
    Column("spelling", Integer, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("this_update", BigInteger, nullable=False),
    Column("der", LargeBinary, nullable=False),
)
"""The same lists under a former spelling, made together with the municipality's own and under the same number."""

authority_lists = Table(
    "authority_list",
    _metadata,
    Column("kind", String(16), primary_key=True),
    Column("generation", LargeBinary(20), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("this_update", BigInteger, nullable=False),
    Column("der", LargeBinary, nullable=False),
)

refusals = Table(
    "refusal",
    _metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("what", String(32), nullable=False),
    Column("serial_number", BigInteger),
    Column("error", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""What was asked and not done: an application, or an event; `error` is the error's class."""

status_answers = Table(
    "status_answer",
    _metadata,
    Column("kind", String(16), primary_key=True),
    Column("serial_number", BigInteger, primary_key=True),
    Column("this_update", BigInteger, nullable=False),
    Column("next_update", BigInteger, nullable=False),
    Column("der", LargeBinary, nullable=False),
)
"""Answers signed beforehand; they go when something happens to the certificate. The record does not depend on them."""

recipients = Table(
    "recipient",
    _metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("verifies", String(32), nullable=False),
    Column("agreed_on", String(10)),
    Column("certified_until", String(10)),
    Column("public_key_info", LargeBinary),
    Column("requestor", LargeBinary),
    Column("stopped", Boolean, nullable=False),
    Column("registered_at", BigInteger, nullable=False),
)
"""Who may ask (`ca.Recipient`); days are written YYYY-MM-DD."""

recipient_counts = Table(
    "recipient_count",
    _metadata,
    Column("month", String(7), primary_key=True),
    Column("recipient", String(32), primary_key=True),
    Column("service", String(32), primary_key=True),
    Column("way", String(16), primary_key=True),
    Column("count", BigInteger, nullable=False),
)
"""How often what was told to whom (`ca.Counted`)."""

access_tokens = Table(
    "access_token",
    _metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("recipient", String(32)),
    Column("scopes", String(255), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("until", BigInteger),
    Column("withdrawn_at", BigInteger),
)
"""Bearer tokens as SHA-256: a recipient's, or without one an operator's."""

consents = Table(
    "consent",
    _metadata,
    Column("id", String(32), primary_key=True),
    Column("agreed", String(64), primary_key=True),
    Column("holder", LargeBinary(32), nullable=False),
    Column("recipient", String(32), nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("withdrawn_at", BigInteger),
)
"""What holders agreed to (`ca.Consent`); one that was taken back in part is two rows."""

consent_messages = Table(
    "consent_message",
    _metadata,
    Column("id", String(32), primary_key=True),
    Column("holder", LargeBinary(32), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("message", LargeBinary, nullable=False),
)
"""What they signed: consents and withdrawals."""

inbox = Table(
    "inbox",
    _metadata,
    Column("sender", String(32), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("subject", String(64), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("received_at", BigInteger, nullable=False),
)
"""The letters that have had their effect (`wire.post` makes and fills it)."""

IMAGED = imaged(
    (
        serial_counters,
        list_counters,
        generations,
        municipalities,
        former_spellings,
        certificates,
        happenings,
        revocation_lists,
        former_lists,
        authority_lists,
        refusals,
        recipients,
        recipient_counts,
        access_tokens,
        consents,
        consent_messages,
        inbox,
    )
)
"""The tables whose every row the log vouches for."""


def seconds(moment: datetime) -> int:
    """A moment as the tables have it."""
    return int(moment.timestamp())


def moment(seconds: int) -> datetime:
    """A moment as the rooms have it."""
    return datetime.fromtimestamp(seconds, UTC)


def entry_of(row: Row[Any]) -> Entry:
    """The entry in a row of `certificates` that is not reserved."""
    return Entry(
        kind=CertificateKind(row.kind),
        serial_number=row.serial_number,
        generation=row.generation,
        medium=Medium(row.medium),
        municipality=row.municipality,
        not_before=moment(row.not_before),
        not_after=moment(row.not_after),
        state=State(row.state),
        revocation=None if row.revoked_at is None else Revocation(moment(row.revoked_at), Reason(row.reason)),
        card=row.card,
        as_of=None if row.as_of is None else moment(row.as_of),
        abroad=row.abroad,
    )


def values_of(entry: Entry) -> dict[str, Any]:
    """The columns of `certificates` that an event changes."""
    return {
        "state": entry.state.value,
        "live": entry.state is not State.REVOKED,
        "revoked_at": None if entry.revocation is None else seconds(entry.revocation.at),
        "reason": None if entry.revocation is None else int(entry.revocation.reason),
    }


def municipality_of(row: Row[Any]) -> Municipality:
    """The municipality in a row."""
    return Municipality(row.code, row.prefecture, row.name, row.prefecture_romaji, row.name_romaji)
