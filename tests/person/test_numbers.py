"""Individual numbers and resident record codes: checked when made, shown only by `reveal`."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warifu.errors import Malformed, WrongCheckDigit
from warifu.person import IndividualNumber, ResidentRecordCode

NUMBERS: list[tuple[Any, str]] = [(IndividualNumber, "123456789018"), (ResidentRecordCode, "24727059608")]
each_kind = pytest.mark.parametrize(("kind", "text"), NUMBERS)


@each_kind
def test_a_number_reads_back(kind: Any, text: str) -> None:
    assert kind.parse(text).reveal() == text
    assert kind.of_body(text[:-1]) == kind.parse(text)


@each_kind
def test_every_other_check_digit_is_wrong(kind: Any, text: str) -> None:
    for digit in set("0123456789") - {text[-1]}:
        with pytest.raises(WrongCheckDigit):
            kind.parse(text[:-1] + digit)


@each_kind
@pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: t + "0", lambda t: "", lambda t: f" {t[1:]}"])
def test_a_number_of_another_length_or_alphabet_is_malformed(kind: Any, text: str, spoil: Any) -> None:
    with pytest.raises(Malformed) as caught:
        kind.parse(spoil(text))
    assert type(caught.value) is Malformed


@each_kind
def test_full_width_digits_are_malformed(kind: Any, text: str) -> None:
    with pytest.raises(Malformed):
        kind.parse(text.translate({ord("0") + n: ord("０") + n for n in range(10)}))


@each_kind
def test_a_number_of_zeros_is_never_issued_but_read(kind: Any, text: str) -> None:
    """Its check digit is 0 by the rule, so it passes; whoever issues must not give it to anybody."""
    with pytest.raises(Malformed):
        kind.of_body("0" * (kind.LENGTH - 1))
    assert kind.parse("0" * kind.LENGTH).reveal() == "0" * kind.LENGTH


@each_kind
def test_a_body_of_another_length_is_malformed(kind: Any, text: str) -> None:
    with pytest.raises(Malformed):
        kind.of_body(text)


@each_kind
def test_nothing_but_reveal_shows_a_number(kind: Any, text: str) -> None:
    number = kind.parse(text)
    for shown in (repr(number), str(number), f"{number}", repr([number]), f"{number!a}"):
        assert not any(digit in shown for digit in "0123456789")


@each_kind
def test_a_refusal_does_not_repeat_the_number(kind: Any, text: str) -> None:
    wrong = text[:-1] + str((int(text[-1]) + 1) % 10)
    with pytest.raises(WrongCheckDigit) as caught:
        kind.parse(wrong)
    assert wrong[:4] not in str(caught.value) + caught.value.detail


@each_kind
def test_numbers_compare_by_value(kind: Any, text: str) -> None:
    assert len({kind.parse(text), kind.parse(text)}) == 1


def test_an_individual_number_is_no_resident_record_code() -> None:
    """Numbers of two kinds never compare equal, whatever their digits."""
    numbers: set[object] = {IndividualNumber.parse("000000000000"), ResidentRecordCode.parse("00000000000")}
    assert len(numbers) == 2


@given(st.integers(1, 10**11 - 1).map("{:011d}".format))
def test_every_body_but_zero_can_be_issued_and_read(body: str) -> None:
    issued = IndividualNumber.of_body(body)
    assert IndividualNumber.parse(issued.reveal()) == issued


@given(st.text(max_size=14))
def test_any_text_is_read_or_malformed(text: str) -> None:
    for kind in (IndividualNumber, ResidentRecordCode):
        try:
            assert kind.parse(text).reveal() == text
        except Malformed:
            continue
