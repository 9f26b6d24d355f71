"""Recording a conversation with a card, playing it back, comparing two cards."""

import contextlib
from pathlib import Path

import pytest

from warifu.card import Profile
from warifu.errors import Malformed, WrongPin
from warifu.ports import Connection
from warifu.reader import JpkiSession, Key, TextSession, log_out
from warifu.testing import (
    Exchange,
    OffTape,
    Player,
    Recorder,
    SoftwareCard,
    Tape,
    compare,
    read_tape,
    replay,
    software_card,
    write_tape,
)

DIGEST = bytes(32)


def conversation(card: Connection, pin: str = "1234") -> bytes:
    session = JpkiSession(card)
    with contextlib.suppress(WrongPin):
        session.verify(Key.AUTHENTICATION, "9999")
    session.verify(Key.AUTHENTICATION, pin)
    signature = session.sign(Key.AUTHENTICATION, DIGEST)
    card.power_cycle()
    log_out(card)
    return signature


@pytest.fixture
def tape(my_number_card: SoftwareCard) -> Tape:
    recorder = Recorder(my_number_card.connection)
    conversation(recorder)
    return recorder.tape()


def test_a_recording_changes_nothing_of_what_is_said(my_number_card: SoftwareCard) -> None:
    assert conversation(Recorder(my_number_card.connection)) == conversation(software_card().connection)


def test_a_tape_plays_to_whoever_says_the_same(tape: Tape) -> None:
    player = Player(tape)
    assert player.atr == tape.atr
    conversation(player)
    player.check_finished()


def test_a_tape_survives_a_file(tape: Tape, tmp_path: Path) -> None:
    write_tape(tape, tmp_path / "login.tape")
    assert read_tape(tmp_path / "login.tape") == tape


def test_another_command_is_off_the_tape_and_no_data_is_told(tape: Tape) -> None:
    with pytest.raises(OffTape) as caught:
        conversation(Player(tape), pin="7531")
    assert "00 20 00 80, with other data" in str(caught.value)
    assert "7531" not in str(caught.value)
    assert b"7531".hex() not in str(caught.value)


def test_another_application_is_off_the_tape(tape: Tape) -> None:
    with pytest.raises(OffTape) as caught:
        TextSession(Player(tape))
    assert str(caught.value).startswith("command 1 of ")


def test_taking_the_power_where_the_tape_has_a_command_is_off_the_tape(tape: Tape) -> None:
    with pytest.raises(OffTape) as caught:
        Player(tape).power_cycle()
    assert "power off and on, the tape has 00 A4 04 0C" in str(caught.value)


def test_a_tape_that_goes_on_is_not_finished(tape: Tape) -> None:
    player = Player(tape)
    JpkiSession(player)
    with pytest.raises(OffTape):
        player.check_finished()


def test_after_the_end_there_is_nothing(tape: Tape) -> None:
    player = Player(tape)
    conversation(player)
    with pytest.raises(OffTape) as caught:
        player.transmit(b"\x00\xa4\x04\x0c")
    assert "after the end of the tape" in str(caught.value)


def test_two_cards_of_one_kind_do_not_differ(tape: Tape) -> None:
    assert compare(tape, replay(tape, software_card().connection)) == []


def test_a_card_of_another_kind_differs_and_says_where(tape: Tape) -> None:
    other = software_card(profile=Profile.FACE_VERIFICATION.of_generation_b())
    found = compare(tape, replay(tape, other.connection))
    assert found[0].startswith("answer to reset: 3be000ff8131fe4514, 3bda")
    assert "(00 20 00 80): 63C3 after 0 bytes, 63C0 after 0 bytes" in found[1]


def test_tapes_of_different_commands_say_where_they_part(tape: Tape) -> None:
    shorter = Tape(tape.atr, tape.exchanges[:-1])
    assert compare(tape, shorter) == [f"{len(tape.exchanges)} and {len(shorter.exchanges)} commands"]
    other = Tape(tape.atr, (Exchange(b"\x00\xb0\x00\x00", b"\x90\x00"),))
    assert compare(tape, other) == ["command 1: 00 A4 04 0C, 00 B0 00 00"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "warifu tape 1\n",
        "another\natr 3B\n",
        "warifu tape 1\natr 3B\n> 00\n",
        "warifu tape 1\natr 3B\n> zz\n< 9000\n",
    ],
)
def test_what_is_not_a_tape_is_malformed(text: str, tmp_path: Path) -> None:
    (tmp_path / "tape").write_text(text)
    with pytest.raises(Malformed):
        read_tape(tmp_path / "tape")


def test_a_tape_shows_nothing_of_itself(tape: Tape) -> None:
    assert b"1234".hex() not in f"{tape!r}{tape.exchanges[4]!r}{Player(tape)!r}"
