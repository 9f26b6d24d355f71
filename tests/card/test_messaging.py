"""Secure messaging of the text application: soltia48/myna-card `src/sm.rs` (measured), unless a test says otherwise."""

import pytest

from tests.card.people import CODE_B, DELIVERY, NUMBER
from tests.card.talk import COMMON, JPKI, RESIDENT, TEXT, VISUAL, Talk
from tests.card.terminal import SEED, Terminal, set_session_key
from warifu.town import pool

VERIFY, SELECT = 0x20, 0xA4


@pytest.fixture
def session(text: Talk) -> Talk:
    """A card in a session of the seed 00 01 02 …, PIN verified."""
    assert text.verify(0x11, "5678") == "9000"
    assert send(text, set_session_key()) == "9000"
    return text


def send(talk: Talk, command: bytes) -> str:
    return talk.card.transmit(command).hex().upper()


# --- SET SESSION KEY --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("credential", [None, (0x14, NUMBER.reveal()), (0x15, CODE_B)], ids=["none", "A", "B"])
def test_a_session_key_needs_the_pin_and_no_matching_number_will_do(
    text: Talk, credential: tuple[int, str] | None
) -> None:
    if credential is not None:
        assert text.verify(*credential) == "9000"
    assert send(text, set_session_key()) == "6982"
    assert text("08B0810000") == "69FC"


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        SEED,
        bytes.fromhex("8020") + SEED,
        bytes.fromhex("A022801F") + SEED,
        bytes.fromhex("A0228120") + SEED,
        bytes.fromhex("A0228020") + SEED[:-1],
        bytes.fromhex("A0228020") + SEED + b"\0",
    ],
)
def test_only_one_structure_of_the_seed_is_accepted(text: Talk, plain: bytes) -> None:
    text.verify(0x11, "5678")
    assert send(text, set_session_key(plain=plain)) == "6A80"


def test_what_does_not_decrypt_is_answered_as_a_wrong_structure_is(text: Talk) -> None:
    """Modelled; two different answers would tell whoever asks often enough what the key decrypts to."""
    text.verify(0x11, "5678")
    command = set_session_key()
    assert send(text, command[:-1] + bytes((command[-1] ^ 1,))) == "6A80"


def test_a_ciphertext_not_below_the_modulus_is_6f00(text: Talk) -> None:
    text.verify(0x11, "5678")
    modulus = pool.private_key(DELIVERY).public_key().public_numbers().n.to_bytes(256, "big")
    head = set_session_key()[:-256]
    assert send(text, head + modulus) == send(text, head + b"\xff" * 256) == "6F00"


@pytest.mark.parametrize(("command", "word"), [("80AE0000", "6700"), ("80AE000001AA", "6700"), ("80AE0100", "6A86")])
def test_the_key_has_the_length_of_the_modulus(text: Talk, command: str, word: str) -> None:
    text.verify(0x11, "5678")
    assert text(command) == word


@pytest.mark.parametrize(("aid", "word"), [(COMMON, "66F1"), (VISUAL, "66F1"), (JPKI, "6982"), (RESIDENT, "6982")])
def test_the_other_applications_take_no_session_key(talk: Talk, aid: str, word: str) -> None:
    talk.select(aid)
    assert send(talk, set_session_key()) == word
    assert talk("80AE0000") == word


# --- commands under it ------------------------------------------------------------------------------------------------


def test_the_bytes_of_a_session_are_those_that_openssl_makes(session: Talk) -> None:
    """openssl enc: the vector is aes-128-ecb of the counter, the data aes-128-cbc -nopad, 80 00… appended by hand."""
    assert session("08A4020C" + "13" + "861101" + "86974E6FA9F3C800DEEBD0F5A9331F14") == "9000"
    assert session("08200080" + "13" + "861101" + "E3BC28A4531860CEC53CABA6B57FE94B") == "9000"


@pytest.mark.parametrize("length", ["11", "8111", "820011"])
def test_the_length_may_be_in_the_long_form_without_need(session: Talk, length: str) -> None:
    """86 81 11 01 was measured; that 82 00 11 does as well is modelled."""
    data = "86" + length + "01" + "86974E6FA9F3C800DEEBD0F5A9331F14"
    assert session(f"08A4020C{len(data) // 2:02X}{data}") == "9000"


