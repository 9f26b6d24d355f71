"""What the register keeps longer than it has to, and deleting it. The log still agrees with its tree afterwards.

The time of a record is counted from when its last version was written, which is not before what the rule counts from.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, func, select

from warifu.errors import RecordAltered
from warifu.ports import Clock, Entropy
from warifu.registry import JST, KEEPING, ActKind, Clerk, Desk, Keeping, KeepingRule, LogEntry, Office, day_of
from warifu.wire import post
from warifu.wire.database import reading, writing
from warifu.wire.registry import log
from warifu.wire.registry.tables import annexes, calls, cards, orders, phones, residents

_OPERATOR: Final = Clerk("retention", Desk(Office.JLIS))
_LOOKS: Final = frozenset({ActKind.LOOK, ActKind.REFUSED_LOOK, ActKind.PROTECTED_LOOK})
_TOLD: Final = re.compile(rf"\b{Keeping.LOOK.value} before [0-9-]{{10}}: ([0-9]+)")
"""How many looks were erased, in the words of `Retention`."""
_MARGIN: Final = timedelta(days=1)
"""How far a clock may have been set back between two entries of the log."""


@dataclass(frozen=True, slots=True)
class Over:
    """How many records of one kind are older than `before` (a day in Japan), and by which rule."""

    rule: KeepingRule
    before: date
    count: int


class Retention:
    """Finds and deletes what is over."""

    def __init__(self, engine: Engine, clock: Clock, entropy: Entropy) -> None:
        self._engine = engine
        self._clock = clock
        self._entropy = entropy

    def find_over(self) -> tuple[Over, ...]:
        """What would be deleted now; kinds of which there is nothing are left out."""
        with reading(self._engine) as connection:
            return self._each(connection, _count)

    def delete_over(self) -> tuple[Over, ...]:
        """Delete it, in one transaction with an entry of the log about having done so."""
        with writing(self._engine) as connection:
            deleted = self._each(connection, _delete)
            if deleted:
                log.append(connection, [self._entry(deleted)])
            return deleted

    def _each(self, connection: Connection, do: Callable[[Connection, Keeping, datetime], int]) -> tuple[Over, ...]:
        today = day_of(self._clock.now())
        days = ((rule, rule.begins(today)) for rule in KEEPING)
        over = (Over(rule, day, do(connection, rule.kind, _begin_of(day))) for rule, day in days)
        return tuple(each for each in over if each.count)

    def _entry(self, deleted: tuple[Over, ...]) -> LogEntry:
        told = ", ".join(f"{each.rule.kind.value} before {each.before}: {each.count}" for each in deleted)
        at, id_ = self._clock.now(), self._entropy.bytes(16).hex()
        return LogEntry(id_, at, _OPERATOR, ActKind.ERASURE, (), frozenset(), told)


def check_erasures(connection: Connection) -> None:
    """Check that no more entries of the log are erased than its own entries about erasing say.

    The leaf of an entry that somebody emptied past the program is right too, but nothing accounts for it.

    Raises:
        RecordAltered: there are others than these.
    """
    told = 0
    for _, entry in log.entries(connection):
        if entry.what is ActKind.ERASURE:
            told += sum(int(count) for count in _TOLD.findall(entry.purpose))
    erased = log.count_erased(connection)
    if erased != told:
        raise RecordAltered(abs(erased - told))


def _count(connection: Connection, kind: Keeping, before: datetime) -> int:
    if kind is Keeping.LETTER:
        return post.count_settled(connection, before)
    if kind is Keeping.LOOK:
        return sum(1 for _ in _looks(connection, before))
    tables = _tables(kind, int(before.timestamp()))
    return sum(
        connection.scalar(select(func.count(table.c.id.distinct())).where(table.c.id.in_(_ids(table, these)))) or 0
        for table, these in tables
    )


def _delete(connection: Connection, kind: Keeping, before: datetime) -> int:
    count = _count(connection, kind, before)
    if kind is Keeping.LETTER:
        return post.delete_settled(connection, before)
    if kind is Keeping.LOOK:
        log.erase(connection, list(_looks(connection, before)))
        return count
    for table, these in _tables(kind, int(before.timestamp())):
        connection.execute(delete(table).where(table.c.id.in_(_ids(table, these))))
    return count


def _tables(kind: Keeping, before: int) -> tuple[tuple[Table, ColumnElement[bool]], ...]:
    """Where records of a kind are, and which of them are over."""
    found: dict[Keeping, tuple[tuple[Table, ColumnElement[bool]], ...]] = {
        Keeping.RECORD: ((residents, _ended(residents, ~residents.c.live, before)),),
        Keeping.ANNEX: ((annexes, _ended(annexes, ~annexes.c.live, before)),),
        Keeping.CARD: (
            (cards, _ended(cards, cards.c.state == "ended", before)),
            (phones, _ended(phones, phones.c.state == "ended", before)),
            (orders, orders.c.answered_at < before),
        ),
        Keeping.CALL: ((calls, calls.c.called_at < before),),
    }
    return found[kind]


def _ended(table: Table, ended: ColumnElement[bool], before: int) -> ColumnElement[bool]:
    return table.c.current & ended & (table.c.written_at < before)


def _ids(table: Table, these: ColumnElement[bool]) -> Any:
    return select(table.c.id).where(these).scalar_subquery()


def _looks(connection: Connection, before: datetime) -> Iterator[int]:
    """Where in the log entries about looks are that are older."""
    for position, entry in log.entries(connection):
        if entry.at >= before + _MARGIN:
            return
        if entry.at < before and entry.what in _LOOKS:
            yield position


def _begin_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=JST).astimezone(UTC)
