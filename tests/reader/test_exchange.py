"""Selecting and reading: what cards may answer beside 9000."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.card.talk import NEXT_AUTHENTICATION
from tests.reader.scripted import SELECT_CARD_MANAGER, SELECT_JPKI, Answer, Script, select
from warifu.errors import (
    AnswerLost,
    CardRefused,
    Malformed,
    NoCard,
    NotOnCard,
    PinBlocked,
    PinRequired,
    WarifuError,
    WrongPin,
)
from warifu.iso7816 import Command, Response, encode_tlv
from warifu.reader import JpkiSession, Key, log_out
from warifu.reader.exchange import exchange
from warifu.reader.files import object_length
from warifu.reader.status import check

CERTIFICATE = encode_tlv(0x30, bytes(range(256)) + bytes(44))
AUTHENTICATION_CERTIFICATE = select("000A")


def read(*dialogue: tuple[str, Answer]) -> bytes:
    script = Script([SELECT_JPKI, AUTHENTICATION_CERTIFICATE, *dialogue])
    data = JpkiSession(script).certificate(Key.AUTHENTICATION)
    script.check_finished()
    return data


def chunk(start: int, end: int) -> str:
    return CERTIFICATE[start:end].hex()


def test_a_certificate_is_read_header_first_then_to_its_end_and_no_further() -> None:
    """SELECT 000A, READ BINARY 7 bytes, then by 256; the object has 4 + 0x012C bytes."""
    assert chunk(0, 4) == "3082012c"
    data = read(
        ("00B0000007", chunk(0, 7) + "9000"),
        ("00B0000700", chunk(7, 263) + "9000"),
        ("00B0010729", chunk(263, 304) + "9000"),
    )
    assert data == CERTIFICATE


def test_a_card_that_gives_short_answers_is_asked_on() -> None:
    data = read(
        ("00B0000007", chunk(0, 4) + "9000"),
        ("00B0000400", chunk(4, 204) + "9000"),
        ("00B000CC64", chunk(204, 304) + "9000"),
    )
    assert data == CERTIFICATE


def test_an_answer_longer_than_asked_for_is_cut_at_the_object() -> None:
    data = read(
        ("00B0000007", chunk(0, 7) + "9000"),
        ("00B0000700", chunk(7, 263) + "9000"),
        ("00B0010729", chunk(263, 304) + "FFFF" + "9000"),
    )
    assert data == CERTIFICATE


def test_6282_at_the_end_of_the_file_is_as_good_as_9000() -> None:
    data = read(
        ("00B0000007", chunk(0, 7) + "9000"),
        ("00B0000700", chunk(7, 263) + "9000"),
        ("00B0010729", chunk(263, 304) + "6282"),
    )
    assert data == CERTIFICATE


def test_a_file_that_ends_inside_its_object_is_malformed() -> None:
    """6B00: the offset lies beyond the file."""
    with pytest.raises(Malformed):
        read(("00B0000007", chunk(0, 7) + "9000"), ("00B0000700", chunk(7, 263) + "9000"), ("00B0010729", "6B00"))


def test_an_empty_file_is_malformed() -> None:
    with pytest.raises(Malformed):
        read(("00B0000007", "FFFFFFFFFFFFFF9000"))


def test_a_certificate_that_is_not_there_is_not_on_card() -> None:
    script = Script([SELECT_JPKI, ("00A4020C020001", "6A82")])
    with pytest.raises(NotOnCard):
        JpkiSession(script).certificate(Key.SIGNING)


def test_a_file_behind_a_pin_says_so() -> None:
    script = Script([SELECT_JPKI, select("0001"), ("00B0000007", "6982")])
    with pytest.raises(PinRequired):
        JpkiSession(script).certificate(Key.SIGNING)


def test_6cxx_is_followed_with_the_right_length() -> None:
    """ISO/IEC 7816-4:2005 §5.1.3."""
    script = Script([("00B0000000", "6C03"), ("00B0000003", "0102039000")])
    assert exchange(script, Command(0, 0xB0, 0, 0, le=256)) == Response(b"\1\2\3", 0x9000)
    script.check_finished()


def test_61xx_is_followed_with_get_response() -> None:
    script = Script([("00B0000000", "01 6102"), ("00C0000002", "0203 6100"), ("00C0000000", "04 9000")])
    assert exchange(script, Command(0, 0xB0, 0, 0, le=256)) == Response(b"\1\2\3\4", 0x9000)
    script.check_finished()


def test_a_card_that_announces_data_without_end_is_malformed() -> None:
    script = Script([("00B0000000", "6101"), *[("00C0000001", "00 6101")] * 300])
    with pytest.raises(Malformed):
        exchange(script, Command(0, 0xB0, 0, 0, le=256))


def test_the_first_command_after_power_up_may_fail_with_6f00() -> None:
    """Seen by soltia48/myna-card (`src/pcsc.rs`)."""
    script = Script([(SELECT_JPKI[0], "6F00"), SELECT_JPKI])
    JpkiSession(script)
    script.check_finished()


def test_6f00_twice_is_an_error() -> None:
    script = Script([(SELECT_JPKI[0], "6F00"), (SELECT_JPKI[0], "6F00")])
    with pytest.raises(CardRefused) as caught:
        JpkiSession(script)
    assert caught.value.status_word == 0x6F00


def test_another_card_has_no_jpki_application() -> None:
    with pytest.raises(NotOnCard) as caught:
        JpkiSession(Script([(SELECT_JPKI[0], "6A82"), (f"00A4040C0A {NEXT_AUTHENTICATION}", "6A82")]))
    assert "JPKI" in str(caught.value)


@pytest.mark.parametrize("error", [AnswerLost(), NoCard()])
def test_what_the_connection_raises_is_passed_on(error: WarifuError) -> None:
    with pytest.raises(type(error)):
        JpkiSession(Script([(SELECT_JPKI[0], error)]))


@pytest.mark.parametrize("answer", ["", "90"])
def test_an_answer_without_status_word_is_malformed(answer: str) -> None:
    with pytest.raises(Malformed):
        JpkiSession(Script([(SELECT_JPKI[0], answer)]))


def test_logging_out_selects_the_card_manager() -> None:
    """Selecting the JPKI application again would keep its PINs verified (JICSAP v1.1 §5.1.3)."""
    script = Script([SELECT_CARD_MANAGER])
    log_out(script)
    script.check_finished()
    assert script.power_cycles == 0


def test_where_the_card_manager_cannot_be_selected_the_power_is_taken() -> None:
    script = Script([(SELECT_CARD_MANAGER[0], "6A82")])
    log_out(script)
    assert script.power_cycles == 1


@pytest.mark.parametrize(
    ("status_word", "error"),
    [
        (0x63C2, WrongPin),
        (0x63C0, PinBlocked),
        (0x6983, PinBlocked),
        (0x6984, PinBlocked),
        (0x6982, PinRequired),
        (0x6A82, NotOnCard),
        (0x6985, CardRefused),
        (0x6300, CardRefused),
        (0x6700, CardRefused),
    ],
)
def test_every_status_word_is_one_error(status_word: int, error: type[CardRefused]) -> None:
    with pytest.raises(CardRefused) as caught:
        check(Response(b"", status_word))
    assert type(caught.value) is error
    assert caught.value.status_word == status_word


@pytest.mark.parametrize(
    ("header", "length"),
    [
        ("3003", 5),
        ("30820643", 0x647),
        ("308143", 0x46),
        ("7F21820233", 568),
        ("FF20658201", 104),
        ("FF3082014B", 336),
        ("3000", 2),
    ],
)
def test_the_length_of_an_object_counts_its_header(header: str, length: int) -> None:
    assert object_length(bytes.fromhex(header)) == length


@pytest.mark.parametrize(
    "header", ["", "30", "7F21", "FFFFFFFF", "00000000", "3080", "3083010000", "308201", "3082FFFF"]
)
def test_a_header_that_tells_no_length_is_malformed(header: str) -> None:
    with pytest.raises(Malformed):
        object_length(bytes.fromhex(header))


@given(st.binary(max_size=8))
def test_any_header_gives_a_length_within_a_file_or_is_malformed(header: bytes) -> None:
    with suppress(Malformed):
        assert 2 <= object_length(header) <= 0x7FFF
