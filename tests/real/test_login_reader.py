"""``warifu login --reader``: a card in a reader, through pcscd, logs in at the town's shop."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.running_town import served_town
from tests.real.pcscd import READER, Pcscd
from tests.waiting import PATIENCE
from warifu.town.town import Town

pytestmark = pytest.mark.real

EVERYTHING = ["openid", "name", "address", "birthdate", "gender"]


@pytest.fixture(scope="module")
def town(pcscd: Pcscd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A running town, one of whose cards lies in the reader."""
    with (
        served_town(tmp_path_factory.mktemp("town")) as town,
        town.card("ordinary") as card,
        pcscd.inserted(card),
    ):
        yield town


@pytest.fixture
def log_in(pcscd: Pcscd, town: Town, program: Callable[[str], str], tmp_path: Path) -> Callable[..., Any]:
    """Run the command with PINs from files; its exit code, what it printed and what it said."""

    def run(pin: str, *arguments: str) -> tuple[int, dict[str, Any], str]:
        (tmp_path / "pin").write_text(pin)
        (tmp_path / "text-pin").write_text(town.find_card("ordinary")[1].text_pin)
        command = [program("warifu"), "--lang", "en", "login", f"{town.addresses.relying_party}/login", "--json"]
        options = ["--reader", READER, "--pin-file", str(tmp_path / "pin"), "--origin", town.addresses.provider]
        environment = {**os.environ, "PCSCLITE_CSOCK_NAME": str(pcscd.socket_path)}
        ran = subprocess.run(
            [*command, *options, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return ran.returncode, json.loads(ran.stdout or "{}"), ran.stderr

    return run


def test_a_card_in_a_reader_logs_in(log_in: Callable[..., Any], town: Town, tmp_path: Path) -> None:
    pin = town.find_card("ordinary")[1].authentication_pin
    code, told, said = log_in(pin, "--text-pin-file", str(tmp_path / "text-pin"), "--follow")
    assert code == 0, said
    assert (told["shares"], told["followed"]) == (EVERYTHING, 200)


def test_without_the_text_pin_s_file_no_attributes_are_shared(log_in: Callable[..., Any], town: Town) -> None:
    code, told, said = log_in(town.find_card("ordinary")[1].authentication_pin)
    assert code == 0, said
    assert told["shares"] == ["openid"]


def test_a_wrong_pin_is_one_try_and_told_to_the_client(log_in: Callable[..., Any], town: Town) -> None:
    right = town.find_card("ordinary")[1].authentication_pin
    wrong = f"{(int(right) + 1) % 10_000:04}"
    code, told, said = log_in(wrong)
    assert code == 1
    assert told["error_description"] == "wrong_pin"
    assert "2 tries left" in said
    assert log_in(right)[0] == 0
