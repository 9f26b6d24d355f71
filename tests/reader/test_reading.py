"""Reading a card without any PIN: the software card, and with --reader NAME a real one."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tests.reader.real_card import ReadingOnly
from warifu.cardmap import TokenInfo
from warifu.errors import NotOnCard, PinRequired
from warifu.ports import Connection
from warifu.reader import JpkiSession, Key, TextSession, log_out
from warifu.reader.exchange import select_application
from warifu.testing import SoftwareCard


def test_the_token_information_tells_a_card(card_to_read: Connection) -> None:
    assert JpkiSession(card_to_read).token_info().label in {TokenInfo.PLASTIC, TokenInfo.PHONE, "JPKIAPICCTOKEN"}


def test_the_authentication_certificate_is_free_to_read_and_names_its_authority(card_to_read: Connection) -> None:
    session = JpkiSession(card_to_read)
    certificate = x509.load_der_x509_certificate(session.certificate(Key.AUTHENTICATION))
    authority = x509.load_der_x509_certificate(session.ca_certificate(Key.AUTHENTICATION))
    assert certificate.issuer == authority.subject
    certificate.verify_directly_issued_by(authority)
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey)
    assert key.key_size == 2048


def test_the_signing_certificate_stays_shut_without_its_password(card_to_read: Connection) -> None:
    """It names its holder: 公的個人認証法施行規則 leaves it to the card, the card to EF 001B."""
    session = JpkiSession(card_to_read)
    if session.certificate_availability().signing:
        with pytest.raises(PinRequired):
            session.certificate(Key.SIGNING)
    else:
        with pytest.raises((NotOnCard, PinRequired)):
            session.certificate(Key.SIGNING)


@pytest.mark.parametrize(("key", "full"), [(Key.AUTHENTICATION, 3), (Key.SIGNING, 5)])
def test_asking_for_the_tries_left_changes_nothing(card_to_read: Connection, key: Key, full: int) -> None:
    session = JpkiSession(card_to_read)
    tries = session.tries_left(key)
    assert 0 <= tries <= full
    assert session.tries_left(key) == tries


def test_the_text_application_keeps_the_attributes_shut(card_to_read: Connection) -> None:
    session = TextSession(card_to_read)
    assert 0 <= session.tries_left() <= 3
    with pytest.raises(PinRequired):
        session.attributes_answer(bytes(32))


def test_an_application_that_is_on_no_card_is_not_found(card_to_read: Connection) -> None:
    with pytest.raises(NotOnCard):
        select_application(card_to_read, bytes.fromhex("F0776172696675"), "an application of nobody's")


def test_the_card_manager_can_be_selected_and_left_again(card_to_read: Connection) -> None:
    log_out(card_to_read)
    assert JpkiSession(card_to_read).tries_left(Key.AUTHENTICATION) >= 0


@pytest.mark.parametrize(
    "command", ["00200080 04 31323334", "00240180 04 31323334", "802A0080 01 00 00", "00D60000 01 00"]
)
def test_a_card_that_is_only_read_gets_no_pin_and_no_write(my_number_card: SoftwareCard, command: str) -> None:
    """The promise of --reader."""
    with pytest.raises(AssertionError):
        ReadingOnly(my_number_card.connection).transmit(bytes.fromhex(command))
