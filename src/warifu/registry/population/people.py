"""Invented households: who lives together, how old, under which surname, since when, where.

A household is a couple with or without children, a parent with children, three generations, or somebody alone, in about
the shares of the census. What has to fit fits: members share the surname and its reading, a mother is 18 to 44 years
older than her child, nobody lives anywhere before birth, and addresses are of blocks that do not exist.

Modelled: the shares and the ages, roughly after the census of 2020 (国勢調査, 世帯の家族類型).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Final

from warifu.person import Address, BirthDate, Municipality, Name, Sex
from warifu.registry.card_validity import Residence, Stay
from warifu.registry.names import RecordedName
from warifu.registry.population.draw import Draw
from warifu.registry.population.names import FAMILIES, FOREIGN, Part, full_name, given_name
from warifu.registry.relationship import Relationship

_BLOCKS: Final = ("見本町", "割符町", "例示台", "架空が丘", "仮想通", "試験新田", "雛形本町", "模擬町")
_BUILDINGS: Final = ("割符荘", "見本ハイツ", "メゾン仮想", "コーポ例示", "架空マンション")
_FULL_WIDTH: Final = str.maketrans("0123456789-", "０１２３４５６７８９－")
_YEAR: Final = 365.2425
_FOREIGN_OF_THOUSAND: Final = 25


class Kind(Enum):
    """Who makes up a household."""

    ALONE = "alone"
    COUPLE = "couple"
    FAMILY = "family"
    ONE_PARENT = "one_parent"
    THREE_GENERATIONS = "three_generations"


# Of a hundred households.
_KINDS: Final = (
    [Kind.ALONE] * 38 + [Kind.COUPLE] * 20 + [Kind.FAMILY] * 27 + [Kind.ONE_PARENT] * 9 + [Kind.THREE_GENERATIONS] * 6
)


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person, before any number; a Japanese has no `nationality` and `stay`."""

    name: RecordedName
    birth_date: BirthDate
    sex: Sex
    relationship: Relationship
    nationality: str | None = None
    stay: Stay | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """An invented household, the head first; `since` is when the head moved in."""

    people: tuple[Person, ...]
    address: Address
    since: date


def invent_home(draw: Draw, municipality: Municipality, today: date) -> Home:
    """A household of people who do not exist."""
    address = invent_address(draw, municipality)
    if draw.happens(_FOREIGN_OF_THOUSAND):
        people: tuple[Person, ...] = (foreign_head(draw, today),)
    else:
        people = _INVENT[draw.choose(_KINDS)](draw, draw.choose_common(FAMILIES), today)
    return Home(people, address, since(draw, people[0].birth_date.date, today))


def invent_address(draw: Draw, municipality: Municipality) -> Address:
    """An address in a block that does not exist, written as registers do: full-width digits and hyphens."""
    numbers = f"{1 + draw.below(6)}-{1 + draw.below(40)}-{1 + draw.below(30)}".translate(_FULL_WIDTH)
    flat = ""
    if draw.happens(350):
        room = f"{1 + draw.below(12)}{1 + draw.below(20):02d}".translate(_FULL_WIDTH)
        flat = f"{draw.choose(_BUILDINGS)}{room}"
    return Address(f"{municipality.prefecture}{municipality.name}{draw.choose(_BLOCKS)}{numbers}{flat}")


def since(draw: Draw, born: date, today: date) -> date:
    """A day within the last thirty years and not before birth."""
    return max(born, today - timedelta(days=draw.between(1, 30 * 365)))


def aged(draw: Draw, years: int, today: date) -> date:
    """The birth date of somebody who is so many years old today."""
    return today - timedelta(days=int(years * _YEAR) + 1 + draw.below(364))


def japanese(draw: Draw, family: Part, sex: Sex, born: date, relationship: Relationship) -> Person:
    """Somebody of that family."""
    return Person(full_name(family, given_name(draw, sex, born)), BirthDate(born), sex, relationship)


