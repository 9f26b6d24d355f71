"""Building the two kinds of certificates, on a card and on a phone.

The DER is put together here, from parts of which most are made once: by authority, by municipality, by address. The
values of extensions come from cryptography, and tests compare whole certificates with what its builder makes, byte for
byte.

Modelled: the profiles were taken from end-entity certificates that others described (github.com/MynaWallet/monorepo,
packages/certs; github.com/kjur/jsrsasign-oid-jpki); J-LIS's profile specification itself was not read.
"""

from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from warifu.errors import NotAllowed
from warifu.person import BasicAttributes, Municipality
from warifu.pki import der, slices
from warifu.pki.issuer import Issuer, ServiceAddresses, certifiable_key, check_kind, distribution_points, key_usage
from warifu.pki.keys import ALGORITHMS
from warifu.pki.names import AuthorityName, CertificateKind, Medium, name
from warifu.pki.personal import encode_personal
from warifu.pki.profile import key_id

# ub-common-name (RFC 5280 appendix A.1) counts characters; cryptography counts bytes, and ours are ASCII.
_LONGEST_NAME = 64
_LARGEST_SERIAL = (1 << 159) - 1


def build_authentication_certificate(
    issuer: Issuer,
    *,
    serial_number: int,
    common_name: str,
    public_key_info: bytes,
    municipality: Municipality,
    not_before: datetime,
    not_after: datetime,
    addresses: ServiceAddresses,
    medium: Medium = Medium.CARD,
) -> bytes:
    """A user authentication certificate (利用者証明用電子証明書), DER. Nothing in it says who the holder is.

    Wire: extensions keyUsage critical digitalSignature, extKeyUsage clientAuth, certificatePolicies critical,
    issuerAltName, cRLDistributionPoints (of the municipality), authorityInfoAccess, authorityKeyIdentifier with three
    parts, subjectKeyIdentifier, in this order.

    Raises:
        NotAllowed: the authority issues the other kind, or the key, serial number, name or validity may not be.
    """
    key = _canonical_key(public_key_info, issuer)
    extensions = (
        *_AUTHENTICATION_USAGES,
        *_shared(issuer, CertificateKind.AUTHENTICATION, medium, municipality, addresses),
    )
    subject = der.encode(der.SEQUENCE, _COUNTRY, _attribute(_COMMON_NAME, common_name))
    return _issue(issuer, serial_number, subject, key, not_before, not_after, extensions)


def build_signing_certificate(
    issuer: Issuer,
    *,
    serial_number: int,
    common_name: str,
    public_key_info: bytes,
    municipality: Municipality,
    attributes: BasicAttributes,
    not_before: datetime,
    not_after: datetime,
    addresses: ServiceAddresses,
    medium: Medium = Medium.CARD,
) -> bytes:
    """A signing certificate (署名用電子証明書) with the four basic attributes, DER.

    Wire: extensions keyUsage critical digitalSignature and nonRepudiation, subjectAltName (six otherNames),
    certificatePolicies critical, issuerAltName, cRLDistributionPoints, authorityInfoAccess if an address is given (the
    sample that was described has none), authorityKeyIdentifier, subjectKeyIdentifier, in this order.

    Raises:
        NotAllowed: the authority issues the other kind, or the key, serial number, name or validity may not be.
    """
    key = _canonical_key(public_key_info, issuer)
    extensions = (
        _SIGNING_USAGE,
        _encode(slices.SUBJECT_ALTERNATIVE_NAME, encode_personal(attributes)),
        *_shared(issuer, CertificateKind.SIGNING, medium, municipality, addresses),
    )
    subject = der.encode(der.SEQUENCE, _COUNTRY, *_place(municipality), _attribute(_COMMON_NAME, common_name))
    return _issue(issuer, serial_number, subject, key, not_before, not_after, extensions)


def _issue(
    issuer: Issuer,
    serial_number: int,
    subject: bytes,
    public_key_info: bytes,
    not_before: datetime,
    not_after: datetime,
    extensions: tuple[bytes, ...],
) -> bytes:
    """Put the certificate together and sign it (RFC 5280 §4.1)."""
    if not 0 < serial_number <= _LARGEST_SERIAL:
        raise NotAllowed("a serial number is positive and has at most 20 bytes")
    if not_after < not_before:
        raise NotAllowed("the certificate would end before it begins")
    algorithm = ALGORITHMS[issuer.signer.algorithm]
    own_key_id = _KEY_ID_BEGIN + key_id(public_key_info)
    signed = der.encode(
        der.SEQUENCE,
        _VERSION_3,
        der.integer(serial_number),
        algorithm,
        issuer.name_der,
        der.encode(der.SEQUENCE, der.time(not_before), der.time(not_after)),
        subject,
        public_key_info,
        der.encode(der.explicit(3), der.encode(der.SEQUENCE, *extensions, own_key_id)),
    )
    return der.encode(der.SEQUENCE, signed, algorithm, der.bit_string(issuer.signer.sign(signed)))