def test_a_file_is_read_under_the_session(session: Talk) -> None:
    terminal = Terminal()
    assert send(session, terminal.command(SELECT, 0x02, 0x0C, b"\x00\x01")) == "9000"
    answer = session.card.transmit(terminal.read(0, 0))
    assert answer[-2:] == b"\x90\x00"
    assert NUMBER.reveal().encode() not in answer
    assert terminal.answer(answer[:-2]) == b"\xff\x10\x0c" + NUMBER.reveal().encode() + b"\xff\xff"


@pytest.mark.parametrize("le", [1, 15, 16, 17, 127, 128, 255, 256, 1024, 65536])
def test_any_length_is_read_and_padded(session: Talk, le: int) -> None:
    terminal = Terminal()
    plain = session.data(f"00B0820000{le % 65536:04X}")
    assert terminal.answer(session.card.transmit(terminal.read(0x82, 0, le))[:-2]) == plain


def test_a_pin_is_verified_under_the_session_and_its_tries_are_asked_for(session: Talk) -> None:
    terminal = Terminal()
    assert send(session, terminal.command(VERIFY, 0, 0x91, b"0000")) == "63C2"
    assert send(session, terminal.command(VERIFY, 0, 0x91, b"")) == "63C2"
    assert send(session, terminal.command(VERIFY, 0, 0x91, b"5678")) == "9000"


def test_every_command_counts_also_one_that_is_refused(session: Talk) -> None:
    terminal = Terminal()
    assert send(session, terminal.command(SELECT, 0x02, 0x0C, b"\x00\x1d")) == "6A82"
    assert send(session, terminal.read(0, 0)) == "6981"  # the PIN's file is current
    assert send(session, terminal.command(SELECT, 0x02, 0x0C, b"\x00\x04")) == "9000"
    assert send(session, terminal.read(0x7F, 0xFF)) == "6B00"
    assert terminal.answer(session.card.transmit(terminal.read(0, 0, 2))[:-2]) == b"\x7f\x21"


def test_plain_commands_do_not_count(session: Talk) -> None:
    terminal = Terminal()
    assert session.select_file(0x04) == "9000"
    assert session.read(0x04) == "9000"
    assert terminal.answer(session.card.transmit(terminal.read(0x84, 0, 2))[:-2]) == b"\x7f\x21"


def test_a_command_that_was_seen_before_is_worth_nothing(session: Talk) -> None:
    """The vector moved on: what was a PIN is no more."""
    terminal = Terminal()
    overheard = terminal.command(VERIFY, 0, 0x91, b"5678")
    assert send(session, overheard) == "9000"
    assert send(session, overheard) in ("6988", *(f"63C{left}" for left in range(3)), "6700")


def test_what_the_pin_guards_is_guarded_under_a_session_too(session: Talk) -> None:
    terminal = Terminal()
    assert send(session, terminal.command(VERIFY, 0, 0x91, b"0000")) == "63C2"
    assert send(session, terminal.read(0x81, 0)) == "6982"


@pytest.mark.parametrize("ins", ["24", "84", "B2", "CA", "88"])
def test_other_instructions_are_unknown_under_a_session_and_count(session: Talk, ins: str) -> None:
    """Modelled."""
    terminal = Terminal()
    assert session(f"08{ins}000000") == "6D00"
    terminal.number += 1
    assert terminal.answer(session.card.transmit(terminal.read(0x84, 0, 2))[:-2]) == b"\x7f\x21"


def test_an_answer_that_le_does_not_hold_is_refused(session: Talk) -> None:
    """Modelled: the answer is longer than what was read."""
    assert session("08B08400" + "05" + "9603000100" + "10") == "6700"
    assert session("08B08400" + "05" + "9603000100") == "6700"


# --- its death --------------------------------------------------------------------------------------------------------

CIPHERTEXT = "86974E6FA9F3C800DEEBD0F5A9331F14"