def foreign_head(draw: Draw, today: date, alias: Name | None = None) -> Person:
    """A foreign resident living alone."""
    nationality, name, reading, sex = draw.choose(FOREIGN)
    until = today + timedelta(days=draw.between(30, 5 * 365))
    permanent = draw.happens(350)
    stay = Stay(Residence.PERMANENT) if permanent else Stay(Residence.PERIOD_OF_STAY, until)
    born = BirthDate(aged(draw, draw.between(19, 60), today))
    recorded = RecordedName(Name(name), Name(reading), alias=alias)
    return Person(recorded, born, sex, Relationship.HEAD, nationality, stay)


def alone(draw: Draw, family: Part, today: date) -> tuple[Person, ...]:
    """Somebody alone: a student, a worker, a widow."""
    return (japanese(draw, family, _sex(draw), aged(draw, draw.between(18, 94), today), Relationship.HEAD),)


def couple(draw: Draw, family: Part, today: date) -> tuple[Person, ...]:
    """Two, most of them old."""
    return _pair(draw, family, max(draw.between(24, 90), draw.between(24, 90)), today)


def with_children(draw: Draw, family: Part, today: date) -> tuple[Person, ...]:
    """Parents and one to three children."""
    parents = _pair(draw, family, draw.between(27, 72), today)
    return parents + _children(draw, family, next(each for each in parents if each.sex is Sex.FEMALE), today)


def _one_parent(draw: Draw, family: Part, today: date) -> tuple[Person, ...]:
    born = aged(draw, draw.between(26, 72), today)
    sex = Sex.FEMALE if draw.happens(850) else Sex.MALE
    parent = japanese(draw, family, sex, born, Relationship.HEAD)
    return (parent, *_children(draw, family, parent, today))


def _three_generations(draw: Draw, family: Part, today: date) -> tuple[Person, ...]:
    parents = _pair(draw, family, draw.between(30, 56), today)
    below = parents + _children(draw, family, next(each for each in parents if each.sex is Sex.FEMALE), today)
    age = max(draw.between(68, 92), (today - below[0].birth_date.date).days // 365 + 20)
    sex = Sex.FEMALE if draw.happens(650) else Sex.MALE
    return (*below, japanese(draw, family, sex, aged(draw, min(age, 104), today), Relationship.PARENT))


def _pair(draw: Draw, family: Part, age: int, today: date) -> tuple[Person, ...]:
    sexes = (Sex.MALE, Sex.FEMALE) if draw.happens(850) else (Sex.FEMALE, Sex.MALE)
    other = max(18, age + draw.between(-6, 3))
    return (
        japanese(draw, family, sexes[0], aged(draw, age, today), Relationship.HEAD),
        japanese(draw, family, sexes[1], aged(draw, other, today), Relationship.SPOUSE),
    )


def _children(draw: Draw, family: Part, mother: Person, today: date) -> tuple[Person, ...]:
    """Up to three; all of them born when the mother was 18 to 44, and none older than 30 still at home."""
    born = mother.birth_date.date
    oldest = max(born + timedelta(days=int(18 * _YEAR)), today - timedelta(days=30 * 365))
    youngest = min(born + timedelta(days=int(44 * _YEAR)), today)
    days = max(0, (youngest - oldest).days)
    births = sorted({oldest + timedelta(days=draw.below(days + 1)) for _ in range(draw.between(1, 3))})
    # Brothers and sisters are born a year apart at least; twins are a case of their own.
    apart = [each for index, each in enumerate(births) if not index or (each - births[index - 1]).days > 365]
    return tuple(japanese(draw, family, _sex(draw), each, Relationship.CHILD) for each in apart)


def _sex(draw: Draw) -> Sex:
    return draw.choose((Sex.FEMALE, Sex.MALE))


_INVENT: Final[dict[Kind, Callable[[Draw, Part, date], tuple[Person, ...]]]] = {
    Kind.ALONE: alone,
    Kind.COUPLE: couple,
    Kind.FAMILY: with_children,
    Kind.ONE_PARENT: _one_parent,
    Kind.THREE_GENERATIONS: _three_generations,
}
