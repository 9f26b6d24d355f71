"""Municipalities and their codes."""

import pytest

from warifu.errors import Malformed
from warifu.person import Municipality


def shibuya(**changes: str) -> Municipality:
    parts = {
        "code": "13113",
        "prefecture": "東京都",
        "name": "渋谷区",
        "prefecture_romaji": "Tokyo-to",
        "name_romaji": "Shibuya-ku",
    }
    return Municipality(**parts | changes)


def test_the_sixth_digit_is_a_check_digit() -> None:
    """総務省 全国地方公共団体コード: 渋谷区 131130."""
    assert shibuya().code6 == "131130"


@pytest.mark.parametrize("code", ["00113", "48113", "1311", "131130", "1311３", "1311x"])
def test_a_code_has_five_digits_and_begins_with_a_prefecture(code: str) -> None:
    with pytest.raises(Malformed):
        shibuya(code=code)


@pytest.mark.parametrize("name", ["prefecture", "name", "prefecture_romaji", "name_romaji"])
@pytest.mark.parametrize("text", ["", " x", "x\n", "x" * 65])
def test_names_are_plain_texts(name: str, text: str) -> None:
    with pytest.raises(Malformed):
        shibuya(**{name: text})


@pytest.mark.parametrize("name", ["prefecture_romaji", "name_romaji"])
def test_romaji_is_ascii(name: str) -> None:
    with pytest.raises(Malformed):
        shibuya(**{name: "Tōkyō-to"})
