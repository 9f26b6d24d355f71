"""``warifu card serve``: a card without a town in the virtual reader, for other people's programs."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.real.commands import Run
from tests.real.conftest import Tool
from tests.real.pcscd import READER, Pcscd
from tests.real.terminal import Terminal
from warifu.cardmap import ATR_GENERATION_B
from warifu.testing import compare, read_tape, replay, software_card

pytestmark = pytest.mark.real

Serve = Callable[..., Any]


@pytest.fixture
def serve(pcscd: Pcscd, program: Callable[[str], str]) -> Serve:
    """`warifu card serve` with these options; the card is in the reader while the block runs."""

    @contextmanager
    def served(*options: str) -> Iterator[Terminal]:
        command = (program("warifu"), "--lang", "en", "card", "serve", *options)
        with Terminal(pcscd.command(program("setsid"), "--ctty", *command)) as running:
            running.wait_for("Ctrl-C takes it out")
            pcscd.wait_for_card()
            yield running
            running.end()
        pcscd.wait_for_card(gone=True)

    return served


def test_one_command_puts_a_card_of_a_kind_into_the_reader(serve: Serve, run: Run, pkcs11_tool: Tool) -> None:
    with serve("--profile", "b") as running:
        assert "ABC123" in running.said
        told = json.loads(run("card", "info", "--reader", READER, "--json")[1])
        assert told["atr"] == ATR_GENERATION_B.hex().upper()
        assert pkcs11_tool("--slot", "0", "--login", "--pin", "1234", "-O")[0] == 0


def test_a_card_in_a_file_keeps_what_happened_to_it(
    serve: Serve, run: Run, pcscd: Pcscd, pkcs11_tool: Tool, program: Callable[[str], str], tmp_path: Path
) -> None:
    card = str(tmp_path / "my.card")
    assert run("card", "new", card, "--profile", "child")[0] == 0
    with serve("--file", card):
        assert "CKR_PIN_INCORRECT" in pkcs11_tool("--slot", "0", "--login", "--pin", "9999", "-O")[1]
        code, _, err = run("card", "serve", "--file", card)
        assert code == 3
        assert "another program has this card" in err
    with serve("--file", card):
        assert (
            json.loads(run("pin", "status", "--reader", READER, "--json")[1])["authentication_pin"]["tries_left"] == 2
        )


def test_what_another_program_says_is_recorded_and_answered_alike_by_the_same_kind_of_card(
    serve: Serve, pcscd: Pcscd, program: Callable[[str], str], tmp_path: Path
) -> None:
    """OpenSC's reading of a certificate, said again without OpenSC and without a reader."""
    tape = tmp_path / "opensc.tape"
    with serve("--profile", "a", "--record", str(tape)):
        assert "BEGIN CERTIFICATE" in pcscd.run(program("pkcs15-tool"), "--read-certificate", "1").stdout
    recorded = read_tape(tape)
    assert len(recorded.exchanges) > 10
    assert compare(recorded, replay(recorded, software_card().connection)) == []


def test_of_a_card_in_a_reader_only_a_masked_recording_is_made(serve: Serve, run: Run, tmp_path: Path) -> None:
    tape = tmp_path / "info.tape"
    with serve():
        code, _, err = run("card", "read", "common", "--reader", READER, "--record", str(tape))
    assert code == 0, err
    assert "contents masked" in err
    assert read_tape(tape).masked
    assert b"100000000000001".hex() not in tape.read_text("ascii").lower()
