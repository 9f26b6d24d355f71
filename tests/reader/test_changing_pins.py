"""Changing PINs: looked at first, sent once, in the words that each application knows."""

import pytest

from tests.reader.scripted import SELECT_JPKI, SELECT_TEXT, Answer, Script, select
from warifu.card import tries_left
from warifu.cardmap import AUTHENTICATION_PIN, PINS
from warifu.errors import AnswerLost, LastTry, Malformed, NotAllowed, NotOnCard, PinBlocked, WrongPin
from warifu.reader import Credential, JpkiSession, Key, TextSession, all_tries_left, change_pin
from warifu.testing import SoftwareCard

QUERY = "00200080"
SELECT_COMMON = ("00A4040C0A D3921000310001010100", "9000")
SELECT_RESIDENT = ("00A4040C0A D3921000310001010401", "9000")


@pytest.mark.parametrize(
    ("credential", "chosen", "file_id", "command"),
    [
        (Credential.AUTHENTICATION_PIN, SELECT_JPKI, "0018", "0024018004"),
        (Credential.TEXT_PIN, SELECT_TEXT, "0011", "0024018004"),
        (Credential.COMMON_PIN, SELECT_COMMON, "001C", "8032008004"),
        (Credential.RESIDENT_PIN, SELECT_RESIDENT, "001C", "8032008004"),
    ],
)
def test_each_application_has_its_command(
    credential: Credential, chosen: tuple[str, str], file_id: str, command: str
) -> None:
    """CHANGE REFERENCE DATA with P1 = 01 in JPKI and text, JICSAP's CHANGE KEY in the others (soltia48/myna-card)."""
    verified = ("0020008004 31323334", "9000")
    script = Script([chosen, select(file_id), (QUERY, "63C3"), verified, (command + "39383736", "9000")])
    change_pin(script, credential, "1234", "9876")
    script.check_finished()


def test_a_changed_pin_holds_and_the_old_one_no_longer(my_number_card: SoftwareCard) -> None:
    change_pin(my_number_card.connection, Credential.AUTHENTICATION_PIN, "1234", "9876")
    my_number_card.connection.power_cycle()
    session = JpkiSession(my_number_card.connection)
    with pytest.raises(WrongPin):
        session.verify(Key.AUTHENTICATION, "1234")
    session.verify(Key.AUTHENTICATION, "9876")


def test_a_changed_signing_password_is_upper_case(my_number_card: SoftwareCard) -> None:
    change_pin(my_number_card.connection, Credential.SIGNING_PASSWORD, "abc123", "xyz789")
    JpkiSession(my_number_card.connection).verify(Key.SIGNING, "XYZ789")


def test_a_changed_text_pin_holds(my_number_card: SoftwareCard) -> None:
    change_pin(my_number_card.connection, Credential.TEXT_PIN, "5678", "8765")
    TextSession(my_number_card.connection).verify("8765")


@pytest.mark.parametrize(
    ("credential", "old", "new"),
    [
        (Credential.AUTHENTICATION_PIN, "1234", "123"),
        (Credential.AUTHENTICATION_PIN, "1234", "12a4"),
        (Credential.AUTHENTICATION_PIN, "1234", "1234"),
        (Credential.AUTHENTICATION_PIN, "12345", "9876"),
        (Credential.SIGNING_PASSWORD, "ABC123", "ABCDEF"),
        (Credential.SIGNING_PASSWORD, "ABC123", "123456"),
        (Credential.SIGNING_PASSWORD, "ABC123", "abc123"),
        (Credential.SIGNING_PASSWORD, "ABC123", "A" * 16 + "1"),
    ],
)
def test_a_change_that_cannot_succeed_spends_no_try(credential: Credential, old: str, new: str) -> None:
    """The old PIN would be tried for nothing: a password needs a letter and a digit, and must be another one."""
    application = SELECT_JPKI
    script = Script([application])
    with pytest.raises(Malformed) as caught:
        change_pin(script, credential, old, new)
    assert new not in str(caught.value)
    script.check_finished()


@pytest.mark.parametrize(
    "credential", [each for each in Credential if not each.pin.spec.changeable], ids=lambda each: each.name
)
def test_what_is_printed_on_the_card_cannot_be_changed(credential: Credential) -> None:
    number = "123456789018"
    script = Script([(f"00A4040C0A {credential.application.aid.hex()}", "9000")])
    with pytest.raises(NotAllowed):
        change_pin(script, credential, number, number)
    script.check_finished()


def test_a_wrong_old_pin_changes_nothing(my_number_card: SoftwareCard) -> None:
    with pytest.raises(WrongPin) as caught:
        change_pin(my_number_card.connection, Credential.AUTHENTICATION_PIN, "9999", "9876")
    assert caught.value.tries_left == tries_left(my_number_card.store, AUTHENTICATION_PIN) == 2
    JpkiSession(my_number_card.connection).verify(Key.AUTHENTICATION, "1234")


@pytest.mark.parametrize(("answer", "error"), [("63C1", LastTry), ("63C0", PinBlocked)])
def test_the_last_try_is_not_spent_on_a_change(answer: str, error: type[Exception]) -> None:
    script = Script([SELECT_JPKI, select("0018"), (QUERY, answer)])
    with pytest.raises(error):
        change_pin(script, Credential.AUTHENTICATION_PIN, "1234", "9876")
    script.check_finished()


def test_a_change_whose_answer_was_lost_is_not_repeated() -> None:
    """The new PIN may hold already."""
    lost: tuple[str, Answer] = ("0024018004 39383736", AnswerLost())
    script = Script([SELECT_JPKI, select("0018"), (QUERY, "63C3"), ("0020008004 31323334", "9000"), lost])
    with pytest.raises(AnswerLost):
        change_pin(script, Credential.AUTHENTICATION_PIN, "1234", "9876")
    script.check_finished()


def test_a_phone_has_no_text_pin_to_change() -> None:
    with pytest.raises(NotOnCard):
        change_pin(Script([(SELECT_TEXT[0], "6A82")]), Credential.TEXT_PIN, "1234", "9876")


def test_all_tries_are_told_without_spending_any(my_number_card: SoftwareCard) -> None:
    asked = all_tries_left(my_number_card.connection)
    assert asked.keys() == set(Credential)
    assert asked[Credential.AUTHENTICATION_PIN] == asked[Credential.TEXT_PIN] == 3
    assert (asked[Credential.SIGNING_PASSWORD], asked[Credential.TEXT_MATCHING_NUMBER_A]) == (5, 10)
    assert asked == all_tries_left(my_number_card.connection)
    in_store = {each: tries_left(my_number_card.store, each.pin.spec) for each in Credential if each.pin.spec in PINS}
    assert {each: asked[each] for each in in_store} == in_store


def test_where_an_application_or_a_credential_is_missing_there_are_no_tries() -> None:
    """A phone has the JPKI application alone."""
    others = [(f"00A4040C0A {aid}", "6A82") for aid in ("D3921000310001010408", "D3921000310001010402")]
    others += [(f"00A4040C0A {aid}", "6A82") for aid in ("D3921000310001010401", "D3921000310001010100")]
    others += [(f"00A4040C0A {aid}", "6A82") for aid in ("F0574152494655000001", "F0574152494655000002")]
    script = Script([SELECT_JPKI, select("0018"), (QUERY, "63C3"), ("00A4020C02001B", "6A82"), *others])
    asked = all_tries_left(script)
    assert {each: tries for each, tries in asked.items() if tries is not None} == {Credential.AUTHENTICATION_PIN: 3}
    script.check_finished()
