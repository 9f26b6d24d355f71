"""Check digits of the individual number, the resident record code and the municipality code."""

import json
import random
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.jp import in_ as stdnum_individual_number

from warifu.errors import Malformed
from warifu.person import (
    individual_number_check_digit,
    municipality_code_check_digit,
    resident_record_code_check_digit,
)

PUBLISHED = json.loads((Path(__file__).parents[1] / "vectors/person/check_digits.json").read_text("utf-8"))
RULES: dict[str, tuple[Callable[[str], str], int]] = {
    "individual_number": (individual_number_check_digit, 11),
    "resident_record_code": (resident_record_code_check_digit, 10),
    "municipality_code": (municipality_code_check_digit, 5),
}


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: f"{row['number']}-{row['body']}")
def test_published_numbers_have_their_check_digit(row: dict[str, str]) -> None:
    check_digit, _ = RULES[row["number"]]
    assert check_digit(row["body"]) == row["check_digit"]


@given(digits(11))
def test_the_individual_numbers_rule_is_the_one_of_an_independent_implementation(body: str) -> None:
    """平成26年総務省令第85号 第5条, as python-stdnum has it."""
    assert individual_number_check_digit(body) == stdnum_individual_number.calc_check_digit(body)


@given(digits(11))
def test_the_individual_numbers_rule_is_the_one_of_the_ordinance(body: str) -> None:
    """平成26年総務省令第85号 第5条, written out: digits counted from the least significant, Q_n by cases."""
    total = 0
    for n, digit in enumerate(reversed(body), start=1):
        total += int(digit) * (n + 1 if 1 <= n <= 6 else n - 5)
    remainder = total % 11
    assert individual_number_check_digit(body) == str(0 if remainder <= 1 else 11 - remainder)


@given(digits(10))
def test_a_resident_record_code_weighs_like_an_individual_number_that_begins_with_zero(body: str) -> None:
    """Modelled: the weights are those of the individual number's last ten digits."""
    assert resident_record_code_check_digit(body) == individual_number_check_digit("0" + body)


@pytest.mark.parametrize("number", RULES)
@pytest.mark.parametrize("ending", ["", "11", "a", "１", "²", " ", "-"])
def test_a_body_of_another_length_or_alphabet_is_malformed(number: str, ending: str) -> None:
    check_digit, length = RULES[number]
    body = "1" * (length - 1) + ending
    with pytest.raises(Malformed) as caught:
        check_digit(body)
    assert body not in str(caught.value)


def passes(number: str) -> bool:
    return individual_number_check_digit(number[:-1]) == number[-1]


def sample() -> list[str]:
    chance = random.Random(85)
    bodies = [f"{chance.randrange(10**11):011d}" for _ in range(1500)]
    return [body + individual_number_check_digit(body) for body in bodies]


def test_one_wrong_digit_in_sixty_passes_unseen() -> None:
    """Remainders 0 and 1 share the check digit 0, so a check digit that matches proves nothing."""
    wrong = [
        number[:at] + digit + number[at + 1 :]
        for number in sample()
        for at in range(12)
        for digit in "0123456789"
        if digit != number[at]
    ]
    assert len(wrong) == 1500 * 12 * 9
    assert 0.015 < sum(map(passes, wrong)) / len(wrong) < 0.019


def swapped(number: str, one: int, other: int) -> str:
    letters = list(number)
    letters[one], letters[other] = letters[other], letters[one]
    return "".join(letters)


def test_one_swap_of_neighbours_in_fifty_passes_unseen() -> None:
    swaps = [swapped(number, at, at + 1) for number in sample() for at in range(11) if number[at] != number[at + 1]]
    assert 0.016 < sum(map(passes, swaps)) / len(swaps) < 0.022


def test_swaps_of_digits_six_apart_and_only_they_always_pass_unseen() -> None:
    """Digits six apart have the same weight; no other two digits of the body do."""
    unseen = {
        (one, other)
        for one, other in combinations(range(11), 2)
        if all(passes(swapped(number, one, other)) for number in sample()[:300])
    }
    assert unseen == {(0, 6), (1, 7), (2, 8), (3, 9), (4, 10)}


def test_check_digit_zero_is_twice_as_frequent_as_any_other() -> None:
    zeros = sum(number.endswith("0") for number in sample())
    assert 0.15 < zeros / 1500 < 0.21
