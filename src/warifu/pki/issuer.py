"""Building the authorities' own certificates and those of OCSP responders.

Modelled: the profiles were taken from the bytes of J-LIS's published CA certificates and of end-entity certificates
that others described; J-LIS's profile specification itself was not read.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from warifu.errors import Malformed, NotAllowed
from warifu.pki.keys import MINIMUM_RSA_BITS, hash_for, private_key_of
from warifu.pki.names import TEST_NAME, AuthorityName, CertificateKind, Medium, name
from warifu.ports import Signer

Extensions = list[tuple[x509.ExtensionType, bool]]


@dataclass(frozen=True, slots=True)
class ServiceAddresses:
    """What an operator chooses and certificates say: addresses, all of our own services, and the phones' policies.

    `ocsp` goes into authority information access; None leaves the extension out. `cps` is where the certification
    practice statement is. `phone_policies` are pairs of a kind and the object identifier that its phone certificates
    name instead of the modelled one; `EndEntityCertificate` reads the modelled ones only.
    """

    ocsp: str | None
    cps: str
    phone_policies: tuple[tuple[CertificateKind, str], ...] = ()

    def policy_for(self, kind: CertificateKind, medium: Medium) -> str:
        """The policy that a certificate of this kind on this medium names."""
        if medium is Medium.PHONE:
            for chosen, policy in self.phone_policies:
                if chosen is kind:
                    return policy
        return kind.policy_on(medium)


@dataclass(frozen=True)
class CertifiedKey:
    """A certificate (DER) and the signer that holds its private key.

    Raises:
        Malformed: not a certificate, or of another key.
    """

    certificate_der: bytes = field(repr=False)
    signer: Signer = field(repr=False)

    def __post_init__(self) -> None:
        if _public_key_info(self.certificate.public_key()) != self.signer.public_key_info:
            raise Malformed("the certificate is of another key")

    @cached_property
    def certificate(self) -> x509.Certificate:
        """The certificate as cryptography reads it."""
        try:
            return x509.load_der_x509_certificate(self.certificate_der)
        except ValueError as error:
            raise Malformed("not a certificate") from error

    @cached_property
    def key_id(self) -> bytes:
        """SHA-1 of the public key, 20 bytes (RFC 5280 §4.2.1.2 method 1)."""
        return x509.SubjectKeyIdentifier.from_public_key(self.certificate.public_key()).digest

    @cached_property
    def private_key(self) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
        """The signer, for cryptography's builders."""
        return private_key_of(self.signer)


@dataclass(frozen=True)
class Issuer(CertifiedKey):
    """One generation of an authority: its certificate, its signer and the names it uses."""

    kind: CertificateKind
    name: AuthorityName = TEST_NAME

    @cached_property
    def name_der(self) -> bytes:
        """Its name as it stands in all that it issues."""
        return self.certificate.subject.public_bytes()

    @cached_property
    def authority_key_identifier(self) -> x509.AuthorityKeyIdentifier:
        """All three parts: key identifier, issuer and serial number of the authority's certificate."""
        own = x509.DirectoryName(self.certificate.issuer)
        return x509.AuthorityKeyIdentifier(self.key_id, [own], self.certificate.serial_number)

    @cached_property
    def authority_key_identifier_der(self) -> bytes:
        """The value of that extension."""
        return self.authority_key_identifier.public_bytes()


@dataclass(frozen=True)
class OcspResponder(CertifiedKey):
    """A delegated responder: its certificate was issued by the authority for OCSP signing (RFC 6960 §4.2.2.2)."""


def build_ca_certificate(
    kind: CertificateKind,
    signer: Signer,
    *,
    serial_number: int,
    not_before: datetime,
    not_after: datetime,
    name: AuthorityName = TEST_NAME,
) -> bytes:
    """The self-signed certificate of one generation of an authority, DER.

    Wire: issuer and subject alike; keyUsage critical keyCertSign and cRLSign, subjectAltName, basicConstraints critical
    CA without path length, cRLDistributionPoints (the authority itself), subjectKeyIdentifier; nothing else.
    Source: github.com/jpki/myna, src/ta/*.pem, all of this shape.
    """
    own, key = name.authority(kind), private_key_of(signer)
    extensions: Extensions = [
        (key_usage("key_cert_sign", "crl_sign"), True),
        (x509.SubjectAlternativeName([name.alternative(kind)]), False),
        (x509.BasicConstraints(ca=True, path_length=None), True),
        (distribution_points(own), False),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
    ]
    builder = _builder(own, own, signer.public_key_info, serial_number, not_before, not_after, extensions)
    return _sign(builder, key, signer)


