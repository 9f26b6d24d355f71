"""What the operator's page shows of the record: counts and moments, nobody's name, number or serial number.

Each figure is one query over the tables. They are read together and kept for some seconds: a page that asks again and
again, or ten of them, cost no more than one.
"""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy import Column, ColumnElement, Connection, Engine, and_, func, select

from warifu.ca import Event, State
from warifu.pki import CertificateKind, Medium
from warifu.ports import Clock
from warifu.wire.authority import log
from warifu.wire.authority.publishing import LIST_PERIOD
from warifu.wire.authority.tables import (
    RESERVED,
    authority_lists,
    certificates,
    generations,
    happenings,
    inbox,
    moment,
    municipalities,
    refusals,
    revocation_lists,
    seconds,
    status_answers,
)
from warifu.wire.database import reading
from warifu.wire.post import Queue, queues

__all__ = ["Day", "Early", "Figures", "Generation", "Group", "Letters", "ListState", "Picture"]

DAYS: Final = 30
KEPT: Final = timedelta(seconds=5)
_DAY: Final = 24 * 3600
_JAPAN: Final = 9 * 3600  # seconds; no summer time


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation of an authority: the key's identifier, and its number within its kind, from 1."""

    kind: CertificateKind
    key_id: bytes
    number: int


@dataclass(frozen=True, slots=True)
class Group:
    """How many certificates of a generation on one medium are in each state."""

    generation: Generation
    medium: Medium
    states: Mapping[State, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.states.values())


@dataclass(frozen=True, slots=True)
class Day:
    """One day in Japan: how many certificates were issued, revoked and suspended."""

    day: date
    issued: int
    revoked: int
    held: int


@dataclass(frozen=True, slots=True)
class ListState:
    """A place that has revocation lists: a generation and a municipality, or the authority itself (None).

    `number` and `made` are the newest list's, None if none was ever made.
    """

    generation: Generation
    municipality: str | None
    name: str
    number: int | None
    made: datetime | None

    def is_overdue(self, now: datetime) -> bool:
        """Whether it is older than lists may be, or was never made."""
        return self.made is None or now - self.made >= LIST_PERIOD


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters taken: from whom, about what, how many altogether, how many in the last day, when the last one."""

    sender: str
    subject: str
    count: int
    lately: int
    newest: datetime


@dataclass(frozen=True, slots=True)
class Early:
    """Answers signed beforehand about one kind: how many are good, how many are over; how many certificates live."""

    kind: CertificateKind
    good: int
    over: int
    certificates: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything, as of one moment."""

    at: datetime
    groups: tuple[Group, ...]
    days: tuple[Day, ...]
    lists: tuple[ListState, ...]
    leaves: int
    outbox: tuple[Queue, ...]
    inbox: tuple[Letters, ...]
    early: tuple[Early, ...]
    refused: int

    @property
    def overdue(self) -> tuple[ListState, ...]:
        """The lists that should have been made, the oldest first."""
        late = (each for each in self.lists if each.is_overdue(self.at))
        return tuple(sorted(late, key=lambda each: each.made or datetime.min.replace(tzinfo=UTC)))


