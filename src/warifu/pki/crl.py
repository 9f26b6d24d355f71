"""Certificate revocation lists as others read them, one for each distribution point."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Self, TypeVar

from cryptography import x509

from warifu.errors import Malformed, WrongProfile
from warifu.pki import der
from warifu.pki.crl_building import Scope, only_authorities, only_user_certificates
from warifu.pki.profile import check_name
from warifu.pki.reading import Reading
from warifu.pki.revocation import Reason, Revocation, reason_of

_Extension = TypeVar("_Extension", bound=x509.ExtensionType)


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
        return cls._decode(data, only_user_certificates)

    @classmethod
    def decode_of_authorities(cls, data: bytes) -> Self:
        """Read a list of authorities' own certificates (ARL).

        Raises:
            Malformed, WrongProfile: as `decode`, but complete for the authorities' certificates.
        """
        return cls._decode(data, only_authorities)

    @classmethod
    def _decode(cls, data: bytes, scope: Scope) -> Self:
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
            _read_scope(extensions, scope),
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


def _read_scope(extensions: x509.Extensions, expected: Scope) -> bytes:
    scope = _value(extensions, x509.IssuingDistributionPoint)
    if scope.full_name is None or len(scope.full_name) != 1 or scope != expected(scope.full_name[0]):
        raise WrongProfile("the revocation list is not complete for the certificates it should be of")
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
