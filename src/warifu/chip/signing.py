"""COMPUTE DIGITAL SIGNATURE (``80 2A``), the card's own instruction, and INTERNAL AUTHENTICATE.

Source: soltia48/myna-card `src/ap/jpki.rs` (SignatureScheme, each scheme checked against a card's certificate);
RFC 8017 §8, §9.2. Modelled: what a key on P-384 does.
"""

import hashlib
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from warifu.chip.answer import Answered
from warifu.chip.files import KeyFile
from warifu.chip.machine import Machine
from warifu.iso7816 import MAX_SHORT_DATA, Command, StatusWord

_PKCS1 = PKCS1v15()
_PSS = PSS(MGF1(SHA256()), PSS.DIGEST_LENGTH)
_SHA256 = SHA256()
_HASHED = Prehashed(SHA256())
_RAW = NoDigestInfo()
_OVERHEAD = 11
"""Bytes that PKCS #1 v1.5 padding needs at least."""
_DIGEST = 32
_DEFAULT_KEY = 0x00
_ECDSA = ECDSA(Prehashed(SHA384()))
_CURVE_DIGEST, _CURVE_NUMBER = 48, 48


def _pad_verbatim(key: RSAPrivateKey, data: bytes) -> bytes:
    return key.sign(data, _PKCS1, _RAW)


def _hash_bare(key: RSAPrivateKey, data: bytes) -> bytes:
    return key.sign(hashlib.sha256(data).digest(), _PKCS1, _RAW)


def _wrap_digest(key: RSAPrivateKey, data: bytes) -> bytes:
    return key.sign(data, _PKCS1, _HASHED)


def _hash_and_wrap(key: RSAPrivateKey, data: bytes) -> bytes:
    return key.sign(data, _PKCS1, _SHA256)


def _pss_of_digest(key: RSAPrivateKey, data: bytes) -> bytes:
    return key.sign(data, _PSS, _HASHED)


def _hash_and_pss(key: RSAPrivateKey, data: bytes) -> bytes:
    return key.sign(data, _PSS, _SHA256)


_SCHEMES: tuple[Callable[[RSAPrivateKey, bytes], bytes], ...] = (
    _pad_verbatim,
    _hash_bare,
    _wrap_digest,
    _hash_and_wrap,
    _pss_of_digest,
    _hash_and_pss,
)
"""By P1. What is signed with 00 is not looked at: any DigestInfo will do, or none."""


def compute_signature(machine: Machine, command: Command) -> bytes:
    """Sign with the key that P2 names: 80 the current file, 80 + short identifier that file, 00 the default key."""
    if command.p1 >= len(_SCHEMES):
        raise Answered(StatusWord.WRONG_P1_P2)
    file = _key(machine, command.p2)
    key = _usable(machine, file, authenticates=False)
    if isinstance(key, EllipticCurvePrivateKey):
        return _sign_on_curve(key, command)
    size = key.key_size // 8
    if not command.data or (command.le or 0) < size:
        raise Answered(StatusWord.WRONG_LENGTH)
    _check_length(command.p1, len(command.data), size - _OVERHEAD)
    return _SCHEMES[command.p1](key, command.data)


def _sign_on_curve(key: EllipticCurvePrivateKey, command: Command) -> bytes:
    """ECDSA over a SHA-384 value of 48 bytes, which the card takes as it is: P1 = 00, the only scheme of such a key.

    Wire: r and s, 48 bytes each (BSI TR-03111 v2.10 §5.2.1, plain format). Modelled: the command and this answer;
    status words are those of an RSA key: 6A86 another scheme, 6700 no data or no room, 6985 data of another length.
    """
    if command.p1:
        raise Answered(StatusWord.WRONG_P1_P2)
    if not command.data or (command.le or 0) < 2 * _CURVE_NUMBER:
        raise Answered(StatusWord.WRONG_LENGTH)
    if len(command.data) != _CURVE_DIGEST:
        raise Answered(StatusWord.CONDITIONS_NOT_SATISFIED)
    numbers = decode_dss_signature(key.sign(command.data, _ECDSA))
    return b"".join(number.to_bytes(_CURVE_NUMBER, "big") for number in numbers)


def internal_authenticate(machine: Machine, command: Command) -> bytes:
    """Sign a challenge of 1 to 255 bytes, so that whoever knows the key's public half knows the card.

    Source: ISO/IEC 7816-4:2005 §7.5.2; soltia48/myna-card `src/ap/common.rs`. Modelled: which of 6982 and 6985 another
    key answers; here by whether its PIN has been verified.
    """
    if command.p1:
        raise Answered(StatusWord.WRONG_P1_P2)
    file = machine.addressed(command.p2)
    if not isinstance(file, KeyFile):
        raise Answered(StatusWord.NOT_FOR_THIS_FILE)
    key = _usable(machine, file, authenticates=True)
    if isinstance(key, EllipticCurvePrivateKey):
        raise Answered(StatusWord.CONDITIONS_NOT_SATISFIED)
    if not 1 <= len(command.data) <= MAX_SHORT_DATA or (command.le or 0) < key.key_size // 8:
        raise Answered(StatusWord.WRONG_LENGTH)
    return _hash_and_wrap(key, command.data)


def _usable(machine: Machine, file: KeyFile, *, authenticates: bool) -> RSAPrivateKey | EllipticCurvePrivateKey:
    """The key in `file`, released and meant for this.

    Raises:
        Answered: 6982 its PIN has not been verified, 6985 it is for another purpose or not there.
    """
    machine.check_opened(file.opens_with)
    if file.private_key is None or file.authenticates is not authenticates:
        raise Answered(StatusWord.CONDITIONS_NOT_SATISFIED)
    return file.private_key


def _check_length(scheme: int, length: int, most: int) -> None:
    """Check that the input has a length the scheme takes: 1..245 verbatim, 32 for a hash, 1..255 to be hashed.

    Raises:
        Answered: 6985.
    """
    if scheme == 0:
        fits = length <= most
    elif scheme in (2, 4):
        fits = length == _DIGEST
    else:
        fits = length <= MAX_SHORT_DATA
    if not fits:
        raise Answered(StatusWord.CONDITIONS_NOT_SATISFIED)


def _key(machine: Machine, reference: int) -> KeyFile:
    if reference == _DEFAULT_KEY:
        file = machine.application.files.get(machine.application.default_key or 0)
        if file is None:
            raise Answered(StatusWord.NO_REFERENCED_DATA)
    else:
        file = machine.addressed(reference)
    if not isinstance(file, KeyFile):
        raise Answered(StatusWord.NOT_FOR_THIS_FILE)
    return file
