"""VERIFY, tries, blocking, CHANGE REFERENCE DATA."""

import pytest

from tests.card.people import CODE_B as CODE_B_VALUE
from tests.card.people import NUMBER, SeededEntropy, card, childs_card, shown, store
from tests.card.talk import (
    AUTHENTICATION_KEY,
    AUTHENTICATION_PIN,
    CODE_A,
    CODE_B,
    SIGNING_KEY,
    SIGNING_PASSWORD,
    TEXT_PIN,
    Talk,
)
from warifu.card import Card
from warifu.chip import PinRecord

PINS = [(AUTHENTICATION_PIN, "1234", 3), (SIGNING_PASSWORD, "ABC123", 5)]


@pytest.mark.parametrize(("fid", "pin", "tries"), PINS)
def test_asking_for_the_tries_costs_none_and_never_says_9000(jpki: Talk, fid: int, pin: str, tries: int) -> None:
    """OpenSC pull request 959: 63Cx even when the PIN has been verified."""
    jpki.select_file(fid)
    assert jpki("00200080") == jpki("00200080") == jpki.tries(fid) == f"63C{tries}"
    assert jpki.verify(fid, pin) == "9000"
    assert jpki("00200080") == jpki.tries(fid) == f"63C{tries}"


def test_a_query_with_le_is_a_query(jpki: Talk) -> None:
    """Modelled: what a real card answers to these five bytes is not public."""
    jpki.select_file(AUTHENTICATION_PIN)
    assert jpki("0020008000") == "63C3"


@pytest.mark.parametrize(("fid", "pin", "tries"), PINS)
def test_wrong_pins_count_down_then_block(jpki: Talk, fid: int, pin: str, tries: int) -> None:
    """jpki/myna: the last wrong one answers 63C0, from then on 6984 whatever is presented."""
    for left in range(tries - 1, -1, -1):
        assert jpki.verify(fid, "000000"[: len(pin)]) == f"63C{left}"
        assert jpki.tries(fid) == f"63C{left}"
    assert jpki.verify(fid, pin) == jpki.verify(fid, "0") == "6984"
    assert jpki.tries(fid) == "63C0"
    assert jpki.sign(AUTHENTICATION_KEY) == jpki.sign(SIGNING_KEY) == "6982"


@pytest.mark.parametrize(("fid", "pin", "tries"), PINS)
def test_the_right_pin_brings_all_tries_back(jpki: Talk, fid: int, pin: str, tries: int) -> None:
    for _ in range(tries - 1):
        jpki.verify(fid, "999999")
    assert jpki.tries(fid) == "63C1"
    assert jpki.verify(fid, pin) == "9000"
    assert jpki.tries(fid) == f"63C{tries}"


def test_a_blocked_pin_stays_blocked_over_power_cycles() -> None:
    kept = store()
    talk = Talk(Card(kept, SeededEntropy()))
    talk.select_jpki()
    for _ in range(3):
        talk.verify(AUTHENTICATION_PIN, "0000")
    again = Talk(Card(kept, SeededEntropy()))
    again.select_jpki()
    assert again.verify(AUTHENTICATION_PIN, "1234") == "6984"


def test_tries_are_counted_for_each_pin_alone(jpki: Talk) -> None:
    jpki.verify(AUTHENTICATION_PIN, "0000")
    assert jpki.tries(SIGNING_PASSWORD) == "63C5"
    assert jpki.tries(AUTHENTICATION_PIN) == "63C2"


@pytest.mark.parametrize("pin", ["1", "123", "12345", "1234567890123456", "abcd"])
def test_a_pin_of_another_length_costs_a_try(jpki: Talk, pin: str) -> None:
    assert jpki.verify(AUTHENTICATION_PIN, pin) == "63C2"


def test_a_pin_of_17_bytes_is_refused_and_costs_nothing(jpki: Talk) -> None:
    """JICSAP §6.4.9: the data field has 1 to 16 bytes."""
    assert jpki.verify(AUTHENTICATION_PIN, "1" * 17) == "6700"
    assert jpki.tries(AUTHENTICATION_PIN) == "63C3"


def test_letters_are_compared_as_they_are(jpki: Talk) -> None:
    """soltia48/myna-card `src/pin.rs`: the card compares bytes."""
    assert jpki.verify(SIGNING_PASSWORD, "abc123") == "63C4"


def test_a_wrong_pin_takes_the_verification_back(jpki: Talk) -> None:
    """Modelled."""
    jpki.verify(AUTHENTICATION_PIN, "1234")
    jpki.verify(AUTHENTICATION_PIN, "4321")
    assert jpki.sign(AUTHENTICATION_KEY) == "6982"


def test_a_wrong_pin_does_not_take_back_what_the_other_opened(jpki: Talk) -> None:
    jpki.verify(SIGNING_PASSWORD, "ABC123")
    jpki.verify(AUTHENTICATION_PIN, "4321")
    assert jpki.sign(SIGNING_KEY) == "9000"


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("00200180", "6A86"),
        ("00200000", "6A86"),
        ("00200018", "6A86"),
        ("002000B8", "6A86"),
        ("0020009D", "6A82"),
        ("00200080", "6986"),
    ],
)
def test_verify_names_the_current_file_or_a_short_identifier(jpki: Talk, command: str, word: str) -> None:
    assert jpki(command) == word


@pytest.mark.parametrize("fid", [0x06, 0x09, 0x0A, 0x16, 0x17, 0x1A])
def test_only_a_pin_can_be_verified(jpki: Talk, fid: int) -> None:
    assert jpki.tries(fid) == "6981"
    assert jpki.verify(fid, "1234") == "6981"


