"""Several cards, one after another: OpenSC knows them all, and their state is their own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from tests.real.pcscd import Pcscd
from warifu.card import Profile, tries_left
from warifu.cardmap import ATR_GENERATION_A, ATR_GENERATION_B, AUTHENTICATION_PIN
from warifu.testing import SoftwareCard, software_card

pytestmark = pytest.mark.real


@pytest.mark.parametrize(
    ("profile", "atr"),
    [(Profile.ADULT, ATR_GENERATION_A), (Profile.ADULT.of_generation_b(), ATR_GENERATION_B)],
    ids=["generation A", "generation B"],
)
def test_both_generations_are_recognised(pcscd: Pcscd, profile: Profile, atr: bytes) -> None:
    """OpenSC's driver knows the first answer to reset only; with the other it finds the application by selecting it."""
    with pcscd.inserted(software_card(profile=profile).connection):
        assert pcscd.run("opensc-tool", "-a").stdout.splitlines()[-1] == atr.hex(":")
        assert pcscd.run("opensc-tool", "-n").stdout.splitlines()[-1] == "jpki"


def test_a_child_s_card_gives_its_one_certificate(pcscd: Pcscd, program: Callable[[str], str], tmp_path: Path) -> None:
    child, out = software_card(profile=Profile.CHILD_WITHOUT_SIGNING), tmp_path / "certificate.pem"
    with pcscd.inserted(child.connection):
        ran = pcscd.run(program("pkcs15-tool"), "--read-certificate", "1", "-o", str(out))
    assert ran.returncode == 0, ran.stdout
    assert load_pem_x509_certificate(out.read_bytes()).public_bytes(Encoding.DER) == child.authentication_certificate


def test_a_card_survives_a_restart_of_pcscd(
    pcscd: Pcscd, my_number_card: SoftwareCard, program: Callable[[str], str]
) -> None:
    """pcscd forgets the card; the card forgets no try."""
    verify = (program("pkcs15-tool"), "--verify-pin", "--auth-id", "1", "--pin")
    with pcscd.inserted(my_number_card.connection):
        assert pcscd.run(*verify, "9999").returncode != 0
    pcscd.restart()
    with pcscd.inserted(my_number_card.connection):
        assert tries_left(my_number_card.store, AUTHENTICATION_PIN) == 2
        assert pcscd.run(*verify, "1234").returncode == 0
    assert tries_left(my_number_card.store, AUTHENTICATION_PIN) == 3
