"""The clinic's terminal, and the town's cards that believe it."""

import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.x509 import load_der_x509_certificate

from warifu.errors import Malformed, Unavailable
from warifu.reader import JpkiSession, Key, authenticate_terminal
from warifu.town.personas import PERSONAS
from warifu.town.town import Town
from warifu.wire.terminal_files import read_terminal

CARDS = [card.name for plan in PERSONAS for card in plan.cards]


@pytest.mark.parametrize("name", CARDS)
def test_every_card_of_the_town_signs_for_the_clinic_without_a_pin(town: Town, name: str) -> None:
    """Whatever state its PINs are in: blocked, or never set."""
    with town.card(name) as card:
        session = JpkiSession(card)
        authenticate_terminal(card, town.terminal())
        signature = session.sign(Key.AUTHENTICATION, hashlib.new(session.hash_name, b"visit").digest())
        key = load_der_x509_certificate(session.certificate(Key.AUTHENTICATION)).public_key()
    if name == "next":
        assert isinstance(key, EllipticCurvePublicKey)
        key.verify(signature, b"visit", ECDSA(SHA384()))
    else:
        assert isinstance(key, RSAPublicKey)
        key.verify(signature, b"visit", PKCS1v15(), SHA256())


def test_the_terminal_s_key_is_its_owner_s(town: Town) -> None:
    folder = town.folder / "terminals" / "clinic"
    assert {path.name for path in folder.iterdir()} == {"intermediate.cv", "terminal.cv", "terminal.key"}
    assert (folder / "terminal.key").stat().st_mode & 0o077 == 0


def test_a_folder_without_a_terminal_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        read_terminal(tmp_path / "none")


def test_a_certificate_that_is_none_is_malformed(tmp_path: Path) -> None:
    (tmp_path / "intermediate.cv").write_bytes(b"\x7f\x21\x00")
    with pytest.raises(Malformed):
        read_terminal(tmp_path)