class Figures:
    """Reads the record for the operator's page."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: Picture | None = None

    def picture(self) -> Picture:
        """The figures as they are, or were some seconds ago."""
        now = self._clock.now()
        with self._lock:  # whoever comes meanwhile waits for the same picture
            if self._kept is None or not timedelta() <= now - self._kept.at < KEPT:
                with reading(self._engine) as connection:
                    self._kept = _picture(connection, now)
            return self._kept

    def forget(self) -> None:
        """Read anew next time: something was done here."""
        with self._lock:
            self._kept = None


def _picture(connection: Connection, now: datetime) -> Picture:
    known = _generations(connection)
    return Picture(
        at=now,
        groups=tuple(_groups(connection, known, now)),
        days=tuple(_days(connection, now)),
        lists=tuple(_lists(connection, known)),
        leaves=log.read_frontier(connection).size,
        outbox=tuple(queues(connection)),
        inbox=tuple(_letters(connection, now)),
        early=tuple(_early(connection, kind, now) for kind in CertificateKind),
        refused=_count(connection, refusals.c.at, now - timedelta(days=1)),
    )


def _generations(connection: Connection) -> dict[tuple[str, bytes], Generation]:
    numbers: Counter[str] = Counter()
    found = {}
    for row in connection.execute(select(generations).order_by(generations.c.known_since, generations.c.key_id)):
        numbers[row.kind] += 1
        key_id = bytes(row.key_id)
        found[row.kind, key_id] = Generation(CertificateKind(row.kind), key_id, numbers[row.kind])
    return found


def _groups(connection: Connection, known: Mapping[tuple[str, bytes], Generation], now: datetime) -> list[Group]:
    its = certificates.c
    over = its.not_after < seconds(now)
    columns = (its.kind, its.generation, its.medium, its.state, over)
    query = select(*columns, func.count()).where(its.state != RESERVED).group_by(*columns)
    found: dict[tuple[str, bytes, str], Counter[State]] = {}
    for kind, generation, medium, state, expired, count in connection.execute(query):
        states = found.setdefault((kind, bytes(generation), medium), Counter())
        states[State.EXPIRED if expired else State(state)] += count
    groups = [Group(known[key[:2]], Medium(key[2]), states) for key, states in found.items()]
    return sorted(groups, key=lambda each: (each.generation.kind.value, each.generation.number, each.medium.value))


def _days(connection: Connection, now: datetime) -> list[Day]:
    last = _day_number(seconds(now))
    since = (last - DAYS + 1) * _DAY - _JAPAN
    issued = _per_day(connection, certificates.c.not_before, since, certificates.c.state != RESERVED)
    ended = certificates.c.state == State.REVOKED.value  # one that is suspended has a moment there, too
    revoked = _per_day(connection, certificates.c.revoked_at, since, ended)
    held = _per_day(connection, happenings.c.at, since, happenings.c.event == Event.HELD.value)
    numbers = range(last - DAYS + 1, last + 1)
    return [Day(_date(each), issued[each], revoked[each], held[each]) for each in numbers]


def _per_day(connection: Connection, column: Column[int], since: int, *conditions: ColumnElement[bool]) -> Counter[int]:
    day = ((column + _JAPAN) // _DAY).label("day")
    query = select(day, func.count()).where(column >= since, *conditions).group_by(day)
    return Counter({int(row[0]): row[1] for row in connection.execute(query)})


def _day_number(moment_: int) -> int:
    return (moment_ + _JAPAN) // _DAY


def _date(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)


def _lists(connection: Connection, known: Mapping[tuple[str, bytes], Generation]) -> list[ListState]:
    its, of = revocation_lists.c, authority_lists.c
    place = (its.kind, its.generation, its.municipality)
    query = select(*place, func.max(its.number), func.max(its.this_update)).group_by(*place)
    newest = {(row[0], bytes(row[1]), row[2]): (row[3], moment(row[4])) for row in connection.execute(query)}
    own = select(of.kind, of.generation, func.max(of.number), func.max(of.this_update)).group_by(of.kind, of.generation)
    newest |= {(row[0], bytes(row[1]), ""): (row[2], moment(row[3])) for row in connection.execute(own)}
    names = {row.code: row.prefecture + row.name for row in connection.execute(select(municipalities))}
    found = []
    for key, generation in known.items():
        for code, name in (("", ""), *sorted(names.items())):
            number, made = newest.get((*key, code), (None, None))
            found.append(ListState(generation, code or None, name, number, made))
    return found


def _letters(connection: Connection, now: datetime) -> list[Letters]:
    its = inbox.c
    lately = func.count().filter(its.received_at >= seconds(now) - _DAY)
    query = select(its.sender, its.subject, func.count(), lately, func.max(its.received_at))
    rows = connection.execute(query.group_by(its.sender, its.subject).order_by(its.sender, its.subject))
    return [Letters(row[0], row[1], row[2], row[3], moment(row[4])) for row in rows]


def _early(connection: Connection, kind: CertificateKind, now: datetime) -> Early:
    its, of = status_answers.c, certificates.c
    good = func.count().filter(its.next_update > seconds(now))
    row = connection.execute(select(good, func.count()).where(its.kind == kind.value)).one()
    living = and_(of.kind == kind.value, of.state != RESERVED, of.not_after >= seconds(now))
    count = connection.scalar(select(func.count()).select_from(certificates).where(living)) or 0
    return Early(kind, row[0], row[1] - row[0], count)


def _count(connection: Connection, column: Column[int], since: datetime) -> int:
    return connection.scalar(select(func.count()).where(column >= seconds(since))) or 0
