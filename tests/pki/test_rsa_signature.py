"""The RSA signature verified by comparing: it decides what OpenSSL's own verification decides, on forgeries too."""

import hashlib
from itertools import count

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from warifu.errors import WrongSignature
from warifu.pki.rsa_signature import check_rsa_signature
from warifu.town.pool import private_key

KEY = private_key(0)
assert isinstance(KEY, rsa.RSAPrivateKey)
PUBLIC, NUMBERS = KEY.public_key(), KEY.private_numbers()
MODULUS = NUMBERS.public_numbers.n
DATA = b"what was signed"
DIGEST = hashlib.sha256(DATA).digest()
INFO = bytes.fromhex("3031300d060960864801650304020105000420") + DIGEST


def sign(data: bytes) -> bytes:
    return KEY.sign(data, padding.PKCS1v15(), hashes.SHA256())


def opening_to(message: bytes) -> bytes:
    """A signature that opens to any encoded message: what a forger could only dream of."""
    number = int.from_bytes(message, "big")
    return pow(number, NUMBERS.d, MODULUS).to_bytes(256, "big")


def encoded(info: bytes, *, kind: int = 1, pad: int = 0xFF, behind: bytes = b"") -> bytes:
    """EMSA-PKCS1-v1_5 (RFC 8017 §9.2), or nearly so."""
    length = 256 - 3 - len(info) - len(behind)
    return bytes((0, kind)) + bytes((pad,)) * length + b"\0" + info + behind


def short_signature() -> tuple[bytes, bytes]:
    """Data whose signature begins with a zero, and the signature."""
    return next((signature, data) for data in (str(n).encode() for n in count()) if (signature := sign(data))[0] == 0)


def agrees_to_refuse(signature: bytes, data: bytes, key: rsa.RSAPublicKey = PUBLIC) -> None:
    with pytest.raises(InvalidSignature):
        key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(WrongSignature):
        check_rsa_signature(key, signature, data)


def test_a_signature_of_the_key_is_taken() -> None:
    check_rsa_signature(PUBLIC, sign(DATA), DATA)
    check_rsa_signature(PUBLIC, opening_to(encoded(INFO)), DATA)
    check_rsa_signature(PUBLIC, *short_signature())


SHA1_INFO = bytes.fromhex("3021300906052b0e03021a05000414") + hashlib.sha1(DATA, usedforsecurity=False).digest()
SHA512_INFO = bytes.fromhex("3051300d060960864801650304020305000440") + hashlib.sha512(DATA).digest()
WITHOUT_NULL = bytes.fromhex("302f300b0609608648016503040201" + "0420") + DIGEST
LONG_LENGTH = bytes.fromhex("308131300d060960864801650304020105000420") + DIGEST


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(encoded(WITHOUT_NULL), id="no parameters"),
        pytest.param(encoded(LONG_LENGTH), id="BER length"),
        pytest.param(encoded(INFO, behind=b"\0"), id="a byte behind"),
        pytest.param(encoded(INFO, behind=bytes(190)), id="nearly everything behind (Bleichenbacher, 2006)"),
        pytest.param(encoded(DIGEST), id="the digest alone"),
        pytest.param(encoded(SHA1_INFO), id="SHA-1"),
        pytest.param(encoded(SHA512_INFO), id="SHA-512"),
        pytest.param(encoded(INFO, kind=2), id="the padding of encryption"),
        pytest.param(encoded(INFO, kind=0), id="block type 0"),
        pytest.param(encoded(INFO, pad=0xFE), id="other padding"),
        pytest.param(encoded(INFO)[:20] + b"\xfe" + encoded(INFO)[21:], id="one byte of the padding"),
        pytest.param(b"\0\1" + bytes(254 - len(INFO)) + INFO, id="zeros for padding"),
        pytest.param(b"\0\0\1" + encoded(INFO)[3:], id="shifted"),
        pytest.param(bytes(256), id="zero"),
        pytest.param(bytes(255) + b"\1", id="one"),
    ],
)
def test_what_opens_to_another_message_is_refused(message: bytes) -> None:
    """RFC 8017 §8.2.2 step 4: the encoded messages are the same, or the signature is invalid."""
    agrees_to_refuse(opening_to(message), DATA)


def test_a_signature_of_another_length_is_refused() -> None:
    """RFC 8017 §8.2.2 step 1, where leading zeros would change nothing of the number."""
    signature, data = short_signature()
    for other in (signature[1:], b"\0" + signature, signature + b"\0", b""):
        agrees_to_refuse(other, data)


def test_a_signature_that_is_no_residue_is_refused() -> None:
    """RFC 8017 §5.2.2 step 1: the same number modulo n, written larger."""
    for signature, data in ((sign(each), each) for each in (str(n).encode() for n in range(64))):
        larger = int.from_bytes(signature, "big") + MODULUS
        if larger < 1 << 2048:
            agrees_to_refuse(larger.to_bytes(256, "big"), data)
            return
    raise AssertionError("no signature is small enough")


def test_a_signature_of_another_key_is_refused() -> None:
    other = private_key(1).public_key()
    assert isinstance(other, rsa.RSAPublicKey)
    agrees_to_refuse(sign(DATA), DATA, other)


@given(st.integers(0, 2047), st.integers(0, 8 * len(DATA) - 1), st.booleans())
def test_a_bit_flipped_anywhere_is_refused(of_signature: int, of_data: int, in_data: bool) -> None:
    signature, data = int.from_bytes(sign(DATA), "big"), int.from_bytes(DATA, "big")
    if in_data:
        data ^= 1 << of_data
    else:
        signature ^= 1 << of_signature
    agrees_to_refuse(signature.to_bytes(256, "big"), data.to_bytes(len(DATA), "big"))


@pytest.mark.parametrize("bits", [2049, 2055, 3072])
def test_keys_of_other_lengths_are_verified_alike(bits: int) -> None:
    """A modulus that does not fill its first byte has a signature as long as itself."""
    key = rsa.generate_private_key(65537, bits)
    signature = key.sign(DATA, padding.PKCS1v15(), hashes.SHA256())
    check_rsa_signature(key.public_key(), signature, DATA)
    agrees_to_refuse(signature, DATA + b".", key.public_key())
    agrees_to_refuse(b"\0" + signature, DATA, key.public_key())
