"""The town's cards in the virtual reader: a whole login over PC/SC, and OpenSC on the same card.

Everything that a person on a PC would run, in the namespaces of one isolated pcscd: the town, the card in the reader,
the program that logs in.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.real.conftest import Tool
from tests.real.pcscd import READER, Pcscd
from tests.real.terminal import Terminal

pytestmark = pytest.mark.real

Insert = Callable[[str], Any]
LogIn = Callable[..., "tuple[int, dict[str, Any]]"]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("town")


@pytest.fixture(scope="module")
def town(pcscd: Pcscd, program: Callable[[str], str], directory: Path) -> Iterator[Terminal]:
    """`warifu town up`, until the end of the module."""
    up = (program("warifu"), "--lang", "en", "town", "up", "--directory", str(directory))
    with Terminal(pcscd.command(program("setsid"), "--ctty", *up)) as running:
        running.wait_for("Ctrl-C ends", patience=120)
        yield running
        running.end()


@pytest.fixture
def insert(pcscd: Pcscd, program: Callable[[str], str], town: Terminal, directory: Path) -> Insert:
    """`warifu town reader`: somebody's card is in the reader while the block runs."""

    @contextmanager
    def inserted(persona: str) -> Iterator[None]:
        reader = (program("warifu"), "--lang", "en", "town", "reader", persona, "--directory", str(directory))
        with Terminal(pcscd.command(program("setsid"), "--ctty", *reader)) as running:
            running.wait_for("Ctrl-C takes it out")
            pcscd.wait_for_card()
            yield
            running.end()
        pcscd.wait_for_card(gone=True)

    return inserted


@pytest.fixture
def log_in(pcscd: Pcscd, program: Callable[[str], str], directory: Path, tmp_path: Path) -> LogIn:
    """`warifu login` with the card in the reader: exit code and result."""
    pins = [tmp_path / "pin", tmp_path / "text-pin"]
    for path, pin in zip(pins, ("1234", "5678"), strict=True):
        path.write_text(pin + "\n")

    def run(*options: str) -> tuple[int, dict[str, Any]]:
        files = ("--pin-file", str(pins[0]), "--text-pin-file", str(pins[1]))
        where = ("--reader", READER, "--directory", str(directory))
        ran = pcscd.run(program("warifu"), "login", *where, *files, "--follow", "--json", *options)
        assert ran.stdout.startswith("{"), ran.stdout
        result, _ = json.JSONDecoder().raw_decode(ran.stdout)
        return ran.returncode, result

    return run


def test_an_ordinary_adult_logs_in_over_pcsc(insert: Insert, log_in: LogIn) -> None:
    with insert("ordinary"):
        code, result = log_in()
    assert code == 0, result
    assert result["followed"] == 200
    assert {"openid", "name"} <= set(result["shares"])


def test_whose_signing_certificate_died_with_a_move_still_logs_in(insert: Insert, log_in: LogIn) -> None:
    """公的個人認証法: a change of the four attributes ends the signing certificate only."""
    with insert("moved"):
        code, result = log_in("--without-attributes")
    assert code == 0, result
    assert result["shares"] == ["openid"]


def test_the_last_try_is_kept_unless_told_otherwise(insert: Insert, log_in: LogIn) -> None:
    with insert("last-try"):
        code, result = log_in()
        assert (code, result["error_description"]) == (1, "last_try")
        code, result = log_in("--force")
        assert code == 0, result


def test_a_suspended_certificate_is_refused_and_the_client_is_told(insert: Insert, log_in: LogIn) -> None:
    with insert("suspended"):
        code, result = log_in()
    assert code == 1
    assert result["error_description"] == "certificate_suspended"


def test_a_wrong_pin_stays_on_the_card_when_it_is_taken_out(
    pcscd: Pcscd, insert: Insert, pkcs11_tool: Tool, program: Callable[[str], str]
) -> None:
    """The try is on disk; another program, another insertion, the same card."""
    with insert("child"):
        assert "CKR_PIN_INCORRECT" in pkcs11_tool("--slot", "0", "--login", "--pin", "9999", "-O")[1]
    with insert("child"):
        listing = pcscd.run(program("pkcs15-tool"), "--list-pins").stdout
        assert next(line.split()[-1] for line in listing.splitlines() if "Tries left" in line) == "2"
        code, said = pkcs11_tool("--slot", "0", "--login", "--pin", "1234", "-O")
        assert code == 0, said
