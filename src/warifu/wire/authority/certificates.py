"""The record of certificates; each function works inside its caller's transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, bindparam, delete, func, insert, select, update

from warifu.ca import Authority, CertificateApplication, Change, Entry, Event, Issued, follow
from warifu.errors import NotFound
from warifu.pki import CertificateKind, Standing, Status
from warifu.wire.authority.holders import Holder
from warifu.wire.authority.recording import Recording, RowKey, recording
from warifu.wire.authority.tables import (
    RESERVED,
    certificates,
    entry_of,
    happenings,
    moment,
    seconds,
    serial_counters,
    status_answers,
    values_of,
)

LARGEST = 2**63
"""No serial number in the record reaches this; a question may name one of 20 bytes."""

_NOT_IN_ENTRY = {"der", "holder", "live", "signed_with", "sealed_holder"}
_ENTRY = tuple(column for column in certificates.c if column.name not in _NOT_IN_ENTRY)


def start_serials(record: Recording, kind: CertificateKind, first: int, now: datetime) -> None:
    """Let serial numbers of `kind` begin at `first`, unless they are further already."""
    here = serial_counters.c.kind == kind.value
    current = record.connection.scalar(select(serial_counters.c.next).where(here))
    if current is None:
        record.connection.execute(insert(serial_counters).values(kind=kind.value, next=first))
    elif current < first:
        record.connection.execute(update(serial_counters).where(here).values(next=first))
    if current is None or current < first:
        record.note("serials_begun", now, (serial_counters, {"kind": kind.value}))


def take_serial(engine: Engine, kind: CertificateKind, now: datetime) -> int:
    """Take a serial number for a new generation's own certificate: it counts with those that it issues.

    Raises:
        NotFound: no authority of this kind was ever at work here.
    """
    counter = select(serial_counters.c.next).where(serial_counters.c.kind == kind.value)
    with recording(engine) as record:
        if record.connection.scalar(counter) is None:
            raise NotFound("no authority of this kind was ever at work here; start it once")
        record.note("serial_taken", now, (serial_counters, {"kind": kind.value}))
        return _next_serial(record.connection, kind)


def reserve(
    record: Recording, authority: Authority, application: CertificateApplication, holder: Holder, now: datetime
) -> int:
    """Take the next serial number and write down what it is for.

    No other certificate gets the number, whatever becomes of this one.
    """
    serial_number = _next_serial(record.connection, authority.kind)
    row = {
        "kind": authority.kind.value,
        "serial_number": serial_number,
        "generation": authority.generation,
        "medium": application.medium.value,
        "holder": holder.keyed,
        "sealed_holder": holder.sealed,
        "municipality": application.municipality.code,
        "not_before": 0,
        "not_after": seconds(application.not_after),
        "card": application.card,
        "as_of": None if application.as_of is None else seconds(application.as_of),
        "abroad": application.says_abroad,
        "signed_with": application.signed_with,
    }
    record.connection.execute(_RESERVE, {**row, "state": RESERVED, "live": False})
    counter = (serial_counters, {"kind": row["kind"]})
    record.note("reserved", now, counter, _key(authority.kind, serial_number))
    return serial_number


def record_issued(record: Recording, issued: Issued, now: datetime) -> None:
    """Record a signed certificate; from here on it may be handed out."""
    made = {"not_before": seconds(issued.entry.not_before), "der": issued.certificate}
    of = {"of_kind": issued.entry.kind.value, "number": issued.entry.serial_number}
    record.connection.execute(_ISSUE, {**of, **values_of(issued.entry), **made})
    record.note("issued", now, _key_of(issued.entry))


def record_changes(record: Recording, changes: Iterable[Change], now: datetime) -> list[Entry]:
    """Record what becomes of several certificates at once; the entries afterwards."""
    return [record_event(record, change.before, change.event, now) for change in changes]


def record_event(record: Recording, entry: Entry, event: Event, now: datetime) -> Entry:
    """Let `event` happen to a certificate and record it, not earlier than what happened to it before.

    A clock that was set back does not reach a record: what a verifier was told already stays true.

    Raises:
        NotAllowed: it cannot happen to this certificate.
    """
    at = max(now.replace(microsecond=0), _last_moment(record.connection, entry))
    after = follow(entry, event, at)
    if after is not entry:
        record.connection.execute(update(certificates).where(_row(entry)).values(**values_of(after)))
        _forget_answer(record.connection, entry)
        which = {"kind": entry.kind.value, "serial_number": entry.serial_number}
        happened = insert(happenings).values(**which, event=event.value, at=seconds(at)).returning(happenings.c.id)
        number = record.connection.scalar(happened)
        record.note(event.value, at, _key_of(entry), (happenings, {"id": number}))
    return after


def live_of(connection: Connection, holder: bytes, now: datetime) -> list[Entry]:
    """The holder's live certificates of both kinds on all media."""
    rows = connection.execute(_LIVE, {"of_holder": holder})
    return [entry for entry in map(entry_of, rows) if entry.is_live(now)]


