"""Presenting PINs: nothing is wasted, nothing is repeated."""

import pytest

from tests.reader.scripted import SELECT_JPKI, Answer, Script, select
from warifu.errors import AnswerLost, CardRefused, LastTry, Malformed, PinBlocked, WrongPin
from warifu.reader import JpkiSession, Key

QUERY = "00200080"
VERIFY_1234 = "0020008004 31323334"


def session(*dialogue: tuple[str, Answer]) -> tuple[JpkiSession, Script]:
    script = Script([SELECT_JPKI, *dialogue])
    return JpkiSession(script), script


def test_tries_left_asks_without_data_and_consumes_none() -> None:
    """JICSAP v1.1 §6.4.9: VERIFY without a data field."""
    jpki, script = session(select("0018"), (QUERY, "63C2"))
    assert jpki.tries_left(Key.AUTHENTICATION) == 2
    script.check_finished()


@pytest.mark.parametrize(("key", "file_id", "full"), [(Key.AUTHENTICATION, "0018", 3), (Key.SIGNING, "001B", 5)])
def test_a_verified_pin_that_answers_9000_has_all_its_tries(key: Key, file_id: str, full: int) -> None:
    """ISO/IEC 7816-4:2005 §7.5.6 lets a card answer 9000 when no verification is needed any more."""
    jpki, _ = session(select(file_id), (QUERY, "9000"))
    assert jpki.tries_left(key) == full


@pytest.mark.parametrize("status_word", ["63C0", "6983", "6984"])
def test_a_blocked_pin_has_no_tries_left(status_word: str) -> None:
    jpki, _ = session(select("0018"), (QUERY, status_word))
    assert jpki.tries_left(Key.AUTHENTICATION) == 0


def test_a_query_refused_otherwise_is_an_error_with_the_status_word() -> None:
    jpki, _ = session(select("0018"), (QUERY, "6D00"))
    with pytest.raises(CardRefused) as caught:
        jpki.tries_left(Key.AUTHENTICATION)
    assert type(caught.value) is CardRefused
    assert caught.value.status_word == 0x6D00


def test_the_signing_password_is_sent_in_upper_case() -> None:
    """Every client upper-cases it (jpki/myna, OpenSC): the card compares bytes."""
    jpki, script = session(select("001B"), (QUERY, "63C5"), ("0020008006 414243313233", "9000"))
    jpki.verify(Key.SIGNING, "abc123")
    script.check_finished()


@pytest.mark.parametrize("pin", ["", "123", "12345", "12a4", "１２３４", "12 4"])
def test_an_impossible_authentication_pin_never_reaches_the_card(pin: str) -> None:
    jpki, script = session()
    with pytest.raises(Malformed) as caught:
        jpki.verify(Key.AUTHENTICATION, pin)
    assert not pin or pin not in str(caught.value)
    script.check_finished()


@pytest.mark.parametrize("password", ["", "ABC12", "ABCDEFGHIJ1234567", "ABC-123", "ＡＢＣ１２３", "ßßß123"])
def test_an_impossible_signing_password_never_reaches_the_card(password: str) -> None:
    jpki, script = session()
    with pytest.raises(Malformed):
        jpki.verify(Key.SIGNING, password)
    script.check_finished()


def test_a_wrong_pin_says_how_many_tries_are_left() -> None:
    jpki, _ = session(select("0018"), (QUERY, "63C3"), (VERIFY_1234, "63C2"))
    with pytest.raises(WrongPin) as caught:
        jpki.verify(Key.AUTHENTICATION, "1234")
    assert (caught.value.tries_left, caught.value.pin_name) == (2, "authentication PIN")


@pytest.mark.parametrize("status_word", ["63C0", "6983", "6984"])
def test_a_try_that_blocks_is_reported_as_blocked(status_word: str) -> None:
    jpki, _ = session(select("0018"), (QUERY, "63C3"), (VERIFY_1234, status_word))
    with pytest.raises(PinBlocked):
        jpki.verify(Key.AUTHENTICATION, "1234")


def test_nothing_is_presented_to_a_blocked_pin() -> None:
    jpki, script = session(select("0018"), (QUERY, "63C0"))
    with pytest.raises(PinBlocked):
        jpki.verify(Key.AUTHENTICATION, "1234")
    script.check_finished()


def test_the_last_try_is_kept() -> None:
    jpki, script = session(select("0018"), (QUERY, "63C1"))
    with pytest.raises(LastTry) as caught:
        jpki.verify(Key.AUTHENTICATION, "1234")
    assert caught.value.tries_left == 1
    script.check_finished()


def test_the_last_try_is_spent_when_told_to() -> None:
    jpki, script = session(select("0018"), (QUERY, "63C1"), (VERIFY_1234, "9000"))
    jpki.verify(Key.AUTHENTICATION, "1234", spend_last=True)
    script.check_finished()


def test_a_verify_whose_answer_was_lost_is_not_repeated() -> None:
    """The card may have counted the try already; only whoever holds the PIN decides."""
    jpki, script = session(select("0018"), (QUERY, "63C3"), (VERIFY_1234, AnswerLost()))
    with pytest.raises(AnswerLost):
        jpki.verify(Key.AUTHENTICATION, "1234")
    script.check_finished()


def test_a_verify_answered_6cxx_is_not_repeated() -> None:
    """Repeating with another Le is for harmless commands; this one might count a second try."""
    jpki, script = session(select("0018"), (QUERY, "63C3"), (VERIFY_1234, "6C00"))
    with pytest.raises(CardRefused):
        jpki.verify(Key.AUTHENTICATION, "1234")
    script.check_finished()
