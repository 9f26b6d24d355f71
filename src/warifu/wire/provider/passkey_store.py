"""The provider's passkeys, their ceremonies, and what happened to them; each function works inside a transaction.

What opens a question about a certificate (the user handle) is not here, so nobody who has this store alone, or with the
provider's secret, learns a serial number from it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from warifu.errors import PasskeyExists
from warifu.idp import Assurance, Attestation, CardEvent, Ceremony, Dropped, Passkey, Purpose
from warifu.wire.provider.tables import metadata, moment, seconds

__all__ = [
    "Event",
    "Happening",
    "add",
    "add_event",
    "events_of",
    "find",
    "find_ceremony",
    "forget",
    "forget_person",
    "name_of",
    "of_person",
    "remove",
    "save",
    "save_ceremony",
]

passkeys = Table(
    "passkey",
    metadata,
    # A credential id has up to 1023 bytes, too long for some indexes; its SHA-256 also names it in addresses.
    Column("credential_hash", LargeBinary(32), primary_key=True),
    Column("credential_id", LargeBinary),
    Column("person", String(36)),
    Column("handle_hash", LargeBinary(32)),
    Column("public_key", LargeBinary),
    Column("aaguid", LargeBinary(16)),
    Column("transports", JSON),
    Column("flags", Integer),
    Column("backed_up", Boolean),
    Column("attestation", String(16)),
    Column("counter", BigInteger),
    Column("enrolment_hash", LargeBinary(32)),
    Column("created_at", BigInteger),
    Column("card_answer_hash", LargeBinary(32)),
    Column("card_certificate_hash", LargeBinary(32)),
    Column("card_acr", String(32)),
    Column("card_amr", JSON),
    Column("card_at", BigInteger),
    Column("question", LargeBinary),
    Column("used_at", BigInteger),
    Column("dropped_reason", Integer),
    Column("dropped_at", BigInteger),
    Column("set_aside_at", BigInteger),
)

ceremonies = Table(
    "passkey_ceremony",
    metadata,
    Column("transaction_id", String(64), primary_key=True),
    Column("expires_at", BigInteger),
    Column("question", LargeBinary),
    Column("tries", Integer),
    Column("purpose", String(8)),
    Column("challenge", LargeBinary),
    Column("challenge_until", BigInteger),
    Column("wanted", Boolean),
)

events = Table(
    "passkey_event",
    metadata,
    Column("person", String(36), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", BigInteger),
    Column("what", String(16)),
    Column("credential_hash", LargeBinary(32)),
)


class Happening(Enum):
    """What happened to a passkey, as its holder is told."""

    BOUND = "bound"
    RENEWED = "renewed"
    """The card was shown again for it."""
    REMOVED = "removed"
    DROPPED = "dropped"
    """The card's certificate was revoked: logins with it no longer say who its holder was proofed to be."""
    SET_ASIDE = "set_aside"
    """Its counter went back, so it logs in no more."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: when, what, and to which passkey (the name in `name_of`)."""

    at: datetime
    what: Happening
    passkey: str


def name_of(passkey: Passkey) -> str:
    """What names a passkey in addresses and forms: 64 hexadecimal digits, which say nothing about it."""
    return _hash(passkey.credential_id).hex()


# --- passkeys ---------------------------------------------------------------------------------------------------------


def find(connection: Connection, credential_id: bytes) -> Passkey | None:
    """The passkey with this credential id, locked."""
    query = select(passkeys).where(passkeys.c.credential_hash == _hash(credential_id)).with_for_update()
    row = connection.execute(query).one_or_none()
    return None if row is None else _passkey_of(row)


def of_person(connection: Connection, person: str) -> tuple[Passkey, ...]:
    """All passkeys of a person, the oldest first."""
    query = select(passkeys).where(passkeys.c.person == person)
    found = [_passkey_of(row) for row in connection.execute(query.order_by(passkeys.c.created_at))]
    return tuple(found)


def add(connection: Connection, passkey: Passkey) -> bool:
    """Keep a new passkey; whether it was new, for the same enrolment may arrive twice.

    Raises:
        PasskeyExists: the credential is somebody's already, or was made in another ceremony.
    """
    known = find(connection, passkey.credential_id)
    if known is None:
        connection.execute(insert(passkeys).values(**_values(passkey)))
        return True
    if (known.person, known.enrolment_hash) != (passkey.person, passkey.enrolment_hash):
        raise PasskeyExists("this passkey is there already")
    return False


def save(connection: Connection, passkey: Passkey) -> None:
    """Keep what has changed in a passkey; one that was removed meanwhile stays so."""
    here = passkeys.c.credential_hash == _hash(passkey.credential_id)
    connection.execute(update(passkeys).where(here).values(**_values(passkey)))


def remove(connection: Connection, person: str, name: str) -> bool:
    """Remove a person's passkey; whether there was one."""
    try:
        credential_hash = bytes.fromhex(name)
    except ValueError:
        return False
    here = (passkeys.c.credential_hash == credential_hash) & (passkeys.c.person == person)
    return bool(connection.execute(delete(passkeys).where(here)).rowcount)


