"""Birth dates and eras."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warifu.errors import Malformed
from warifu.person import BirthDate, Era

from . import people


@pytest.mark.parametrize(
    ("digits", "certificate", "era_year", "face"),
    [
        ("18680125", "118680125", "01", "明治元年1月25日生"),
        ("19120729", "119120729", "45", "明治45年7月29日生"),
        ("19120730", "219120730", "01", "大正元年7月30日生"),
        ("19261224", "219261224", "15", "大正15年12月24日生"),
        ("19261225", "319261225", "01", "昭和元年12月25日生"),
        ("19270101", "319270101", "02", "昭和2年1月1日生"),
        ("19800217", "319800217", "55", "昭和55年2月17日生"),
        ("19890107", "319890107", "64", "昭和64年1月7日生"),
        ("19890108", "419890108", "01", "平成元年1月8日生"),
        ("20081031", "420081031", "20", "平成20年10月31日生"),
        ("20190430", "420190430", "31", "平成31年4月30日生"),
        ("20190501", "520190501", "01", "令和元年5月1日生"),
        ("20240229", "520240229", "06", "令和6年2月29日生"),
    ],
)
def test_a_date_is_told_in_its_era(digits: str, certificate: str, era_year: str, face: str) -> None:
    """319800217 and 420081031 are published examples; the others are the first and last days of the eras."""
    birth_date = BirthDate.decode(digits)
    assert birth_date.digits == digits
    assert birth_date.certificate_digits == certificate
    assert BirthDate.decode_certificate(certificate) == birth_date
    assert (birth_date.era_year, birth_date.face) == (era_year, face)


def test_eras_follow_one_another_without_a_gap() -> None:
    """改元の詔書 (1912, 1926): the day itself is the new era's; 元号を改める政令 (1989, 2019): from that day on."""
    eras = list(Era)
    assert [era.digit for era in eras] == list("12345")
    for before, after in pairwise(eras):
        assert Era.of(after.first_day) is after
        assert Era.of(after.first_day - timedelta(days=1)) is before


def test_a_date_before_the_first_era_is_malformed() -> None:
    with pytest.raises(Malformed):
        BirthDate(date(1868, 1, 24))


@pytest.mark.parametrize("digits", ["19800230", "20230229", "19001301", "19000100", "00000000", "19800000", "19800200"])
def test_a_day_that_does_not_exist_or_is_not_known_is_malformed(digits: str) -> None:
    with pytest.raises(Malformed) as caught:
        BirthDate.decode(digits)
    assert caught.value.__cause__ is None
    assert digits[:4] not in str(caught.value)


@pytest.mark.parametrize("digits", ["", "1980217", "198002170", "1980-2-7", "１９８００２１７", " 9800217"])
def test_eight_ascii_digits_and_nothing_else(digits: str) -> None:
    with pytest.raises(Malformed):
        BirthDate.decode(digits)


@pytest.mark.parametrize(
    "digits", ["400000000", "000000000", "019800217", "419800217", "219261225", "819800217", "31980021"]
)
def test_a_certificates_date_is_known_and_lies_in_its_era(digits: str) -> None:
    """Era 0 is 不明; an age told from such a date would be a guess, so it fails closed."""
    with pytest.raises(Malformed):
        BirthDate.decode_certificate(digits)


@given(people.birth_dates)
def test_both_forms_read_back(birth_date: BirthDate) -> None:
    assert BirthDate.decode(birth_date.digits) == birth_date
    assert BirthDate.decode_certificate(birth_date.certificate_digits) == birth_date
    assert len(birth_date.era_year) == 2


@given(st.text(max_size=10) | st.text("0123456789", min_size=8, max_size=9))
def test_any_text_is_read_or_malformed(text: str) -> None:
    for read in (BirthDate.decode, BirthDate.decode_certificate):
        try:
            assert read(text).digits in text
        except Malformed:
            continue
