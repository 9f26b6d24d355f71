"""The record of certificates; each function works inside its caller's transaction."""

import hmac
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, insert, select, update

from warifu.ca import Authority, CertificateApplication, Entry, Event, Issued, follow
from warifu.errors import NotAllowed
from warifu.pki import CertificateKind
from warifu.wire.authority.tables import (
    RESERVED,
    certificates,
    entry_of,
    happenings,
    seconds,
    serial_counters,
    values_of,
)

_LARGEST = 2**63
"""No serial number in the record reaches this; a question may name one of 20 bytes."""

_ENTRY = tuple(column for column in certificates.c if column.name not in {"der", "holder", "live"})


def keyed(key: bytes, holder: str) -> bytes:
    """The holder as the record knows them: a keyed hash, so that the record alone names nobody. 32 bytes."""
    return hmac.digest(key, holder.encode(), "sha256")


def start_serials(connection: Connection, kind: CertificateKind, first: int) -> None:
    """Let serial numbers of `kind` begin at `first`, unless they are further already."""
    here = serial_counters.c.kind == kind.value
    current = connection.scalar(select(serial_counters.c.next).where(here))
    if current is None:
        connection.execute(insert(serial_counters).values(kind=kind.value, next=first))
    elif current < first:
        connection.execute(update(serial_counters).where(here).values(next=first))


def reserve(connection: Connection, authority: Authority, application: CertificateApplication, holder: bytes) -> int:
    """Take the next serial number and write down what it is for.

    No other certificate gets the number, whatever becomes of this one.
    """
    serial_number = _next_serial(connection, authority.kind)
    row = {
        "kind": authority.kind.value,
        "serial_number": serial_number,
        "generation": authority.generation,
        "medium": application.medium.value,
        "holder": holder,
        "municipality": application.municipality.code,
        "not_before": 0,
        "not_after": seconds(application.not_after),
    }
    connection.execute(insert(certificates).values(**row, state=RESERVED, live=False))
    return serial_number


def record_issued(connection: Connection, issued: Issued) -> None:
    """Record a signed certificate; from here on it may be handed out."""
    made = {"not_before": seconds(issued.entry.not_before), "der": issued.certificate}
    connection.execute(update(certificates).where(_row(issued.entry)).values(**values_of(issued.entry), **made))


def record_event(connection: Connection, entry: Entry, event: Event, now: datetime) -> Entry:
    """Let `event` happen to a certificate and record it.

    Raises:
        NotAllowed: it cannot happen to this certificate.
    """
    after = follow(entry, event, now)
    if after is not entry:
        connection.execute(update(certificates).where(_row(entry)).values(**values_of(after)))
        which = {"kind": entry.kind.value, "serial_number": entry.serial_number}
        connection.execute(insert(happenings).values(**which, event=event.value, at=seconds(now)))
    return after


def make_room(
    connection: Connection, application: CertificateApplication, holder: bytes, now: datetime, *, renew: bool
) -> Entry | None:
    """See that nothing stands in the way of one more certificate; return the one that it takes the place of, if any.

    Raises:
        NotAllowed: the holder has one of this kind on this medium, not to be renewed (公的個人認証法 第6条, 第25条).
    """
    _retire_expired(connection, holder, now)
    for entry in live_of(connection, holder, now):
        if (entry.kind, entry.medium) == (application.kind, application.medium):
            if not renew:
                raise NotAllowed("the holder has a certificate of this kind that is still in effect")
            return entry
    return None


def find(connection: Connection, kind: CertificateKind, serial_number: int) -> Entry | None:
    """The entry under a serial number, if a certificate was issued under it."""
    if not 0 < serial_number < _LARGEST:
        return None
    row = connection.execute(_FIND, {"of_kind": kind.value, "number": serial_number}).one_or_none()
    return None if row is None else entry_of(row)


def find_der(connection: Connection, kind: CertificateKind, serial_number: int) -> bytes | None:
    """The certificate itself."""
    here = and_(certificates.c.kind == kind.value, certificates.c.serial_number == serial_number)
    return connection.scalar(select(certificates.c.der).where(here))


def live_of(connection: Connection, holder: bytes, now: datetime) -> list[Entry]:
    """The holder's live certificates of both kinds on all media."""
    rows = connection.execute(_issued().where(certificates.c.holder == holder, certificates.c.live))
    return [entry for entry in map(entry_of, rows) if entry.is_live(now)]


def revoked_of(connection: Connection, authority: Authority, municipality: str) -> list[Entry]:
    """The held and revoked certificates of one generation and municipality."""
    here = and_(
        certificates.c.kind == authority.kind.value,
        certificates.c.generation == authority.generation,
        certificates.c.municipality == municipality,
        certificates.c.revoked_at.is_not(None),
    )
    return [entry_of(row) for row in connection.execute(_issued().where(here))]


def _next_serial(connection: Connection, kind: CertificateKind) -> int:
    """The counter goes up in the statement that reads it, so two transactions never see the same number."""
    counter = update(serial_counters).where(serial_counters.c.kind == kind.value)
    following = connection.scalar(counter.values(next=serial_counters.c.next + 1).returning(serial_counters.c.next))
    assert following is not None, "start_serials comes first"
    return int(following) - 1


def _retire_expired(connection: Connection, holder: bytes, now: datetime) -> None:
    rows = connection.execute(_issued().where(certificates.c.holder == holder, certificates.c.live))
    for entry in map(entry_of, rows.all()):
        if entry.has_expired(now):
            connection.execute(update(certificates).where(_row(entry)).values(live=False))


def _issued() -> Select[Any]:
    return select(*_ENTRY).where(certificates.c.state != RESERVED)


# Made once: every status question asks it, and putting a query together costs more than running it.
_FIND = _issued().where(
    certificates.c.kind == bindparam("of_kind"), certificates.c.serial_number == bindparam("number")
)


def _row(entry: Entry) -> ColumnElement[bool]:
    return and_(certificates.c.kind == entry.kind.value, certificates.c.serial_number == entry.serial_number)
