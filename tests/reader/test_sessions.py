"""Sessions with the software card: PINs, certificates, signatures, logging in and out."""

import hashlib
import os

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from warifu.card import Profile, block_pin, tries_left
from warifu.cardmap import AUTHENTICATION_PIN, SIGNING_PASSWORD, TEXT_PIN
from warifu.errors import AnswerLost, LastTry, Malformed, NotOnCard, PinBlocked, PinRequired, WrongPin
from warifu.messages import LoginAnswer, LoginChallenge
from warifu.ports import Connection
from warifu.reader import JpkiSession, Key, TextSession, answer_login, check_attributes, log_out
from warifu.testing import SoftwareCard, software_card

CHALLENGE = LoginChallenge("http://localhost:8700", "client", "transaction", bytes(range(32)))
DIGEST = hashlib.sha256(b"to be signed").digest()


def test_both_certificates_and_their_authorities_are_read_exactly(my_number_card: SoftwareCard) -> None:
    session = JpkiSession(my_number_card.connection)
    session.verify(Key.SIGNING, "abc123")
    assert session.certificate(Key.AUTHENTICATION) == my_number_card.authentication_certificate
    assert session.ca_certificate(Key.AUTHENTICATION) == my_number_card.authentication_ca_certificate
    assert session.certificate(Key.SIGNING) == my_number_card.signing_certificate
    assert session.ca_certificate(Key.SIGNING) == my_number_card.signing_ca_certificate


def test_the_authentication_key_signs_after_its_pin(my_number_card: SoftwareCard) -> None:
    session = JpkiSession(my_number_card.connection)
    session.verify(Key.AUTHENTICATION, "1234")
    signature = session.sign(Key.AUTHENTICATION, DIGEST)
    my_number_card.authentication_public_key.verify(signature, b"to be signed", PKCS1v15(), hashes.SHA256())


