"""People who do not exist: the same again from a seed, consistent, and with every hard case among them."""

from collections import Counter
from datetime import timedelta
from itertools import islice

import pytest

from tests.registry.people import KIYOSE, SHIBUYA, TODAY, act, desk
from warifu.errors import NotAllowed, NotFound
from warifu.person import Address, Sex
from warifu.pki import substitute
from warifu.registry import (
    Books,
    HardCase,
    Household,
    Relationship,
    ResidentRecord,
    Section,
    Settled,
    age_on,
    due_on,
    settle,
)

COUNT = 700


def settled(seed: int = 1, count: int = COUNT, municipality: str = KIYOSE) -> list[Settled]:
    return list(islice(settle(seed, act(1, desk(municipality)), Books()), count))


NATION = settled()
PEOPLE = [record for each in NATION for record in each.records]
BY_CASE: dict[HardCase, tuple[ResidentRecord, ...]] = {
    each.case: each.records for each in NATION[:100] if each.case is not None
}


def test_the_same_seed_gives_the_same_people() -> None:
    assert settled(count=60) == NATION[:60]
    others = settled(seed=2, count=60)
    assert not {record.holder for each in others for record in each.records} & {record.holder for record in PEOPLE}


def test_a_household_depends_on_none_before_it() -> None:
    """So a population can be made in parts, and grown later."""
    later = next(settle(1, act(1), Books(), start=600))
    assert later.records == NATION[600].records


def test_another_municipality_has_other_people() -> None:
    there = [record.holder for each in settled(count=60, municipality=SHIBUYA) for record in each.records]
    assert not set(there) & {record.holder for record in PEOPLE}


def test_every_code_and_every_number_is_given_once() -> None:
    """番号法 第8条第2項; 住民基本台帳法 第30条の2; in two municipalities that share the books."""
    books = Books()
    both = [each for at in (KIYOSE, SHIBUYA) for each in islice(settle(1, act(1, desk(at)), books), 200)]
    codes = [row.code for each in both for row in each.codes]
    numbers = [row.number for each in both for row in each.designations]
    assert len(set(codes)) == len(codes)
    assert len(set(numbers)) == len(numbers)
    assert (set(codes), set(numbers)) == (books.codes, books.numbers)


def test_a_number_that_is_taken_is_not_given() -> None:
    taken = Books(numbers={row.number for each in NATION[:40] for row in each.designations})
    again = list(islice(settle(1, act(1), taken), 40))
    assert not {r.number for each in again for r in each.records} & {
        r.number for each in NATION[:40] for r in each.records
    }


def test_every_household_holds_together() -> None:
    for each in NATION:
        assert Household.of(each.records).id == each.records[0].household


def test_every_number_belongs_to_its_bearers_code() -> None:
    """What the party that numbers keeps fits the records."""
    for each in NATION:
        current = {row.code: row.number for row in each.designations if row.former_since is None}
        assert current == {record.code: record.number for record in each.records}


def test_who_is_a_family_bears_one_name_and_one_reading() -> None:
    """民法 第750条, 第790条."""
    kin = {Relationship.HEAD, Relationship.SPOUSE, Relationship.CHILD, Relationship.PARENT}
    for each in NATION:
        names = [record.name for record in each.records if record.relationship in kin and record.is_japanese]
        assert len({name.name.family for name in names}) <= 1
        assert len({name.reading.family for name in names if name.reading}) <= 1


def test_every_japanese_name_can_be_read() -> None:
    for record in PEOPLE:
        if record.is_japanese:
            assert record.name.reading is not None
            assert record.name.reading.given is not None


def test_no_mother_is_younger_than_eighteen_years_more_than_her_child() -> None:
    for each in NATION:
        mothers = [r for r in each.records[:2] if r.sex is Sex.FEMALE and r.relationship is not Relationship.CHILD]
        for child in (record for record in each.records if record.relationship is Relationship.CHILD):
            for mother in mothers:
                years = age_on(mother.birth_date.date, child.birth_date.date)
                assert 18 <= years <= 48


def test_nobody_lives_anywhere_before_birth_or_in_the_future() -> None:
    for record in PEOPLE:
        assert record.birth_date.date <= record.resident_since <= record.address_since <= TODAY


