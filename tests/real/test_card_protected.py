"""Secure messaging, terminals without a PIN and the whole examination of a card, through pcscd."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.real.commands import Run, TakenOut, command_line, secret
from tests.real.pcscd import READER, Pcscd
from tests.waiting import PATIENCE
from warifu.testing import SoftwareCard, software_card
from warifu.wire.key_files import write_chip_anchor

pytestmark = pytest.mark.real


@pytest.fixture
def in_reader(pcscd: Pcscd) -> Iterator[SoftwareCard]:
    """A card in the reader, for one test."""
    card = software_card()
    with pcscd.inserted(card.connection):
        yield card


def anchors_of(card: SoftwareCard, folder: Path) -> str:
    """A trust folder with the keys that certify this card."""
    folder.mkdir()
    for anchor in card.cv_anchors:
        key = RSAPublicNumbers(anchor.exponent, anchor.modulus).public_key()
        write_chip_anchor(folder, anchor.key_id, key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return str(folder)


def test_the_attributes_are_read_under_a_session_key(in_reader: SoftwareCard, run: Run, tmp_path: Path) -> None:
    """Commands of extended length go through PC/SC as they are."""
    arguments = ("card", "read", "text", "--reader", READER, "--json", "--trace")
    pin = ("--pin-file", secret(tmp_path, in_reader.text_pin))
    code, out, err = run(*arguments, *pin, "--secure")
    assert code == 0, err
    assert json.loads(out)["name"] == in_reader.attributes.name.text
    before, after = err.split("SET SESSION KEY")
    assert "READ BINARY under the session key" in after
    assert "VERIFY, secret not shown" in before
    assert "  READ BINARY from" not in after


def test_matching_number_b_examines_the_whole_card(in_reader: SoftwareCard, run: Run, tmp_path: Path) -> None:
    anchors = ("--anchors", anchors_of(in_reader, tmp_path / "anchors"))
    printed = ("--credential", "b", "--pin-file", secret(tmp_path, in_reader.matching_number_b))
    code, out, err = run("card", "verify", "--reader", READER, "--json", *anchors, *printed)
    assert code == 0, err
    told = json.loads(out)
    assert told["genuine"] is True
    assert told["checks"].keys() == {"manager", "common", "visual", "text"}
    assert {outcome for links in told["checks"].values() for outcome in links.values()} == {"ok"}


def test_without_anchors_nobody_can_tell(in_reader: SoftwareCard, run: Run, tmp_path: Path) -> None:
    pin = ("--pin-file", secret(tmp_path, in_reader.text_pin))
    code, out, err = run("card", "verify", "--reader", READER, "--json", *pin)
    assert (code, json.loads(out)["genuine"]) == (3, None)
    assert "--anchors" in err


@pytest.mark.parametrize("at", [4, 12, 20])
def test_a_card_taken_out_of_an_examination_is_said_and_not_told_as_unknown(
    pcscd: Pcscd, program: Callable[[str], str], tmp_path: Path, at: int
) -> None:
    card = software_card()
    held = TakenOut(card.connection, at)
    anchors = anchors_of(card, tmp_path / "anchors")
    asked = ("card", "verify", "--reader", READER, "--json", "--anchors", anchors, "--credential", "none")
    with pcscd.inserted(held) as take_out:
        running: subprocess.Popen[str] = command_line(pcscd, program("warifu"), asked)
        held.at_that_command(take_out)
    out, err = running.communicate(timeout=PATIENCE)
    assert (running.returncode, out) == (3, "")
    assert "taken out" in err or "answer was lost" in err
    assert "Traceback" not in err
