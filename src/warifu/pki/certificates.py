"""Certificates as others read them: a holder's, and an authority's own.

Reading checks the profile and proves nothing: whether an authority signed a holder's certificate is for the verifier.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, Self, TypeGuard

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from warifu.errors import Malformed, Tampered, WrongKeyUsage, WrongProfile, WrongSignature
from warifu.pki import profile, slices
from warifu.pki.keys import ALGORITHMS, MINIMUM_RSA_BITS
from warifu.pki.names import CertificateKind, Medium
from warifu.pki.personal import PersonalData
from warifu.pki.reading import COMPLAINTS, Reading
from warifu.pki.rsa_signature import check_rsa_signature
from warifu.pki.slices import ExtensionSlice, UnverifiedCertificate

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
_ES384 = ec.ECDSA(hashes.SHA384())


@dataclass(eq=False, repr=False)
class EndEntityCertificate:
    """A holder's certificate that has the profile of its kind. Its issuer's signature is not checked here.

    `not_before` and `not_after` are the first and the last second of validity, UTC.
    """

    kind: CertificateKind
    unverified: UnverifiedCertificate
    public_key: PublicKey
    not_before: datetime
    not_after: datetime

    def __repr__(self) -> str:
        return f"EndEntityCertificate({self.kind.value})"

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a holder's certificate of either kind.

        Raises:
            Malformed: not a DER certificate, or a byte too many.
            WrongPolicy: not one of the two policies.
            WrongKeyUsage: not the key usage of its policy.
            WrongProfile: another difference from the profile.
        """
        unverified = UnverifiedCertificate.decode(data)
        return cls.check(unverified, profile.kind_of(unverified))

    @classmethod
    def check(cls, unverified: UnverifiedCertificate, kind: CertificateKind) -> Self:
        """Check a certificate that was read before against the profile of `kind`.

        Raises:
            WrongPolicy: it is of the other kind or of none.
            WrongKeyUsage: not the key usage of `kind`.
            WrongProfile: another difference from the profile.
        """
        profile.check_profile(unverified, kind)
        key = public_key_of(unverified)
        _check_pair(unverified)
        return cls(kind, unverified, key, unverified.not_before, unverified.not_after)

    def check_signature(self, signature: bytes, data: bytes) -> None:
        """Check a signature by the holder's key, with the one algorithm that there is for it: as `check_signature_by`.

        Raises:
            WrongSignature: it does not verify.
        """
        # A key is of its authority's kind, or `check` would not have let it pass.
        if self.unverified.algorithm == _RS256_ID:
            check_rsa_signature(self.public_key, signature, data)  # type: ignore[arg-type]
        else:
            _verify_p384(self.public_key, signature, data)

    @property
    def medium(self) -> Medium:
        """What holds the private key, as its policy says."""
        return profile.medium_of(self.unverified)

    @property
    def serial_number(self) -> int:
        """The serial number (発行番号): personal, never logged."""
        return self.unverified.serial_number

    @property
    def issuer(self) -> bytes:
        """The issuer's Name, as encoded."""
        return self.unverified.issuer

    @cached_property
    def issuer_key_id(self) -> bytes:
        """The key identifier of the generation that issued it, 20 bytes."""
        key_id = self.unverified.authority_key_id
        if key_id is None:
            raise WrongProfile("authorityKeyIdentifier is missing")
        return key_id

    @cached_property
    def key_id(self) -> bytes:
        """SHA-1 of its public key, 20 bytes."""
        return profile.key_id(self.unverified.public_key_info)

    @cached_property
    def common_name(self) -> str:
        """The holder's common name: opaque, personal."""
        return profile.utf8_attributes(self.unverified.subject)[1][-1]

    @property
    def distribution_point(self) -> bytes:
        """DER of the directoryName under which its revocation list is found."""
        return profile.distribution_point(self.unverified.block.slices[slices.CRL_DISTRIBUTION_POINTS].value)

    @cached_property
    def ocsp_address(self) -> str | None:
        """Where it says that OCSP is answered. Nobody but a configured address is ever asked."""
        extension = self.unverified.block.slices.get(slices.AUTHORITY_INFORMATION_ACCESS)
        return None if extension is None else profile.ocsp_address(extension.value)

    @property
    def personal_data(self) -> PersonalData | None:
        """What a signing certificate says about its holder; None in an authentication certificate."""
        if self.kind is CertificateKind.AUTHENTICATION:
            return None
        return self.unverified.personal_data