def test_a_short_identifier_makes_the_pin_current(jpki: Talk) -> None:
    """soltia48/myna-card `src/card.rs` (verify_sfi): the same effect as selecting the file first."""
    jpki.verify(AUTHENTICATION_PIN, "1234")
    assert jpki("00200080") == "63C3"


def test_the_key_reference_0010_answers_a_query_and_matches_nothing(jpki: Talk) -> None:
    """soltia48/myna-card `examples/fuzz_card.rs`; that it is blocked is modelled."""
    assert jpki.tries(0x10) == "63C0"
    assert jpki.verify(0x10, "1234") == "6984"


def test_the_pin_0012_of_the_text_application_is_blocked(text: Talk) -> None:
    """soltia48/myna-card `src/ap/text.rs`: on every card seen."""
    assert text.tries(0x12) == "63C0"
    assert text.verify(0x12, "1234") == "6984"


# --- changing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fid", "old", "new"), [(AUTHENTICATION_PIN, "1234", "4321"), (SIGNING_PASSWORD, "ABC123", "Z9Z9Z9Z9Z9Z9Z9Z9")]
)
def test_a_verified_pin_can_be_changed(fid: int, old: str, new: str) -> None:
    """``00 24 01 80``: soltia48/myna-card `src/card.rs` (change_reference_data), jpki/myna `libmyna`."""
    kept = store()
    talk = Talk(Card(kept, SeededEntropy()))
    talk.select_jpki()
    talk.select_file(fid)
    assert talk.verify(fid, old) == "9000"
    assert talk(f"00240180{len(new):02X}{new.encode().hex()}") == "9000"
    again = Talk(Card(kept, SeededEntropy()))
    again.select_jpki()
    assert again.verify(fid, old).startswith("63C")
    assert again.verify(fid, new) == "9000"


def test_the_text_pin_can_be_changed(text: Talk) -> None:
    text.verify(TEXT_PIN, "5678")
    assert text.change(TEXT_PIN, "0001") == "9000"
    assert text.verify(TEXT_PIN, "0001") == "9000"


def test_after_a_change_the_pin_stays_verified(jpki: Talk) -> None:
    jpki.verify(AUTHENTICATION_PIN, "1234")
    jpki.change(AUTHENTICATION_PIN, "4321")
    assert jpki.sign(AUTHENTICATION_KEY) == "9000"


def test_a_pin_that_is_not_verified_cannot_be_changed(jpki: Talk) -> None:
    assert jpki.change(AUTHENTICATION_PIN, "4321") == "6982"
    jpki.verify(SIGNING_PASSWORD, "ABC123")
    assert jpki.change(AUTHENTICATION_PIN, "4321") == "6982"
    assert jpki.verify(AUTHENTICATION_PIN, "1234") == "9000"


def test_a_blocked_pin_cannot_be_changed(jpki: Talk) -> None:
    for _ in range(3):
        jpki.verify(AUTHENTICATION_PIN, "0000")
    assert jpki.change(AUTHENTICATION_PIN, "4321") == "6984"


@pytest.mark.parametrize(
    ("fid", "old", "new"),
    [
        (AUTHENTICATION_PIN, "1234", "123"),
        (AUTHENTICATION_PIN, "1234", "12345"),
        (AUTHENTICATION_PIN, "1234", ""),
        (SIGNING_PASSWORD, "ABC123", "ABC12"),
        (SIGNING_PASSWORD, "ABC123", "A" * 17),
    ],
)
def test_a_new_pin_has_the_length_of_its_kind(jpki: Talk, fid: int, old: str, new: str) -> None:
    jpki.verify(fid, old)
    command = f"002401{0x80 | fid:02X}" + (f"{len(new):02X}{new.encode().hex()}" if new else "")
    assert jpki(command) == "6700"
    assert jpki.verify(fid, old) == "9000"


@pytest.mark.parametrize("p1", ["00", "02", "80"])
def test_a_change_carries_the_new_pin_only(jpki: Talk, p1: str) -> None:
    jpki.verify(AUTHENTICATION_PIN, "1234")
    assert jpki(f"0024{p1}80083132333434333231") == "6A86"


@pytest.mark.parametrize(("fid", "value"), [(CODE_A, NUMBER.reveal()), (CODE_B, CODE_B_VALUE)])
def test_matching_numbers_cannot_be_changed(text: Talk, fid: int, value: str) -> None:
    assert text.verify(fid, value) == "9000"
    assert text.change(fid, value[::-1]) == "6982"


def test_a_childs_card_has_a_signing_password_that_nothing_matches() -> None:
    """OpenSC binds a card only if both PINs answer the query (src/libopensc/pkcs15-jpki.c)."""
    talk = Talk(childs_card())
    talk.select_jpki()
    assert talk.tries(SIGNING_PASSWORD) == "63C0"
    assert talk.verify(SIGNING_PASSWORD, "ABC123") == "6984"
    assert talk.read(1) == talk.sign(SIGNING_KEY) == "6982"
    talk.verify(AUTHENTICATION_PIN, "1234")
    assert talk.sign(AUTHENTICATION_KEY) == "9000"


def test_a_card_shows_no_pin_and_no_file() -> None:
    """Tracebacks and logs print what they find: nothing of a card's contents may be in it."""
    chip = Talk().card._chip
    assert chip is not None
    machine = chip._machine
    pins = [file for application in machine.applications for file in application.files.values()]
    told = shown(machine, *machine.applications, *pins, PinRecord(3, b"1234"), store(), card())
    assert "1234" not in told
    assert "割符" not in told
    assert NUMBER.reveal() not in told
    assert "\\x30\\x82" not in told
    assert "0\\x82" not in told
