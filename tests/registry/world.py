"""A register in memory that refuses what a store would refuse, and the party that numbers beside it."""

from collections.abc import Iterable
from typing import Any

from tests.registry.people import KIYOSE, NAHA, NOON, SHIBUYA, Chance, act, desk
from warifu.messages import (
    CodeBlockRequest,
    CodeChanged,
    NumberRequest,
    ResidentEvent,
)
from warifu.person import IndividualNumber, ResidentRecordCode
from warifu.registry import (
    Act,
    Annex,
    Change,
    Designation,
    Desk,
    Household,
    PooledCode,
    ResidentRecord,
    accept_number,
    allot,
    designate,
    follow_code,
    pooled,
)

Row = ResidentRecord | Annex | PooledCode


class World:
    """Three municipalities, one party that numbers, and everything that was ever written or told."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.versions: dict[str, int] = {}
        self.entries: set[str] = set()
        self.told: list[ResidentEvent] = []
        self.numbers: dict[IndividualNumber, Designation] = {}
        self.codes: set[ResidentRecordCode] = set()
        self.chance = Chance(1)
        self.day, self.acts = 0, 0
        for municipality in (KIYOSE, SHIBUYA, NAHA):
            request = CodeBlockRequest(self.next_act(desk(municipality)).id, municipality, 100)
            _, block = allot(request, self.codes, self.chance, NOON)
            self.codes |= set(block.codes)
            self.write(pooled(block, municipality))

    def next_act(self, at: Desk) -> Act:
        self.acts += 1
        return act(self.acts, at, self.day)

    def write(self, rows: Iterable[Row]) -> None:
        """Keep the rows, each as the very next version of what was there."""
        for row in rows:
            assert row.version == self.versions.get(row.id, 0) + 1, "a version was skipped or written twice"
            self.rows[row.id], self.versions[row.id] = row, row.version

    def commit(self, change: Change[Any]) -> None:
        """What a store does in one transaction; then the other party answers."""
        for entry in change.entries:
            assert entry.id not in self.entries, "an act was entered twice"
            self.entries.add(entry.id)
        self.write(change.records)
        for message in change.messages:
            if isinstance(message, ResidentEvent):
                assert message.id not in {each.id for each in self.told}
                self.told.append(message)
            elif isinstance(message, NumberRequest):
                self._number(message)
            elif isinstance(message, CodeChanged):
                for row in follow_code(message, self._current(message.former)):
                    self.numbers[row.number] = row

    def _current(self, code: ResidentRecordCode) -> Designation | None:
        rows = (row for row in self.numbers.values() if row.code == code and row.former_since is None)
        return next(rows, None)

    def _number(self, request: NumberRequest) -> None:
        made = designate(request, self._current(request.code), self.numbers, self.chance, NOON)
        for row in made.designations:
            assert row.number not in self.numbers or self.numbers[row.number].former_since is None
            self.numbers[row.number] = row
        record = self.latest_by_code(request.code)
        self.commit(accept_number(self.next_act(desk(record.municipality)), record, made.answer))

    def latest_by_code(self, code: ResidentRecordCode) -> ResidentRecord:
        return [each for each in self.records() if each.code == code][-1]

    def records(self) -> list[ResidentRecord]:
        return [row for row in self.rows.values() if isinstance(row, ResidentRecord)]

    def live(self) -> list[ResidentRecord]:
        return [each for each in self.records() if each.is_live]

    def latest(self) -> list[ResidentRecord]:
        """The newest record of each person, in the order in which they came."""
        return list({each.holder: each for each in self.records()}.values())

    def households(self) -> list[Household]:
        ids = sorted({each.household for each in self.live()})
        return [Household.of(each for each in self.live() if each.household == id_) for id_ in ids]

    def annex_of(self, holder: str) -> Annex | None:
        rows = (row for row in self.rows.values() if isinstance(row, Annex))
        return next((row for row in rows if row.holder == holder and row.deleted is None), None)

    def spare_code(self, municipality: str) -> PooledCode:
        rows = (row for row in self.rows.values() if isinstance(row, PooledCode))
        return next(row for row in rows if row.municipality == municipality and row.spent_by is None)