_CA_KEY_USAGE = ExtensionSlice(True, bytes.fromhex("03020106"))
_CA_CONSTRAINTS = ExtensionSlice(True, bytes.fromhex("30030101ff"))
_UNITS = {kind.unit: kind for kind in CertificateKind}


@dataclass(frozen=True)
class CaCertificate:
    """The self-signed certificate of one generation of an authority."""

    unverified: UnverifiedCertificate = field(repr=False)
    kind: CertificateKind
    key_id: bytes
    public_key: PublicKey = field(repr=False, compare=False)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read an authority's certificate. That it signs itself is checked, which makes nobody trust it.

        Raises:
            Malformed: not a DER certificate, or a byte too many.
            WrongKeyUsage: not exactly keyCertSign and cRLSign.
            WrongProfile: another difference from the profile.
            Tampered: its own signature does not verify.
        """
        unverified = UnverifiedCertificate.decode(data)
        extensions = unverified.extensions
        if extensions.get(slices.KEY_USAGE) != _CA_KEY_USAGE:
            raise WrongKeyUsage("an authority's keyUsage is keyCertSign and cRLSign")
        if extensions.get(slices.BASIC_CONSTRAINTS) != _CA_CONSTRAINTS:
            raise WrongProfile("an authority's basicConstraints say CA without path length")
        with Reading("certificate extension"):
            critical = {extension.oid for extension in unverified.certificate.extensions if extension.critical}
        if len(critical) != 2 or unverified.issuer != unverified.subject:
            raise WrongProfile("an authority's certificate is self-issued and has two critical extensions")
        key_id = profile.key_id(unverified.public_key_info)
        if extensions.get(slices.SUBJECT_KEY_IDENTIFIER) != ExtensionSlice(False, b"\x04\x14" + key_id):
            raise WrongProfile("subjectKeyIdentifier is not the SHA-1 of the public key")
        key = public_key_of(unverified)
        _check_self_signed(unverified, key)
        return cls(unverified, _kind_by_name(unverified.subject), key_id, key)

    @property
    def der(self) -> bytes:
        """The certificate itself."""
        return self.unverified.der

    @property
    def subject(self) -> bytes:
        """The authority's Name, as encoded; all generations share it."""
        return self.unverified.subject

    @cached_property
    def not_after(self) -> datetime:
        """The last second of validity, UTC."""
        return self.unverified.not_after


def _check_self_signed(unverified: UnverifiedCertificate, key: PublicKey) -> None:
    try:
        check_signature(key, unverified.algorithm, unverified.signature, unverified.signed)
    except WrongSignature as error:
        raise Tampered("the authority's own signature does not verify") from error


def _kind_by_name(subject: bytes) -> CertificateKind:
    with Reading("name"):
        units = profile.utf8_attributes(subject)[1]
    kinds = [_UNITS[unit] for unit in units if unit in _UNITS]
    if len(kinds) != 1:
        raise WrongProfile("the authority's name does not say which certificates it issues")
    return kinds[0]


