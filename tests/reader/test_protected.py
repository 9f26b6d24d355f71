"""Secure messaging from the terminal's side: soltia48/myna-card `src/sm.rs` (measured), unless a test says otherwise.

The card's side is tested in `tests.card.test_messaging`; here a terminal that was written apart from both helps.
"""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.card.terminal import Terminal
from tests.reader.scripted import Answer, Script
from warifu.cardmap import CardPublicKey, SessionDeliveryKey, TextFile
from warifu.errors import (
    AnswerLost,
    CardRefused,
    Malformed,
    NotOnCard,
    PinRequired,
    SessionEnded,
    WarifuError,
    WrongPin,
)
from warifu.iso7816 import Response
from warifu.ports import Connection
from warifu.reader import Credential, JpkiSession, TextSession, Traced
from warifu.reader.files import read_object
from warifu.reader.protected import ProtectedConnection, set_session_key
from warifu.testing import SoftwareCard, software_card
from warifu.wire.clock import SystemEntropy

KEY = bytes(range(16))
SELECT, VERIFY = 0xA4, 0x20
READ_SIX = "00B0820006"
READ_SIX_PROTECTED = "08B08200 000005 9603000006 0000"


class Overheard:
    """What somebody hears who listens to a card."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.heard: list[tuple[bytes, bytes]] = []

    @property
    def atr(self) -> bytes:
        return self.connection.atr

    def transmit(self, command: bytes) -> bytes:
        answer = self.connection.transmit(command)
        self.heard.append((command, answer))
        return answer

    def power_cycle(self) -> None:
        self.connection.power_cycle()


@pytest.fixture
def air(my_number_card: SoftwareCard) -> Overheard:
    return Overheard(my_number_card.connection)


@pytest.fixture
def session(air: Overheard) -> TextSession:
    """The text application in a protected session; what was heard before is forgotten."""
    opened = TextSession(air)
    opened.verify("5678")
    opened.protect(SystemEntropy())
    air.heard.clear()
    return opened


# --- setting the key --------------------------------------------------------------------------------------------------


def test_the_session_key_goes_out_in_one_command_under_the_card_s_key(my_number_card: SoftwareCard) -> None:
    """80 AE 00 00, extended Lc 0100, 256 bytes, no Le."""
    air = Overheard(my_number_card.connection)
    opened = TextSession(air)
    opened.verify("5678")
    opened.protect(SystemEntropy())
    command, answer = air.heard[-1]
    assert command[:7] == bytes.fromhex("80AE0000000100")
    assert (len(command), answer) == (7 + 256, b"\x90\x00")


@pytest.mark.parametrize("credential", [None, Credential.TEXT_MATCHING_NUMBER_A, Credential.TEXT_MATCHING_NUMBER_B])
def test_a_session_needs_the_text_pin_and_no_matching_number_will_do(
    my_number_card: SoftwareCard, credential: Credential | None
) -> None:
    opened = TextSession(my_number_card.connection)
    if credential is not None:
        numbers = {
            Credential.TEXT_MATCHING_NUMBER_A: my_number_card.matching_number_a,
            Credential.TEXT_MATCHING_NUMBER_B: my_number_card.matching_number_b,
        }
        opened.verify(numbers[credential], credential=credential)
    with pytest.raises(PinRequired):
        opened.protect(SystemEntropy())


@pytest.mark.parametrize("word", ["66F1", "6D00", "6A80", "6F00"])
def test_a_card_that_takes_no_session_key_says_so(word: str) -> None:
    class Refusing:
        atr = b"\x3b\x00"

        def transmit(self, command: bytes) -> bytes:
            assert command[:4] == bytes.fromhex("80AE0000")
            return bytes.fromhex(word)

        def power_cycle(self) -> None:
            """Nothing."""

    delivery = _delivery_key()
    with pytest.raises(CardRefused) as caught:
        set_session_key(Refusing(), delivery, SystemEntropy())
    assert f"{caught.value.status_word:04X}" == word


# --- under it ---------------------------------------------------------------------------------------------------------


def test_what_is_read_under_a_session_is_what_is_read_in_plain(my_number_card: SoftwareCard) -> None:
    opened = TextSession(my_number_card.connection)
    opened.verify("5678")
    plain = _everything(opened)
    opened.protect(SystemEntropy())
    assert _everything(opened) == plain


def test_nothing_that_is_read_can_be_overheard(air: Overheard, session: TextSession) -> None:
    number, attributes = session.number(), session.attributes()
    told = [number.reveal(), attributes.name.text, attributes.address.text, attributes.birth_date.digits]
    everything = b"".join(part for exchanged in air.heard for part in exchanged)
    assert {command[0] for command, _ in air.heard} == {0x08}
    assert [each for each in told if each.encode() in everything] == []


def test_which_file_is_selected_cannot_be_overheard_either(air: Overheard, session: TextSession) -> None:
    session.certificate()
    assert [command for command, _ in air.heard if command[:2] == b"\x00\xa4"] == []
    assert air.heard[0][0][:7] == bytes.fromhex("08A4020C138611")


def test_the_bytes_are_those_of_another_terminal() -> None:
    """Made by `tests.card.terminal`, whose bytes openssl agreed with."""
    other = Terminal(KEY + bytes(16))
    commands = [
        other.command(SELECT, 0x02, 0x0C, b"\x00\x01"),
        other.command(VERIFY, 0x00, 0x80, b"5678"),
        other.command(VERIFY, 0x00, 0x80, b""),
        other.read(0x01, 0x00, 256),
        other.read(0x82, 0x00, 65536),
    ]
    script = Script([(each.hex(), "6985") for each in commands])
    protected = ProtectedConnection(script, KEY)
    for plain in ("00A4020C020001", "00200080 04 35363738", "00200080", "00B0010000", "00B08200 000000"):
        assert protected.transmit(bytes.fromhex(plain)) == b"\x69\x85"
    script.check_finished()


def test_a_pin_is_verified_and_its_tries_are_asked_for_under_a_session(air: Overheard, session: TextSession) -> None:
    with pytest.raises(WrongPin) as caught:
        session.verify("0000")
    assert (caught.value.tries_left, session.tries_left()) == (2, 2)
    session.verify("5678")
    assert session.tries_left() == 3
    assert {command[0] for command, _ in air.heard} == {0x08}


def test_what_the_card_refuses_does_not_end_the_session(session: TextSession) -> None:
    with pytest.raises(WrongPin):
        session.verify("0000")
    with pytest.raises(PinRequired):
        session.number()
    assert session.certificate() is not None


def test_the_card_signs_in_plain_beside_a_session(air: Overheard, session: TextSession) -> None:
    """COMPUTE DIGITAL SIGNATURE has no protected form, and does not count."""
    answer = session.attributes_answer(bytes(32))
    assert len(answer.nonce_signature) == 256
    assert [command[:2].hex() for command, _ in air.heard if command[0] != 0x08] == ["802a"]
    assert session.attributes() is not None


def test_another_session_takes_the_place_of_the_first(session: TextSession) -> None:
    before = session.attributes()
    session.protect(SystemEntropy())
    assert session.attributes() == before


def test_two_sessions_encrypt_alike_things_differently(air: Overheard, session: TextSession) -> None:
    session.certificate()
    first = [answer for _, answer in air.heard]
    air.heard.clear()
    session.certificate()
    assert all(answer not in first for _, answer in air.heard if len(answer) > 2)


# --- its end ----------------------------------------------------------------------------------------------------------


def protected(*dialogue: tuple[str, Answer]) -> tuple[ProtectedConnection, Script]:
    script = Script(dialogue)
    return ProtectedConnection(script, KEY), script


def check_over(connection: ProtectedConnection, script: Script) -> None:
    """Nothing more that should be protected is sent, least of all in plain."""
    sent = len(script.sent)
    for command in (READ_SIX, "00A4020C020001", "00200080"):
        with pytest.raises(SessionEnded) as caught:
            connection.transmit(bytes.fromhex(command))
        assert caught.value.status_word == 0x69FC
    assert len(script.sent) == sent


@pytest.mark.parametrize("word", ["6988", "69FC", "6882", "6987"])
def test_a_card_that_ends_the_session_is_not_asked_again(word: str) -> None:
    connection, script = protected((READ_SIX_PROTECTED, word))
    with pytest.raises(SessionEnded) as caught:
        connection.transmit(bytes.fromhex(READ_SIX))
    assert f"{caught.value.status_word:04X}" == word
    check_over(connection, script)


def sealed(plain: bytes, number: int = 1) -> bytes:
    """What a card answers to the command of that number, without its status word."""
    other = Terminal(KEY + bytes(16))
    other.number = number
    ciphertext = other.command(SELECT, 0, 0, plain)[8:]
    return bytes((0x86, len(ciphertext) + 1, 1)) + ciphertext


BAD_ANSWERS: dict[str, bytes] = {
    "in plain": bytes.fromhex("FF100C313233"),
    "nothing": b"",
    "another object": b"\x87" + sealed(b"secret")[1:],
    "two objects": sealed(b"secret") * 2,
    "another padding indicator": sealed(b"secret").replace(b"\x86\x11\x01", b"\x86\x11\x02"),
    "no block": bytes.fromhex("860101"),
    "half a block": b"\x86\x09\x01" + sealed(b"secret")[3:11],
    "cut short": sealed(b"secret")[:-1],
    "of another command": sealed(b"secret", number=2),
    "more than was asked for": sealed(b"seventh"),
}


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
def test_an_answer_that_is_not_protected_as_it_must_be_is_not_believed(answer: bytes) -> None:
    connection, script = protected((READ_SIX_PROTECTED, answer.hex() + "9000"))
    with pytest.raises(Malformed):
        connection.transmit(bytes.fromhex(READ_SIX))
    check_over(connection, script)


def test_an_answer_that_fits_is_read() -> None:
    connection, script = protected((READ_SIX_PROTECTED, sealed(b"secret").hex() + "9000"))
    assert connection.transmit(bytes.fromhex(READ_SIX)) == b"secret\x90\x00"
    script.check_finished()


@pytest.mark.parametrize("word", ["9000", "63C2"])
def test_data_where_there_should_be_none_is_not_believed(word: str) -> None:
    other = Terminal(KEY + bytes(16))
    connection, script = protected((other.command(VERIFY, 0, 0x80, b"5678").hex(), "00" + word))
    with pytest.raises(Malformed):
        connection.transmit(bytes.fromhex("002000800435363738"))
    check_over(connection, script)


def test_an_answer_that_was_lost_ends_the_session() -> None:
    """Nobody knows whether the card has counted; guessing could spend a try of the PIN on another one."""
    connection, script = protected((READ_SIX_PROTECTED, AnswerLost()))
    with pytest.raises(AnswerLost):
        connection.transmit(bytes.fromhex(READ_SIX))
    check_over(connection, script)


def test_without_power_there_is_no_session() -> None:
    connection, script = protected()
    connection.power_cycle()
    assert script.power_cycles == 1
    check_over(connection, script)


def test_plain_commands_go_on_after_the_end() -> None:
    connection, script = protected(("0084000008", "00112233445566779000"))
    connection.power_cycle()
    assert connection.transmit(bytes.fromhex("0084000008"))[-2:] == b"\x90\x00"
    script.check_finished()


def test_another_application_ends_the_session_and_nothing_is_read_in_plain_instead(
    air: Overheard, session: TextSession
) -> None:
    JpkiSession(air)
    TextSession(air)
    with pytest.raises(SessionEnded) as caught:
        session.attributes()
    assert caught.value.status_word == 0x6882
    with pytest.raises(SessionEnded):
        session.number()


def test_a_card_of_the_first_format_has_no_session_keys() -> None:
    class Older:
        """Without EF 0006."""

        atr = b"\x3b\x00"

        def transmit(self, command: bytes) -> bytes:
            return b"\x6a\x82" if command == bytes.fromhex("00A4020C020006") else b"\x90\x00"

        def power_cycle(self) -> None:
            """Nothing."""

    with pytest.raises(NotOnCard):
        TextSession(Older()).protect(SystemEntropy())


@given(st.binary(max_size=80))
@settings(max_examples=200)
def test_whatever_is_answered_is_read_refused_or_malformed(answer: bytes) -> None:
    connection, _ = protected((READ_SIX_PROTECTED, answer.hex()))
    try:
        read = Response.decode(connection.transmit(bytes.fromhex(READ_SIX)))
    except WarifuError:
        return
    assert len(read.data) <= 6


# --- what is told of it -----------------------------------------------------------------------------------------------


def test_a_trace_names_protected_commands_and_not_what_they_carry(my_number_card: SoftwareCard) -> None:
    lines: list[str] = []
    opened = TextSession(Traced(my_number_card.connection, lines.append))
    opened.verify("5678")
    opened.protect(SystemEntropy())
    lines.clear()
    opened.verify("5678")
    number = opened.number().reveal()
    assert lines[0].startswith("08 A4 02 0C  SELECT under the session key, 19 bytes sent")
    assert any("VERIFY under the session key, secret not shown" in line for line in lines)
    assert any("READ BINARY under the session key from 0, 5 bytes sent" in line for line in lines)
    said = "".join(lines)
    assert [each for each in (number, "5678", number.encode().hex(), b"5678".hex()) if each in said] == []


def test_a_session_key_is_in_no_repr() -> None:
    assert repr(ProtectedConnection(Script([]), KEY)) == "ProtectedConnection(not shown)"


def _everything(opened: TextSession) -> list[object]:
    reads: list[Callable[[], object]] = [opened.number, opened.attributes, opened.certificate, opened.info]
    return [read() for read in reads]


def _delivery_key() -> CardPublicKey:
    connection = software_card().connection
    TextSession(connection).verify("5678")
    return SessionDeliveryKey.decode(read_object(connection, TextFile.SESSION_KEY)).public_key
