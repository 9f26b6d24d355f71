"""From a plan to a person: the seed decides what the plan leaves open.

Modelled: individual numbers and resident record codes begin with 9 here. No range for tests is known, so a number may
coincide with a real one; it designates nobody. How a register joins a foreign resident's name and alias (通称) is
modelled too: in brackets.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from warifu.person import (
    Address,
    BasicAttributes,
    BirthDate,
    IndividualNumber,
    Municipality,
    Name,
    ResidentRecordCode,
    Sex,
)
from warifu.town.chance import Chance
from warifu.town.personas import plan_of
from warifu.town.places import MUNICIPALITIES, address_in
from warifu.town.plans import Persona

__all__ = ["Resident", "mother_of", "resident"]

_FAMILIES = (
    *("佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤", "吉田", "山田"),
    *("佐々木", "山口", "松本", "井上", "木村", "林", "清水", "山崎", "森", "池田", "橋本", "長谷川"),
)
_GIVEN = {
    Sex.FEMALE: ("花子", "見本", "千代", "桜", "さくら", "美咲", "陽子", "和香", "千尋", "ひかり", "葵", "久美"),
    Sex.MALE: ("太郎", "例", "一郎", "健", "翔太", "大輔", "拓海", "誠", "直樹", "蓮", "悟", "明"),
}
_FIRST_YEAR, _YEARS = 1945, 60


@dataclass(frozen=True, slots=True, repr=False)
class Resident:
    """A person of the town. `former` has what was true before a move or another name; without either it is the same."""

    id: str
    """How register and authorities know the person: 32 hexadecimal digits, neither of the two numbers."""
    attributes: BasicAttributes
    former: BasicAttributes
    individual_number: IndividualNumber
    resident_record_code: ResidentRecordCode
    municipality: Municipality
    western_year: bool
    former_number: IndividualNumber | None = None
    """The individual number before the present one, if it was changed."""

    @property
    def first_number(self) -> IndividualNumber:
        """The individual number that the person had when it came to the town."""
        return self.former_number or self.individual_number


def resident(plan: Persona, seed: int, today: date) -> Resident:
    """The person of a plan in the town of that seed, founded on `today`."""
    chance = Chance(seed, plan.name)
    shared = Chance(seed, plan.holder.twin_of or plan.name)
    municipality = _municipality(plan, shared)
    now = _attributes(plan, chance, shared, municipality, today)
    return Resident(
        id=chance.identifier("holder"),
        attributes=now,
        former=_before(plan, now, Chance(seed, plan.name + " before"), municipality),
        individual_number=IndividualNumber.of_body("9" + chance.digits("number", 10)),
        resident_record_code=ResidentRecordCode.of_body("9" + chance.digits("record code", 9)),
        municipality=municipality,
        western_year=plan.holder.western_year,
        former_number=_former_number(plan, chance),
    )


def _former_number(plan: Persona, chance: Chance) -> IndividualNumber | None:
    changed = any(card.former == "number" for card in plan.cards)
    return IndividualNumber.of_body("9" + chance.digits("former number", 10)) if changed else None


def mother_of(child: Resident, seed: int) -> Resident:
    """Somebody whom the register needs because a child does not live alone; she has no card and no part to play."""
    chance, told = Chance(seed, f"mother of {child.id}"), child.attributes
    name = Name.of(told.name.family, chance.choose("given", _GIVEN[Sex.FEMALE]))
    born = told.birth_date.date - timedelta(days=25 * 365 + chance.below("age", 10 * 365))
    herself = BasicAttributes(name, told.address, BirthDate(born), Sex.FEMALE)
    return replace(
        child,
        id=chance.identifier("holder"),
        attributes=herself,
        former=herself,
        individual_number=IndividualNumber.of_body("9" + chance.digits("number", 10)),
        resident_record_code=ResidentRecordCode.of_body("9" + chance.digits("record code", 9)),
    )


def _attributes(
    plan: Persona, chance: Chance, shared: Chance, municipality: Municipality, today: date
) -> BasicAttributes:
    holder = plan.holder
    sex = holder.sex or chance.choose("sex", (Sex.FEMALE, Sex.MALE))
    given = chance.choose("given", _GIVEN[sex])
    return BasicAttributes(
        Name(holder.name) if holder.name else Name.of(shared.choose("family", _FAMILIES), given),
        Address(holder.address) if holder.address else address_in(municipality, shared),
        BirthDate(_birth_date(plan, shared, today)),
        sex,
    )


def _before(plan: Persona, now: BasicAttributes, chance: Chance, municipality: Municipality) -> BasicAttributes:
    former = {card.former for card in plan.cards}
    name, address = now.name, now.address
    if "name" in former:
        others = [family for family in _FAMILIES if family != now.name.family]
        name = Name.of(chance.choose("family", others), now.name.given or "")
    if "address" in former:
        address = address_in(municipality, chance)
    return BasicAttributes(name, address, now.birth_date, now.sex)


def _municipality(plan: Persona, shared: Chance) -> Municipality:
    holder = plan_of(plan.holder.twin_of).holder if plan.holder.twin_of else plan.holder
    return MUNICIPALITIES[holder.municipality or shared.choose("municipality", sorted(MUNICIPALITIES))]


def _birth_date(plan: Persona, shared: Chance, today: date) -> date:
    day = date(_FIRST_YEAR + shared.below("birth year", _YEARS), 1, 1) + timedelta(days=shared.below("birth day", 365))
    if plan.holder.age is not None:
        return _aged(plan.holder.age, shared, today)
    if plan.holder.birthday_in_days is not None:
        # A leap year, because the birthday may be 29 February.
        return (today + timedelta(days=plan.holder.birthday_in_days)).replace(year=day.year - day.year % 4)
    return day


def _aged(age: int, shared: Chance, today: date) -> date:
    """Somebody who had the birthday of that age within the last year: at least a day, at most 364 days ago."""
    turned = today - timedelta(days=1 + shared.below("birth day", 364))
    # 28 February stands in for the 29th, which the year of birth may not have.
    return turned.replace(year=turned.year - age, day=min(turned.day, 28) if turned.month == 2 else turned.day)
