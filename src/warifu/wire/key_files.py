"""Keys and certificates as files: PEM, the private ones readable by their owner only; and folders of what to trust.

A trust folder holds one file for each thing trusted: certificates of authorities (``*.crt``, ``*.cer``, ``*.pem``; PEM
or DER), or public keys that certify cards (``<key id in 32 hexadecimal digits>.pem``).
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

from warifu.cardmap import CvAnchor, KeyId
from warifu.errors import Malformed, Unavailable
from warifu.pki import KeySigner

__all__ = [
    "read_certificate",
    "read_certificates",
    "read_chip_anchors",
    "read_key",
    "write_certificate",
    "write_chip_anchor",
    "write_key",
    "write_private",
]

T = TypeVar("T")

_CERTIFICATES = {".crt", ".cer", ".pem", ".der"}


def write_private(path: Path, data: bytes) -> None:
    """Write a new file that only its owner may read; it appears whole, or not at all.

    Raises:
        FileExistsError: there is one already; it stays as it is.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if os.name == "nt":
            Path(name).rename(path)  # refuses to replace a file, as a link does elsewhere
        else:
            os.link(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def write_key(path: Path, signer: KeySigner) -> None:
    """Write a private key, PKCS#8 PEM, not encrypted."""
    key = load_der_private_key(signer.private_bytes(), None, unsafe_skip_rsa_key_validation=True)
    write_private(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def read_key(path: Path, *, password: bytes | None = None, checked: bool = True) -> KeySigner:
    """Read a private key, PKCS#8 PEM or DER.

    `checked` makes sure that an RSA key is one, which takes 50 ms; not needed for files that we wrote ourselves.

    Raises:
        Malformed: not a private key, or another password.
        NotAllowed: a kind or size of key that may not be certified.
        Unavailable: it cannot be read.
    """
    data = _read(path)
    load: Callable[..., object] = load_pem_private_key if data.lstrip().startswith(b"-----") else load_der_private_key
    try:
        key = load(data, password, unsafe_skip_rsa_key_validation=not checked)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # Not chained: nothing about a private key belongs in a traceback.
        raise Malformed(f"{path} holds no private key, or one under another password") from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise Malformed(f"{path} holds another kind of private key")
    return KeySigner(key)


def write_certificate(path: Path, der: bytes) -> None:
    """Write a certificate, PEM."""
    path.write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))


def read_certificate(path: Path) -> bytes:
    """Read a certificate, PEM or DER; the DER.

    Raises:
        Malformed: not one.
        Unavailable: it cannot be read.
    """
    data = _read(path)
    load = x509.load_pem_x509_certificate if data.lstrip().startswith(b"-----") else x509.load_der_x509_certificate
    try:
        return load(data).public_bytes(Encoding.DER)
    except ValueError:
        raise Malformed(f"{path} holds no certificate") from None


def read_certificates(folder: Path, check: Callable[[bytes, Path], None] = lambda *_: None) -> list[bytes]:
    """The certificates of a trust folder, DER; `check` raises for one that is not to be trusted, and knows its file.

    Raises:
        Malformed: a file is not one.
        Unavailable: there is no such folder, or nothing in it.
    """
    return _trusted(folder, read_certificate, lambda path: path.suffix in _CERTIFICATES, check)


def write_chip_anchor(folder: Path, key_id: KeyId, public_key_info: bytes) -> None:
    """Write the public key of an authority for card-verifiable certificates."""
    pem = load_der_public_key(public_key_info).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / f"{key_id.encode().hex()}.pem").write_bytes(pem)


def read_chip_anchors(folder: Path, check: Callable[[CvAnchor, Path], None] = lambda *_: None) -> list[CvAnchor]:
    """The keys of a trust folder that certify cards; `check` raises for one that is not to be trusted.

    Raises:
        Malformed: a file is not one, or its name is no key id.
        Unavailable: there is no such folder, or nothing in it.
    """
    return _trusted(folder, _read_chip_anchor, lambda path: path.suffix == ".pem", check)


def _read_chip_anchor(path: Path) -> CvAnchor:
    try:
        key_id = KeyId.decode(bytes.fromhex(path.stem))
        key = load_pem_public_key(_read(path))
    except (ValueError, UnsupportedAlgorithm, Malformed):
        raise Malformed(f"{path} is not a public key named for its key id") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise Malformed(f"{path} holds another kind of key: cards are certified by RSA keys")
    numbers = key.public_numbers()
    return CvAnchor(key_id, numbers.n, numbers.e)


def _trusted(
    folder: Path, read: Callable[[Path], T], fits: Callable[[Path], bool], check: Callable[[T, Path], None]
) -> list[T]:
    found = {path: read(path) for path in _entries(folder) if fits(path)}
    if not found:
        raise Unavailable(f"there is nothing to trust in {folder}")
    for path, each in found.items():
        check(each, path)
    return list(found.values())


def _entries(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise Unavailable(f"there is no folder {folder}")
    yield from sorted(folder.iterdir())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unavailable.because(f"cannot read {path}", error) from error
