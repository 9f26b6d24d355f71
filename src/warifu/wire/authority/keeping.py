"""What the record keeps longer than the law wants, and deleting that (公的個人認証法施行令 第2条 to 第7条, 第18条).

How long what is kept is the room's to say (`ca.deletions`). A deletion is on record itself: the log's leaves, which
name no person, stay, and the last one about a deleted row says that it is gone. So an audit tells a row that was
deleted by this from one that somebody removed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, select

from warifu.ca import RULES, Deletion, Kept, RecordKind, deletions, displayed_since
from warifu.messages import CertificateOrder
from warifu.wire.authority.recording import RowKey, recording
from warifu.wire.authority.tables import (
    RESERVED,
    authority_lists,
    certificates,
    consent_messages,
    consents,
    former_lists,
    happenings,
    inbox,
    moment,
    recipient_counts,
    revocation_lists,
    seconds,
    status_answers,
)
from warifu.wire.database import reading

__all__ = ["Over", "delete_over", "find_over"]

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Over:
    """A row whose time is over, and by which rule."""

    table: Table
    key: Mapping[str, Any]
    deletion: Deletion


def find_over(engine: Engine, now: datetime) -> list[Over]:
    """Every row whose time is over."""
    with reading(engine) as connection:
        candidates = [*_counts(connection, now)]
        candidates += [
            (table, key, Kept(kind, _name(key), moment(counted)))
            for kind, table, columns, counted_from, condition in _KEPT
            for key, counted in _rows(
                connection.execute(_query(table, columns, counted_from, condition, _before(kind, now))), columns
            )
        ]
    over = {id(found.record): found for found in deletions((each[2] for each in candidates), now)}
    return [Over(table, key, over[id(kept)]) for table, key, kept in candidates if id(kept) in over]


def _counts(connection: Connection, now: datetime) -> Iterator[tuple[Table, dict[str, Any], Kept]]:
    """What was told to recipients, of years that may be over: the yearly report is made of it."""
    columns, its = ("month", "recipient", "service", "way"), recipient_counts.c
    years = now.year - _YEARS[RecordKind.REPORT]
    query = select(*(its[name] for name in columns)).where(its.month < f"{years + 1:04d}").order_by(its.month)
    for row in connection.execute(query):
        key = dict(zip(columns, row, strict=True))
        yield recipient_counts, key, Kept(RecordKind.REPORT, _name(key), displayed_since(row.month))


def delete_over(
    engine: Engine, over: Sequence[Over], now: datetime, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> int:
    """Delete these rows and what hangs on them; how many."""
    for start in range(0, len(over), _BATCH):
        batch = over[start : start + _BATCH]
        with recording(engine) as record:
            gone = [row for each in batch for row in _with_what_hangs_on_it(record.connection, each)]
            for table, key in gone:
                record.connection.execute(delete(table).filter_by(**key))
            record.note("deleted", now, *gone)
        progress(start + len(batch), len(over))
    return len(over)


def _with_what_hangs_on_it(connection: Any, over: Over) -> list[RowKey]:
    """A certificate goes with its events, and with the answer about it; they come first."""
    if over.table is not certificates:
        return [(over.table, over.key)]
    connection.execute(delete(status_answers).filter_by(**over.key))
    events = connection.scalars(select(happenings.c.id).filter_by(**over.key)).all()
    return [*((happenings, {"id": number}) for number in events), (certificates, over.key)]


_KEPT = (
    (
        RecordKind.ISSUE,
        certificates,
        ("kind", "serial_number"),
        certificates.c.not_after,
        certificates.c.state != RESERVED,
    ),
    (
        RecordKind.LIST,
        revocation_lists,
        ("kind", "generation", "municipality", "number"),
        revocation_lists.c.this_update,
        None,
    ),
    (
        RecordKind.LIST,
        former_lists,
        ("kind", "generation", "municipality", "spelling", "number"),
        former_lists.c.this_update,
        None,
    ),
    (RecordKind.LIST, authority_lists, ("kind", "generation", "number"), authority_lists.c.this_update, None),
    # An order is the application; the answer that is kept for it has the certificate, and so the holder's attributes.
    (
        RecordKind.APPLICATION_FORM,
        inbox,
        ("sender", "id"),
        inbox.c.received_at,
        inbox.c.subject == CertificateOrder.TYPE.replace("_", "-"),
    ),
    (RecordKind.CONSENT, consents, ("id", "agreed"), consents.c.until, None),
    (RecordKind.CONSENT, consent_messages, ("id",), consent_messages.c.received_at, None),
)
"""What is kept, where, under which key, counted from which column."""


_YEARS = {rule.kind: rule.years for rule in RULES}
_SHORTEST_YEAR = timedelta(days=365)


def _before(kind: RecordKind, now: datetime) -> int:
    """What is counted from later cannot be over, however long its years are; the room decides about the rest."""
    return seconds(now - _YEARS[kind] * _SHORTEST_YEAR)


def _query(table: Table, columns: Sequence[str], counted_from: Any, condition: Any, before: int) -> Any:
    query = select(*(table.c[name] for name in columns), counted_from).where(counted_from <= before)
    return query if condition is None else query.where(condition)


def _rows(rows: Iterable[Any], columns: Sequence[str]) -> Iterator[tuple[dict[str, Any], int]]:
    for row in rows:
        yield dict(zip(columns, row[:-1], strict=True)), row[-1]


def _name(key: Mapping[str, Any]) -> str:
    return " ".join(value.hex() if isinstance(value, bytes) else str(value) for value in key.values())
