"""The provider's passkeys, their ceremonies, and what happened to them; each function works inside a transaction.

What opens a question about a certificate (the user handle) is not here, so nobody who has this store alone, or with the
provider's secret, learns a serial number from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from warifu.errors import PasskeyExists
from warifu.idp import Ceremony, Passkey
from warifu.wire.database import hold
from warifu.wire.provider.passkey_tables import (
    ceremonies,
    ceremony_of,
    events,
    hash_of,
    passkey_of,
    passkeys,
    values_of_passkey,
)
from warifu.wire.provider.tables import moment, seconds

__all__ = [
    "Event",
    "Happening",
    "add",
    "add_event",
    "events_of",
    "find",
    "find_ceremony",
    "forget",
    "name_of",
    "of_person",
    "remove",
    "save",
    "save_ceremony",
    "standing_on",
]


_CEREMONY = select(ceremonies).where(ceremonies.c.transaction_id == bindparam("here")).with_for_update()


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
    return hash_of(passkey.credential_id).hex()


# --- passkeys ---------------------------------------------------------------------------------------------------------


def find(connection: Connection, credential_id: bytes) -> Passkey | None:
    """The passkey with this credential id, locked."""
    query = select(passkeys).where(passkeys.c.credential_hash == hash_of(credential_id)).with_for_update()
    row = connection.execute(query).one_or_none()
    return None if row is None else passkey_of(row)


def of_person(connection: Connection, person: str) -> tuple[Passkey, ...]:
    """All passkeys of a person, the oldest first."""
    query = select(passkeys).where(passkeys.c.person == person)
    found = [passkey_of(row) for row in connection.execute(query.order_by(passkeys.c.created_at))]
    return tuple(found)


def standing_on(connection: Connection, hashes: Sequence[bytes]) -> tuple[Passkey, ...]:
    """The passkeys that stand on this certificate, known as any of these, and still say who was identified."""
    here = (passkeys.c.card_certificate_hash.in_(hashes), passkeys.c.dropped_at.is_(None))
    found = connection.execute(select(passkeys).where(*here).with_for_update()).all()
    return tuple(passkey_of(row) for row in found)


def add(connection: Connection, passkey: Passkey) -> bool:
    """Keep a new passkey; whether it was new, for the same enrolment may arrive twice.

    Raises:
        PasskeyExists: the credential is somebody's already, or was made in another ceremony.
    """
    known = find(connection, passkey.credential_id)
    if known is None:
        connection.execute(insert(passkeys).values(**values_of_passkey(passkey)))
        return True
    if (known.person, known.enrolment_hash) != (passkey.person, passkey.enrolment_hash):
        raise PasskeyExists("this passkey is there already")
    return False


def save(connection: Connection, passkey: Passkey) -> None:
    """Keep what has changed in a passkey; one that was removed meanwhile stays so."""
    here = passkeys.c.credential_hash == hash_of(passkey.credential_id)
    connection.execute(update(passkeys).where(here).values(**values_of_passkey(passkey)))


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
    row = connection.execute(_CEREMONY, {"here": transaction}).one_or_none()
    return None if row is None else (ceremony_of(row), row.wanted)


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
    hold(connection, f"{events.name} {passkey.person}")
    number = len(events_of(connection, passkey.person)) + 1
    values = {"person": passkey.person, "number": number, "at": seconds(now), "what": what.value}
    connection.execute(insert(events).values(**values, credential_hash=hash_of(passkey.credential_id)))


def events_of(connection: Connection, person: str) -> tuple[Event, ...]:
    """What happened to a person's passkeys, the oldest first, also to those that are gone."""
    query = select(events).where(events.c.person == person).order_by(events.c.number)
    return tuple(
        Event(moment(row.at), Happening(row.what), row.credential_hash.hex()) for row in connection.execute(query)
    )
