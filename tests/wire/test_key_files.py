"""Keys and certificates as files, and folders of what to trust."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from warifu.cardmap import KeyId
from warifu.errors import Malformed, Unavailable
from warifu.pki import CertificateKind, KeySigner, build_ca_certificate
from warifu.town import pool
from warifu.wire.key_files import (
    read_certificate,
    read_certificates,
    read_chip_anchors,
    read_key,
    write_certificate,
    write_chip_anchor,
    write_key,
    write_private,
)

RSA = KeySigner(pool.private_key(0))


def _certificate() -> bytes:
    since, until = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
    return build_ca_certificate(CertificateKind.SIGNING, RSA, serial_number=1, not_before=since, not_after=until)


def test_a_private_file_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not on stable storage yet has no name, or a crash would leave an empty key for good."""

    def fail(_handle: int) -> None:
        raise OSError("no space left on the disk")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space left"):
        write_private(tmp_path / "a.key", b"secret")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("signer", [RSA, KeySigner.generate("ES256")])
@pytest.mark.parametrize("checked", [True, False])
def test_a_key_survives_the_file(tmp_path: Path, signer: KeySigner, checked: bool) -> None:
    write_key(tmp_path / "a.key", signer)
    assert read_key(tmp_path / "a.key", checked=checked).public_key_info == signer.public_key_info


def test_a_key_may_be_der_and_under_a_password(tmp_path: Path) -> None:
    write_private(tmp_path / "a.key", RSA.private_bytes(b"pass"))
    assert read_key(tmp_path / "a.key", password=b"pass").public_key_info == RSA.public_key_info


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX")
def test_a_private_file_is_for_its_owner_only(tmp_path: Path) -> None:
    write_key(tmp_path / "a.key", RSA)
    assert (tmp_path / "a.key").stat().st_mode & 0o077 == 0


def test_a_private_file_is_never_written_over(tmp_path: Path) -> None:
    write_private(tmp_path / "a", b"1")
    with pytest.raises(FileExistsError):
        write_private(tmp_path / "a", b"2")


def test_what_is_no_private_key_is_refused(tmp_path: Path) -> None:
    write_certificate(tmp_path / "a.crt", _certificate())
    with pytest.raises(Malformed, match="holds no private key"):
        read_key(tmp_path / "a.crt")


def test_a_key_under_another_password_is_refused(tmp_path: Path) -> None:
    write_private(tmp_path / "a.key", RSA.private_bytes(b"pass"))
    with pytest.raises(Malformed, match="another password"):
        read_key(tmp_path / "a.key")


def test_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    write_private(tmp_path / "a.key", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(Malformed, match="another kind"):
        read_key(tmp_path / "a.key")


def test_a_missing_file_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no such file"):
        read_key(tmp_path / "a.key")


def test_certificates_may_be_pem_or_der(tmp_path: Path) -> None:
    write_certificate(tmp_path / "a.crt", _certificate())
    (tmp_path / "b.cer").write_bytes(_certificate())
    (tmp_path / "README").write_text("not one", "utf-8")
    assert read_certificates(tmp_path) == [_certificate(), _certificate()]


def test_what_is_no_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.crt").write_bytes(b"0\0")
    with pytest.raises(Malformed, match="holds no certificate"):
        read_certificate(tmp_path / "a.crt")


def test_an_empty_trust_folder_trusts_nobody_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="nothing to trust"):
        read_certificates(tmp_path)
    with pytest.raises(Unavailable, match="no folder"):
        read_chip_anchors(tmp_path / "none")


def test_a_chip_anchor_survives_the_file(tmp_path: Path) -> None:
    key_id = KeyId("9000000")
    write_chip_anchor(tmp_path, key_id, RSA.public_key_info)
    [anchor] = read_chip_anchors(tmp_path)
    numbers = pool.private_key(0).public_key().public_numbers()
    assert (anchor.key_id, anchor.modulus, anchor.exponent) == (key_id, numbers.n, numbers.e)


def test_a_chip_anchor_is_named_for_its_key_id(tmp_path: Path) -> None:
    write_chip_anchor(tmp_path, KeyId("9000000"), RSA.public_key_info)
    [path] = tmp_path.iterdir()
    path.rename(tmp_path / "mine.pem")
    with pytest.raises(Malformed, match="named for its key id"):
        read_chip_anchors(tmp_path)


def test_a_chip_anchor_is_an_rsa_key(tmp_path: Path) -> None:
    write_chip_anchor(tmp_path, KeyId("9000000"), KeySigner.generate("ES256").public_key_info)
    with pytest.raises(Malformed, match="another kind"):
        read_chip_anchors(tmp_path)
