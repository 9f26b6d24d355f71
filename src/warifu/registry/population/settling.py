"""From invented households to rows: records with holders, codes and numbers, and what the party that numbers keeps."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from warifu.messages import CodeBlockRequest, CodeChanged, NumberReason, NumberRequest
from warifu.person import IndividualNumber, ResidentRecordCode
from warifu.registry.change import Act
from warifu.registry.municipalities import find_place
from warifu.registry.numbering import AllottedCode, Designation, allot, designate, follow_code
from warifu.registry.population.cases import HardCase, hard_home
from warifu.registry.population.draw import Draw
from warifu.registry.population.people import Home, Person, invent_home
from warifu.registry.record import ABROAD, MovingOut, Protection, ResidentRecord

BLOCK: Final = 500
"""So many households; the first of each block are the hard cases."""
_CASES: Final = tuple(HardCase)


@dataclass(slots=True)
class Books:
    """Which codes and numbers are taken; shared by all municipalities of one nation while they are filled."""

    codes: set[ResidentRecordCode] = field(default_factory=set)
    numbers: set[IndividualNumber] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Settled:
    """One household's rows for the register and for the party that numbers, and what is hard about it."""

    records: tuple[ResidentRecord, ...]
    codes: tuple[AllottedCode, ...]
    designations: tuple[Designation, ...]
    case: HardCase | None


def settle(seed: int, act: Act, books: Books, *, start: int = 0) -> Iterator[Settled]:
    """The households of the act's municipality from number `start` on, without end; take as many as are wanted.

    Raises:
        NotAllowed: the act is not at a residents' section.
        NotFound: no municipality has the desk's code.
    """
    code = act.clerk.desk.municipality or ""
    act.clerk.desk.check_keeps(code)
    municipality, index = find_place(code).municipality, start
    while True:
        draw = Draw(seed, code, index)
        place = index % BLOCK
        case = _CASES[place] if place < len(_CASES) else None
        if case is None:
            home = invent_home(draw, municipality, act.today)
        else:
            home = hard_home(case, draw, Draw(seed, code, "pair", index // BLOCK), municipality, act.today)
        yield _Settling(act, books, draw, home, case, f"{code} {index}").rows()
        index += 1


@dataclass(slots=True)
class _Settling:
    """The making of one household's rows."""

    act: Act
    books: Books
    draw: Draw
    home: Home
    case: HardCase | None
    place: str
    codes: list[AllottedCode] = field(default_factory=list)
    designations: list[Designation] = field(default_factory=list)

    def rows(self) -> Settled:
        self.codes += self._block("codes", len(self.home.people))
        spare = iter([each.code for each in self.codes])
        records = tuple(self._record(person, next(spare)) for person in self.home.people)
        return Settled(records, tuple(self.codes), tuple(self.designations), self.case)

    def _record(self, person: Person, code: ResidentRecordCode) -> ResidentRecord:
        act = self.act
        born = person.birth_date.date
        holder = self.draw.bytes(16).hex()
        designation = self._number(holder, code)
        came = max(self.home.since, born)
        return ResidentRecord(
            id=act.id_for(f"record {holder}"),
            holder=holder,
            municipality=act.clerk.desk.municipality or "",
            household=act.id_for(f"household {self.place}"),
            relationship=person.relationship,
            name=person.name,
            birth_date=person.birth_date,
            sex=person.sex,
            address=self.home.address,
            resident_since=came,
            address_since=came,
            code=designation.code,
            number=designation.number,
            domicile=None if person.nationality else act.clerk.desk.municipality,
            nationality=person.nationality,
            stay=person.stay,
            came_from=ABROAD if person.nationality else None,
            protection=self._protection(),
            moving_out=self._moving_out(),
            last_act=act.id,
        )

    def _protection(self) -> Protection | None:
        today = self.act.today
        if self.case is not HardCase.PROTECTED:
            return None
        return Protection(today - timedelta(days=30), today + timedelta(days=300), frozenset())

    def _moving_out(self) -> MovingOut | None:
        if self.case is not HardCase.MOVING_OUT:
            return None
        elsewhere = "13101" if self.act.clerk.desk.municipality != "13101" else "13102"
        return MovingOut(self.act.today + timedelta(days=7), elsewhere)

    def _number(self, holder: str, code: ResidentRecordCode) -> Designation:
        request = NumberRequest(self.act.id_for(f"number {holder}"), code, NumberReason.FIRST)
        (designation,) = designate(request, None, self.books.numbers, self.draw, self.act.at).designations
        if self.case is HardCase.NUMBER_CHANGED:
            designation = self._changed_number(designation, holder)
        if self.case is HardCase.CODE_CHANGED:
            (other,) = self._block(f"other code {holder}", 1)
            self.codes.append(other)
            message = CodeChanged(self.act.id_for(f"code {holder}"), code, other.code)
            (designation,) = follow_code(message, designation)
        self.books.numbers.add(designation.number)
        self.designations.append(designation)
        return designation

    def _changed_number(self, first: Designation, holder: str) -> Designation:
        self.books.numbers.add(first.number)
        request = NumberRequest(self.act.id_for(f"other number {holder}"), first.code, NumberReason.LEAKED)
        retired, new = designate(request, first, self.books.numbers, self.draw, self.act.at).designations
        self.designations.append(retired)
        return new

    def _block(self, what: str, count: int) -> tuple[AllottedCode, ...]:
        municipality = self.act.clerk.desk.municipality or ""
        request = CodeBlockRequest(self.act.id_for(f"{what} {self.place}"), municipality, count)
        rows, _ = allot(request, self.books.codes, self.draw, self.act.at)
        self.books.codes.update(each.code for each in rows)
        return rows
