"""Questions to an authority about one certificate (RFC 6960 §4.1, RFC 9654)."""

import base64
import binascii
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self
from urllib.parse import quote, unquote_to_bytes

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from warifu.errors import Malformed
from warifu.pki import der
from warifu.pki.issuer import Issuer
from warifu.pki.reading import Reading

MAX_NONCE = 128
MAX_REQUEST = 2048
# A CertID's digest only names the issuer, so SHA-1 is no weakness there (RFC 6960 §4.3, RFC 5019 §2.1.1).
_HASHES = {
    algorithm.name: algorithm
    for algorithm in (hashes.SHA1(), hashes.SHA256(), hashes.SHA384(), hashes.SHA512())  # noqa: S303
}

_DIGESTS = {
    name: der.object_identifier(identifier)
    for name, identifier in {
        "sha1": "1.3.14.3.2.26",
        "sha256": "2.16.840.1.101.3.4.2.1",
        "sha384": "2.16.840.1.101.3.4.2.2",
        "sha512": "2.16.840.1.101.3.4.2.3",
    }.items()
}
_NULL = der.encode(der.NULL)
_DIGEST_ALGORITHMS = {name: der.encode(der.SEQUENCE, oid, _NULL) for name, oid in _DIGESTS.items()}
DIGEST_IDENTIFIERS = {oid + end: name for name, oid in _DIGESTS.items() for end in (b"", _NULL)}
"""Names of digests by the content of their AlgorithmIdentifier, of which the NULL may be missing (RFC 5754 §2)."""


@dataclass(frozen=True, slots=True, repr=False)
class OcspRequest:
    """A question about one certificate; its serial number is not shown.

    Wire: OCSPRequest with one CertID. `hash_name` is the digest of the CertID ("sha1", "sha256", "sha384", "sha512"),
    `nonce` 1 to 128 bytes or None (RFC 9654 §2.1).
    """

    hash_name: str
    issuer_name_hash: bytes
    issuer_key_hash: bytes
    serial_number: int
    nonce: bytes | None = None

    def __repr__(self) -> str:
        return f"OcspRequest({self.hash_name})"

    def encode(self) -> bytes:
        """The DER form."""
        builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
            self.issuer_name_hash, self.issuer_key_hash, self.serial_number, _HASHES[self.hash_name]
        )
        if self.nonce is not None:
            builder = builder.add_extension(x509.OCSPNonce(self.nonce), critical=False)
        return builder.build().public_bytes(serialization.Encoding.DER)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a request.

        Raises:
            Malformed: not DER, more than one question, another digest or hashes of another length, a negative serial
                number, a nonce of 0 or more than 128 bytes, or a critical extension other than the nonce.
        """
        if len(data) > MAX_REQUEST:
            raise Malformed("OCSP request too long")
        if (plain := read_plain(data)) is not None:
            name_hash, key_hash, serial_number, nonce = plain
            return cls("sha1", name_hash, key_hash, serial_number, nonce)
        with Reading("OCSP request"):
            request = ocsp.load_der_ocsp_request(data)
            if any(each.critical and each.oid != x509.OCSPNonce.oid for each in request.extensions):
                raise Malformed("the OCSP request has an unknown critical extension")
            return cls(
                request.hash_algorithm.name,
                request.issuer_name_hash,
                request.issuer_key_hash,
                request.serial_number,
                nonce_of(request.extensions),
            )

    def __post_init__(self) -> None:
        if self.hash_name not in _HASHES:
            raise Malformed("unknown digest in an OCSP request")
        if not len(self.issuer_name_hash) == len(self.issuer_key_hash) == _HASHES[self.hash_name].digest_size:
            raise Malformed("the issuer's hashes in an OCSP request have another length")
        if self.serial_number < 0:
            raise Malformed("a negative serial number in an OCSP request")
        if self.nonce is not None and not 1 <= len(self.nonce) <= MAX_NONCE:
            raise Malformed("an OCSP nonce has 1 to 128 bytes")

    def asks(self, issuer: Issuer) -> bool:
        """Whether the question is for this generation of an authority: its name and its key."""
        return (self.issuer_name_hash, self.issuer_key_hash) == _hashes_of(issuer.certificate_der, self.hash_name)


_LONGEST_PLAIN: Final = 300
_LONGEST_NUMBER: Final = 20
_HASH: Final = bytes((der.OCTET_STRING, 20))


def read_plain(data: bytes) -> tuple[bytes, bytes, int, bytes | None] | None:
    """A question as nearly everybody sends it: one CertID with SHA-1, with a nonce or without; None if it is not so.

    The two hashes, the serial number and the nonce. Everything else in such a question follows from its length and the
    serial number's, so it is held against what the library writes, in a third of the time that reading takes.
    """
    if not 2 * len(_HASH) + 40 < len(data) <= _LONGEST_PLAIN:
        return None
    outer = 3 if data[1] == 0x81 else 2
    at = outer + (3 if data[outer + 1] == 0x81 else 2) + 19
    length = data[at + 43] if at + 43 < len(data) else 0
    form = _plain_form(len(data), length) if 0 < length <= _LONGEST_NUMBER else None
    if form is None or data[:at] != form[0] or data[at + 20 : at + 22] != _HASH or data[at + 42] != der.INTEGER:
        return None
    end = at + 44 + length
    number = data[at + 44 : end]
    shortest = number[0] < 0x80 and (length == 1 or number[0] != 0 or number[1] >= 0x80)
    if not shortest or not data.startswith(form[1], end):
        return None
    nonce = data[end + len(form[1]) :]
    return data[at : at + 20], data[at + 22 : at + 42], int.from_bytes(number, "big"), nonce or None


@lru_cache(maxsize=1024)
def _plain_form(length: int, of_number: int) -> tuple[bytes, bytes] | None:
    """What stands before the first hash and behind the serial number, in a plain question of so many bytes."""
    number = 1 << 8 * of_number - 2
    for of_nonce in range(MAX_NONCE + 1):
        made = OcspRequest("sha1", bytes(20), bytes(20), number, bytes(of_nonce) or None).encode()
        if len(made) == length:
            at = made.index(_HASH) + len(_HASH)
            return made[:at], made[at + 44 + of_number : length - of_nonce]
    return None


@lru_cache(maxsize=256)
def _hashes_of(certificate: bytes, hash_name: str) -> tuple[bytes, bytes]:
    """Once for each generation and digest: making them takes as long as reading the question."""
    return issuer_hashes(x509.load_der_x509_certificate(certificate), hash_name)


def certificate_id(request: OcspRequest) -> bytes:
    """The CertID, as encoded."""
    issuer = _issuer_id(request.hash_name, request.issuer_name_hash, request.issuer_key_hash)
    return der.encode(der.SEQUENCE, issuer, der.integer(request.serial_number))


@lru_cache(maxsize=256)
def _issuer_id(hash_name: str, name_hash: bytes, key_hash: bytes) -> bytes:
    """The part of a CertID that names the issuer: a few, in questions by the million."""
    digests = (der.encode(der.OCTET_STRING, digest) for digest in (name_hash, key_hash))
    return b"".join((_DIGEST_ALGORITHMS[hash_name], *digests))


def issuer_hashes(certificate: x509.Certificate, hash_name: str = "sha1") -> tuple[bytes, bytes]:
    """The digests of an issuer's name and of its public key, as a CertID has them."""
    return _digest(certificate.subject.public_bytes(), hash_name), _digest(_key_bits(certificate), hash_name)


