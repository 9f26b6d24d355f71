"""A small family and its municipality, for the tests of the register."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from warifu.messages import NumberAnswer
from warifu.person import Address, BirthDate, IndividualNumber, Name, ResidentRecordCode, Sex
from warifu.registry import (
    Act,
    Change,
    Clerk,
    Desk,
    Household,
    Newcomer,
    Office,
    PooledCode,
    RecordedName,
    Relationship,
    Residence,
    ResidentRecord,
    Section,
    Stay,
    accept_number,
    register_arrival,
)

KIYOSE, SHIBUYA, NAHA = "13221", "13113", "47201"
NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
HOME = Address("東京都清瀬市見本町１－２－３")
ELSEWHERE = Address("東京都渋谷区割符町４－５－６")
JLIS = Desk(Office.JLIS)
HOTLINE = Desk(Office.HOTLINE)


class Chance:
    """Chance from a seed."""

    def __init__(self, seed: int = 0) -> None:
        self.seed, self.drawn = seed, 0

    def bytes(self, n: int) -> bytes:
        self.drawn += 1
        return hashlib.shake_256(f"{self.seed} {self.drawn}".encode()).digest(n)


def desk(municipality: str = KIYOSE, section: Section = Section.RESIDENTS) -> Desk:
    return Desk(Office.MUNICIPALITY, municipality, section)


def act(number: int, at: Desk | None = None, days: int = 0) -> Act:
    """The act of that number, so many days after today's noon."""
    return Act(f"{number:032x}", Clerk("r-0017", at or desk()), NOON + timedelta(days=days))


def code(number: int, municipality: str = KIYOSE) -> PooledCode:
    return PooledCode(ResidentRecordCode.of_body(f"9{number:09d}"), municipality)


def individual(number: int) -> IndividualNumber:
    return IndividualNumber.of_body(f"9{number:010d}")


def named(family: str, given: str, **changes: Any) -> RecordedName:
    return RecordedName(Name.of(family, given), **changes)


def newcomer(number: int, relationship: Relationship, **changes: Any) -> Newcomer:
    values: dict[str, Any] = {
        "name": named("割符", f"見本{number}", reading=Name("ワリフ　ミホン")),
        "birth_date": BirthDate(date(1990, 1, 1) + timedelta(days=number)),
        "sex": Sex.FEMALE if number % 2 else Sex.MALE,
        "relationship": relationship,
        "code": code(number),
        "domicile": NAHA,
    }
    return Newcomer(**{**values, **changes})


def foreigner(number: int, relationship: Relationship = Relationship.HEAD, **changes: Any) -> Newcomer:
    values: dict[str, Any] = {
        "name": RecordedName(Name("SMITH JOHN")),
        "domicile": None,
        "nationality": "アメリカ合衆国",
        "stay": Stay(Residence.PERIOD_OF_STAY, TODAY + timedelta(days=700)),
    }
    return newcomer(number, relationship, **{**values, **changes})


def records_of(change: Change[Any]) -> list[ResidentRecord]:
    return [each for each in change.records if isinstance(each, ResidentRecord)]


def with_numbers(records: Iterable[ResidentRecord]) -> list[ResidentRecord]:
    """The records after each number has arrived."""
    done = []
    for index, record in enumerate(records):
        number = individual(int(record.code.reveal()[1:-1]))
        answer = NumberAnswer(f"{index:032x}", record.code, number)
        (after,) = records_of(accept_number(act(900 + index), record, answer))
        done.append(after)
    return done


def family(*newcomers: Newcomer, address: Address = HOME) -> Household:
    """A household that came ten days ago: by default head, spouse and child."""
    people = newcomers or (
        newcomer(1, Relationship.HEAD),
        newcomer(2, Relationship.SPOUSE),
        newcomer(3, Relationship.CHILD, birth_date=BirthDate(date(2020, 4, 2))),
    )
    first = int(people[0].code.code.reveal()[1:-1])
    came = register_arrival(act(800 + first, days=-10), people, address, TODAY - timedelta(days=10), Chance(first))
    return Household.of(with_numbers(records_of(came)))


def after(household: Household, change: Change[Any]) -> Household:
    """The household after a change."""
    newer = {each.id: each for each in records_of(change)}
    known = {each.id: each for each in household.members} | newer
    return Household.of(each for each in known.values() if each.household == household.id)
