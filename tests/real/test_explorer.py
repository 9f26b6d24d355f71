"""opensc-explorer walks through the files as bytes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.real.pcscd import Pcscd
from warifu.card import Profile
from warifu.cardmap import Application
from warifu.testing import software_card

pytestmark = pytest.mark.real


@pytest.mark.parametrize("profile", [Profile.ADULT, Profile.ADULT.of_generation_b()], ids=["A", "B"])
def test_opensc_explorer_selects_the_application_and_sends_commands(
    pcscd: Pcscd, program: Callable[[str], str], tmp_path: Path, profile: Profile
) -> None:
    """SELECT by name, SELECT EF 000A, READ BINARY of four bytes (ISO/IEC 7816-4 §11.2.1, §11.3.3)."""
    card, script = software_card(profile=profile), tmp_path / "script"
    script.write_text(f"apdu 00A4040C0A{Application.JPKI.aid.hex()}\napdu 00A4020C02000A\napdu 00B0000004\nquit\n")
    with pcscd.inserted(card.connection):
        ran = pcscd.run(program("opensc-explorer"), str(script))
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.count("SW1=0x90, SW2=0x00") == 3
    assert card.authentication_certificate[:4].hex(" ").upper() in ran.stdout