# --- ceremonies -------------------------------------------------------------------------------------------------------


def find_ceremony(connection: Connection, transaction: str) -> tuple[Ceremony, bool] | None:
    """The ceremony of a login, locked, and whether its browser wants to see its passkeys when it is over."""
    query = select(ceremonies).where(ceremonies.c.transaction_id == transaction).with_for_update()
    row = connection.execute(query).one_or_none()
    return None if row is None else (_ceremony_of(row), row.wanted)


def save_ceremony(connection: Connection, ceremony: Ceremony, *, wanted: bool) -> None:
    """Keep a ceremony, new or changed."""
    values = {
        "expires_at": seconds(ceremony.expires_at),
        "question": ceremony.question,
        "tries": ceremony.tries,
        "purpose": ceremony.purpose and ceremony.purpose.value,
        "challenge": ceremony.challenge,
        "challenge_until": ceremony.until and seconds(ceremony.until),
        "wanted": wanted,
    }
    here = ceremonies.c.transaction_id == ceremony.transaction
    if not connection.execute(update(ceremonies).where(here).values(**values)).rowcount:
        connection.execute(insert(ceremonies).values(transaction_id=ceremony.transaction, **values))


def forget(connection: Connection, now: datetime) -> None:
    """Delete the ceremonies of logins that are over, and what they knew of certificates."""
    connection.execute(delete(ceremonies).where(ceremonies.c.expires_at <= seconds(now)))


# --- what happened ----------------------------------------------------------------------------------------------------


def add_event(connection: Connection, passkey: Passkey, what: Happening, now: datetime) -> None:
    """Write down what happened, for its holder to read."""
    number = len(events_of(connection, passkey.person)) + 1
    values = {"person": passkey.person, "number": number, "at": seconds(now), "what": what.value}
    connection.execute(insert(events).values(**values, credential_hash=_hash(passkey.credential_id)))


def events_of(connection: Connection, person: str) -> tuple[Event, ...]:
    """What happened to a person's passkeys, the oldest first, also to those that are gone."""
    query = select(events).where(events.c.person == person).order_by(events.c.number)
    return tuple(
        Event(moment(row.at), Happening(row.what), row.credential_hash.hex()) for row in connection.execute(query)
    )


def forget_person(connection: Connection, person: str) -> None:
    """Delete everything about a person's passkeys."""
    for table in (passkeys, events):
        connection.execute(delete(table).where(table.c.person == person))


# --- rows -------------------------------------------------------------------------------------------------------------


def _hash(credential_id: bytes) -> bytes:
    return hashlib.sha256(credential_id).digest()


def _passkey_of(row: Row[Any]) -> Passkey:
    return Passkey(
        row.credential_id,
        row.person,
        row.handle_hash,
        row.public_key,
        row.aaguid,
        tuple(row.transports),
        row.flags,
        Attestation(row.attestation),
        row.counter,
        row.enrolment_hash,
        moment(row.created_at),
        CardEvent(
            row.card_answer_hash,
            row.card_certificate_hash,
            Assurance(row.card_acr, tuple(row.card_amr)),
            moment(row.card_at),
        ),
        row.question,
        row.backed_up,
        None if row.used_at is None else moment(row.used_at),
        None if row.dropped_at is None else Dropped(row.dropped_reason, moment(row.dropped_at)),
        None if row.set_aside_at is None else moment(row.set_aside_at),
    )


def _values(passkey: Passkey) -> dict[str, Any]:
    card, dropped = passkey.card, passkey.dropped
    return {
        "credential_hash": _hash(passkey.credential_id),
        "credential_id": passkey.credential_id,
        "person": passkey.person,
        "handle_hash": passkey.handle_hash,
        "public_key": passkey.public_key,
        "aaguid": passkey.aaguid,
        "transports": list(passkey.transports),
        "flags": passkey.flags,
        "backed_up": passkey.backed_up,
        "attestation": passkey.attestation.value,
        "counter": passkey.counter,
        "enrolment_hash": passkey.enrolment_hash,
        "created_at": seconds(passkey.created_at),
        "card_answer_hash": card.answer_hash,
        "card_certificate_hash": card.certificate_hash,
        "card_acr": card.assurance.acr,
        "card_amr": list(card.assurance.amr),
        "card_at": seconds(card.at),
        "question": passkey.question,
        "used_at": passkey.used_at and seconds(passkey.used_at),
        "dropped_reason": None if dropped is None else dropped.reason,
        "dropped_at": None if dropped is None else seconds(dropped.at),
        "set_aside_at": passkey.set_aside_at and seconds(passkey.set_aside_at),
    }


def _ceremony_of(row: Row[Any]) -> Ceremony:
    return Ceremony(
        row.transaction_id,
        moment(row.expires_at),
        row.question,
        row.tries,
        None if row.purpose is None else Purpose(row.purpose),
        row.challenge,
        None if row.challenge_until is None else moment(row.challenge_until),
    )
