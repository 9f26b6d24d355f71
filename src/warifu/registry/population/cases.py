"""The hard cases: people on whom registers, certificates and comparisons of names stumble.

Every block of 500 households begins with one of each, so a small population has all of them and a large one many.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from enum import Enum
from typing import Final

from warifu.person import Address, BirthDate, Municipality, Name, Sex
from warifu.registry.card_validity import Residence, Stay
from warifu.registry.names import RecordedName
from warifu.registry.population.draw import Draw
from warifu.registry.population.names import (
    FAMILIES,
    LONGEST_FOREIGN,
    RARE_FAMILIES,
    VARIANT_FAMILIES,
    full_name,
)
from warifu.registry.population.people import (
    Home,
    Person,
    aged,
    alone,
    couple,
    foreign_head,
    invent_address,
    japanese,
    since,
    with_children,
)
from warifu.registry.relationship import Relationship


class HardCase(Enum):
    """What is hard about a household; in the order in which a block begins."""

    RARE_CHARACTER = "rare_character"
    """外字: 𠮷, 髙, 﨑 and their like, which a certificate replaces."""
    VARIANT = "variant"
    """A variation sequence (IVS) in the name and one in the address."""
    FORMER_SURNAME = "former_surname"
    ALIAS = "alias"
    LATIN_NAME = "latin_name"
    """A long name in Latin letters, without a reading."""
    ONE_PART_NAME = "one_part_name"
    LONG_ADDRESS = "long_address"
    TWINS = "twins"
    NAMESAKE = "namesake"
    """The same name and birth date as the next household's head."""
    OTHER_NAMESAKE = "other_namesake"
    PROTECTED = "protected"
    NUMBER_CHANGED = "number_changed"
    CODE_CHANGED = "code_changed"
    BORN_ON_29_FEBRUARY = "born_on_29_february"
    OLDEST = "oldest"
    """Born in 大正 or early 昭和."""
    MOVING_OUT = "moving_out"
    UNREGISTERED_SPOUSE = "unregistered_spouse"
    IN_TRANSITION = "in_transition"
    """A foreign resident whose first sixty days run."""


_LONG: Final = (
    "架空が丘西二十八丁目１２３４番地５６－７８９０１社会福祉法人見本記念会指定介護老人福祉施設割符の里特別養護老人ホーム例示台"
    "第三別館グランドメゾン・レジデンシャルタワーズ仮想通センターコート＆ガーデンテラスウエストウイングアネックスプレミアムフロア"
    "壱百弐拾参号棟四千五百六十七階八千九百一号室管理組合気付試験新田共同受付"
)


def hard_home(case: HardCase, draw: Draw, pair: Draw, municipality: Municipality, today: date) -> Home:
    """A household of that case; `pair` is the stream that namesakes share."""
    people = _PEOPLE.get(case, _ordinary)(pair if "namesake" in case.value else draw, today)
    address = invent_address(draw, municipality)
    if case is HardCase.LONG_ADDRESS:
        address = Address(f"{municipality.prefecture}{municipality.name}{_LONG}"[: Address.LONGEST])
    if case is HardCase.VARIANT:
        address = Address(address.text + "葛\U000e0100荘")
    return Home(people, address, _began(case, people[0]) or since(draw, people[0].birth_date.date, today))


def _began(case: HardCase, head: Person) -> date | None:
    """The first of the sixty days, where they run."""
    if case is not HardCase.IN_TRANSITION or head.stay is None or head.stay.until is None:
        return None
    return head.stay.until - timedelta(days=60)


def _ordinary(draw: Draw, today: date) -> tuple[Person, ...]:
    return alone(draw, draw.choose_common(FAMILIES), today)


def _rare(draw: Draw, today: date) -> tuple[Person, ...]:
    return couple(draw, draw.choose(RARE_FAMILIES), today)


def _variant(draw: Draw, today: date) -> tuple[Person, ...]:
    return couple(draw, draw.choose(VARIANT_FAMILIES), today)


def _former_surname(draw: Draw, today: date) -> tuple[Person, ...]:
    family, former = draw.choose(FAMILIES[:40]), draw.choose(FAMILIES[40:])
    head, spouse = couple(draw, family, today)
    return head, replace(spouse, name=replace(spouse.name, former_surname=Name(former[0])))


def _alias(draw: Draw, today: date) -> tuple[Person, ...]:
    return (foreign_head(draw, today, Name(draw.choose(FAMILIES)[0] + "　譲")),)


def _latin(draw: Draw, today: date) -> tuple[Person, ...]:
    head = foreign_head(draw, today)
    return (replace(head, name=RecordedName(Name(LONGEST_FOREIGN)), sex=Sex.FEMALE),)


def _one_part(draw: Draw, today: date) -> tuple[Person, ...]:
    return (replace(foreign_head(draw, today), name=RecordedName(Name("SUHARTINI"), Name("スハルティニ"))),)


def _twins(draw: Draw, today: date) -> tuple[Person, ...]:
    family = draw.choose_common(FAMILIES)
    parents, born = couple(draw, family, today)[:1], aged(draw, draw.between(0, 17), today)
    parent = replace(parents[0], birth_date=BirthDate(aged(draw, 48, today)))
    names = ((("一", "ハジメ"), Sex.MALE), (("双葉", "フタバ"), Sex.FEMALE))
    twins = (Person(full_name(family, given), BirthDate(born), sex, Relationship.CHILD) for given, sex in names)
    return (parent, *twins)


def _leap_day(draw: Draw, today: date) -> tuple[Person, ...]:
    (head,) = _ordinary(draw, today)
    years = [year for year in range(1944, today.year - 18) if year % 4 == 0]
    return (replace(head, birth_date=BirthDate(date(draw.choose(years), 2, 29))),)


def _oldest(draw: Draw, today: date) -> tuple[Person, ...]:
    family = draw.choose_common(FAMILIES)
    return (japanese(draw, family, Sex.FEMALE, aged(draw, draw.between(100, 110), today), Relationship.HEAD),)


def _unregistered(draw: Draw, today: date) -> tuple[Person, ...]:
    head, spouse = couple(draw, draw.choose(FAMILIES[:40]), today)
    other = japanese(draw, draw.choose(FAMILIES[40:]), spouse.sex, spouse.birth_date.date, spouse.relationship)
    return head, replace(other, relationship=Relationship.UNREGISTERED_SPOUSE)


def _in_transition(draw: Draw, today: date) -> tuple[Person, ...]:
    head = foreign_head(draw, today)
    return (replace(head, stay=Stay(Residence.IN_TRANSITION, today + timedelta(days=draw.between(1, 60)))),)


def _family(draw: Draw, today: date) -> tuple[Person, ...]:
    return with_children(draw, draw.choose_common(FAMILIES), today)


_PEOPLE: Final[dict[HardCase, Callable[[Draw, date], tuple[Person, ...]]]] = {
    HardCase.RARE_CHARACTER: _rare,
    HardCase.VARIANT: _variant,
    HardCase.FORMER_SURNAME: _former_surname,
    HardCase.ALIAS: _alias,
    HardCase.LATIN_NAME: _latin,
    HardCase.ONE_PART_NAME: _one_part,
    HardCase.TWINS: _twins,
    HardCase.PROTECTED: _family,
    HardCase.BORN_ON_29_FEBRUARY: _leap_day,
    HardCase.OLDEST: _oldest,
    HardCase.MOVING_OUT: _family,
    HardCase.UNREGISTERED_SPOUSE: _unregistered,
    HardCase.IN_TRANSITION: _in_transition,
}
