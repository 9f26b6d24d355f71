"""A software card in one call, as other projects' tests use it."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from warifu.card import Profile
from warifu.errors import PinBlocked, WrongPin
from warifu.reader import JpkiSession, Key, TextSession
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
