"""``warifu card`` and ``warifu pin`` on a card in a reader, through pcscd, and what goes wrong around readers."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.reader.visual_chip import VisualCard
from tests.real.commands import Run, TakenOut, command_line, secret
from tests.real.pcscd import READER, SECOND_READER, Pcscd
from tests.waiting import PATIENCE
from warifu.reader import JpkiSession, Key
from warifu.testing import SoftwareCard, software_card

pytestmark = pytest.mark.real

APPLICATIONS = {"jpki", "text", "visual", "resident", "common"}


@pytest.fixture
def result(run: Run) -> Callable[..., Any]:
    """Run ``warifu``, which must succeed: what ``--json`` printed."""

    def result(*arguments: str) -> Any:
        code, out, err = run(*arguments, "--reader", READER, "--json")
        assert code == 0, err
        return json.loads(out)

    return result


@pytest.fixture
def in_reader(pcscd: Pcscd) -> Iterator[SoftwareCard]:
    """A card in the reader, for one test."""
    card = software_card()
    with pcscd.inserted(card.connection):
        yield card


# --- the same commands as on a card of the town ---------------------------------------------------------------------


def test_what_needs_no_pin_is_told_of_the_card_in_the_reader(
    in_reader: SoftwareCard, result: Callable[..., Any]
) -> None:
    told = result("card", "info")
    assert (told["reader"], told["persona"]) == (READER, None)
    assert told["atr"] == in_reader.connection.atr.hex().upper()
    assert {name for name, is_there in told["applications"].items() if is_there} == APPLICATIONS
    assert result("pin", "status")["signing_password"]["tries_left"] == 5
    assert result("card", "read", "common")["municipality_code"] == "13101"
    assert result("card", "probe")["differences"] == []


def test_every_credential_opens_what_is_its_own(
    in_reader: SoftwareCard, result: Callable[..., Any], tmp_path: Path
) -> None:
    text = result("card", "read", "text", "--pin-file", secret(tmp_path, in_reader.text_pin))
    by_b = ("--credential", "b", "--pin-file", secret(tmp_path, in_reader.matching_number_b))
    assert result("card", "read", "text", *by_b)["name"] == text["name"] == in_reader.attributes.name.text
    face = result("card", "read", "face", *by_b, "--save", str(tmp_path / "pictures"))
    assert len(face["files"]) == 3
    age = result("card", "read", "age", "--pin-file", secret(tmp_path, in_reader.birth_date_key))
    assert age["birth_date"] == face["birth_date"] == text["birth_date"]


def test_a_changed_pin_is_on_the_card(in_reader: SoftwareCard, run: Run, tmp_path: Path) -> None:
    files = ("--pin-file", secret(tmp_path, "1234"), "--new-pin-file", secret(tmp_path, "9753"))
    code, _, err = run("pin", "change", "auth", "--reader", READER, *files)
    assert code == 0, err
    in_reader.connection.power_cycle()
    JpkiSession(in_reader.connection).verify(Key.AUTHENTICATION, "9753")


def test_a_file_is_signed(in_reader: SoftwareCard, result: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "letter").write_bytes(b"dear all")
    assert in_reader.signing_password is not None
    told = result("card", "sign", str(tmp_path / "letter"), "--pin-file", secret(tmp_path, in_reader.signing_password))
    assert len(told["signature"]) == 344


# --- readers and cards that are not there -----------------------------------------------------------------------------


def test_without_a_card_it_says_what_to_do(pcscd: Pcscd, run: Run) -> None:
    code, out, err = run("card", "info")
    assert (code, out) == (3, "")
    assert err.splitlines()[-1] == "hint: put a card on the reader"


def test_a_reader_of_another_name_is_not_found(in_reader: SoftwareCard, run: Run) -> None:
    code, _, err = run("card", "info", "--reader", "Nobody")
    assert code == 3
    assert "no card reader is called 'Nobody'" in err
    assert "hint: " in err


def test_another_kind_of_card_is_said_to_be_one(pcscd: Pcscd, run: Run) -> None:
    """A card with other applications than ours."""
    with pcscd.inserted(VisualCard()):
        code, _, err = run("card", "info", "--reader", READER)
    assert code == 1
    assert err.splitlines()[0] == "not on this card: the JPKI application"
    assert "is it a My Number Card?" in err


def test_without_pcscd_it_says_what_to_install(program: Callable[[str], str], tmp_path: Path) -> None:
    environment = {**os.environ, "PCSCLITE_CSOCK_NAME": str(tmp_path / "none")}
    command = [program("warifu"), "--lang", "en", "pin", "status"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ran.returncode == 3
    assert "pcscd" in ran.stderr


def test_two_cards_want_a_choice(in_reader: SoftwareCard, pcscd: Pcscd, run: Run) -> None:
    with pcscd.inserted(software_card().connection, slot=1):
        code, _, err = run("card", "info")
        assert code == 2
        assert "several readers hold a card" in err
        assert run("card", "info", "--reader", SECOND_READER)[0] == 0


@pytest.mark.parametrize("at", [2, 12])
def test_a_card_taken_out_half_way_is_said_and_no_pin_is_lost(
    pcscd: Pcscd, program: Callable[[str], str], at: int
) -> None:
    card = software_card()
    held = TakenOut(card.connection, at)
    with pcscd.inserted(held) as take_out:
        running = command_line(pcscd, program("warifu"), ("card", "info", "--reader", READER))
        held.at_that_command(take_out)
    _, err = running.communicate(timeout=PATIENCE)
    assert running.returncode == 3
    assert err.splitlines()[0] in (
        "the card's answer was lost; the command may have been carried out all the same",
        "the card was taken out",
    )
    assert "hint: " in err
    assert "Traceback" not in err
