"""The ladder of numbers inside a municipality."""

from dataclasses import replace

import pytest

from tests.registry.people import HOTLINE, SHIBUYA, Chance, act, desk, individual
from warifu.errors import Malformed, NotAllowed, NotFound, Unavailable
from warifu.registry import (
    Addressee,
    AddresseeNumber,
    IntegratedAddresseeNumber,
    Section,
    add_system,
    addressee_number,
    individual_number,
    open_ladder,
)

HOLDER = "a" * 32
TAX, SCHOOL = desk(section=Section.TAX), desk(section=Section.EDUCATION)


def ladder(seed: int = 0) -> Addressee:
    chance = Chance(seed)
    opened = open_ladder(act(1), HOLDER, individual(1), frozenset[IntegratedAddresseeNumber](), chance)
    for section in (Section.TAX, Section.EDUCATION):
        opened = add_system(opened, section, frozenset[AddresseeNumber](), chance)
    return opened


def test_no_rung_is_derived_from_another() -> None:
    """番号法 第2条 (個人番号 covers what is derived from one): under other chance all rungs differ."""
    one, other = ladder(1), ladder(2)
    assert one.integrated != other.integrated
    assert one.systems[Section.TAX] != other.systems[Section.TAX]
    assert one.systems[Section.TAX] != one.systems[Section.EDUCATION]


def test_a_section_gets_the_number_of_its_own_system() -> None:
    opened = ladder()
    assert addressee_number(act(2, TAX), opened) == opened.systems[Section.TAX]
    assert addressee_number(act(2, SCHOOL), opened) == opened.systems[Section.EDUCATION]
    with pytest.raises(NotFound):
        addressee_number(act(2, desk(section=Section.WELFARE)), opened)


def test_the_numbers_of_a_municipality_stay_in_it() -> None:
    for at in (desk(SHIBUYA, Section.TAX), HOTLINE):
        with pytest.raises(NotAllowed):
            addressee_number(act(2, at), ladder())
        with pytest.raises(NotAllowed):
            individual_number(act(2, at), ladder())


def test_the_top_of_the_ladder_is_for_sections_that_use_individual_numbers() -> None:
    """番号法 第9条第1項."""
    assert individual_number(act(2, TAX), ladder()) == individual(1)
    with pytest.raises(NotAllowed):
        individual_number(act(2, SCHOOL), ladder())


def test_a_number_that_is_not_there_yet_is_not_found() -> None:
    opened = open_ladder(act(1), HOLDER, None, frozenset[IntegratedAddresseeNumber](), Chance())
    with pytest.raises(NotFound):
        individual_number(act(2, TAX), opened)
    assert individual_number(act(2, TAX), replace(opened, number=individual(2))) == individual(2)


def test_a_system_gives_a_person_one_number() -> None:
    opened = ladder()
    assert add_system(opened, Section.TAX, frozenset[AddresseeNumber](), Chance(9)) is opened


def test_a_taken_number_is_not_given_again() -> None:
    class Everything:
        def __contains__(self, number: object) -> bool:
            return True

    with pytest.raises(Unavailable):
        open_ladder(act(1), HOLDER, None, Everything(), Chance())
    with pytest.raises(Unavailable):
        add_system(ladder(), Section.WELFARE, Everything(), Chance())


def test_only_the_residents_section_opens_a_ladder() -> None:
    with pytest.raises(NotAllowed):
        open_ladder(act(1, TAX), HOLDER, None, frozenset[IntegratedAddresseeNumber](), Chance())


@pytest.mark.parametrize("digits", ["1" * 14, "1" * 16, "１" * 15, "x" * 15])
def test_an_addressee_number_has_fifteen_digits(digits: str) -> None:
    for kind in (AddresseeNumber, IntegratedAddresseeNumber):
        with pytest.raises(Malformed):
            kind(digits)


def test_the_rungs_are_not_shown() -> None:
    opened = ladder()
    for secret in (opened.integrated.digits, opened.systems[Section.TAX].digits, individual(1).reveal()):
        assert secret not in repr(opened)
