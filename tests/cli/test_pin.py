"""``warifu pin``: the safety rules around a holder's PINs."""

from dataclasses import asdict
from pathlib import Path

import pytest

from tests.cli.card_town import pin_file, result_of, run
from warifu.reader import Credential, JpkiSession, Key, all_tries_left
from warifu.town.town import Town


def tries(town: Town, persona: str) -> dict[Credential, int | None]:
    with town.card(persona) as card:
        return all_tries_left(card)


def test_status_has_a_stable_key_for_every_credential(quiet_town: Town) -> None:
    told = result_of(run(quiet_town, "pin", "status", "--persona", "ordinary", "--json"))
    assert list(told) == [each.name.lower() for each in Credential]
    assert told["signing_password"] == {"tries_left": 5, "tries": 5, "blocked": False}


def test_status_spends_no_try(quiet_town: Town) -> None:
    before = tries(quiet_town, "last-try")
    for _ in range(3):
        assert run(quiet_town, "pin", "status", "--persona", "last-try").exit_code == 0
    assert tries(quiet_town, "last-try") == before
    assert before[Credential.AUTHENTICATION_PIN] == 1


@pytest.mark.parametrize(("lang", "word"), [("en", "blocked"), ("ja", "ロック")])
def test_status_shows_a_blocked_pin(quiet_town: Town, lang: str, word: str) -> None:
    assert word in run(quiet_town, "pin", "status", "--persona", "blocked", lang=lang).stdout


def test_a_pin_is_changed_with_prompts_that_show_nothing(quiet_town: Town, tmp_path: Path) -> None:
    old = pin_file(tmp_path, "1234")
    ended = run(quiet_town, "pin", "change", "auth", "--persona", "twin-first", "--pin-file", old, stdin="9753\n9753\n")
    assert ended.exit_code == 0, ended.stderr
    assert "authentication PIN: 3 tries left" in ended.stderr
    assert "9753" not in ended.output
    with quiet_town.card("twin-first") as card:
        JpkiSession(card).verify(Key.AUTHENTICATION, "9753")


@pytest.mark.parametrize(
    ("which", "new"),
    [("auth", "8642"), ("text", "8643"), ("sign", "NEW1234"), ("resident", "8644"), ("common", "8645")],
)
def test_the_town_lists_the_new_one_and_goes_on_with_it(quiet_town: Town, tmp_path: Path, which: str, new: str) -> None:
    changed = ("pin", "change", which, "--persona", "moved", "--new-pin-file")
    ended = run(quiet_town, *changed, pin_file(tmp_path, new))
    assert ended.exit_code == 0, ended.stderr
    assert "the town lists the new one" in ended.stderr
    assert new in vars_of(quiet_town, "moved")
    assert run(quiet_town, *changed, pin_file(tmp_path, new[::-1])).exit_code == 0
    assert new[::-1] in run(quiet_town, "town", "people", "--json").stdout


def test_a_pin_that_was_not_changed_is_listed_as_it_was(quiet_town: Town, tmp_path: Path) -> None:
    before = vars_of(quiet_town, "expiring")
    wrong, new = pin_file(tmp_path, "8531"), pin_file(tmp_path, "9753")
    arguments = ("pin", "change", "text", "--persona", "expiring", "--pin-file", wrong, "--new-pin-file", new)
    assert run(quiet_town, *arguments).exit_code == 1
    assert vars_of(quiet_town, "expiring") == before


def vars_of(town: Town, persona: str) -> list[str]:
    return list(asdict(town.find_card(persona)[1]).values())


def test_a_new_pin_that_is_typed_otherwise_is_asked_for_again(quiet_town: Town) -> None:
    typed = "9753\n9754\n8642\n8642\n"
    assert run(quiet_town, "pin", "change", "auth", "--persona", "twin-second", stdin=typed).exit_code == 0
    with quiet_town.card("twin-second") as card:
        JpkiSession(card).verify(Key.AUTHENTICATION, "8642")


def test_both_pins_may_come_from_stdin_one_a_line(quiet_town: Town) -> None:
    arguments = ("pin", "change", "text", "--persona", "long-address", "--pin-file", "-", "--new-pin-file", "-")
    told = result_of(run(quiet_town, *arguments, "--json", stdin="5678\n2468\n"))
    assert told == {"changed": "text_pin"}


@pytest.mark.parametrize("new", ["123", "12345", "12a4", "1234"])
def test_a_pin_that_cannot_be_one_spends_no_try(quiet_town: Town, tmp_path: Path, new: str) -> None:
    arguments = ("pin", "change", "auth", "--persona", "ordinary", "--new-pin-file", pin_file(tmp_path, new))
    ended = run(quiet_town, *arguments)
    assert ended.exit_code == 4
    assert new not in ended.output
    assert tries(quiet_town, "ordinary")[Credential.AUTHENTICATION_PIN] == 3


def test_a_wrong_old_pin_is_counted_said_and_not_shown(quiet_town: Town, tmp_path: Path) -> None:
    wrong, new = pin_file(tmp_path, "8531"), pin_file(tmp_path, "9753")
    arguments = ("--debug", "pin", "change", "auth", "--persona", "renamed", "--trace")
    ended = run(quiet_town, *arguments, "--pin-file", wrong, "--new-pin-file", new)
    assert ended.exit_code == 1
    assert "wrong authentication PIN, 2 tries left" in ended.stderr
    assert [each for each in ("8531", "9753", "38353331", "39373533") if each in ended.output] == []


def test_the_last_try_is_not_spent_and_nobody_is_asked(quiet_town: Town) -> None:
    ended = run(quiet_town, "pin", "change", "auth", "--persona", "last-try", stdin="")
    assert ended.exit_code == 1
    assert "hint: --force spends it" in ended.stderr
    assert tries(quiet_town, "last-try")[Credential.AUTHENTICATION_PIN] == 1


def test_the_last_try_is_spent_when_told_to(quiet_town: Town, tmp_path: Path) -> None:
    new = pin_file(tmp_path, "9753")
    ended = run(quiet_town, "pin", "change", "auth", "--persona", "last-try", "--force", "--new-pin-file", new)
    assert ended.exit_code == 0, ended.stderr


def test_a_blocked_pin_says_who_can_help_and_nobody_is_asked(quiet_town: Town) -> None:
    ended = run(quiet_town, "pin", "change", "auth", "--persona", "blocked", lang="ja")
    assert ended.exit_code == 1
    assert "窓口" in ended.stderr


def test_a_pin_is_never_an_argument(quiet_town: Town) -> None:
    assert run(quiet_town, "pin", "change", "auth", "1234", "9753", "--persona", "ordinary").exit_code == 2


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_pin_typed_in_place_of_its_name_is_not_repeated(quiet_town: Town, lang: str) -> None:
    told = run(quiet_town, "pin", "change", "9753", "--persona", "ordinary", lang=lang)
    assert (told.exit_code, "9753" in told.output) == (2, False)
    assert "auth, sign, text" in told.stderr