def test_the_signing_key_signs_several_times_after_its_password(my_number_card: SoftwareCard) -> None:
    session = JpkiSession(my_number_card.connection)
    session.verify(Key.SIGNING, "ABC123")
    for _ in range(2):
        signature = session.sign(Key.SIGNING, DIGEST)
        my_number_card.signing_public_key.verify(signature, b"to be signed", PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize("key", Key)
def test_no_key_signs_without_its_pin(my_number_card: SoftwareCard, key: Key) -> None:
    with pytest.raises(PinRequired):
        JpkiSession(my_number_card.connection).sign(key, DIGEST)


def test_the_pin_of_one_key_does_not_open_the_other(my_number_card: SoftwareCard) -> None:
    session = JpkiSession(my_number_card.connection)
    session.verify(Key.AUTHENTICATION, "1234")
    with pytest.raises(PinRequired):
        session.sign(Key.SIGNING, DIGEST)


@pytest.mark.parametrize("digest", [b"", DIGEST[:31], DIGEST + b"\0"])
def test_only_a_sha256_value_is_signed(my_number_card: SoftwareCard, digest: bytes) -> None:
    session = JpkiSession(my_number_card.connection)
    session.verify(Key.AUTHENTICATION, "1234")
    with pytest.raises(Malformed):
        session.sign(Key.AUTHENTICATION, digest)


def test_wrong_pins_count_down_and_the_right_one_restores(my_number_card: SoftwareCard) -> None:
    session = JpkiSession(my_number_card.connection)
    with pytest.raises(WrongPin) as caught:
        session.verify(Key.AUTHENTICATION, "9999")
    assert caught.value.tries_left == session.tries_left(Key.AUTHENTICATION) == 2
    session.verify(Key.AUTHENTICATION, "1234")
    assert session.tries_left(Key.AUTHENTICATION) == 3


def test_the_last_try_stays_on_the_card_unless_it_is_given_up(my_number_card: SoftwareCard) -> None:
    session = JpkiSession(my_number_card.connection)
    for _ in range(2):
        with pytest.raises(WrongPin):
            session.verify(Key.AUTHENTICATION, "9999")
    with pytest.raises(LastTry):
        session.verify(Key.AUTHENTICATION, "9999")
    assert tries_left(my_number_card.store, AUTHENTICATION_PIN) == 1
    with pytest.raises(PinBlocked):
        session.verify(Key.AUTHENTICATION, "9999", spend_last=True)
    with pytest.raises(PinBlocked):
        session.verify(Key.AUTHENTICATION, "1234", spend_last=True)


def test_logging_out_shuts_what_a_pin_had_opened(my_number_card: SoftwareCard) -> None:
    session = JpkiSession(my_number_card.connection)
    session.verify(Key.AUTHENTICATION, "1234")
    log_out(my_number_card.connection)
    with pytest.raises(PinRequired):
        JpkiSession(my_number_card.connection).sign(Key.AUTHENTICATION, DIGEST)


def test_a_child_s_card_has_no_signing_certificate() -> None:
    session = JpkiSession(software_card(profile=Profile.CHILD_WITHOUT_SIGNING).connection)
    assert not session.certificate_availability().signing
    assert session.certificate(Key.AUTHENTICATION)
    with pytest.raises(PinBlocked):
        session.verify(Key.SIGNING, "ABC123")


def test_a_card_without_pins_can_only_be_read() -> None:
    """暗証番号設定のない顔認証カード."""
    session = JpkiSession(software_card(profile=Profile.FACE_VERIFICATION).connection)
    assert session.tries_left(Key.AUTHENTICATION) == 0
    with pytest.raises(PinBlocked):
        session.verify(Key.AUTHENTICATION, "1234")


# --- logging in -------------------------------------------------------------------------------------------------------


def test_a_login_is_signed_by_the_authentication_key(my_number_card: SoftwareCard) -> None:
    answer = answer_login(my_number_card.connection, CHALLENGE, "1234")
    assert answer.challenge == CHALLENGE
    assert answer.unverified_certificate == my_number_card.authentication_certificate
    assert answer.attributes is None
    check_signature(my_number_card, answer)


def test_with_the_text_pin_the_attributes_come_along_with_their_proof(my_number_card: SoftwareCard) -> None:
    answer = answer_login(my_number_card.connection, CHALLENGE, "1234", "5678")
    assert answer.attributes is not None
    found = check_attributes(answer.attributes, CHALLENGE.card_nonce(), [my_number_card.cv_anchor])
    assert found == my_number_card.attributes
    check_signature(my_number_card, answer)


def test_the_answer_survives_its_journey(my_number_card: SoftwareCard) -> None:
    answer = answer_login(my_number_card.connection, CHALLENGE, "1234", "5678")
    assert LoginAnswer.decode(answer.encode()) == answer


def test_the_card_is_logged_out_after_a_login(my_number_card: SoftwareCard) -> None:
    answer_login(my_number_card.connection, CHALLENGE, "1234", "5678")
    check_logged_out(my_number_card.connection)


def test_the_card_is_logged_out_after_a_refusal(my_number_card: SoftwareCard) -> None:
    with pytest.raises(WrongPin) as caught:
        answer_login(my_number_card.connection, CHALLENGE, "9999", "5678")
    assert caught.value.pin_name == "authentication PIN"
    check_logged_out(my_number_card.connection)


def test_a_wrong_text_pin_says_that_it_was_that_one(my_number_card: SoftwareCard) -> None:
    with pytest.raises(WrongPin) as caught:
        answer_login(my_number_card.connection, CHALLENGE, "1234", "9999")
    assert caught.value.pin_name == "text PIN"
    assert tries_left(my_number_card.store, AUTHENTICATION_PIN) == 3


@pytest.mark.parametrize("spec", [AUTHENTICATION_PIN, TEXT_PIN])
def test_a_login_keeps_the_last_try_of_either_pin(my_number_card: SoftwareCard, spec: object) -> None:
    pin = AUTHENTICATION_PIN if spec is AUTHENTICATION_PIN else TEXT_PIN
    block_pin(my_number_card.store, pin, tries_left=1)
    my_number_card.connection.power_cycle()
    with pytest.raises(LastTry):
        answer_login(my_number_card.connection, CHALLENGE, "1234", "5678")
    assert tries_left(my_number_card.store, pin) == 1
    answer_login(my_number_card.connection, CHALLENGE, "1234", "5678", spend_last=True)


def test_a_blocked_signing_password_does_not_hinder_a_login(my_number_card: SoftwareCard) -> None:
    block_pin(my_number_card.store, SIGNING_PASSWORD)
    my_number_card.connection.power_cycle()
    check_signature(my_number_card, answer_login(my_number_card.connection, CHALLENGE, "1234"))


class Losing:
    """A connection to the software card that loses the answer to its `n`th command, as a pulled card does."""

    def __init__(self, connection: Connection, n: int) -> None:
        self.connection, self.left, self.sent = connection, n, 0

    @property
    def atr(self) -> bytes:
        return self.connection.atr

    def transmit(self, command: bytes) -> bytes:
        answer = self.connection.transmit(command)
        self.sent += 1
        self.left -= 1
        if self.left == 0:
            raise AnswerLost
        return answer

    def power_cycle(self) -> None:
        self.connection.power_cycle()


def test_wherever_an_answer_is_lost_nothing_more_is_sent(my_number_card: SoftwareCard) -> None:
    whole = Losing(my_number_card.connection, -1)
    answer_login(whole, CHALLENGE, "1234", "5678")
    for n in range(1, whole.sent):
        losing = Losing(my_number_card.connection, n)
        with pytest.raises(AnswerLost):
            answer_login(losing, CHALLENGE, "1234", "5678")
        assert losing.sent == n


def test_a_wrong_pin_whose_answer_was_lost_costs_one_try_only(my_number_card: SoftwareCard) -> None:
    session = JpkiSession(my_number_card.connection)
    verify = Losing(my_number_card.connection, 4)  # SELECT, SELECT the PIN, ask for the tries, VERIFY
    with pytest.raises(AnswerLost):
        JpkiSession(verify).verify(Key.AUTHENTICATION, "9999")
    assert session.tries_left(Key.AUTHENTICATION) == 2


def check_signature(card: SoftwareCard, answer: LoginAnswer) -> None:
    """The signature is over this challenge and no other."""
    key = card.authentication_public_key
    key.verify(answer.signature, answer.challenge.encode(), PKCS1v15(), hashes.SHA256())
    with pytest.raises(InvalidSignature):
        key.verify(answer.signature, os.urandom(32), PKCS1v15(), hashes.SHA256())


def check_logged_out(connection: Connection) -> None:
    with pytest.raises(PinRequired):
        JpkiSession(connection).sign(Key.AUTHENTICATION, DIGEST)
    with pytest.raises(PinRequired):
        TextSession(connection).attributes_answer(bytes(32))


def test_another_card_is_not_on_card() -> None:
    """A card of another kind answers 6A82 to both applications."""

    class Foreign:
        atr = b"\x3b\x00"

        def transmit(self, command: bytes) -> bytes:
            return b"\x6a\x82"

        def power_cycle(self) -> None: ...

    with pytest.raises(NotOnCard):
        answer_login(Foreign(), CHALLENGE, "1234")