def retire_expired(record: Recording, holder: bytes, now: datetime) -> None:
    """Take the holder's expired certificates out of the way of new ones."""
    rows = record.connection.execute(_LIVE, {"of_holder": holder})
    for entry in map(entry_of, rows.all()):
        if entry.has_expired(now):
            record.connection.execute(update(certificates).where(_row(entry)).values(live=False))
            record.note("retired", now, _key_of(entry))


def of_holder(connection: Connection, holder: bytes) -> list[Entry]:
    """Every certificate of a holder that the record has."""
    return [entry_of(row) for row in connection.execute(issued().where(certificates.c.holder == holder))]


def status_of(connection: Connection, kind: CertificateKind, serial_number: int, now: datetime) -> Status:
    """What the record says about a serial number."""
    entry = find(connection, kind, serial_number)
    return Standing.UNKNOWN if entry is None else entry.status(now)


def find_sealed_holder(connection: Connection, entry: Entry) -> bytes | None:
    """Who the holder of a certificate is, encrypted; None for those of earlier versions."""
    found = connection.scalar(select(certificates.c.sealed_holder).where(_row(entry)))
    return None if found is None else bytes(found)


def find_holder(connection: Connection, entry: Entry) -> bytes:
    """The holder of a certificate, as the record knows them."""
    found = connection.scalar(select(certificates.c.holder).where(_row(entry)))
    assert found is not None, "an entry comes from the record"
    return bytes(found)


def find(connection: Connection, kind: CertificateKind, serial_number: int) -> Entry | None:
    """The entry under a serial number, if a certificate was issued under it."""
    if not 0 < serial_number < LARGEST:
        return None
    row = connection.execute(_FIND, {"of_kind": kind.value, "number": serial_number}).one_or_none()
    return None if row is None else entry_of(row)


def find_der(connection: Connection, kind: CertificateKind, serial_number: int) -> bytes | None:
    """The certificate itself."""
    here = and_(certificates.c.kind == kind.value, certificates.c.serial_number == serial_number)
    return connection.scalar(select(certificates.c.der).where(here))


def after(
    connection: Connection, kind: CertificateKind, generation: bytes, serial_number: int, count: int
) -> list[Entry]:
    """At most `count` certificates of a generation with serial numbers above one, ascending."""
    query = issued().where(
        certificates.c.kind == kind.value,
        certificates.c.serial_number > serial_number,
        certificates.c.generation == generation,
    )
    return [entry_of(row) for row in connection.execute(query.order_by(certificates.c.serial_number).limit(count))]


def count(connection: Connection, kind: CertificateKind, generation: bytes) -> int:
    """How many certificates a generation issued."""
    here = (
        certificates.c.kind == kind.value,
        certificates.c.generation == generation,
        certificates.c.state != RESERVED,
    )
    return connection.scalar(select(func.count()).select_from(certificates).where(*here)) or 0


def among(kind: CertificateKind, serial_numbers: Sequence[int]) -> Select[Any]:
    """The query for the entries under these serial numbers."""
    return issued().where(certificates.c.kind == kind.value, certificates.c.serial_number.in_(serial_numbers))


def _next_serial(connection: Connection, kind: CertificateKind) -> int:
    """The counter goes up in the statement that reads it, so two transactions never see the same number."""
    counter = update(serial_counters).where(serial_counters.c.kind == kind.value)
    following = connection.scalar(counter.values(next=serial_counters.c.next + 1).returning(serial_counters.c.next))
    assert following is not None, "start_serials comes first"
    return int(following) - 1


def _last_moment(connection: Connection, entry: Entry) -> datetime:
    here = and_(happenings.c.kind == entry.kind.value, happenings.c.serial_number == entry.serial_number)
    latest = connection.scalar(select(func.max(happenings.c.at)).where(here))
    return entry.not_before if latest is None else max(entry.not_before, moment(latest))


def _forget_answer(connection: Connection, entry: Entry) -> None:
    """What was signed beforehand about it is no longer true."""
    here = and_(status_answers.c.kind == entry.kind.value, status_answers.c.serial_number == entry.serial_number)
    connection.execute(delete(status_answers).where(here))


def issued() -> Select[Any]:
    """The query for all entries; `entry_of` reads its rows."""
    return select(*_ENTRY).where(certificates.c.state != RESERVED)


# Made once: they run for every question and every certificate, and putting a query together costs more than running it.
_HERE = and_(certificates.c.kind == bindparam("of_kind"), certificates.c.serial_number == bindparam("number"))
_FIND = issued().where(_HERE)
_LIVE = issued().where(certificates.c.holder == bindparam("of_holder"), certificates.c.live)
_RESERVE, _ISSUE = insert(certificates), update(certificates).where(_HERE)


def _key(kind: CertificateKind, serial_number: int) -> RowKey:
    return certificates, {"kind": kind.value, "serial_number": serial_number}


def _key_of(entry: Entry) -> RowKey:
    return _key(entry.kind, entry.serial_number)


def _row(entry: Entry) -> ColumnElement[bool]:
    return and_(certificates.c.kind == entry.kind.value, certificates.c.serial_number == entry.serial_number)
