"""What every command says when something is wrong with the reader or the card in it: a sentence, a hint, a status."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.real.commands import Run, TakenOut, command_line, secret
from tests.real.conftest import cannot
from tests.real.pcscd import READER, Pcscd, isolated_pcscd, missing
from tests.waiting import PATIENCE
from warifu.card import tries_left
from warifu.cardmap import AUTHENTICATION_PIN, SIGNING_PASSWORD, TEXT_PIN
from warifu.testing import SoftwareCard, software_card

pytestmark = pytest.mark.real

PIN, PASSWORD, TEXT, NUMBER_B, NEW = "1234", "ABC123", "5678", "B", "9753"
COMMANDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "info": (("card", "info"), ()),
    "certificate": (("card", "certificate", "sign"), (PASSWORD,)),
    "text": (("card", "read", "text"), (TEXT,)),
    "common": (("card", "read", "common"), ()),
    "face": (("card", "read", "face"), (NUMBER_B,)),
    "verify": (("card", "verify"), (TEXT,)),
    "sign": (("card", "sign", "/etc/hostname"), (PASSWORD,)),
    "status": (("pin", "status"), ()),
    "change": (("pin", "change", "auth"), (PIN, NEW)),
}
OF_A_HOLDER = ("1234", "ABC123", "5678", "9753", "花子", "123456789018", "架空町")


def arguments(command: str, card: SoftwareCard, folder: Path) -> tuple[str, ...]:
    """The command with its PINs in files."""
    words, secrets = COMMANDS[command]
    values = [card.matching_number_b if each == NUMBER_B else each for each in secrets]
    options = zip(("--pin-file", "--new-pin-file"), values, strict=False)
    return (*words, *(word for name, value in options for word in (name, secret(folder, value))))


def check_said(err: str, sentences: tuple[str, ...]) -> None:
    """Check that it said one of these, then perhaps hints; nothing technical, nothing of the holder."""
    said = [line for line in err.splitlines() if not re.search(r": \d+ tries left$|^put the card on", line)]
    assert said[0].startswith(sentences), err
    assert all(line.startswith("hint: ") for line in said[1:]), err
    assert len(said) > 1, err
    assert [each for each in OF_A_HOLDER if each in err] == []


class Stranger:
    """A card of another kind: it knows none of our applications, and not even our commands."""

    atr = bytes.fromhex("3B80800101")

    def __init__(self, status_word: str) -> None:
        self._answer = bytes.fromhex(status_word)

    def transmit(self, command: bytes) -> bytes:
        return self._answer

    def power_cycle(self) -> None:
        """It has nothing to forget."""


@pytest.fixture
def stranger(pcscd: Pcscd, request: pytest.FixtureRequest) -> Iterator[None]:
    with pcscd.inserted(Stranger(request.param)):
        yield


@pytest.mark.parametrize(
    ("stranger", "command"),
    [*(("6A82", each) for each in COMMANDS if each != "status"), ("6D00", "info"), ("6E00", "text")],
    indirect=["stranger"],
)
def test_a_card_of_another_kind_is_said_to_be_one(stranger: None, run: Run, tmp_path: Path, command: str) -> None:
    code, out, err = run(*arguments(command, software_card(), tmp_path), "--reader", READER)
    assert (code, out) == (1, ""), err
    check_said(err, ("not on this card", "the card refused"))


@pytest.mark.parametrize("stranger", ["6A82"], indirect=True)
def test_the_status_of_a_card_of_another_kind_is_that_it_has_no_pin(stranger: None, run: Run) -> None:
    code, out, err = run("pin", "status", "--reader", READER)
    assert code in (0, 1), err
    assert "Traceback" not in err
    assert out.count("not on this card") >= 5 or code == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_an_empty_reader_is_said_to_be_empty(pcscd: Pcscd, run: Run, tmp_path: Path, command: str) -> None:
    code, out, err = run(*arguments(command, software_card(), tmp_path), "--reader", READER)
    assert (code, out) == (3, "")
    check_said(err, ("there is no card in",))


@pytest.mark.parametrize("command", ["text", "face", "sign", "change", "verify", "certificate"])
def test_a_card_taken_out_half_way_is_said_and_costs_nothing(
    pcscd: Pcscd, program: Callable[[str], str], tmp_path: Path, command: str
) -> None:
    """At the first PIN's presentation: the command may have been carried out, so both PINs are looked at."""
    card = software_card()
    held = TakenOut(card.connection, {"change": 13}.get(command, 5))
    words = arguments(command, card, tmp_path)
    with pcscd.inserted(held) as take_out:
        running = command_line(pcscd, program("warifu"), (*words, "--reader", READER))
        held.at_that_command(take_out)
    out, err = running.communicate(timeout=PATIENCE)
    assert (running.returncode, out) == (3, ""), err
    check_said(err, ("the card's answer was lost", "the card was taken out"))
    left = [tries_left(card.store, each) for each in (AUTHENTICATION_PIN, SIGNING_PASSWORD, TEXT_PIN)]
    assert left == [3, 5, 3]


@pytest.fixture(scope="module")
def without_readers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pcscd]:
    """A pcscd that no reader is connected to."""
    if reason := missing():
        cannot(reason)
    with isolated_pcscd(options=f"--config {tmp_path_factory.mktemp('none')}") as running:
        yield running


@pytest.mark.parametrize("choice", [(), ("--reader", READER), ("--wait", "0.2")])
def test_without_a_reader_it_says_so(
    without_readers: Pcscd, program: Callable[[str], str], choice: tuple[str, ...]
) -> None:
    with command_line(without_readers, program("warifu"), ("card", "info", *choice)) as running:
        out, err = running.communicate(timeout=PATIENCE)
    assert (running.returncode, out) == (3, "")
    check_said(err, ("no card reader",))
