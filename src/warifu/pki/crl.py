"""Certificate revocation lists, one for each municipality's distribution point."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Self, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from warifu.errors import Malformed, WrongProfile
from warifu.person import Municipality
from warifu.pki import der
from warifu.pki.issuer import Issuer
from warifu.pki.keys import hash_for
from warifu.pki.profile import check_name
from warifu.pki.reading import Reading
from warifu.pki.revocation import Reason, Revocation, reason_of

_Extension = TypeVar("_Extension", bound=x509.ExtensionType)
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
    point = x509.DirectoryName(issuer.name.distribution_point(issuer.kind, municipality))
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


def _only_user_certificates(point: x509.GeneralName) -> x509.IssuingDistributionPoint:
    return x509.IssuingDistributionPoint(
        full_name=[point],
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


@dataclass(frozen=True, repr=False)
class RevocationList:
    """One municipality's revocation list as read; who signed it is not checked here.

    `signed`, `algorithm`, `signature` and `issuer` are as encoded; `distribution_point` is the directoryName that the
    certificates name; `revoked` maps serial numbers.
    """

    signed: bytes
    algorithm: bytes
    signature: bytes
    issuer: bytes
    issuer_key_id: bytes
    distribution_point: bytes
    number: int
    this_update: datetime
    next_update: datetime
    revoked: Mapping[int, Revocation]

    def __repr__(self) -> str:
        return f"RevocationList(number {self.number}, {len(self.revoked)} entries)"

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a list of one distribution point.

        Raises:
            Malformed: not a DER list, a byte too many, or a serial number twice.
            WrongProfile: not complete for the user certificates of one directory name: another scope, a delta, an
                unknown critical extension, no number, no key identifier or no end.
        """
        with Reading("revocation list"):
            crl = x509.load_der_x509_crl(data)
            extensions = crl.extensions
            next_update = crl.next_update_utc
            revoked = _read_entries(crl)
        if next_update is None:
            raise WrongProfile("the revocation list does not say when it ends")
        signed, algorithm, signature, issuer = _cut(data)
        check_name(issuer)
        return cls(
            signed,
            algorithm,
            signature,
            issuer,
            _read_key_id(extensions),
            _read_scope(extensions),
            _read_number(extensions),
            crl.last_update_utc,
            next_update,
            MappingProxyType(revoked),
        )


def _cut(data: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """TBSCertList, AlgorithmIdentifier, signature and issuer (RFC 5280 §5.1)."""
    outer, _ = der.slice_element(data, 0, der.SEQUENCE)
    inner, signed_end = der.slice_element(data, outer, der.SEQUENCE)
    _, algorithm_end = der.slice_element(data, signed_end, der.SEQUENCE)
    signature = der.whole(data[algorithm_end:], der.BIT_STRING)
    _, version_end = der.slice_element(data, inner, der.INTEGER)
    _, inner_algorithm_end = der.slice_element(data, version_end, der.SEQUENCE)
    _, issuer_end = der.slice_element(data, inner_algorithm_end, der.SEQUENCE)
    algorithm = data[signed_end:algorithm_end]
    if data[version_end:inner_algorithm_end] != algorithm or signature[:1] != b"\0":
        raise Malformed("two different signature algorithms in a revocation list")
    return data[outer:signed_end], algorithm, signature[1:], data[inner_algorithm_end:issuer_end]


def _read_entries(crl: x509.CertificateRevocationList) -> dict[int, Revocation]:
    revoked: dict[int, Revocation] = {}
    for entry in crl:
        if entry.serial_number in revoked:
            raise Malformed("a serial number is twice in the revocation list")
        revoked[entry.serial_number] = Revocation(entry.revocation_date_utc, _read_reason(entry))
    return revoked


def _read_reason(entry: x509.RevokedCertificate) -> Reason:
    flag = None
    for extension in entry.extensions:
        if isinstance(extension.value, x509.CRLReason):
            flag = extension.value.reason
        elif extension.critical:
            raise WrongProfile("an entry of the revocation list has an unknown critical extension")
    return reason_of(flag)


_KNOWN = (x509.AuthorityKeyIdentifier, x509.CRLNumber, x509.IssuingDistributionPoint)


def _read_key_id(extensions: x509.Extensions) -> bytes:
    if any(extension.critical and not isinstance(extension.value, _KNOWN) for extension in extensions):
        raise WrongProfile("the revocation list has an unknown critical extension (a delta list has one)")
    key_id = _value(extensions, x509.AuthorityKeyIdentifier).key_identifier
    if key_id is None:
        raise WrongProfile("the revocation list does not name its issuer's key")
    return key_id


def _read_scope(extensions: x509.Extensions) -> bytes:
    scope = _value(extensions, x509.IssuingDistributionPoint)
    if scope.full_name is None or len(scope.full_name) != 1 or scope != _only_user_certificates(scope.full_name[0]):
        raise WrongProfile("the revocation list is not complete for user certificates")
    point = scope.full_name[0]
    if not isinstance(point, x509.DirectoryName):
        raise WrongProfile("the revocation list's distribution point is not a directory name")
    return der.encode(der.explicit(4), point.value.public_bytes())


def _read_number(extensions: x509.Extensions) -> int:
    return _value(extensions, x509.CRLNumber).crl_number


def _value(extensions: x509.Extensions, kind: type[_Extension]) -> _Extension:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound as error:
        raise WrongProfile("the revocation list lacks an extension of its profile") from error
