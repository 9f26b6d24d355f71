"""Building certificate revocation lists: one for each municipality's distribution point, and one of authorities.

Modelled: J-LIS publishes no profile of its lists; this is RFC 5280 §5 with the points taken from its certificates.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from warifu.person import Municipality
from warifu.pki.issuer import Issuer
from warifu.pki.keys import hash_for
from warifu.pki.revocation import Reason, Revocation

LIFETIME = timedelta(hours=48)
"""How long a list may be used unless its maker says otherwise."""

Scope = Callable[[x509.GeneralName], x509.IssuingDistributionPoint]


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
    """
    return _build(issuer, users_extensions(issuer, municipality, number), revoked, this_update, next_update)


def build_authority_list(
    issuer: Issuer,
    *,
    revoked: Mapping[int, Revocation],
    number: int,
    this_update: datetime,
    next_update: datetime | None = None,
) -> bytes:
    """The list of the authority's own certificates that were revoked (ARL), DER.

    Wire: as `build_crl`, but the distribution point is the one that the authority's certificates name, the authority's
    own name, and it says onlyContainsCACerts.
    """
    point = x509.DirectoryName(issuer.certificate.subject)
    return _build(issuer, _extensions(issuer, only_authorities(point), number), revoked, this_update, next_update)


def users_extensions(
    issuer: Issuer, municipality: Municipality, number: int
) -> list[x509.Extension[x509.ExtensionType]]:
    """The extensions of a municipality's list."""
    point = x509.DirectoryName(issuer.name.distribution_point(issuer.kind, municipality))
    return _extensions(issuer, only_user_certificates(point), number)


def only_user_certificates(point: x509.GeneralName) -> x509.IssuingDistributionPoint:
    """The scope of a list that is complete for holders' certificates of one distribution point."""
    return _scope(point, users=True)


def only_authorities(point: x509.GeneralName) -> x509.IssuingDistributionPoint:
    """The scope of a list that is complete for authorities' certificates of one distribution point."""
    return _scope(point, users=False)


def _build(
    issuer: Issuer,
    extensions: list[x509.Extension[x509.ExtensionType]],
    revoked: Mapping[int, Revocation],
    this_update: datetime,
    next_update: datetime | None,
) -> bytes:
    builder = x509.CertificateRevocationListBuilder(
        issuer.certificate.subject,
        this_update,
        next_update or this_update + LIFETIME,
        extensions,
        [_entry(serial_number, revoked[serial_number]) for serial_number in sorted(revoked)],
    )
    crl = builder.sign(issuer.private_key, hash_for(issuer.signer.algorithm))
    return crl.public_bytes(serialization.Encoding.DER)


def _extensions(
    issuer: Issuer, scope: x509.IssuingDistributionPoint, number: int
) -> list[x509.Extension[x509.ExtensionType]]:
    return [
        x509.Extension(x509.AuthorityKeyIdentifier.oid, False, issuer.authority_key_identifier),
        x509.Extension(x509.CRLNumber.oid, False, x509.CRLNumber(number)),
        x509.Extension(x509.IssuingDistributionPoint.oid, True, scope),
    ]


def _scope(point: x509.GeneralName, *, users: bool) -> x509.IssuingDistributionPoint:
    return x509.IssuingDistributionPoint(
        full_name=[point],
        relative_name=None,
        only_contains_user_certs=users,
        only_contains_ca_certs=not users,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )


def _entry(serial_number: int, revocation: Revocation) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder(serial_number, revocation.at)
    if revocation.reason is not Reason.UNSPECIFIED:
        builder = builder.add_extension(x509.CRLReason(revocation.reason.flag), critical=False)
    return builder.build()
