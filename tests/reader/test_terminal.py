"""A terminal that needs no PIN, end to end against our card: published up to the certificates, then as modelled."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from tests.card.test_terminals import halves
from tests.reader.scripted import SELECT_JPKI, Script, select
from warifu.card import CvAuthority, Profile, card_public_key
from warifu.cardmap import KeyId
from warifu.errors import CardRefused, Malformed, NotOnCard, PinRequired
from warifu.pki import KeySigner
from warifu.ports import Connection
from warifu.reader import JpkiSession, Key, Terminal, TextSession, authenticate_terminal
from warifu.testing import SoftwareCard, software_card
from warifu.town import pool

DIGEST = bytes(range(32))
ABOVE, TERMINAL, OTHER = (KeySigner(pool.private_key(index)) for index in (30, 31, 32))
ABOVE_ID, TERMINAL_ID = KeyId("9200071", padding=b"0000"), KeyId("9299001", padding=b"0000")


def terminal_of(authority: CvAuthority) -> Terminal:
    intermediate = authority.certify(ABOVE_ID, card_public_key(ABOVE.public_key_info))
    own = CvAuthority(ABOVE_ID, ABOVE).certify(TERMINAL_ID, card_public_key(TERMINAL.public_key_info))
    return Terminal(intermediate, own, TERMINAL)


@pytest.fixture
def terminal(my_number_card: SoftwareCard) -> Terminal:
    return terminal_of(my_number_card.terminal_authority)


def test_a_card_signs_for_a_terminal_without_a_pin(my_number_card: SoftwareCard, terminal: Terminal) -> None:
    session = JpkiSession(my_number_card.connection)
    authenticate_terminal(my_number_card.connection, terminal)
    signature = session.sign(Key.AUTHENTICATION, DIGEST)
    my_number_card.authentication_public_key.verify(signature, DIGEST, PKCS1v15(), Prehashed(SHA256()))
    assert session.tries_left(Key.AUTHENTICATION) == 3


def test_so_does_a_face_verification_card_which_has_no_pin() -> None:
    card = software_card(profile=Profile.FACE_VERIFICATION)
    session = JpkiSession(card.connection)
    assert session.tries_left(Key.AUTHENTICATION) == 0
    authenticate_terminal(card.connection, terminal_of(card.terminal_authority))
    assert len(session.sign(Key.AUTHENTICATION, DIGEST)) == 256


def test_nothing_else_opens(my_number_card: SoftwareCard, terminal: Terminal) -> None:
    session = JpkiSession(my_number_card.connection)
    authenticate_terminal(my_number_card.connection, terminal)
    with pytest.raises(PinRequired):
        session.certificate(Key.SIGNING)
    with pytest.raises(PinRequired):
        session.sign(Key.SIGNING, DIGEST)


def test_it_ends_with_the_application(my_number_card: SoftwareCard, terminal: Terminal) -> None:
    JpkiSession(my_number_card.connection)
    authenticate_terminal(my_number_card.connection, terminal)
    TextSession(my_number_card.connection)
    with pytest.raises(PinRequired):
        JpkiSession(my_number_card.connection).sign(Key.AUTHENTICATION, DIGEST)


def test_the_bytes_are_the_published_ones(terminal: Terminal) -> None:
    """307 and 261 bytes of data, extended lengths (soltia48/myna-card, a public probing script)."""
    challenge = bytes(range(32))
    sent = [*halves(terminal.intermediate), *halves(terminal.certificate)]
    proof = "00820000000100" + TERMINAL.sign(challenge).hex()
    script = Script(
        [
            SELECT_JPKI,
            select("0016"),
            *((each, "9000") for each in sent),
            ("0084000020", challenge.hex() + "9000"),
            (proof, "9000"),
        ]
    )
    JpkiSession(script)
    authenticate_terminal(script, terminal)
    script.check_finished()


def refused(connection: Connection, terminal: Terminal) -> int:
    """The status word with which a card does not believe a terminal; it signs nothing afterwards."""
    session = JpkiSession(connection)
    with pytest.raises(CardRefused) as caught:
        authenticate_terminal(connection, terminal)
    with pytest.raises(PinRequired):
        session.sign(Key.AUTHENTICATION, DIGEST)
    return caught.value.status_word


def test_a_terminal_of_another_authority_is_refused(my_number_card: SoftwareCard) -> None:
    other = CvAuthority(KeyId("9200099"), OTHER)
    assert refused(my_number_card.connection, terminal_of(other)) == 0x6A88


def test_an_authority_that_only_has_the_name_is_refused(my_number_card: SoftwareCard) -> None:
    forger = CvAuthority(my_number_card.terminal_authority.key_id, OTHER)
    assert refused(my_number_card.connection, terminal_of(forger)) == 0x6300


def test_a_terminal_without_its_key_is_refused(my_number_card: SoftwareCard, terminal: Terminal) -> None:
    assert refused(my_number_card.connection, replace(terminal, signer=OTHER)) == 0x6300


def test_a_terminal_s_certificate_that_the_intermediate_did_not_sign_is_refused(
    my_number_card: SoftwareCard, terminal: Terminal
) -> None:
    forged = CvAuthority(ABOVE_ID, OTHER).certify(TERMINAL_ID, card_public_key(TERMINAL.public_key_info))
    assert refused(my_number_card.connection, replace(terminal, certificate=forged)) == 0x6300


def test_the_certificates_come_in_order(my_number_card: SoftwareCard, terminal: Terminal) -> None:
    swapped = replace(terminal, intermediate=terminal.certificate, certificate=terminal.intermediate)
    assert refused(my_number_card.connection, swapped) == 0x6A88


@pytest.mark.parametrize("challenge", ["", "00" * 8])
def test_a_challenge_of_another_length_is_not_signed(terminal: Terminal, challenge: str) -> None:
    """A short one could have been heard before."""
    sent = [*halves(terminal.intermediate), *halves(terminal.certificate)]
    dialogue = [select("0016"), *((each, "9000") for each in sent), ("0084000020", challenge + "9000")]
    with pytest.raises(Malformed):
        authenticate_terminal(Script(dialogue), terminal)


def test_a_card_without_a_place_for_terminals_says_so(terminal: Terminal) -> None:
    with pytest.raises(NotOnCard):
        authenticate_terminal(Script([("00A4020C020016", "6A82")]), terminal)
