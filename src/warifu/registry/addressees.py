"""The ladder of numbers inside a municipality: individual number, integrated addressee number, addressee numbers.

Business systems do not work with individual numbers. A municipality gives each person one integrated addressee number
(団体内統合宛名番号), and each business system knows the person by an addressee number of its own (宛名番号). A section
gets its own system's number only; what leaves the municipality towards the intermediary server is the integrated
number, never the individual one.

Modelled: fifteen digits each, drawn by chance: neither derived from another number nor from each other.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from warifu.errors import Malformed, NotAllowed, NotFound, Unavailable
from warifu.person import IndividualNumber
from warifu.ports import Entropy
from warifu.registry.change import Act
from warifu.registry.roles import Office, Section, Sight

_DIGITS: Final = 15
_TRIES: Final = 64
_NONE: Final[Mapping[Section, "AddresseeNumber"]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AddresseeNumber:
    """A person's number in one business system (宛名番号): 15 digits."""

    digits: str = field(repr=False)

    def __post_init__(self) -> None:
        _check_digits(self.digits)


@dataclass(frozen=True, slots=True)
class IntegratedAddresseeNumber:
    """A person's number in all systems of one municipality (団体内統合宛名番号): 15 digits."""

    digits: str = field(repr=False)

    def __post_init__(self) -> None:
        _check_digits(self.digits)


@dataclass(frozen=True, slots=True)
class Addressee:
    """One person's ladder in one municipality: kept by the addressee system, seen by no business system as a whole."""

    municipality: str
    holder: str
    integrated: IntegratedAddresseeNumber
    number: IndividualNumber | None
    systems: Mapping[Section, AddresseeNumber] = field(default_factory=lambda: _NONE)
    version: int = 1

    @property
    def id(self) -> str:
        """One row a person and municipality."""
        return f"{self.municipality}/{self.holder}"


def open_ladder(
    act: Act,
    holder: str,
    number: IndividualNumber | None,
    taken: Container[IntegratedAddresseeNumber],
    entropy: Entropy,
) -> Addressee:
    """Give somebody who is new here an integrated addressee number (at birth and at moving in).

    Raises:
        NotAllowed: not at the residents' section.
        Unavailable: chance finds no free number.
    """
    municipality = act.clerk.desk.municipality or ""
    act.clerk.desk.check_keeps(municipality)
    for _ in range(_TRIES):
        integrated = IntegratedAddresseeNumber(_draw(entropy))
        if integrated not in taken:
            return Addressee(municipality, holder, integrated, number)
    raise Unavailable("hardly any numbers are left")


def add_system(ladder: Addressee, section: Section, taken: Container[AddresseeNumber], entropy: Entropy) -> Addressee:
    """Give the person a number in one business system; the same ladder if there is one.

    Raises:
        Unavailable: chance finds no free number.
    """
    if section in ladder.systems:
        return ladder
    for _ in range(_TRIES):
        drawn = AddresseeNumber(_draw(entropy))
        if drawn not in taken:
            systems = MappingProxyType({**ladder.systems, section: drawn})
            return replace(ladder, systems=systems, version=ladder.version + 1)
    raise Unavailable("hardly any numbers are left")


def addressee_number(act: Act, ladder: Addressee) -> AddresseeNumber:
    """The person's number in the business system of the asking desk's own section.

    Raises:
        NotAllowed: another municipality's desk, or none of a section.
        NotFound: the section does not know the person.
    """
    section = _section(act, ladder)
    if section not in ladder.systems:
        raise NotFound("that business system does not know the person")
    return ladder.systems[section]


def individual_number(act: Act, ladder: Addressee) -> IndividualNumber:
    """The top of the ladder, for sections whose affairs use individual numbers.

    Raises:
        NotAllowed: another municipality's desk, or a section that may not use individual numbers.
        NotFound: the person has none yet.

    Source: 番号法 第9条第1項.
    """
    _section(act, ladder)
    if Sight.INDIVIDUAL_NUMBER not in act.clerk.desk.sees:
        raise NotAllowed("this section does not use individual numbers")
    if ladder.number is None:
        raise NotFound("no number is there yet")
    return ladder.number


def _section(act: Act, ladder: Addressee) -> Section:
    desk = act.clerk.desk
    if desk.office is not Office.MUNICIPALITY or desk.municipality != ladder.municipality or desk.section is None:
        raise NotAllowed("the numbers of a municipality's systems stay in it")
    return desk.section


def _draw(entropy: Entropy) -> str:
    # The bias of sixteen bytes modulo 10**15 is below 2**-78.
    return f"{int.from_bytes(entropy.bytes(16), 'big') % 10**_DIGITS:0{_DIGITS}d}"


def _check_digits(digits: str) -> None:
    if len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()):
        raise Malformed("an addressee number has 15 digits")