def decode_ocsp_get(path: str) -> bytes:
    """The request inside the path of a GET: percent-encoded base64, without the leading slash (RFC 6960 appendix A.1).

    Raises:
        Malformed: not base64.
    """
    try:
        return base64.b64decode(unquote_to_bytes(path), validate=True)
    except binascii.Error as error:
        raise Malformed("the path is not an OCSP request") from error


def encode_ocsp_get(request: bytes) -> str:
    """The path of a GET for a request, without the leading slash."""
    return quote(base64.b64encode(request).decode("ascii"), safe="")


def nonce_of(extensions: x509.Extensions) -> bytes | None:
    """The nonce among a message's extensions, if there is one."""
    try:
        return extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return None


def build_ocsp_request(
    certificate: bytes, issuer: bytes, *, nonce: bytes | None = None, hash_name: str = "sha1"
) -> bytes:
    """The question about `certificate` of `issuer`, all DER. SHA-1 names the issuer as RFC 5019 §2.1.1 wants.

    Raises:
        Malformed: one of them is not a certificate.
    """
    with Reading("certificate"):
        serial_number = x509.load_der_x509_certificate(certificate).serial_number
        names = issuer_hashes(x509.load_der_x509_certificate(issuer), hash_name)
    return OcspRequest(hash_name, *names, serial_number, nonce).encode()


def _digest(data: bytes, hash_name: str) -> bytes:
    digest = hashes.Hash(_HASHES[hash_name])
    digest.update(data)
    return digest.finalize()


def _key_bits(certificate: x509.Certificate) -> bytes:
    """The content of the public key's BIT STRING (RFC 6960 §4.1.1), without its count of unused bits."""
    info = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    body = der.whole(info, der.SEQUENCE)
    _, algorithm_end = der.slice_element(body, 0, der.SEQUENCE)
    return der.whole(body[algorithm_end:], der.BIT_STRING)[1:]
