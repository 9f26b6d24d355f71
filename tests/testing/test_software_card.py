"""A software card in one call, as other projects' tests use it."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from warifu.card import Profile, card_public_key
from warifu.cardmap import Application, KeyId
from warifu.errors import PinBlocked, WrongPin
from warifu.iso7816 import Command
from warifu.reader import Credential, JpkiSession, Key, TextSession, VisualSession
from warifu.testing import ATTRIBUTES, SoftwareCard, software_card

INFO = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_what_it_says_of_itself_is_what_a_reader_finds() -> None:
    card = software_card()
    session = JpkiSession(card.connection)
    session.verify(Key.AUTHENTICATION, card.authentication_pin)
    assert card.signing_password is not None
    session.verify(Key.SIGNING, card.signing_password)
    assert session.certificate(Key.AUTHENTICATION) == card.authentication_certificate
    assert session.certificate(Key.SIGNING) == card.signing_certificate
    TextSession(card.connection).verify(card.text_pin)
    assert card.attributes == ATTRIBUTES


def test_its_keys_are_those_that_are_certified(my_number_card: SoftwareCard) -> None:
    assert my_number_card.signing_certificate is not None
    for der, key in (
        (my_number_card.authentication_certificate, my_number_card.authentication_public_key),
        (my_number_card.signing_certificate, my_number_card.signing_public_key),
    ):
        certificate = x509.load_der_x509_certificate(der)
        assert certificate.public_key().public_bytes(*INFO) == key.public_bytes(*INFO)


def test_its_certificates_are_valid_now_unless_told_otherwise() -> None:
    now = datetime.now(UTC)
    certificate = x509.load_der_x509_certificate(software_card().authentication_certificate)
    assert certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    issued = datetime(2020, 1, 1, tzinfo=UTC)
    old = x509.load_der_x509_certificate(software_card(issued_at=issued).authentication_certificate)
    assert old.not_valid_before_utc == issued
    assert old.not_valid_after_utc < issued + timedelta(days=5 * 366)


def test_each_card_has_a_state_of_its_own() -> None:
    first, second = (JpkiSession(software_card().connection) for _ in range(2))
    with pytest.raises(WrongPin):
        first.verify(Key.AUTHENTICATION, "9999")
    assert first.tries_left(Key.AUTHENTICATION) == 2
    assert second.tries_left(Key.AUTHENTICATION) == 3


def test_the_pins_of_a_card_without_pins_open_nothing() -> None:
    card = software_card(profile=Profile.FACE_VERIFICATION)
    with pytest.raises(PinBlocked):
        JpkiSession(card.connection).verify(Key.AUTHENTICATION, card.authentication_pin)


def test_it_shows_nobody_in_a_traceback(my_number_card: SoftwareCard) -> None:
    shown = repr(my_number_card)
    assert "割符" not in shown
    assert "1234" not in shown.replace(hex(id(my_number_card)), "")


OTHER_PEOPLES_TEST = """
pytest_plugins = ["warifu.testing.plugin"]

def test_my_client(my_number_card):
    assert my_number_card.connection.transmit(bytes.fromhex("00A4040C0AD392F000260100000001")) == b"\\x90\\x00"
"""


def test_the_plugin_gives_others_the_fixture(tmp_path: Path) -> None:
    test = tmp_path / "test_mine.py"
    test.write_text(OTHER_PEOPLES_TEST)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(test)]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "1 passed" in ran.stdout, ran.stdout


def test_it_tells_what_opens_the_other_applications() -> None:
    """A, B and the birth date in the visual application, the PINs of the other two."""
    card = software_card(resident_pin="2468", common_pin="3579")
    secrets = {
        Application.VISUAL: {
            0x11: card.birth_date_key,
            0x12: card.matching_number_b,
            0x13: card.individual_number.reveal(),
        },
        Application.RESIDENT: {0x1C: card.resident_pin},
        Application.COMMON: {0x1C: card.common_pin},
    }
    for application, its in secrets.items():
        assert card.connection.transmit(Command(0, 0xA4, 4, 0x0C, application.aid).encode()) == b"\x90\x00"
        for fid, secret in its.items():
            verify = Command(0, 0x20, 0, 0x80 | fid, secret.encode())
            assert card.connection.transmit(verify.encode()) == b"\x90\x00"


def test_it_believes_terminals_of_the_authority_that_it_names() -> None:
    card = software_card()
    authority, key = card.terminal_authority, card_public_key(card.terminal_authority.signer.public_key_info)
    certificate = authority.certify(KeyId("9200073"), key)
    halves = [
        Command(0x80, 0xA2, 0x06, 0xC1, bytes.fromhex("7F218202335F4E820129") + certificate.body),
        Command(0x80, 0xA2, 0x00, 0xC1, bytes.fromhex("5F37820100") + certificate.signature),
    ]
    select = [Command(0, 0xA4, 4, 0x0C, Application.JPKI.aid), Command(0, 0xA4, 2, 0x0C, b"\x00\x16")]
    assert {card.connection.transmit(each.encode()) for each in (*select, *halves)} == {b"\x90\x00"}


def test_a_card_of_the_next_generation_has_p384_keys_and_one_pin() -> None:
    """Modelled: entirely."""
    card = software_card(profile=Profile.NEXT_GENERATION)
    assert card.text_pin == card.authentication_pin
    for certificate in (card.authentication_certificate, card.signing_certificate):
        assert certificate is not None
        key = x509.load_der_x509_certificate(certificate).public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert key.curve.name == "secp384r1"


def test_a_foreign_residents_card_opens_with_the_western_year() -> None:
    card = software_card(western_year=True)
    VisualSession(card.connection).verify(Credential.BIRTH_DATE, "800217")
    assert (card.birth_date_key, card.matching_number_b[:6]) == ("800217", "800217")
