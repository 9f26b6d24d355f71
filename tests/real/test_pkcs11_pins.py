"""PINs through PKCS#11: the card counts, OpenSC says so; each test with a card of its own."""

from collections.abc import Callable, Iterator

import pytest

from tests.real.conftest import Tool
from tests.real.pcscd import Pcscd
from warifu.card import tries_left
from warifu.cardmap import AUTHENTICATION_PIN, SIGNING_PASSWORD, PinSpec
from warifu.testing import SoftwareCard

pytestmark = pytest.mark.real


@pytest.fixture(autouse=True)
def inserted(pcscd: Pcscd, my_number_card: SoftwareCard) -> Iterator[None]:
    with pcscd.inserted(my_number_card.connection):
        yield


@pytest.mark.parametrize(
    ("slot", "wrong", "right", "spec"),
    [("0", "9999", "1234", AUTHENTICATION_PIN), ("1", "WRONG9", "ABC123", SIGNING_PASSWORD)],
)
def test_a_wrong_pin_costs_one_try_and_the_right_one_restores_it(
    my_number_card: SoftwareCard, pkcs11_tool: Tool, slot: str, wrong: str, right: str, spec: PinSpec
) -> None:
    code, said = pkcs11_tool("--slot", slot, "--login", "--pin", wrong, "-O")
    assert code != 0
    assert "CKR_PIN_INCORRECT" in said
    assert tries_left(my_number_card.store, spec) == spec.tries - 1
    code, said = pkcs11_tool("--slot", slot, "--login", "--pin", right, "-O")
    assert code == 0, said
    assert "Private Key Object" in said
    assert tries_left(my_number_card.store, spec) == spec.tries


def test_three_wrong_pins_block_and_the_right_one_no_longer_helps(
    pcscd: Pcscd, my_number_card: SoftwareCard, pkcs11_tool: Tool, program: Callable[[str], str]
) -> None:
    """The third answers 63C0, which OpenSC still calls incorrect; a fourth 6984, for which it has a general error."""
    for left in (2, 1, 0):
        code, said = pkcs11_tool("--slot", "0", "--login", "--pin", "9999", "-O")
        assert "CKR_PIN_INCORRECT" in said
        assert tries_left(my_number_card.store, AUTHENTICATION_PIN) == left
    code, said = pkcs11_tool("--slot", "0", "--login", "--pin", "1234", "-O")
    assert code != 0
    assert "Private Key Object" not in said
    listing = pcscd.run(program("pkcs15-tool"), "--list-pins").stdout
    assert [line.split()[-1] for line in listing.splitlines() if "Tries left" in line] == ["0", "5"]


def test_a_blocked_authentication_pin_leaves_the_signing_password_alone(
    my_number_card: SoftwareCard, pkcs11_tool: Tool
) -> None:
    for _ in range(3):
        pkcs11_tool("--slot", "0", "--login", "--pin", "9999", "-O")
    code, said = pkcs11_tool("--slot", "1", "--login", "--pin", "ABC123", "-O")
    assert code == 0, said
    assert tries_left(my_number_card.store, SIGNING_PASSWORD) == 5
