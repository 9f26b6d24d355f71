"""Certificate revocation lists, one for each municipality's distribution point."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from warifu.person import Municipality
from warifu.pki.issuing import Issuer
from warifu.pki.keys import hash_for
from warifu.pki.revocation import Reason, Revocation

LIFETIME = timedelta(hours=48)


def build_crl(
    issuer: Issuer,
    *,
    municipality: Municipality,
    revoked: Mapping[int, Revocation],
    number: int,
    this_update: datetime,
    next_update: datetime | None = None,
) -> bytes:
    """The revocation list of one municipality's certificates, DER; `revoked` maps serial numbers.

    Wire: version 2, signed by the authority; authorityKeyIdentifier, cRLNumber, issuingDistributionPoint critical with
    the distribution point that the certificates name and onlyContainsUserCerts. Entries ascend by serial number; reason
    0 is left out of its entry, as RFC 5280 §5.3.1 wants. `next_update` is 48 hours later unless given.
    Modelled: J-LIS publishes no profile of its lists; this is RFC 5280 §5 with the point taken from its certificates.
    """
    point = issuer.name.distribution_point(issuer.kind, municipality)
    builder = x509.CertificateRevocationListBuilder(
        issuer.certificate.subject,
        this_update,
        next_update or this_update + LIFETIME,
        [
            x509.Extension(x509.AuthorityKeyIdentifier.oid, False, issuer.authority_key_identifier),
            x509.Extension(x509.CRLNumber.oid, False, x509.CRLNumber(number)),
            x509.Extension(x509.IssuingDistributionPoint.oid, True, _only_user_certificates(point)),
        ],
        [_entry(serial_number, revoked[serial_number]) for serial_number in sorted(revoked)],
    )
    crl = builder.sign(issuer.private_key, hash_for(issuer.signer.algorithm))
    return crl.public_bytes(serialization.Encoding.DER)


def _only_user_certificates(point: x509.Name) -> x509.IssuingDistributionPoint:
    return x509.IssuingDistributionPoint(
        full_name=[x509.DirectoryName(point)],
        relative_name=None,
        only_contains_user_certs=True,
        only_contains_ca_certs=False,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )


def _entry(serial_number: int, revocation: Revocation) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder(serial_number, revocation.at)
    if revocation.reason is not Reason.UNSPECIFIED:
        builder = builder.add_extension(x509.CRLReason(revocation.reason.flag), critical=False)
    return builder.build()
