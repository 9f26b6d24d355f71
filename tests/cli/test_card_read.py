"""``warifu card read``: what opens what, and the individual number only when it is asked for."""

from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.card_town import pin_file, result_of, run
from warifu.person import IndividualNumber
from warifu.reader import Credential, TextSession, all_tries_left
from warifu.town.town import Town

TEXT = ("card", "read", "text", "--persona", "ordinary")
KEYS = ["name", "address", "birth_date", "sex", "individual_number", "number_matches"]


@pytest.fixture
def number(quiet_town: Town) -> str:
    """The individual number on the card of `ordinary`."""
    with quiet_town.card("ordinary") as card:
        session = TextSession(card)
        session.verify("5678")
        return session.number().reveal()


def tries(town: Town, credential: Credential) -> int | None:
    with town.card("ordinary") as card:
        return all_tries_left(card)[credential]


def test_the_text_pin_opens_the_four_attributes_and_the_number_stays_unread(quiet_town: Town, number: str) -> None:
    ended = run(quiet_town, *TEXT, "--json", "--trace")
    told = result_of(ended)
    assert list(told) == KEYS
    assert told["name"] == quiet_town.find_card("ordinary")[0].holder
    assert (told["individual_number"], told["number_matches"]) == (None, None)
    assert number not in ended.output
    assert "(NUMBER)" not in ended.stderr


@pytest.mark.parametrize(("lang", "word"), [("en", "nothing of this is verified"), ("ja", "真正性は確かめていません")])
def test_what_is_read_says_that_it_is_unverified(quiet_town: Town, lang: str, word: str) -> None:
    ended = run(quiet_town, *TEXT, lang=lang)
    assert ended.exit_code == 0
    assert word in ended.stderr


def test_the_number_is_shown_when_it_is_asked_for_with_the_law(quiet_town: Town, number: str) -> None:
    ended = run(quiet_town, *TEXT, "--individual-number", "--json")
    assert result_of(ended)["individual_number"] == number
    assert "article 19" in ended.stderr
    assert number not in ended.stderr


def test_a_trace_of_reading_shows_neither_number_nor_name_nor_pin(quiet_town: Town, number: str) -> None:
    ended = run(quiet_town, "--debug", *TEXT, "--individual-number", "--trace", "--json")
    name = quiet_town.find_card("ordinary")[0].holder
    private = [number, number.encode().hex(), name, name.encode().hex(), "5678", b"5678".hex()]
    assert [each for each in private if each in ended.stderr.lower().replace(" ", "")] == []


def test_matching_number_a_opens_the_number_alone(quiet_town: Town, tmp_path: Path, number: str) -> None:
    arguments = ("--credential", "a", "--individual-number", "--pin-file", pin_file(tmp_path, number), "--json")
    ended = run(quiet_town, *TEXT, *arguments)
    told = result_of(ended)
    assert (told["individual_number"], told["name"]) == (number, None)
    assert ended.stderr.startswith("matching number A (text): 10 tries left\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--credential", "a"), "needs --individual-number"),
        (("--credential", "b", "--individual-number"), "does not open the individual number"),
        (("--check-number",), "needs --individual-number, too"),
    ],
)
def test_what_a_credential_does_not_open_is_usage(quiet_town: Town, arguments: tuple[str, ...], said: str) -> None:
    ended = run(quiet_town, *TEXT, *arguments)
    assert ended.exit_code == 2
    assert said in ended.stderr


def test_a_wrong_matching_number_b_is_counted_by_its_own_counter(quiet_town: Town, tmp_path: Path) -> None:
    left = tries(quiet_town, Credential.TEXT_MATCHING_NUMBER_B)
    wrong = pin_file(tmp_path, "01010120300000")
    ended = run(quiet_town, *TEXT, "--credential", "b", "--pin-file", wrong)
    assert ended.exit_code == 1
    assert left is not None
    assert tries(quiet_town, Credential.TEXT_MATCHING_NUMBER_B) == left - 1
    assert "01010120300000" not in ended.output


def check_number(town: Town, tmp_path: Path, typed: str) -> Result:
    arguments = ("--individual-number", "--check-number", "--number-file", pin_file(tmp_path, typed), "--json")
    return run(town, *TEXT, *arguments)


def test_a_typed_number_is_compared_without_showing_the_card_s(quiet_town: Town, tmp_path: Path, number: str) -> None:
    """正誤チェック."""
    ended = check_number(quiet_town, tmp_path, number)
    told = result_of(ended)
    assert (told["number_matches"], told["individual_number"]) == (True, None)
    assert number not in ended.output


def test_another_number_differs_and_ends_with_1(quiet_town: Town, tmp_path: Path, number: str) -> None:
    other = IndividualNumber.of_body("98765432109").reveal()
    ended = check_number(quiet_town, tmp_path, other)
    assert ended.exit_code == 1
    assert '"number_matches": false' in ended.stdout
    assert [each for each in (other, number) if each in ended.output] == []


def test_a_typed_number_with_a_wrong_check_digit_is_malformed(quiet_town: Town, tmp_path: Path, number: str) -> None:
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    ended = check_number(quiet_town, tmp_path, wrong)
    assert ended.exit_code == 4
    assert [each for each in (wrong, number) if each in ended.output] == []


def test_a_number_asked_for_at_a_prompt_is_not_echoed(quiet_town: Town, number: str) -> None:
    ended = run(quiet_town, *TEXT, "--individual-number", "--check-number", stdin=f"{number}\n")
    assert ended.exit_code == 0
    assert number not in ended.output


def test_a_blocked_text_pin_is_not_asked_for(quiet_town: Town) -> None:
    ended = run(quiet_town, "card", "read", "text", "--persona", "text-blocked")
    assert ended.exit_code == 1
    assert "the text PIN is blocked" in ended.stderr
