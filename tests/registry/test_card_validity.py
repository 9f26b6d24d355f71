"""How long cards live: every branch of the Order's articles 26 and 27, leap days included."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warifu.errors import NotAllowed
from warifu.registry import Residence, Stay, age_on, birthday_after, card_expiry, prolonged_expiry

ADULT, MADE = date(1980, 5, 17), date(2026, 4, 1)
LONG_AGO = st.dates(date(1930, 1, 1), date(2026, 3, 31))
MAKING = st.dates(date(2026, 4, 1), date(2060, 12, 31))


def test_an_adults_card_ends_on_the_tenth_birthday_after_it_was_made() -> None:
    """カード命令 第26条第1項第1号."""
    assert card_expiry(ADULT, MADE) == date(2035, 5, 17)


def test_a_minors_card_ends_on_the_fifth_birthday_after_it_was_made() -> None:
    """カード命令 第26条第1項第2号."""
    assert card_expiry(date(2010, 5, 17), MADE) == date(2030, 5, 17)


def test_a_birthday_on_the_day_of_making_does_not_count() -> None:
    """カード命令 第26条第1項: 作成の日後の誕生日."""
    assert card_expiry(date(1980, 4, 1), MADE) == date(2036, 4, 1)


@pytest.mark.parametrize(("born", "years"), [(date(2008, 4, 1), 10), (date(2008, 4, 2), 5)])
def test_of_age_is_who_is_eighteen_on_the_day_of_making(born: date, years: int) -> None:
    """カード命令 第26条第1項: 作成の日において十八歳以上."""
    assert card_expiry(born, MADE) == birthday_after(born, MADE, years)


@pytest.mark.parametrize(("born", "expiry"), [(ADULT, date(2036, 5, 17)), (date(2010, 5, 17), date(2031, 5, 17))])
def test_renewed_in_the_last_three_months_a_card_gets_one_birthday_more(born: date, expiry: date) -> None:
    """カード命令 第29条第3項: the eleventh, or the sixth."""
    assert card_expiry(born, MADE, early_renewal=True) == expiry


def test_born_on_a_leap_day_the_birthday_of_a_common_year_is_the_28th_of_february() -> None:
    """カード命令 第26条第2項."""
    assert card_expiry(date(1980, 2, 29), date(2025, 6, 1)) == date(2035, 2, 28)
    assert card_expiry(date(1980, 2, 29), date(2026, 6, 1)) == date(2036, 2, 29)


def test_born_on_a_leap_day_a_card_made_on_the_28th_of_february_skips_that_birthday() -> None:
    assert card_expiry(date(1980, 2, 29), date(2026, 2, 28)) == date(2036, 2, 29)


def test_born_on_a_leap_day_one_is_a_year_older_from_the_first_of_march() -> None:
    """年齢計算ニ関スル法律, 民法 第143条: a year of age is complete at the end of the day before the birthday."""
    assert age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert age_on(date(2008, 2, 29), date(2026, 3, 1)) == 18


def test_a_card_of_somebody_whose_stay_ends_ends_with_it() -> None:
    """カード命令 第27条第1項."""
    stay = Stay(Residence.PERIOD_OF_STAY, date(2028, 3, 31))
    assert card_expiry(ADULT, MADE, stay) == date(2028, 3, 31)


def test_a_permanent_residents_card_ends_as_a_japanese_ones() -> None:
    """カード命令 第27条第1項: 高度専門職第二号, 永住者 and 特別永住者 are excepted."""
    assert card_expiry(ADULT, MADE, Stay(Residence.PERMANENT)) == date(2035, 5, 17)


def test_in_transition_a_card_lives_until_sixty_days_after_the_birth() -> None:
    """カード命令 第27条第1項, last row."""
    assert card_expiry(date(2026, 3, 20), MADE, Stay.in_transition(date(2026, 3, 20))) == date(2026, 5, 19)


def test_no_card_is_made_for_somebody_whose_stay_is_over() -> None:
    with pytest.raises(NotAllowed, match="stay is over"):
        card_expiry(ADULT, MADE, Stay(Residence.PERMITTED_FOR_NOW, date(2026, 3, 31)))


@pytest.mark.parametrize(("residence", "until"), [(Residence.PERMANENT, MADE), (Residence.PERIOD_OF_STAY, None)])
def test_a_stay_has_an_end_unless_it_is_permanent(residence: Residence, until: date | None) -> None:
    with pytest.raises(NotAllowed, match="unless it is permanent"):
        Stay(residence, until)


def test_a_card_is_prolonged_with_the_stay() -> None:
    """カード命令 第27条第2項第1号."""
    stay = Stay(Residence.PERIOD_OF_STAY, date(2031, 3, 31))
    assert prolonged_expiry(ADULT, MADE, date(2028, 3, 31), stay) == date(2031, 3, 31)


def test_a_card_is_never_prolonged_beyond_the_birthday_on_which_it_would_have_ended() -> None:
    """カード命令 第27条第2項: 仮定有効期間満了日."""
    stay = Stay(Residence.PERIOD_OF_STAY, date(2040, 3, 31))
    assert prolonged_expiry(ADULT, MADE, date(2035, 3, 31), stay) == date(2035, 5, 17)


def test_who_becomes_a_permanent_resident_has_the_card_until_that_birthday() -> None:
    """カード命令 第27条第2項第1号: 永住者となった場合."""
    assert prolonged_expiry(ADULT, MADE, date(2028, 3, 31), Stay(Residence.PERMANENT)) == date(2035, 5, 17)


def test_a_stay_that_is_not_longer_prolongs_nothing() -> None:
    with pytest.raises(NotAllowed, match="not live longer"):
        prolonged_expiry(ADULT, MADE, date(2028, 3, 31), Stay(Residence.PERIOD_OF_STAY, date(2028, 3, 31)))


def test_a_japanese_ones_card_is_not_prolonged() -> None:
    with pytest.raises(NotAllowed, match="foreign"):
        prolonged_expiry(ADULT, MADE, date(2035, 5, 17), None)


@given(LONG_AGO, MAKING)
def test_a_card_ends_on_a_birthday_within_its_years(born: date, day: date) -> None:
    end = card_expiry(born, day)
    years = 10 if age_on(born, day) >= 18 else 5
    assert day < end
    assert years - 1 <= age_on(day, end) <= years
    assert (end.month, end.day) in {(born.month, born.day), (2, 28)}


@given(LONG_AGO, MAKING, MAKING)
def test_a_card_made_later_never_ends_earlier_for_the_same_age_group(born: date, one: date, other: date) -> None:
    first, second = sorted((one, other))
    if (age_on(born, first) >= 18) is (age_on(born, second) >= 18):
        assert card_expiry(born, first) <= card_expiry(born, second)
