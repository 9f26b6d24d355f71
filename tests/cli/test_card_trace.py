"""``card trace``, ``--record`` and ``card new``: what is kept, what is shown of it, how two cards are compared."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.cli.card_town import pin_file, result_of, run
from warifu.cli.card_new import profile_option
from warifu.errors import WrongPin
from warifu.reader import JpkiSession, Key, TextSession
from warifu.testing import CARD_KINDS, Recorder, masked, read_tape, software_card, write_tape
from warifu.town.town import Town


@pytest.fixture
def tape(quiet_town: Town, tmp_path: Path) -> Path:
    """What `card read text` says to a card."""
    path = tmp_path / "text.tape"
    ended = run(quiet_town, "card", "trace", "record", str(path), "card", "read", "text", "--persona", "ordinary")
    assert ended.exit_code == 0, ended.stderr
    return path


def replayed(town: Town, tape: Path, *card: str) -> tuple[int, dict[str, Any]]:
    ended = run(town, "card", "trace", "replay", str(tape), *card, "--json")
    return ended.exit_code, json.loads(ended.stdout)


# --- recording --------------------------------------------------------------------------------------------------------


def test_a_recording_is_for_its_owner_and_says_what_is_in_it(quiet_town: Town, tmp_path: Path) -> None:
    path = tmp_path / "info.tape"
    ended = run(quiet_town, "card", "info", "--persona", "ordinary", "--record", str(path))
    assert ended.exit_code == 0
    assert "PINs and names (invented ones) included" in ended.stderr
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_recording_is_never_written_over_and_the_card_not_spoken_to(quiet_town: Town, tape: Path) -> None:
    before = tape.read_bytes()
    again = run(quiet_town, "card", "info", "--persona", "ordinary", "--record", str(tape), "--trace")
    assert again.exit_code == 3
    assert "there is a file already" in again.stderr
    assert "SELECT" not in again.stderr
    assert tape.read_bytes() == before


def test_a_recording_wants_a_folder_and_the_card_is_not_spoken_to_without(quiet_town: Town, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere" / "x.tape")
    ended = run(quiet_town, "card", "info", "--persona", "ordinary", "--record", nowhere, "--trace")
    assert ended.exit_code == 3
    assert "there is no such folder" in ended.stderr
    assert "SELECT" not in ended.stderr


def test_what_failed_is_recorded_too(quiet_town: Town, tmp_path: Path) -> None:
    path = tmp_path / "wrong.tape"
    wrong = ("card", "read", "text", "--persona", "long-address", "--pin-file", pin_file(tmp_path, "8531"))
    assert run(quiet_town, *wrong, "--record", str(path)).exit_code == 1
    assert read_tape(path).exchanges[-1].answer == bytes.fromhex("63C2")


@pytest.mark.parametrize("arguments", [("card", "trace", "record", "x.tape"), ("card", "trace", "record", "x", "nope")])
def test_recording_needs_a_command(quiet_town: Town, arguments: tuple[str, ...]) -> None:
    assert run(quiet_town, *arguments).exit_code == 2


def test_of_a_real_card_only_places_lengths_and_status_words_are_kept() -> None:
    """What a recording of a card in a reader holds."""
    card = software_card()
    recorder = Recorder(card.connection)
    session = JpkiSession(recorder)
    session.verify(Key.SIGNING, "ABC123")
    session.certificate(Key.SIGNING)
    session.sign(Key.SIGNING, bytes(range(32)))
    whole, kept = recorder.tape(), masked(recorder.tape())
    assert [exchange.header for exchange in kept.exchanges] == [exchange.header for exchange in whole.exchanges]
    assert [len(each.answer or b"") for each in kept.exchanges] == [len(each.answer or b"") for each in whole.exchanges]
    data = [exchange.command[5:] for exchange in kept.exchanges if exchange.command and exchange.command[1] != 0xA4]
    data += [exchange.answer[:-2] for exchange in kept.exchanges if exchange.answer]
    assert not any(any(part.strip(b"\0\x01")) for part in data if len(part) > 2)
    assert len([each for each in kept.exchanges if each.command and each.command[5:] == bytes(4)]) == 1


# --- showing ----------------------------------------------------------------------------------------------------------


def test_a_recording_is_shown_decoded(quiet_town: Town, tape: Path) -> None:
    told = result_of(run(quiet_town, "card", "trace", "show", str(tape), "--json"))
    assert told["masked"] is False
    assert told["commands"][0] == {"command": "00 A4 04 0C  SELECT application TEXT", "answer": "9000 OK"}
    assert any(step["command"].endswith("VERIFY, secret not shown") for step in told["commands"])
    assert "VERIFY, secret not shown" in run(quiet_town, "card", "trace", "show", str(tape)).stdout


def test_what_is_shown_of_a_recording_tells_nobody_anything(quiet_town: Town, tape: Path) -> None:
    person, row = quiet_town.find_card("ordinary")
    assert row.text_pin.encode().hex() in tape.read_text("ascii").lower()
    shown = run(quiet_town, "card", "trace", "show", str(tape), "--json").output
    private = [row.text_pin, person.holder, person.address, person.birth_date.replace("-", "")]
    assert [each for each in private if each in shown or each.encode().hex() in shown.lower()] == []


@pytest.mark.parametrize("text", ["", "warifu tape 1\n", "warifu tape 2\natr 00\n", "見本"])
def test_what_is_no_recording_is_malformed(quiet_town: Town, tmp_path: Path, text: str) -> None:
    (tmp_path / "x").write_text(text, "utf-8")
    assert run(quiet_town, "card", "trace", "show", str(tmp_path / "x")).exit_code == 4


# --- saying it again --------------------------------------------------------------------------------------------------


def test_the_same_card_answers_alike(quiet_town: Town, tape: Path) -> None:
    code, told = replayed(quiet_town, tape, "--persona", "ordinary")
    assert (code, told["differences"]) == (0, [])
    assert told["commands"] == len(read_tape(tape).exchanges)


def test_another_generation_is_told_by_its_answer_to_reset(quiet_town: Town, tmp_path: Path) -> None:
    path = tmp_path / "probe.tape"
    assert run(quiet_town, "card", "info", "--persona", "ordinary", "--record", str(path)).exit_code == 0
    code, told = replayed(quiet_town, path, "--profile", "b")
    assert code == 1
    assert (told["differences"][0]["number"], told["differences"][0]["command"]) == (0, "answer to reset")


def test_a_card_without_pins_is_told_by_its_answers(quiet_town: Town, tape: Path) -> None:
    code, told = replayed(quiet_town, tape, "--profile", "face-verification")
    assert code == 1
    verify = next(entry for entry in told["differences"] if "secret not shown" in entry["command"])
    assert (verify["recorded"], verify["now"]) == ("9000 OK", "6984 BLOCKED")
    shown = run(quiet_town, "card", "trace", "replay", str(tape), "--profile", "face-verification")
    assert "6984" in shown.stdout
    assert "differences" in shown.stderr


def test_a_masked_recording_is_shown_and_not_said_again(quiet_town: Town, tape: Path, tmp_path: Path) -> None:
    """Its zeros would be tried as PINs."""
    write_tape(masked(read_tape(tape)), tmp_path / "masked.tape")
    assert run(quiet_town, "card", "trace", "show", str(tmp_path / "masked.tape")).exit_code == 0
    ended = run(quiet_town, "card", "trace", "replay", str(tmp_path / "masked.tape"), "--profile", "a")
    assert ended.exit_code == 1
    assert "masked" in ended.stderr


@pytest.mark.parametrize("card", [(), ("--persona", "ordinary", "--profile", "a")])
def test_one_card_is_to_be_chosen(quiet_town: Town, tape: Path, card: tuple[str, ...]) -> None:
    assert run(quiet_town, "card", "trace", "replay", str(tape), *card).exit_code == 2


# --- cards of one's own -----------------------------------------------------------------------------------------------


def test_every_kind_of_card_can_be_asked_for() -> None:
    asked = profile_option(lambda: None).__click_params__[0].type.choices
    assert list(asked) == list(CARD_KINDS)


@pytest.mark.parametrize("kind", CARD_KINDS)
def test_a_card_of_each_kind_is_made_and_opened_by_what_was_told(quiet_town: Town, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "my.card"
    told = result_of(run(quiet_town, "card", "new", str(path), "--profile", kind, "--json"))
    assert told["profile"] == kind
    assert (told["authentication_pin"] is None) is (kind == "face-verification")
    assert (told["signing_password"] is None) is (kind in ("child", "face-verification"))
    assert (told["matching_number_b"] is None) is (kind in ("android", "iphone"))
    assert (told["text_pin"] is None) is (kind in ("android", "iphone", "next-generation", "face-verification"))
    assert CARD_KINDS[kind].make().individual_number.reveal() not in json.dumps(told)


def test_a_foreign_residents_card_has_the_western_year(quiet_town: Town, tmp_path: Path) -> None:
    told = result_of(run(quiet_town, "card", "new", str(tmp_path / "my.card"), "--profile", "foreign", "--json"))
    assert told["birth_date_key"] == "901103"
    assert told["matching_number_b"].startswith("901103")


def test_a_card_is_never_made_over_another(quiet_town: Town, tmp_path: Path) -> None:
    path = tmp_path / "my.card"
    assert run(quiet_town, "card", "new", str(path)).exit_code == 0
    before = path.read_bytes()
    assert run(quiet_town, "card", "new", str(path)).exit_code == 3
    assert path.read_bytes() == before


def test_a_recording_is_said_to_a_card_in_a_file_which_keeps_what_happened(quiet_town: Town, tmp_path: Path) -> None:
    path, tape = tmp_path / "my.card", tmp_path / "wrong.tape"
    assert run(quiet_town, "card", "new", str(path)).exit_code == 0
    recorder = Recorder(software_card().connection)
    with pytest.raises(WrongPin):
        TextSession(recorder).verify("8531")
    write_tape(recorder.tape(), tape)
    assert replayed(quiet_town, tape, "--file", str(path))[1]["differences"] == []
    code, told = replayed(quiet_town, tape, "--file", str(path))
    assert code == 1
    assert [entry["now"] for entry in told["differences"]] == ["63C2 2 tries left", "63C1 1 try left"]


# --- serving ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("card", [("ordinary", "--profile", "a"), ("--profile", "a", "--file", "x")])
def test_one_card_is_served(quiet_town: Town, card: tuple[str, ...]) -> None:
    assert run(quiet_town, "card", "serve", *card).exit_code == 2


@pytest.mark.parametrize("card", [(), ("ordinary",), ("--profile", "iphone")])
def test_without_a_virtual_reader_it_says_what_to_install(quiet_town: Town, card: tuple[str, ...]) -> None:
    """Port 1 is nobody's."""
    ended = run(quiet_town, "card", "serve", *card, "--port", "1")
    assert ended.exit_code == 3
    assert "no virtual card reader listens on 127.0.0.1:1" in ended.stderr
    assert "hint: a virtual reader is needed; on Debian: apt install pcscd vsmartcard-vpcd" in ended.stderr


def test_a_card_that_is_not_there_is_not_served(quiet_town: Town, tmp_path: Path) -> None:
    assert run(quiet_town, "card", "serve", "--file", str(tmp_path / "none.card")).exit_code == 3


def test_a_file_that_is_no_card_is_malformed(quiet_town: Town, tmp_path: Path) -> None:
    (tmp_path / "x.card").write_bytes(b"something else")
    assert run(quiet_town, "card", "serve", "--file", str(tmp_path / "x.card")).exit_code == 4
