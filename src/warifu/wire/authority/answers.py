"""Status answers signed before anybody asks (RFC 5019), kept beside the record; inside its caller's transaction.

The record is the truth, and an answer made beforehand says what was true: so it goes in the transaction that changes a
certificate, and one that was made while that happened is not kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, select

from warifu.ca import Entry, Presigned
from warifu.errors import WarifuError
from warifu.pki import CertificateKind, OcspAnswer, Status
from warifu.wire.authority import certificates
from warifu.wire.authority.tables import entry_of, moment, seconds, status_answers

__all__ = ["BATCH", "find", "find_untrue", "keep"]

_FIND = select(status_answers.c.this_update, status_answers.c.next_update, status_answers.c.der).where(
    and_(
        status_answers.c.kind == bindparam("of_kind"),
        status_answers.c.serial_number == bindparam("number"),
        status_answers.c.this_update <= bindparam("now"),
        status_answers.c.next_update > bindparam("now"),
    )
)
BATCH = 500
"""How many answers are signed and kept in one transaction."""


def find(
    connection: Connection, kind: CertificateKind, serial_number: int, now: datetime
) -> tuple[datetime, datetime, bytes] | None:
    """An answer about a certificate that may still be used: its two moments and its bytes."""
    if not 0 < serial_number < certificates.LARGEST:
        return None
    row = connection.execute(_FIND, {"of_kind": kind.value, "number": serial_number, "now": seconds(now)}).one_or_none()
    return None if row is None else (moment(row.this_update), moment(row.next_update), bytes(row.der))


def keep(connection: Connection, kind: CertificateKind, answers: Sequence[Presigned], now: datetime) -> int:
    """Keep answers in place of older ones; how many were kept: of a certificate that changed meanwhile none is."""
    numbers = [each.serial_number for each in answers]
    true = {entry.serial_number: entry.status(now) for entry in _entries(connection, kind, numbers)}
    here = and_(status_answers.c.kind == kind.value, status_answers.c.serial_number.in_(numbers))
    connection.execute(delete(status_answers).where(here))
    rows = [_row(kind, each) for each in answers if true.get(each.serial_number) == each.status]
    if rows:
        connection.execute(insert(status_answers), rows)
    return len(rows)


def find_untrue(connection: Connection) -> Iterator[tuple[str, int, str]]:
    """Answers kept that do not say what the record says, by kind and serial number, and what is wrong with each.

    They have no leaves in the log: each follows from a row that has. So one that somebody put back, signed before its
    certificate was revoked, is found by the certificate.
    """
    query = select(status_answers).order_by(status_answers.c.kind, status_answers.c.serial_number)
    for row in connection.execute(query, execution_options={"yield_per": BATCH}):
        try:
            kind, answer = CertificateKind(row.kind), OcspAnswer.decode(bytes(row.der))
        except (WarifuError, ValueError, TypeError):
            yield row.kind, row.serial_number, "cannot be read"
            continue
        [entry] = [*_entries(connection, kind, [row.serial_number]), None][:1]
        says = (answer.about.serial_number, seconds(answer.this_update), answer.next_update, answer.status)
        if entry is None or says != _expected(entry, answer.this_update, row):
            yield row.kind, row.serial_number, "not what the record says"


def _expected(entry: Entry, at: datetime, row: Row[Any]) -> tuple[int, int, datetime, Status]:
    return row.serial_number, row.this_update, moment(row.next_update), entry.status(at)


def _entries(connection: Connection, kind: CertificateKind, numbers: Sequence[int]) -> Iterable[Entry]:
    return map(entry_of, connection.execute(certificates.among(kind, numbers)))


def _row(kind: CertificateKind, answer: Presigned) -> dict[str, object]:
    return {
        "kind": kind.value,
        "serial_number": answer.serial_number,
        "this_update": seconds(answer.this_update),
        "next_update": seconds(answer.next_update),
        "der": answer.der,
    }