def _canonical_key(public_key_info: bytes, issuer: Issuer) -> bytes:
    key = certifiable_key(load_der_public_key(public_key_info))
    check_kind(key, issuer)
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


# --- names ------------------------------------------------------------------------------------------------------------

_COMMON_NAME = der.object_identifier(x509.NameOID.COMMON_NAME.dotted_string)
_LOCALITY = der.object_identifier(x509.NameOID.LOCALITY_NAME.dotted_string)
_COUNTRY = der.whole(name([]).public_bytes(), der.SEQUENCE)


def _attribute(oid: bytes, text: str) -> bytes:
    """A relative distinguished name of one UTF8String."""
    value = text.encode()
    length, inner = len(value), len(value) + len(oid) + 2
    if not 0 < length <= _LONGEST_NAME:
        raise NotAllowed("a name in a certificate has 1 to 64 bytes")
    # All lengths have one byte: 64, and the headers of three elements.
    return bytes((der.SET, inner + 2, der.SEQUENCE, inner)) + oid + bytes((der.UTF8_STRING, length)) + value


@lru_cache(maxsize=4096)
def _place(municipality: Municipality) -> tuple[bytes, bytes]:
    return _attribute(_LOCALITY, municipality.prefecture_romaji), _attribute(_LOCALITY, municipality.name_romaji)


# --- extensions -------------------------------------------------------------------------------------------------------

_VERSION_3 = der.encode(der.explicit(0), der.integer(2))
_CRITICAL = der.encode(der.BOOLEAN, b"\xff")


def _encode(oid: bytes, value: bytes, critical: bytes = b"") -> bytes:
    return der.encode(der.SEQUENCE, oid, critical, der.encode(der.OCTET_STRING, value))


def _extension(extension: x509.ExtensionType, critical: bytes = b"") -> bytes:
    return _encode(der.object_identifier(extension.oid.dotted_string), extension.public_bytes(), critical)


_KEY_ID_BEGIN = _encode(slices.SUBJECT_KEY_IDENTIFIER, der.encode(der.OCTET_STRING, bytes(20)))[:-20]
_AUTHENTICATION_USAGES = (
    _extension(key_usage("digital_signature"), _CRITICAL),
    _extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])),
)
_SIGNING_USAGE = _extension(key_usage("digital_signature", "content_commitment"), _CRITICAL)


def _shared(
    issuer: Issuer,
    kind: CertificateKind,
    medium: Medium,
    municipality: Municipality,
    addresses: ServiceAddresses,
) -> tuple[bytes, ...]:
    """What both kinds have in common, in order; only the holder's key identifier follows."""
    if issuer.kind is not kind:
        raise NotAllowed("this authority issues the other kind of certificate")
    own = _encode(slices.AUTHORITY_KEY_IDENTIFIER, issuer.authority_key_identifier_der)
    return _shared_by_many(issuer.name, kind, medium, municipality, addresses), own


@lru_cache(maxsize=4096)
def _shared_by_many(
    authority: AuthorityName,
    kind: CertificateKind,
    medium: Medium,
    municipality: Municipality,
    addresses: ServiceAddresses,
) -> bytes:
    """Those of them that are alike in all certificates of one municipality."""
    return b"".join(
        (
            _policies(addresses.policy_for(kind, medium), addresses.cps),
            _alternative_name(authority, kind),
            _distribution_point(authority, kind, municipality),
            b"" if addresses.ocsp is None else _ocsp_access(addresses.ocsp),
        )
    )


def _policies(policy: str, cps: str) -> bytes:
    """One policy with one qualifier, the practice statement's address (id-qt-cps, an IA5String)."""
    information = x509.PolicyInformation(x509.ObjectIdentifier(policy), [cps])
    return _extension(x509.CertificatePolicies([information]), _CRITICAL)


def _alternative_name(authority: AuthorityName, kind: CertificateKind) -> bytes:
    return _extension(x509.IssuerAlternativeName([authority.alternative(kind)]))


def _distribution_point(authority: AuthorityName, kind: CertificateKind, municipality: Municipality) -> bytes:
    return _extension(distribution_points(authority.distribution_point(kind, municipality)))


def _ocsp_access(address: str) -> bytes:
    location = x509.UniformResourceIdentifier(address)
    access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, location)
    return _extension(x509.AuthorityInformationAccess([access]))
