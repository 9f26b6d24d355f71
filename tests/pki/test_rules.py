import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pki.world import AUTHENTICATION, KIYOSE, SIGNING
from warifu.pki import JST, common_name, not_after, substitute

BORN = date(1980, 2, 17)


def jst(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=JST)


def last_second(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 23, 59, 59, tzinfo=JST).astimezone(UTC)


@pytest.mark.parametrize(
    ("issued", "year"),
    [
        (jst(2026, 2, 16), 2030),
        (jst(2026, 2, 17), 2031),
        (jst(2026, 2, 18), 2031),
        (jst(2026, 11, 22), 2031),
        (jst(2026, 2, 17, hour=0) - timedelta(seconds=1), 2030),
    ],
    ids=["the day before", "the day itself", "the day after", "autumn", "the last second before"],
)
def test_a_certificate_ends_on_the_fifth_birthday_after_the_day_of_issue(issued: datetime, year: int) -> None:
    """公的個人認証法施行規則 第13条, 第49条; 23:59:59 JST is 14:59:59 UTC."""
    assert not_after(BORN, issued) == last_second(year, 2, 17)
    assert f"{not_after(BORN, issued):%H%M%S}" == "145959"


VALIDITY = json.loads((Path(__file__).parents[1] / "vectors" / "pki" / "validity.json").read_text("utf-8"))["vectors"]


@pytest.mark.parametrize("case", VALIDITY, ids=lambda case: case["what"])
def test_a_certificate_ends_when_the_vectors_say(case: dict[str, Any]) -> None:
    """公的個人認証法施行規則 第13条, 第49条."""
    card, authentication = case.get("card_expires"), case.get("authentication_expires")
    ends = not_after(
        date.fromisoformat(case["birth"]),
        datetime.fromisoformat(case["issued"]),
        card_expires=card and date.fromisoformat(card),
        authentication_expires=authentication and datetime.fromisoformat(authentication),
        birthdays=case.get("birthdays", 5),
    )
    assert ends == datetime.fromisoformat(case["ends"])


def test_a_renewal_in_the_last_three_months_ends_on_the_sixth() -> None:
    assert not_after(BORN, jst(2026, 11, 22), birthdays=6) == last_second(2032, 2, 17)


def test_a_certificate_ends_with_its_card() -> None:
    assert not_after(BORN, jst(2026, 11, 22), card_expires=date(2028, 2, 17)) == last_second(2028, 2, 17)
    assert not_after(BORN, jst(2026, 11, 22), card_expires=date(2036, 2, 17)) == last_second(2031, 2, 17)


def test_a_signing_certificate_ends_with_the_authentication_certificate() -> None:
    ends = last_second(2029, 2, 17)
    assert not_after(BORN, jst(2026, 11, 22), authentication_expires=ends) == ends


def test_a_birthday_on_29_february_is_kept_on_the_28th_in_a_common_year() -> None:
    """道路交通法 第92条の2 has it so for driving licences."""
    assert not_after(date(2000, 2, 29), jst(2026, 11, 22)) == last_second(2031, 2, 28)
    assert not_after(date(2000, 2, 29), jst(2023, 11, 22)) == last_second(2028, 2, 29)


@given(
    born=st.dates(date(1900, 1, 1), date(2020, 12, 31)),
    issued=st.datetimes(datetime(2021, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_a_certificate_lives_four_to_five_years(born: date, issued: datetime) -> None:
    life = not_after(born, issued) - issued
    assert timedelta(days=4 * 365 - 1) < life < timedelta(days=5 * 366)


def test_the_common_name_has_the_shape_of_its_kind() -> None:
    issued = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
    assert common_name(AUTHENTICATION, 7, issued, KIYOSE) == "000007EABM0XIT13221003A"
    assert common_name(SIGNING, 7, issued, KIYOSE) == "2026112212040513221000000007"


@given(counters=st.lists(st.integers(0, 999_999), unique=True, min_size=2, max_size=5))
def test_common_names_differ_by_counter(counters: list[int]) -> None:
    issued = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
    for kind in (AUTHENTICATION, SIGNING):
        assert len({common_name(kind, counter, issued, KIYOSE) for counter in counters}) == len(counters)


@pytest.mark.parametrize(
    ("text", "written", "marks"),
    [
        ("割符　花子", "割符　花子", "00000"),
        ("髙﨑　一郎", "高崎　一郎", "11000"),
        ("𠮷野　𠮷", "吉野　吉", "1001"),
        ("葛\U000e0100城　太郎", "葛城　太郎", "10000"),
        ("🗻山", "〓山", "10"),
        ("ＳＭＩＴＨ　ＪＯＨＮ", "ＳＭＩＴＨ　ＪＯＨＮ", "0000000000"),
        ("１－２～３", "１－２～３", "00000"),
        ("\U000e0100", "", ""),
    ],
)
def test_characters_outside_the_set_are_substituted_and_marked(text: str, written: str, marks: str) -> None:
    """代替文字: JIS X 0208 and JIS X 0212 stay, others get a stand-in and a 1."""
    assert substitute(text) == (written, marks)


@given(st.text(max_size=50))
def test_every_written_character_has_a_mark(text: str) -> None:
    written, marks = substitute(text)
    assert len(written) == len(marks)
    assert set(marks) <= {"0", "1"}
    assert substitute(written)[0] == written
