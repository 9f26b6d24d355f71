"""What happens by itself when a day turns: moves take effect or lapse, cards end, uncollected ones are destroyed.

Every day's work is one act for each household, record or card, with an id that follows from it and the day, so that a
run that was cut off, or two at once, do nothing twice.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from warifu.errors import Unavailable, WarifuError
from warifu.registry import (
    Act,
    Change,
    Clerk,
    Desk,
    Office,
    Section,
    day_of,
    delete_departed,
    destroy_uncollected,
    find_uncollected,
    lapse,
    turn_day,
)
from warifu.wire.database import reading
from warifu.wire.registry.doing import Doing
from warifu.wire.registry.reading import household
from warifu.wire.registry.tables import cards, residents
from warifu.wire.registry.versions import CARDS, RESIDENTS

_MACHINE = "day-turner"
_log = logging.getLogger("warifu.registry")


@dataclass(frozen=True, slots=True)
class Turned:
    """What a run did: households from which somebody left, moves that lapsed, cards that ended, cards destroyed."""

    departed: int = 0
    lapsed: int = 0
    ended: int = 0
    destroyed: int = 0


@dataclass(frozen=True, slots=True)
class _Task:
    """One thing that is due: which count it adds to, what it is about, where, and the decision."""

    count: str
    about: str
    municipality: str
    decide: Callable[[Connection, Act], Change[Any]]


class Days:
    """The turn of the day."""

    def __init__(self, doing: Doing) -> None:
        self._doing = doing

    def run_due(
        self, now: datetime | None = None, progress: Callable[[int, int], None] = lambda _done, _all: None
    ) -> Turned:
        """Do everything that is due at `now` (the clock's moment); doing it again does nothing more.

        What cannot be done keeps nothing else from its day: it is logged, the rest is done, then it is raised.

        Raises:
            Unavailable: the database does not answer.
            WarifuError: the first that could not be done.
        """
        moment = now or self._doing.clock.now()
        counts = {"departed": 0, "lapsed": 0, "ended": 0, "destroyed": 0}
        with reading(self._doing.engine) as connection:
            tasks = list(self._tasks(connection, day_of(moment), moment))
        failed: WarifuError | None = None
        for number, task in enumerate(tasks):
            progress(number, len(tasks))
            try:
                counts[task.count] += self._run(task, moment)
            except Unavailable:
                raise
            except WarifuError as error:
                _log.exception("one thing of the day was not done", extra={"what": task.count, "about": task.about})
                failed = failed or error
        progress(len(tasks), len(tasks))
        if failed is not None:
            raise failed
        return Turned(**counts)

    def _tasks(self, connection: Connection, today: date, now: datetime) -> Iterator[_Task]:
        yield from _departures(connection, today)
        yield from _lapses(connection, today)
        yield from self._cards(connection, today, now)

    def _run(self, task: _Task, now: datetime) -> bool:
        desk = Desk(Office.MUNICIPALITY, task.municipality, Section.RESIDENTS)
        by = Clerk(_MACHINE, desk)
        act = _act_id(task, day_of(now))
        done = self._doing.do(task.count, by, act, (task.about, day_of(now)), task.decide, at=now)
        return not done.repeated and bool(done.records or done.cards)

    def _cards(self, connection: Connection, today: date, now: datetime) -> Iterator[_Task]:
        over = or_(cards.c.expires < today.isoformat(), cards.c.present_by < today.isoformat())
        due = select(cards.c.id, cards.c.municipality).where(
            cards.c.current, cards.c.state.notin_(["applied", "ended"])
        )
        for row in connection.execute(due.where(over).order_by(cards.c.id)):
            yield _Task("ended", row.id, row.municipality, _turning(row.id))
        waiting = CARDS.all_of(connection, CARDS.current(cards.c.state == "made"))
        rules = self._doing.rules
        looking = Act("0" * 32, Clerk(_MACHINE, Desk(Office.JLIS)), now)
        for card in find_uncollected(waiting, rules, looking):
            if not card.has_expired(today):
                yield _Task("destroyed", card.id, card.municipality, self._destroying(card.id))

    def _destroying(self, card_id: str) -> Callable[[Connection, Act], Change[Any]]:
        rules = self._doing.rules
        return lambda connection, act: destroy_uncollected(act, CARDS.read(connection, card_id), rules)


def _departures(connection: Connection, today: date) -> Iterator[_Task]:
    columns = (residents.c.household, residents.c.municipality)
    due = select(*columns).where(residents.c.current, residents.c.live, residents.c.lapses <= today.isoformat())
    for row in connection.execute(due.distinct().order_by(residents.c.household)):
        yield _Task("departed", row.household, row.municipality, _departing(row.household))


def _lapses(connection: Connection, today: date) -> Iterator[_Task]:
    due = (residents.c.current, ~residents.c.live, residents.c.lapses <= today.isoformat())
    for row in connection.execute(
        select(residents.c.id, residents.c.municipality).where(*due).order_by(residents.c.id)
    ):
        yield _Task("lapsed", row.id, row.municipality, _lapsing(row.id))


def _departing(household_id: str) -> Callable[[Connection, Act], Change[Any]]:
    return lambda connection, act: delete_departed(act, household(connection, household_id))


def _lapsing(record_id: str) -> Callable[[Connection, Act], Change[Any]]:
    return lambda connection, act: lapse(act, RESIDENTS.read(connection, record_id))


def _turning(card_id: str) -> Callable[[Connection, Act], Change[Any]]:
    return lambda connection, act: turn_day(act, [CARDS.read(connection, card_id)])


def _act_id(task: _Task, today: date) -> str:
    lines = f"warifu day 1\n{task.count}\n{task.about}\n{today.isoformat()}"
    return hashlib.sha256(lines.encode()).hexdigest()[:32]
