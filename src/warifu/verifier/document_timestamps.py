"""Timestamps in a signed document, from the latest inwards: which of them hold, and what they prove.

Each token has to be believable at one moment only: that of a later timestamp that holds and covers it, or else the
moment of validation. So an old token outlives its authority's certificate and algorithms (ETSI EN 319 102-1 §5.6.3).

Source: ETSI EN 319 102-1 §5.4; RFC 3161 §2.3, §2.4.2.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.x509 import ocsp

from warifu.documents import FaultCode, FoundSignature, FoundTimestamp, FoundToken, TimestampKind, read_timestamp
from warifu.errors import (
    Expired,
    Malformed,
    NotYetValid,
    Revoked,
    StatusUnknown,
    Suspended,
    Tampered,
    UntrustedIssuer,
    WarifuError,
    WeakAlgorithm,
    WrongSignature,
)
from warifu.pki import Reading
from warifu.verifier.algorithms import SoundAlgorithms, key_name, verify
from warifu.verifier.document_chain import check_led, readable
from warifu.verifier.material import Material
from warifu.verifier.policy import Policy
from warifu.verifier.proofs import Proofs
from warifu.verifier.report import Check, Outcome, TimestampReport
from warifu.verifier.rules import Indication, Rule, SubIndication

__all__ = ["TimestampTrust", "judge_timestamps", "judge_token"]

_PATH_FAULTS: tuple[tuple[type[WarifuError], SubIndication], ...] = (
    (UntrustedIssuer, SubIndication.NO_CERTIFICATE_CHAIN_FOUND),
    (Expired, SubIndication.OUT_OF_BOUNDS_NO_POE),
    (NotYetValid, SubIndication.OUT_OF_BOUNDS_NO_POE),
    (Revoked, SubIndication.REVOKED_NO_POE),
    (Suspended, SubIndication.TRY_LATER),
    (StatusUnknown, SubIndication.TRY_LATER),
    (WeakAlgorithm, SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE),
    (Tampered, SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE),
)


@dataclass(frozen=True, slots=True)
class TimestampTrust:
    """Whose timestamps are believed: `anchors` are authorities' certificates, DER; and by which algorithms."""

    anchors: tuple[bytes, ...] = field(default=(), repr=False)
    algorithms: SoundAlgorithms = field(default_factory=SoundAlgorithms)


class _Broken(Exception):
    """The token does not hold, for this reason."""

    def __init__(self, sub_indication: SubIndication, why: str) -> None:
        super().__init__(why)
        self.sub_indication = sub_indication
        self.why = why


@dataclass(slots=True)
class _Stamp:
    """A timestamp on its way through the judging."""

    place: int
    found: FoundTimestamp
    token: FoundToken | None
    digest: bytes
    holds: bool = False

    @property
    def order(self) -> tuple[datetime, int]:
        assert self.token is not None
        return self.token.at, self.place

    def covers(self, other: "_Stamp") -> bool:
        """Whether this token proves the existence of that one: by name, or because a PDF as it then was had it."""
        if self.found.values is not None and other.digest in self.found.values:
            return True
        later = self.found.kind in (TimestampKind.DOCUMENT, TimestampKind.ARCHIVE) and self.place > other.place
        return later and (self.found.values is None or self.found.kind is other.found.kind is TimestampKind.DOCUMENT)


def judge_timestamps(
    found: FoundSignature, material: Material, trust: TimestampTrust, at: datetime, policy: Policy
) -> tuple[tuple[TimestampReport, ...], Proofs]:
    """Every timestamp of a signature with what came out, in their order, and what those that hold prove together."""
    proofs = Proofs.none(at)
    if not found.timestamps:
        return (), proofs
    stamps = [_stamp(place, each) for place, each in enumerate(found.timestamps)]
    reports: dict[int, TimestampReport] = {}
    read = sorted((each for each in stamps if each.token is not None), key=lambda each: each.order, reverse=True)
    for stamp in read:
        assert stamp.token is not None
        moment = min((each.order[0] for each in read if each.holds and each.covers(stamp)), default=at)
        report = judge_token(stamp.token, stamp.found, found, material, trust, moment, policy)
        reports[stamp.place] = report
        if report.indication is Indication.TOTAL_PASSED:
            stamp.holds = True
            proofs.add(stamp.found, stamp.token.at)
    for stamp in stamps:
        reports.setdefault(stamp.place, _report(stamp.found, None, SubIndication.FORMAT_FAILURE, "token"))
    return tuple(reports[place] for place in range(len(stamps))), proofs


def _stamp(place: int, found: FoundTimestamp) -> _Stamp:
    try:
        token = read_timestamp(found.token)
    except Malformed:
        token = None
    return _Stamp(place, found, token, hashlib.sha256(found.token).digest())


def judge_token(
    token: FoundToken,
    stamp: FoundTimestamp,
    found: FoundSignature,
    material: Material,
    trust: TimestampTrust,
    moment: datetime,
    policy: Policy,
) -> TimestampReport:
    """One token, as of the moment at which it has to be believable."""
    try:
        _check_form(token, stamp)
        _check_imprint(token, stamp)
        if token.at > moment + policy.skew:
            raise _Broken(SubIndication.TIMESTAMP_ORDER_FAILURE, "time")
        certificate = _certificate(token, found, material)
        _check_signature(token, certificate, trust, moment)
        _check_path(token, certificate, found, material, trust, moment)
    except _Broken as broken:
        return _report(stamp, token.at, broken.sub_indication, broken.why)
    saw = {"kind": stamp.kind.value, "at": token.at.isoformat(), "policy": token.policy}
    check = Check(Rule.TIMESTAMP, Outcome.PASSED, saw)
    return TimestampReport(stamp.kind.value, token.at, (check,), Indication.TOTAL_PASSED)


