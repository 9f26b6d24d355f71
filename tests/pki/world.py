"""Invented authorities, municipalities and people for the tests of pki and verifier."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding

from warifu.person import Address, BasicAttributes, BirthDate, Municipality, Name, Sex
from warifu.pki import (
    CertificateKind,
    Issuer,
    KeySigner,
    OcspResponder,
    ServiceAddresses,
    build_authentication_certificate,
    build_ca_certificate,
    build_responder_certificate,
    build_signing_certificate,
)
from warifu.town import pool

NOW = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
ISSUED = NOW - timedelta(days=30)
ENDS = datetime(2031, 2, 17, 14, 59, 59, tzinfo=UTC)
NEXT_ENDS = datetime(2036, 2, 17, 14, 59, 59, tzinfo=UTC)
"""Ten years, as the next card's certificates are to last."""
SERIAL = 0x0180ABCD
ADDRESSES = ServiceAddresses(ocsp="http://127.0.0.1:8703/ocsp", cps="http://127.0.0.1:8703/cps.html")
KIYOSE = Municipality("13221", "東京都", "清瀬市", "Tokyo-to", "Kiyose-shi")
SHIBUYA = Municipality("13113", "東京都", "渋谷区", "Tokyo-to", "Shibuya-ku")
HANAKO = BasicAttributes(
    Name.of("割符", "花子"), Address("東京都清瀬市架空町一丁目２番３号"), BirthDate(date(1980, 2, 17)), Sex.FEMALE
)
SHA256 = hashes.SHA256()
AUTHENTICATION, SIGNING = CertificateKind.AUTHENTICATION, CertificateKind.SIGNING


@cache
def signer(number: int) -> KeySigner:
    """A public test key."""
    return KeySigner(pool.private_key(number))


class Repeating(KeySigner):
    """Signs the same bytes alike each time (RFC 6979), as RSA does: what is damaged at random is alike in each run."""

    def sign(self, data: bytes) -> bytes:
        return self.sign_digest(hashlib.sha384(data).digest())

    def sign_digest(self, digest: bytes) -> bytes:
        super().sign_digest(digest)  # and refuses what it refuses
        assert isinstance(self._key, ec.EllipticCurvePrivateKey)
        return self._key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA384()), deterministic_signing=True))


@cache
def next_signer(number: int) -> KeySigner:
    """A public test key of the next card's kind, P-384."""
    secret = hashlib.sha384(f"warifu P-384 test signer {number}".encode()).digest()
    return Repeating(ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP384R1()))


@cache
def next_authority(kind: CertificateKind, generation: int = 1) -> Issuer:
    """A P-384 generation; it shares its name with those of `authority`."""
    key = next_signer(100 + generation * 2 + (kind is SIGNING))
    root = build_ca_certificate(
        kind,
        key,
        serial_number=0x02000000 + generation,
        not_before=datetime(2026, 4, 1, tzinfo=UTC),
        not_after=datetime(2046, 3, 31, 14, 59, 59, tzinfo=UTC),
    )
    return Issuer(root, key, kind)


@cache
def authority(kind: CertificateKind, generation: int = 1) -> Issuer:
    """One generation of an authority; all generations of a kind share the name."""
    key = signer(100 + generation * 2 + (kind is SIGNING))
    root = build_ca_certificate(
        kind,
        key,
        serial_number=0x01000000 + generation,
        not_before=datetime(2023, 7, 16, tzinfo=UTC),
        not_after=datetime(2033, 7, 15, 14, 59, 59, tzinfo=UTC),
    )
    return Issuer(root, key, kind)


@cache
def responder(generation: int = 1) -> OcspResponder:
    """A delegated responder of the authentication authority."""
    key = signer(90)
    certificate = build_responder_certificate(
        authority(AUTHENTICATION, generation),
        serial_number=77,
        common_name="OCSP",
        public_key_info=key.public_key_info,
        not_before=ISSUED,
        not_after=NOW + timedelta(days=7),
    )
    return OcspResponder(certificate, key)


@cache
def next_responder() -> OcspResponder:
    """A delegated responder of the P-384 generation."""
    key = next_signer(90)
    certificate = build_responder_certificate(
        next_authority(AUTHENTICATION),
        serial_number=78,
        common_name="OCSP",
        public_key_info=key.public_key_info,
        not_before=ISSUED,
        not_after=NOW + timedelta(days=7),
    )
    return OcspResponder(certificate, key)


@dataclass(frozen=True)
class Order:
    """What a certificate is ordered with; tests replace one member."""

    serial_number: int = SERIAL
    common_name: str = "000007EAAM0XIT13221003A"
    public_key_info: bytes = signer(0).public_key_info
    municipality: Municipality = KIYOSE
    not_before: datetime = ISSUED
    not_after: datetime = ENDS
    addresses: ServiceAddresses = ADDRESSES

    def authentication(self, issuer: Issuer | None = None) -> bytes:
        return build_authentication_certificate(issuer or authority(AUTHENTICATION), **vars(self))

    def signing(self, issuer: Issuer | None = None, attributes: BasicAttributes = HANAKO) -> bytes:
        return build_signing_certificate(issuer or authority(SIGNING), attributes=attributes, **vars(self))


ORDER = Order()
NEXT_ORDER = Order(public_key_info=next_signer(0).public_key_info, not_after=NEXT_ENDS)


def authentication_certificate(issuer: Issuer | None = None, **changes: Any) -> bytes:
    return replace(ORDER, **changes).authentication(issuer)


def signing_certificate(issuer: Issuer | None = None, attributes: BasicAttributes = HANAKO, **changes: Any) -> bytes:
    return replace(ORDER, **changes).signing(issuer, attributes)


def reissue(
    certificate: bytes,
    issuer: Issuer,
    *,
    put: dict[type[x509.ExtensionType], tuple[x509.ExtensionType, bool] | None] | None = None,
    add: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    subject: x509.Name | None = None,
    public_key: Any = None,
    algorithm: hashes.SHA256 | hashes.SHA384 | hashes.SHA512 = SHA256,
) -> bytes:
    """The same certificate signed again with one thing changed: an extension replaced, removed (None) or added."""
    old = x509.load_der_x509_certificate(certificate)
    builder = x509.CertificateBuilder(
        old.issuer,
        subject or old.subject,
        public_key or old.public_key(),
        old.serial_number,
        old.not_valid_before_utc,
        old.not_valid_after_utc,
    )
    for extension in old.extensions:
        value = (put or {}).get(type(extension.value), (extension.value, extension.critical))
        if value is not None:
            builder = builder.add_extension(*value)
    for value in add:
        builder = builder.add_extension(*value)
    return builder.sign(issuer.private_key, algorithm).public_bytes(Encoding.DER)
