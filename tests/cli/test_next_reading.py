"""``card read`` and ``card verify`` with a card of the next generation (modelled): as with one of today."""

from pathlib import Path

import pytest

from tests.cli.card_town import pin_file, result_of, run
from warifu.town.town import Town

NEXT = ("--persona", "next")
CHECKS = ("certificate", "key", "proof", "integrity", "attributes")
FREE = {
    "manager": {"certificate": "ok", "proof": "ok"},
    "visual": {"certificate": "ok"},
    "text": {"certificate": "ok"},
}


@pytest.fixture
def pin(quiet_town: Town, tmp_path: Path) -> tuple[str, str]:
    """The one PIN, which another test may have changed."""
    return ("--pin-file", pin_file(tmp_path, quiet_town.find_card("next")[1].text_pin))


@pytest.fixture
def printed(quiet_town: Town, tmp_path: Path) -> tuple[str, str]:
    return ("--pin-file", pin_file(tmp_path, quiet_town.find_card("next")[1].matching_number_b))


def test_the_one_pin_opens_the_attributes(quiet_town: Town, pin: tuple[str, str]) -> None:
    person = quiet_town.find_card("next")[0]
    told = result_of(run(quiet_town, "card", "read", "text", *NEXT, *pin, "--json"))
    assert (told["name"], told["birth_date"], told["individual_number"]) == (person.holder, person.birth_date, None)


def test_what_is_printed_opens_them_too(quiet_town: Town, printed: tuple[str, str]) -> None:
    told = result_of(run(quiet_town, "card", "read", "text", *NEXT, "--credential", "b", *printed, "--json"))
    assert told["name"] == quiet_town.find_card("next")[0].holder


def test_the_face_is_read_and_checked(quiet_town: Town, printed: tuple[str, str]) -> None:
    told = result_of(run(quiet_town, "card", "read", "face", *NEXT, "--credential", "b", *printed, "--json"))
    assert told["birth_date"] == quiet_town.find_card("next")[0].birth_date
    assert set(told["checks"].values()) == {"ok"}


def test_the_card_record_and_the_record_code_are_read(quiet_town: Town, pin: tuple[str, str]) -> None:
    assert len(result_of(run(quiet_town, "card", "read", "common", *NEXT, "--json"))["serial"]) == 15
    told = result_of(run(quiet_town, "card", "read", "resident", *NEXT, "--record-code", *pin, "--json"))
    assert (told["key_reference"], len(told["record_code"])) == (None, 11)


def test_it_is_genuine_by_its_pin(quiet_town: Town, pin: tuple[str, str]) -> None:
    told = result_of(run(quiet_town, "card", "verify", *NEXT, *pin, "--json"))
    checks = {**FREE, "text": dict.fromkeys(CHECKS, "ok")}
    assert told == {"genuine": True, "opened_by": "pin", "checks": checks}


def test_it_is_genuine_by_what_is_printed(quiet_town: Town, printed: tuple[str, str]) -> None:
    told = result_of(run(quiet_town, "card", "verify", *NEXT, "--credential", "b", *printed, "--json"))
    assert told["genuine"]
    assert told["checks"]["text"] == dict.fromkeys((*CHECKS, "holder"), "ok")


def test_it_proves_itself_with_nothing_opened(quiet_town: Town) -> None:
    """Its card manager's chain ends at the key of its face application."""
    told = result_of(run(quiet_town, "card", "verify", *NEXT, "--credential", "none", "--json"))
    assert told == {"genuine": True, "opened_by": "none", "checks": FREE}


def test_it_has_no_secure_messaging_and_says_so(quiet_town: Town, pin: tuple[str, str]) -> None:
    ended = run(quiet_town, "card", "read", "text", *NEXT, *pin, "--secure")
    assert ended.exit_code == 1
    assert "secure messaging" in ended.stderr
