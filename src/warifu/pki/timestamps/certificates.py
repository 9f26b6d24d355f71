"""The certificates behind timestamps: a root of their own, and units whose keys stamp and do nothing else.

Modelled: in life timestamps come from businesses that the Minister for Internal Affairs and Communications accredited
(時刻認証業務の認定に関する規程, 令和3年総務省告示第146号), each under a certification authority of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from warifu.errors import NotAllowed
from warifu.pki.issuer import CertifiedKey, certifiable_key, key_usage
from warifu.pki.keys import hash_for, private_key_of
from warifu.pki.names import TEST_NAME, name
from warifu.ports import Signer

__all__ = ["TimestampUnit", "build_timestamp_list", "build_timestamp_root", "build_timestamp_unit"]

_UNIT = "Timestamps"


@dataclass(frozen=True)
class TimestampUnit(CertifiedKey):
    """A key that stamps, with its certificate (RFC 3161 §2.3).

    Raises:
        NotAllowed: the certificate is not for timestamps alone.
    """

    def __post_init__(self) -> None:
        CertifiedKey.__post_init__(self)
        try:
            usage = self.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        except x509.ExtensionNotFound:
            raise NotAllowed("the certificate is not for timestamps") from None
        if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
            raise NotAllowed("the certificate is not for timestamps alone")


def build_timestamp_root(
    signer: Signer,
    *,
    serial_number: int,
    not_before: datetime,
    not_after: datetime,
    organization: str = TEST_NAME.organization,
) -> bytes:
    """The self-signed certificate of the authority that certifies timestamp units, DER."""
    own = _name(organization, "Timestamp root")
    key = certifiable_key(serialization.load_der_public_key(signer.public_key_info))
    builder = (
        x509.CertificateBuilder(own, own, key, serial_number, not_before, not_after)
        .add_extension(key_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )
    return _sign(builder, signer)


def build_timestamp_unit(
    root: CertifiedKey, unit: Signer, *, serial_number: int, not_before: datetime, not_after: datetime
) -> bytes:
    """The certificate of a timestamp unit, DER: extendedKeyUsage critical, and timeStamping only (RFC 3161 §2.3).

    Raises:
        NotAllowed: a key that may not be certified, or it would outlive the root.
    """
    if not_after > root.certificate.not_valid_after_utc:
        raise NotAllowed("the certificate would outlive its issuer's")
    [organization] = root.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    key = certifiable_key(serialization.load_der_public_key(unit.public_key_info))
    own = _name(str(organization.value), "Timestamp unit")
    builder = (
        x509.CertificateBuilder(root.certificate.subject, own, key, serial_number, not_before, not_after)
        .add_extension(key_usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier(root.key_id, None, None), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )
    return _sign(builder, root.signer)


def build_timestamp_list(
    root: CertifiedKey, *, number: int, this_update: datetime, next_update: datetime, revoked: Iterable[int] = ()
) -> bytes:
    """The root's revocation list, DER: serial numbers of units whose key is compromised since `this_update`.

    Wire: version 2; authorityKeyIdentifier, cRLNumber; each entry with the reason keyCompromise.
    """
    builder = (
        x509.CertificateRevocationListBuilder(root.certificate.subject, this_update, next_update)
        .add_extension(x509.AuthorityKeyIdentifier(root.key_id, None, None), critical=False)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for serial_number in sorted(revoked):
        entry = x509.RevokedCertificateBuilder(serial_number, this_update)
        reason = x509.CRLReason(x509.ReasonFlags.key_compromise)
        builder = builder.add_revoked_certificate(entry.add_extension(reason, critical=False).build())
    made = builder.sign(private_key_of(root.signer), hash_for(root.signer.algorithm))
    return made.public_bytes(serialization.Encoding.DER)


def _name(organization: str, common_name: str) -> x509.Name:
    oids = NameOID
    return name(
        [
            (oids.ORGANIZATION_NAME, organization),
            (oids.ORGANIZATIONAL_UNIT_NAME, _UNIT),
            (oids.COMMON_NAME, common_name),
        ]
    )


def _sign(builder: x509.CertificateBuilder, signer: Signer) -> bytes:
    return builder.sign(private_key_of(signer), hash_for(signer.algorithm)).public_bytes(serialization.Encoding.DER)
