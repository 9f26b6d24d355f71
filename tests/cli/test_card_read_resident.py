"""``warifu card read resident`` and ``card read text --secure``."""

from pathlib import Path

import pytest

from tests.cli.card_town import pin_file, result_of, run
from warifu.reader import ResidentSession
from warifu.town.town import Town

RESIDENT = ("card", "read", "resident", "--persona", "ordinary")
TEXT = ("card", "read", "text", "--persona", "ordinary")
KEYS = ["key_reference", "tries_left", "record_code"]


@pytest.fixture
def code(quiet_town: Town) -> str:
    with quiet_town.card("ordinary") as card:
        session = ResidentSession(card)
        session.verify("5678")
        return session.record_code().reveal()


@pytest.fixture
def pin(tmp_path: Path) -> tuple[str, str]:
    return ("--pin-file", pin_file(tmp_path, "5678"))


def test_without_being_asked_for_the_code_stays_unread(quiet_town: Town, code: str) -> None:
    ended = run(quiet_town, *RESIDENT, "--json", "--trace")
    told = result_of(ended)
    assert list(told) == KEYS
    assert (told["tries_left"], told["record_code"]) == (3, None)
    assert "(RECORD_CODE)" not in ended.stderr
    assert "VERIFY, secret" not in ended.stderr
    assert code not in ended.output


def test_in_words_it_says_how_to_ask(quiet_town: Town) -> None:
    ended = run(quiet_town, *RESIDENT)
    assert ended.exit_code == 0
    assert "--record-code" in ended.stderr


@pytest.mark.parametrize(("lang", "words"), [("en", ("30-38", "made up")), ("ja", ("第30条の38", "作ったもの"))])
def test_the_code_comes_with_the_law_and_that_it_is_synthetic(
    quiet_town: Town, code: str, pin: tuple[str, str], lang: str, words: tuple[str, str]
) -> None:
    ended = run(quiet_town, *RESIDENT, "--record-code", *pin, lang=lang)
    assert ended.exit_code == 0
    assert code in ended.stdout
    assert [each for each in words if each not in ended.stderr] == []
    assert code not in ended.stderr


def test_a_trace_of_it_shows_neither_code_nor_pin(quiet_town: Town, code: str, pin: tuple[str, str]) -> None:
    ended = run(quiet_town, "--debug", *RESIDENT, "--record-code", *pin, "--trace", "--json")
    assert result_of(ended)["record_code"] == code
    private = [code, code.encode().hex(), "5678", b"5678".hex()]
    assert [each for each in private if each in ended.stderr.lower().replace(" ", "")] == []


# --- secure messaging -------------------------------------------------------------------------------------------------


def test_secure_reading_reads_the_same(quiet_town: Town, pin: tuple[str, str]) -> None:
    plain = result_of(run(quiet_town, *TEXT, *pin, "--individual-number", "--json"))
    ended = run(quiet_town, *TEXT, *pin, "--secure", "--individual-number", "--json", "--trace")
    assert result_of(ended) == plain
    assert "SET SESSION KEY" in ended.stderr
    after = ended.stderr.split("SET SESSION KEY")[1]
    assert "READ BINARY under the session key" in after
    assert "00 B0" not in after
    assert "00 A4 02" not in after


@pytest.mark.parametrize("credential", ["a", "b"])
def test_matching_numbers_begin_no_session(quiet_town: Town, credential: str) -> None:
    """Measured: 6982 for matching number A (soltia48/myna-card `src/sm.rs`)."""
    asked = ("--individual-number",) if credential == "a" else ()
    ended = run(quiet_town, *TEXT, "--secure", "--credential", credential, *asked)
    assert ended.exit_code == 2
    assert "--secure goes with --credential pin" in ended.stderr
