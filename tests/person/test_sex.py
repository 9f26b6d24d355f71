"""Sex codes of the card (ISO/IEC 5218) and of the certificate."""

import pytest

from warifu.errors import Malformed
from warifu.person import Sex


@pytest.mark.parametrize(
    ("sex", "card", "certificate"),
    [(Sex.MALE, "1", "1"), (Sex.FEMALE, "2", "2"), (Sex.NOT_APPLICABLE, "9", "3"), (Sex.UNKNOWN, "0", "3")],
)
def test_codes(sex: Sex, card: str, certificate: str) -> None:
    assert (sex.value, sex.certificate_digit) == (card, certificate)
    assert Sex.decode(card) is sex


@pytest.mark.parametrize(
    ("digit", "sex"),
    [("1", Sex.MALE), ("2", Sex.FEMALE), ("3", Sex.UNKNOWN), ("9", Sex.NOT_APPLICABLE), ("0", Sex.UNKNOWN)],
)
def test_a_certificates_digit(digit: str, sex: Sex) -> None:
    assert Sex.decode_certificate(digit) is sex


@pytest.mark.parametrize("code", "045678")
def test_a_digit_that_means_nothing_is_unknown(code: str) -> None:
    assert Sex.decode(code) is Sex.UNKNOWN


@pytest.mark.parametrize("code", ["", "12", "M", "１", " ", "²"])
def test_a_code_is_one_ascii_digit(code: str) -> None:
    for read in (Sex.decode, Sex.decode_certificate):
        with pytest.raises(Malformed):
            read(code)