def public_key_of(unverified: UnverifiedCertificate) -> PublicKey:
    """The certified public key.

    Raises:
        WrongProfile: neither RSA of at least 2048 bits nor a whole point of P-384 under the curve's name.
    """
    try:
        key: Any = unverified.certificate.public_key()
    except COMPLAINTS as error:
        raise Malformed("not a well-formed public key") from error
    # The encoding tells what it is faster than the classes.
    if profile.is_rsa_2048(unverified.public_key_info):
        return key  # type: ignore[no-any-return]
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= MINIMUM_RSA_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and profile.is_p384(unverified.public_key_info):
        return key
    raise WrongProfile("the key is neither RSA of at least 2048 bits nor of P-384")


def read_public_key(public_key_info: bytes) -> PublicKey:
    """A public key of one of the two profiles, from DER SubjectPublicKeyInfo.

    Raises:
        Malformed: not a public key.
        WrongProfile: neither RSA of at least 2048 bits nor P-384 by name.
    """
    with Reading("public key"):
        key = load_der_public_key(public_key_info)
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= MINIMUM_RSA_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and profile.is_p384(public_key_info):
        return key
    raise WrongProfile("the key is neither RSA of at least 2048 bits nor of P-384")


def public_key_info_of(certificate: bytes) -> bytes:
    """The DER SubjectPublicKeyInfo in any certificate (DER), of which nothing is checked.

    Raises:
        Malformed: not a certificate.
    """
    with Reading("certificate"):
        key = x509.load_der_x509_certificate(certificate).public_key()
        return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _check_pair(unverified: UnverifiedCertificate) -> None:
    """Check that the holder's key, RSA or P-384, is of the generation's own kind: no generation certifies both.

    Raises:
        WrongProfile: an RSA key under an ECDSA signature or the other way about.
    """
    # The encodings tell it faster than the classes, at every login.
    if unverified.algorithm != (_ES384_ID if profile.is_p384(unverified.public_key_info) else _RS256_ID):
        raise WrongProfile("the key is of another kind than its authority's")


def is_rsa(key: object) -> TypeGuard[rsa.RSAPublicKey]:
    """Whether a public key is one of RSA; the abstract class would look into its registers each time it is asked."""
    kind: type = type(key)
    return _is_rsa(kind)


@lru_cache(maxsize=64)
def _is_rsa(kind: type) -> bool:
    return issubclass(kind, rsa.RSAPublicKey)


_RS256_ID, _ES384_ID = ALGORITHMS["RS256"], ALGORITHMS["ES384"]


def check_signature(key: PublicKey, algorithm: bytes, signature: bytes, data: bytes) -> None:
    """Check a signature of an authority; `algorithm` is the DER AlgorithmIdentifier beside it.

    The key decides which one algorithm may stand there.

    Raises:
        WrongSignature: it does not verify, or the algorithm is not the one for this kind of key.
    """
    if algorithm == _RS256_ID and is_rsa(key):
        check_rsa_signature(key, signature, data)
    elif algorithm == _ES384_ID and isinstance(key, ec.EllipticCurvePublicKey):
        _verify_p384(key, signature, data)
    else:
        raise WrongSignature("a signature algorithm that the profile does not have")


def check_signature_by(key: PublicKey, signature: bytes, data: bytes) -> None:
    """Check a signature with the one algorithm that the profile has for a key of this kind.

    RSA: RSASSA-PKCS1-v1_5 with SHA-256. P-384: ECDSA with SHA-384, a DER ECDSA-Sig-Value and not a byte more; any other
    encoding of the same numbers is refused, which OpenSSL does by encoding them anew.

    Raises:
        WrongSignature: it does not verify.

    Source: RFC 8017 §8.2.2; FIPS 186-5 §6.4.2; RFC 3279 §2.2.3.
    """
    if is_rsa(key):
        check_rsa_signature(key, signature, data)
    else:
        _verify_p384(key, signature, data)


def _verify_p384(key: Any, signature: bytes, data: bytes) -> None:
    if not isinstance(key.curve, ec.SECP384R1):
        raise WrongSignature("a key of another curve than the profile has")
    try:
        key.verify(signature, data, _ES384)
    except InvalidSignature as error:
        raise WrongSignature from error