def _report(stamp: FoundTimestamp, at: datetime | None, sub: SubIndication, why: str) -> TimestampReport:
    saw = {"kind": stamp.kind.value, "why": why} | ({} if at is None else {"at": at.isoformat()})
    outcome = Outcome.FAILED if sub.indication is Indication.TOTAL_FAILED else Outcome.UNKNOWN
    return TimestampReport(stamp.kind.value, at, (Check(Rule.TIMESTAMP, outcome, saw, sub),), sub.indication, sub)


def _check_form(token: FoundToken, stamp: FoundTimestamp) -> None:
    """A token's authority signs attributes, and its certificate is named among them (RFC 3161 §2.4.2, RFC 5816)."""
    faults = (*token.signature.faults, *stamp.faults)
    if faults:
        raise _Broken(SubIndication.FORMAT_FAILURE, faults[0].code.code)
    if any(each.expected != each.actual for each in token.signature.integrity):
        raise _Broken(SubIndication.HASH_FAILURE, "message-digest")
    if not token.signature.named_certificate:
        raise _Broken(SubIndication.SIG_CONSTRAINTS_FAILURE, FaultCode.CERTIFICATE_NOT_NAMED.code)


def _check_imprint(token: FoundToken, stamp: FoundTimestamp) -> None:
    expected = stamp.imprint(token.hash_name)
    if expected is None:
        raise _Broken(SubIndication.SIGNED_DATA_NOT_FOUND, "imprint")
    if expected != token.imprint:
        raise _Broken(SubIndication.HASH_FAILURE, "imprint")


def _certificate(token: FoundToken, found: FoundSignature, material: Material) -> bytes:
    """The authority's certificate, named under the signature: in the token, or among what came along."""
    inside = token.signature.certificate
    candidates = ((inside,) if inside is not None else ()) + found.certificates + material.certificates
    for candidate in candidates:
        if all(_digest(name, candidate) == digest for name, digest in token.signature.named_certificate):
            return candidate
    raise _Broken(SubIndication.NO_SIGNING_CERTIFICATE_FOUND, "certificate")


def _digest(name: str, data: bytes) -> bytes | None:
    return hashlib.new(name, data).digest() if name in ("sha1", "sha256", "sha384", "sha512") else None


def _check_signature(token: FoundToken, certificate: bytes, trust: TimestampTrust, moment: datetime) -> None:
    """The authority's signature, by algorithms that are believed at the moment."""
    signature = token.signature
    try:
        key = _key(certificate)
        verify(key, signature.algorithm, signature.signature, signature.signed)
        names = (token.hash_name, signature.algorithm.hash_name, key_name(key))
        if moment > trust.algorithms.last_moment(*names):
            raise _Broken(SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE, "algorithm")
    except WrongSignature:
        raise _Broken(SubIndication.SIG_CRYPTO_FAILURE, "signature") from None
    except WeakAlgorithm:
        raise _Broken(SubIndication.CRYPTO_CONSTRAINTS_FAILURE, "algorithm") from None
    except Malformed:
        raise _Broken(SubIndication.NO_SIGNING_CERTIFICATE_FOUND, "certificate") from None


def _key(certificate: bytes) -> object:
    with Reading("timestamp authority's certificate"):
        return x509.load_der_x509_certificate(certificate).public_key()


def _check_path(
    token: FoundToken,
    certificate: bytes,
    found: FoundSignature,
    material: Material,
    trust: TimestampTrust,
    moment: datetime,
) -> None:
    """The authority's certificate: for timestamps alone, and under an anchor for these, at the moment."""
    from warifu.pki.path import Checking, Purpose  # loads pyhanko-certvalidator

    try:
        check_led(
            certificate,
            _distinct(readable((*token.signature.certificates, *found.certificates, *material.certificates))),
            trust.anchors,
            moment,
            crls=_distinct(_lists((*token.signature.crls, *found.crls, *_encoded(material)))),
            ocsps=_distinct(_answers((*token.signature.ocsps, *found.ocsps, *material.ocsps))),
            purpose=Purpose.TIMESTAMPING,
            checking=Checking.DECLARED,
            retroactive=True,
            hashes=trust.algorithms.hashes_at(moment),
        )
    except WarifuError as error:
        default = SubIndication.CHAIN_CONSTRAINTS_FAILURE
        sub = next((sub for kind, sub in _PATH_FAULTS if isinstance(error, kind)), default)
        raise _Broken(sub, type(error).__name__) from None


def _encoded(material: Material) -> tuple[bytes, ...]:
    return tuple(each for each in material.crls if isinstance(each, bytes))


def _lists(values: Iterable[bytes]) -> Iterator[bytes]:
    """Those that can be read; strangers may lay others beside a document."""
    for value in values:
        with suppress(Malformed):
            with Reading("revocation list"):
                x509.load_der_x509_crl(value)
            yield value


def _answers(values: Iterable[bytes]) -> Iterator[bytes]:
    for value in values:
        with suppress(Malformed):
            with Reading("OCSP answer"):
                ocsp.load_der_ocsp_response(value)
            yield value


def _distinct(values: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(values))