WRONG = {
    "no data": "08A4020C",
    "another object": "08A4020C" + "13" + "871101" + CIPHERTEXT,
    "the other instruction's object": "08A4020C" + "05" + "9603000100",
    "two objects": "08A4020C" + "18" + "861101" + CIPHERTEXT + "9603000100",
    "another padding": "08A4020C" + "13" + "861102" + CIPHERTEXT,
    "no padding indicator": "08A4020C" + "02" + "8600",
    "no block": "08A4020C" + "03" + "860101",
    "a length of indefinite form": "08A4020C" + "15" + "868001" + CIPHERTEXT + "0000",
    "a length of three bytes": "08A4020C" + "16" + "8683000011" + "01" + CIPHERTEXT,
    "a long length that is another": "08A4020C" + "14" + "86811201" + CIPHERTEXT,
    "half a block": "08A4020C" + "0B" + "860901" + CIPHERTEXT[:16],
    "padding that is none": "08A4020C" + "13" + "861101" + CIPHERTEXT[::-1],
    "cut short": "08A4020C" + "12" + "861101" + CIPHERTEXT[:-2],
    "Le in one byte": "08B08400" + "000003" + "960110" + "0000",
    "Le in two bytes": "08B08400" + "000004" + "96020010" + "0000",
    "Le of 65792": "08B08400" + "000005" + "9603010100" + "0000",
    "read with a ciphertext": "08B08400" + "000013" + "861101" + CIPHERTEXT + "0000",
    "read without data": "08B0840000",
}


@pytest.mark.parametrize("command", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_data_field_kills_the_session(session: Talk, command: str) -> None:
    assert session(command) == "6988"
    terminal = Terminal()
    terminal.number = 2
    assert send(session, terminal.command(SELECT, 0x02, 0x0C, b"\x00\x04")) == "69FC"
    assert send(session, terminal.read(0x84, 0)) == "69FC"


def test_plain_commands_and_what_was_verified_survive_a_session(session: Talk) -> None:
    assert session(WRONG["no data"]) == "6988"
    assert session.read(0x01) == "9000"


def test_another_session_key_begins_anew_with_1(session: Talk) -> None:
    assert session(WRONG["no data"]) == "6988"
    seed = bytes(range(100, 132))
    assert send(session, set_session_key(seed)) == "9000"
    assert send(session, Terminal(seed).command(SELECT, 0x02, 0x0C, b"\x00\x04")) == "9000"


def test_a_session_in_use_is_replaced(session: Talk) -> None:
    send(session, Terminal().read(0x84, 0))
    seed = bytes(range(100, 132))
    assert send(session, set_session_key(seed)) == "9000"
    assert send(session, Terminal().command(SELECT, 0x02, 0x0C, b"\x00\x04")) == "6988"


@pytest.mark.parametrize("how", ["other application", "warm reset", "power cycle"])
def test_a_session_ends_with_its_application(session: Talk, how: str) -> None:
    """Modelled for resets."""
    if how == "other application":
        session.select(JPKI)
    elif how == "warm reset":
        session.card.reset()
    else:
        session.card.power_cycle()
    session.select_text()
    assert send(session, Terminal().command(SELECT, 0x02, 0x0C, b"\x00\x04")) == "6882"
    assert send(session, Terminal().read(0x84, 0)) == "69FC"


def test_a_session_survives_selecting_its_application_again(session: Talk) -> None:
    session.select_text()
    assert send(session, Terminal().command(SELECT, 0x02, 0x0C, b"\x00\x04")) == "9000"


def test_another_application_can_be_selected_under_a_session_which_ends_it(session: Talk) -> None:
    terminal = Terminal()
    assert send(session, terminal.command(SELECT, 0x04, 0x0C, bytes.fromhex(JPKI))) == "9000"
    assert session.tries(0x18) == "63C3"
    assert send(session, terminal.read(0x8A, 0)) == "69FC"


@pytest.mark.parametrize("aid", [JPKI, VISUAL, RESIDENT, COMMON, TEXT, "A0000001510000"])
def test_without_a_session_class_08_is_refused(talk: Talk, aid: str) -> None:
    talk.select(aid)
    assert talk("08A4020C020001") == "6882"
    assert talk("08B0000000") == talk("08200080") == "69FC"
    assert talk("0CB0000000") == "6987"


def test_the_other_class_of_secure_messaging_is_refused_in_a_session_and_does_not_count(session: Talk) -> None:
    assert session("0CB0000000") == "6987"
    assert send(session, Terminal().command(SELECT, 0x02, 0x0C, b"\x00\x04")) == "9000"


def test_a_session_key_is_in_no_repr(session: Talk) -> None:
    assert session.card._chip is not None
    assert repr(session.card._chip._machine.session) == "Session(not shown)"
