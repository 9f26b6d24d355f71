"""The path from the certificate of a signer outside of JPKI up to an authority that is trusted for such signers.

Authorities between may come from the document or from elsewhere: whom to believe is not taken from them, only the way.
What JPKI issued never goes this way, whoever certified its authorities in turn: JPKI has its own anchors, and its law.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from warifu.errors import Expired, Malformed, NotYetValid, WeakAlgorithm, WrongProfile
from warifu.pki import Reading, key_id
from warifu.verifier.algorithms import SoundAlgorithms

if TYPE_CHECKING:
    from warifu.pki.path import Path

__all__ = ["Chain", "SignerTrust", "check_led", "find_chain", "readable"]

_JPKI_ARC = "1.2.392.200149.8.5."
_JLIS = "JPKI"
_MOST_MOMENTS = 8
_FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SignerTrust:
    """Which authorities are believed about signers outside of JPKI: `anchors` are their certificates, DER."""

    anchors: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(slots=True, eq=False, repr=False)
class Chain:
    """Certificates from the signer's up to the anchor's, each with its encoding; at least two."""

    encoded: tuple[bytes, ...]
    certificates: tuple[x509.Certificate, ...]

    @property
    def authorities_until(self) -> datetime:
        """When the first of the authorities ends, the anchor among them (shell model)."""
        return min(each.not_valid_after_utc for each in self.certificates[1:])

    def key_id(self, place: int) -> bytes:
        """The identifier of the key of one of them, 20 bytes."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        key = self.certificates[place].public_key()
        return key_id(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def find_chain(
    certificate: bytes,
    others: Iterable[bytes],
    trust: SignerTrust,
    moment: datetime,
    algorithms: SoundAlgorithms,
) -> Chain:
    """A path that keeps every rule of RFC 5280 §6 but for revocation, and for algorithms that have ended since.

    It is valid at `moment` if one is; else at another moment of the certificate's time. Whether that moment counts, and
    what was revoked, is for who judges the path.

    Raises:
        Malformed, CertificateRefused: as `warifu.pki.path.check_path`; `WrongProfile` also for what JPKI issued.
    """
    from warifu.pki.path import Checking  # loads pyhanko-certvalidator

    pool = tuple(readable(others))
    own = _read(certificate)
    _check_outside(own)
    refusal: Expired | NotYetValid | None = None
    for at in _moments(own, map(_read, pool), moment):
        try:
            hashes = algorithms.hashes_at(_FIRST)
            path = check_led(certificate, pool, trust.anchors, at, checking=Checking.NONE, hashes=hashes)
        except (Expired, NotYetValid) as error:
            refusal = refusal or error
            continue
        chain = Chain(path.certificates, tuple(map(_read, path.certificates)))
        for authority in chain.certificates[1:]:
            _check_outside(authority)
        for each in chain.certificates:
            _check_key(each)
        if len(chain.encoded) == 1:
            raise WrongProfile("an authority's own certificate signs no documents")
        return chain
    assert refusal is not None
    raise refusal


def check_led(
    certificate: bytes, others: tuple[bytes, ...], anchors: tuple[bytes, ...], at: datetime, **options: Any
) -> "Path":
    """`check_path` among what strangers put there: when that is too much, among what anchors stand behind.

    Raises:
        Malformed, CertificateRefused, StatusUnknown: as `warifu.pki.path.check_path`.
    """
    from warifu.pki.path import check_path, genuine

    try:
        return check_path(certificate, others, anchors, at, **options)
    except Malformed:
        led = genuine(others, anchors)
        if len(led) == len(others):
            raise
        return check_path(certificate, led, anchors, at, **options)


def _moments(own: x509.Certificate, others: Iterable[x509.Certificate], moment: datetime) -> Iterator[datetime]:
    """The moment itself or the nearest in the certificate's time, then those at which others begin or end."""
    begins, ends = own.not_valid_before_utc, own.not_valid_after_utc
    first = min(max(moment, begins), ends)
    yield first
    borders = {border for each in others for border in (each.not_valid_before_utc, each.not_valid_after_utc)}
    inside = (border for border in borders if begins <= border <= ends and border != first)
    yield from sorted(inside, key=lambda border: (abs(border - first), border))[:_MOST_MOMENTS]


def readable(others: Iterable[bytes]) -> Iterator[bytes]:
    """The certificates among what strangers put there; nobody needs one that cannot be read."""
    for other in others:
        try:
            _check_outside(_read(other))
        except Malformed:
            continue
        except WrongProfile:
            pass  # found out where a path leads through it
        yield other


def _read(certificate: bytes) -> x509.Certificate:
    with Reading("certificate"):
        return x509.load_der_x509_certificate(certificate)


def _check_outside(certificate: x509.Certificate) -> None:
    """Check that the certificate is nothing of JPKI's, neither a holder's nor an authority's.

    Raises:
        WrongProfile: it has a certificate policy of JPKI, or calls itself or its issuer J-LIS's.
        Malformed: its extensions or names cannot be read.
    """
    with Reading("certificate"):
        policies = _policies(certificate)
        organizations = [
            str(each.value)
            for name in (certificate.subject, certificate.issuer)
            for each in name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        ]
    named = any(unicodedata.normalize("NFKC", each).strip().upper() == _JLIS for each in organizations)
    if named or any(each.startswith(_JPKI_ARC) for each in policies):
        raise WrongProfile("a certificate of JPKI is verified under JPKI's own anchors only")


def _check_key(certificate: x509.Certificate) -> None:
    """Check that the key is of a kind that can be known here.

    Raises:
        WeakAlgorithm: it is not.
    """
    try:
        with Reading("public key"):
            certificate.public_key()
    except Malformed as error:
        raise WeakAlgorithm("a certificate has a key of an unknown kind") from error


def _policies(certificate: x509.Certificate) -> Sequence[str]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.CertificatePolicies)
    except x509.ExtensionNotFound:
        return ()
    return [each.policy_identifier.dotted_string for each in extension.value]