def build_responder_certificate(
    issuer: Issuer,
    *,
    serial_number: int,
    common_name: str,
    public_key_info: bytes,
    not_before: datetime,
    not_after: datetime,
) -> bytes:
    """The certificate of a delegated OCSP responder, DER: short-lived, so it carries id-pkix-ocsp-nocheck.

    Source: RFC 6960 §4.2.2.2. Modelled: J-LIS's responder certificate is not published.
    """
    key = certifiable_key(serialization.load_der_public_key(public_key_info))
    check_kind(key, issuer)
    extensions: Extensions = [
        (key_usage("digital_signature"), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False),
        (x509.OCSPNoCheck(), False),
        (issuer.authority_key_identifier, False),
        (x509.SubjectKeyIdentifier.from_public_key(key), False),
    ]
    return _issue(
        issuer, _responder_name(issuer, common_name), public_key_info, serial_number, not_before, not_after, extensions
    )


def _responder_name(issuer: Issuer, common_name: str) -> x509.Name:
    oids = x509.oid.NameOID
    own = [(oids.ORGANIZATION_NAME, issuer.name.organization), (oids.ORGANIZATIONAL_UNIT_NAME, issuer.kind.unit)]
    return name([*own, (oids.COMMON_NAME, common_name)])


def distribution_points(point: x509.Name) -> x509.CRLDistributionPoints:
    """The extension with one directoryName."""
    return x509.CRLDistributionPoints([x509.DistributionPoint([x509.DirectoryName(point)], None, None, None)])


_KEY_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def key_usage(*usages: str) -> x509.KeyUsage:
    """The extension with these usages and no other."""
    return x509.KeyUsage(**{usage: usage in usages for usage in _KEY_USAGES})


def certifiable_key(key: object) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
    """Only keys that 公的個人認証法施行規則 第2条, 第38条 let be certified; P-384 is the next card's."""
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= MINIMUM_RSA_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in ("secp256r1", "secp384r1"):
        return key
    raise NotAllowed("a key of this kind or size may not be certified")


def check_kind(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey, issuer: Issuer) -> None:
    """Check that a key to be certified is of the same kind as the authority's: RSA under RSA, a curve under itself.

    Modelled: that no generation certifies both. A mixed chain would be as strong as its weaker half.

    Raises:
        NotAllowed: it is of another.
    """
    if _kind_of_key(key) != _kind_of_key(issuer.certificate.public_key()):
        raise NotAllowed("this generation of the authority certifies keys of its own kind only")


def _kind_of_key(key: object) -> str:
    return key.curve.name if isinstance(key, ec.EllipticCurvePublicKey) else "rsa"


def _builder(
    issuer: x509.Name,
    holder: x509.Name,
    public_key_info: bytes,
    serial_number: int,
    not_before: datetime,
    not_after: datetime,
    extensions: Extensions,
) -> x509.CertificateBuilder:
    key = certifiable_key(serialization.load_der_public_key(public_key_info))
    builder = x509.CertificateBuilder(issuer, holder, key, serial_number).not_valid_before(not_before)
    builder = builder.not_valid_after(not_after)
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    return builder


def _issue(
    issuer: Issuer,
    holder: x509.Name,
    public_key_info: bytes,
    serial_number: int,
    not_before: datetime,
    not_after: datetime,
    extensions: Extensions,
) -> bytes:
    own = issuer.certificate.subject
    builder = _builder(own, holder, public_key_info, serial_number, not_before, not_after, extensions)
    return _sign(builder, issuer.private_key, issuer.signer)


def _sign(
    builder: x509.CertificateBuilder, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, signer: Signer
) -> bytes:
    return builder.sign(key, hash_for(signer.algorithm)).public_bytes(serialization.Encoding.DER)


def _public_key_info(key: object) -> bytes:
    return certifiable_key(key).public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