def test_ages_and_households_are_about_those_of_the_nation() -> None:
    """国勢調査 2020: 12 in a hundred under 15, 28 from 65 on, 2.2 people a household, 2 in a hundred foreign."""
    ages = [age_on(record.birth_date.date, TODAY) for record in PEOPLE]
    assert 0.08 < sum(age < 15 for age in ages) / len(ages) < 0.20
    assert 0.18 < sum(age >= 65 for age in ages) / len(ages) < 0.33
    assert 1.9 < len(PEOPLE) / COUNT < 2.6
    assert 0.005 < sum(not record.is_japanese for record in PEOPLE) / len(PEOPLE) < 0.05
    assert max(ages) <= 111


def test_every_hard_case_is_among_the_first() -> None:
    assert [each.case for each in NATION[: len(HardCase)]] == list(HardCase)
    assert Counter(each.case for each in NATION if each.case) == dict.fromkeys(HardCase, 2)


def shown(case: HardCase) -> str:
    return BY_CASE[case][0].attributes.name.text


def test_rare_characters_and_variants_are_replaced_in_a_certificate() -> None:
    """代替文字: the name's substitute marks are not all zero."""
    marks = {case: substitute(shown(case))[1] for case in (HardCase.RARE_CHARACTER, HardCase.VARIANT)}
    assert all("1" in each for each in marks.values())
    assert "1" in substitute(BY_CASE[HardCase.VARIANT][0].address.text)[1]


def test_the_hard_cases_are_what_they_are_called() -> None:
    assert "［" in BY_CASE[HardCase.FORMER_SURNAME][1].attributes.name.text
    assert "（" in shown(HardCase.ALIAS)
    assert len(shown(HardCase.LATIN_NAME)) > 60
    assert " " not in shown(HardCase.ONE_PART_NAME)
    assert 150 < len(BY_CASE[HardCase.LONG_ADDRESS][0].address.text) <= Address.LONGEST
    assert len({r.birth_date for r in BY_CASE[HardCase.TWINS] if r.relationship is Relationship.CHILD}) == 1
    assert len(BY_CASE[HardCase.TWINS]) == 3
    assert all(record.protection for record in BY_CASE[HardCase.PROTECTED])
    assert BY_CASE[HardCase.BORN_ON_29_FEBRUARY][0].birth_date.date.month == 2
    assert BY_CASE[HardCase.BORN_ON_29_FEBRUARY][0].birth_date.date.day == 29
    assert age_on(BY_CASE[HardCase.OLDEST][0].birth_date.date, TODAY) >= 100
    assert due_on(BY_CASE[HardCase.MOVING_OUT][0]) == TODAY + timedelta(days=7)
    assert BY_CASE[HardCase.UNREGISTERED_SPOUSE][1].relationship is Relationship.UNREGISTERED_SPOUSE
    stay = BY_CASE[HardCase.IN_TRANSITION][0].stay
    assert stay is not None
    assert stay.until == BY_CASE[HardCase.IN_TRANSITION][0].resident_since + timedelta(days=60)


def test_namesakes_share_name_and_birth_date_and_nothing_else() -> None:
    one, other = BY_CASE[HardCase.NAMESAKE][0], BY_CASE[HardCase.OTHER_NAMESAKE][0]
    assert (one.name, one.birth_date, one.sex) == (other.name, other.birth_date, other.sex)
    assert one.address != other.address
    assert {one.holder, one.code, one.number}.isdisjoint({other.holder, other.code, other.number})


def test_a_changed_number_or_code_has_left_its_trace_where_numbers_are_given() -> None:
    """番号法 第7条第2項; 住民基本台帳法 第30条の4."""
    by_case = {each.case: each for each in NATION[:100]}
    retired, current = by_case[HardCase.NUMBER_CHANGED].designations[:2]
    assert (retired.former_since is None, current.former_since is None) == (False, True)
    changed = by_case[HardCase.CODE_CHANGED]
    assert len(changed.codes) == 2 * len(changed.records)
    assert changed.records[0].code == changed.codes[len(changed.records)].code


def test_only_a_residents_section_of_a_municipality_is_settled() -> None:
    with pytest.raises(NotAllowed):
        next(settle(1, act(1, desk(section=Section.TAX)), Books()))
    with pytest.raises(NotFound):
        next(settle(1, act(1, desk("13999")), Books()))
