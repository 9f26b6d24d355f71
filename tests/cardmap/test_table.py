"""The table of the card: PINs as they go to the card, and a table that agrees with itself."""

import pytest

from warifu.cardmap import (
    AUTHENTICATION_PIN,
    JPKI_FILES,
    JPKI_KEYS,
    PINS,
    SIGNING_PASSWORD,
    TEXT_FILES,
    TEXT_KEYS,
    Application,
    PinSpec,
)
from warifu.errors import Malformed


@pytest.mark.parametrize(
    ("spec", "typed", "sent"),
    [
        (AUTHENTICATION_PIN, "0123", b"0123"),
        (SIGNING_PASSWORD, "ABC123", b"ABC123"),
        (SIGNING_PASSWORD, "abcDEF123", b"ABCDEF123"),
        (SIGNING_PASSWORD, "ABCDEF", b"ABCDEF"),
        (SIGNING_PASSWORD, "A" * 15 + "1", b"A" * 15 + b"1"),
    ],
)
def test_a_pin_goes_to_the_card_as_ascii_in_upper_case(spec: PinSpec, typed: str, sent: bytes) -> None:
    assert spec.encode(typed) == sent


@pytest.mark.parametrize(
    ("spec", "typed"),
    [
        (AUTHENTICATION_PIN, ""),
        (AUTHENTICATION_PIN, "123"),
        (AUTHENTICATION_PIN, "12345"),
        (AUTHENTICATION_PIN, "12a4"),
        (AUTHENTICATION_PIN, "１２３４"),
        (AUTHENTICATION_PIN, "²³²³"),
        (SIGNING_PASSWORD, "ABC12"),
        (SIGNING_PASSWORD, "A" * 17),
        (SIGNING_PASSWORD, "ABC-123"),
        (SIGNING_PASSWORD, "ABC12ß"),
        (SIGNING_PASSWORD, "ＡＢＣ１２３"),
    ],
)
def test_what_is_no_such_pin_is_refused_before_it_costs_a_try_and_not_repeated(spec: PinSpec, typed: str) -> None:
    with pytest.raises(Malformed) as caught:
        spec.encode(typed)
    assert not typed or typed not in str(caught.value)


@pytest.mark.parametrize("typed", ["ABCDEF", "123456"])
def test_a_new_signing_password_has_a_letter_and_a_digit(typed: str) -> None:
    with pytest.raises(Malformed):
        SIGNING_PASSWORD.encode_new(typed)


def test_a_new_pin_of_digits_needs_no_letter() -> None:
    assert AUTHENTICATION_PIN.encode_new("1234") == b"1234"


def test_every_file_has_a_short_identifier_and_stands_in_one_place_only() -> None:
    """soltia48/myna-card `src/card.rs`: every EF of every application is in 0001..001E."""
    for application, *tables in (
        (Application.JPKI, JPKI_FILES, JPKI_KEYS),
        (Application.TEXT, TEXT_FILES, TEXT_KEYS),
    ):
        numbers = [int(fid) for table in tables for fid in table]
        numbers += [int(pin.file) for pin in PINS if pin.application is application]
        assert len(set(numbers)) == len(numbers)
        assert all(0 < number < 0x1F for number in numbers)


def test_what_opens_a_file_or_a_key_is_a_pin_of_the_same_application() -> None:
    for application, needs in (
        (Application.JPKI, [*(spec.opens_with for spec in JPKI_FILES.values()), *JPKI_KEYS.values()]),
        (Application.TEXT, [*(spec.opens_with for spec in TEXT_FILES.values()), *TEXT_KEYS.values()]),
    ):
        pins = {pin.file for pin in PINS if pin.application is application}
        assert all(needed <= pins for needed in needs if needed is not None)


def test_application_identifiers_differ_and_have_ten_bytes() -> None:
    assert len({each.aid for each in Application}) == 7
    assert {len(each.aid) for each in Application} == {10}
