"""Whether a certificate has lost its effect, from what was gathered: an OCSP answer, a revocation list, or both.

The policy says in which order. Unless told otherwise OCSP decides where it is usable, because the authority's record is
the truth and a list is yesterday's copy (公的個人認証法 第15条, 第16条). Of OCSP, our question comes first; an answer
that travelled along (stapled) comes next, if the policy takes any and it is fresh enough for it. Data that
is too old decides nothing, nor does data that is not there; data that somebody else signed is refused aloud.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from warifu.errors import (
    CertificateRefused,
    Malformed,
    NeverIssued,
    RevocationDataRefused,
    Revoked,
    StatusUnknown,
    Suspended,
    WrongSignature,
)
from warifu.pki import (
    OcspAnswer,
    OcspRequest,
    Reason,
    Revocation,
    RevocationList,
    Standing,
    Status,
    check_signature,
)
from warifu.verifier.anchors import Anchor, Anchors
from warifu.verifier.memory import SeenRevocations
from warifu.verifier.policy import Policy
from warifu.verifier.responder import responder_key


class Numbered(Protocol):
    """Of a certificate, what its revocation is told by: its number, and where its authority lists it."""

    @property
    def serial_number(self) -> int:
        """The serial number."""
        ...

    @property
    def distribution_point(self) -> bytes:
        """DER of the directoryName under which its revocation list is found."""
        ...


@dataclass(frozen=True, repr=False)
class CheckedList:
    """A revocation list whose issuer's signature verified once; its freshness is checked at every use."""

    anchor: Anchor
    distribution_point: bytes
    this_update: datetime
    next_update: datetime
    revoked: Mapping[int, Revocation]

    def __repr__(self) -> str:
        return f"CheckedList({len(self.revoked)} entries)"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was gathered about one certificate.

    `ocsp` is an answer (DER) and `nonce` what the question carried; `crl` is a list (DER) or one checked before;
    `stapled` is an answer that the holder's side sent along.
    """

    ocsp: bytes | None = field(default=None, repr=False)
    nonce: bytes | None = field(default=None, repr=False)
    crl: bytes | CheckedList | None = field(default=None, repr=False)
    stapled: bytes | None = field(default=None, repr=False)


class Source(Enum):
    """What told that a certificate is good."""

    OCSP = "ocsp"
    STAPLED = "stapled"
    CRL = "crl"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """That a certificate was good, by which data, and as of when (UTC)."""

    source: Source
    as_of: datetime


def check_crl(crl: bytes, anchors: Anchors) -> CheckedList:
    """Check who signed a revocation list, to use it for many certificates.

    Raises:
        RevocationDataRefused: it is malformed, of another profile, of no anchor, or its signature does not verify.
    """
    try:
        unverified = RevocationList.decode(crl)
        anchor = anchors.find(unverified.issuer, unverified.issuer_key_id)
        check_signature(anchor.certificate.public_key, unverified.algorithm, unverified.signature, unverified.signed)
    except (Malformed, CertificateRefused, WrongSignature) as error:
        raise RevocationDataRefused("the revocation list may not be relied on") from error
    return CheckedList(
        anchor, unverified.distribution_point, unverified.this_update, unverified.next_update, unverified.revoked
    )


def check_status(
    certificate: Numbered,
    anchor: Anchor,
    evidence: Evidence,
    now: datetime,
    policy: Policy,
    seen: SeenRevocations | None = None,
) -> Confirmation:
    """Check that the certificate, issued by `anchor`, has not lost its effect.

    The policy's sources are asked in their order, until one can tell. What `seen` remembers as revoked is revoked,
    whatever a source says now; what is found revoked here is remembered there.

    Raises:
        Revoked, Suspended, NeverIssued: the authority says so.
        RevocationDataRefused: an answer or list that somebody else signed, or about something else, or from the future.
        StatusUnknown: nothing usable: none gathered, the responder had no answer, or too old.
    """
    if seen is None:
        return _ask_in_order(certificate, anchor, evidence, now, policy)
    _check_not_seen(certificate, anchor, seen)
    try:
        return _ask_in_order(certificate, anchor, evidence, now, policy)
    except Revoked as revoked:
        seen.keep(anchor.key_id, certificate.serial_number, Revocation(revoked.at, Reason(revoked.reason)))
        raise


def _check_not_seen(certificate: Numbered, anchor: Anchor, seen: SeenRevocations) -> None:
    """Revoked once is revoked for ever (RFC 5280 §5.3.1; 公的個人認証法 第15条)."""
    known = seen.find(anchor.key_id, certificate.serial_number)
    if known is not None:
        raise Revoked(known.at, known.reason)


def _ask_in_order(
    certificate: Numbered, anchor: Anchor, evidence: Evidence, now: datetime, policy: Policy
) -> Confirmation:
    unknown: StatusUnknown | None = None
    stapled = evidence.stapled if policy.oldest_staple is not None else None
    for source in policy.sources.value:
        try:
            if source == "crl" and evidence.crl is not None:
                return _confirmed(Source.CRL, *_crl_status(certificate, anchor, evidence.crl, now, policy))
            if source == "ocsp" and (evidence.ocsp is not None or stapled is not None):
                return _answered(certificate, anchor, evidence, now, policy)
        except StatusUnknown as error:
            unknown = error
    raise unknown or StatusUnknown("no revocation data")


def _answered(certificate: Numbered, anchor: Anchor, evidence: Evidence, now: datetime, policy: Policy) -> Confirmation:
    """What OCSP says, our own question before what came along."""
    unknown: StatusUnknown | None = None
    if evidence.ocsp is not None:
        try:
            told = _ocsp_status(certificate, anchor, evidence.ocsp, evidence.nonce, now, policy)
        except StatusUnknown as error:
            unknown = error
        else:
            return _confirmed(Source.OCSP, *told)
    if evidence.stapled is not None and policy.oldest_staple is not None:
        told = _stapled_status(certificate, anchor, evidence.stapled, policy.oldest_staple, now, policy)
        return _confirmed(Source.STAPLED, *told)
    raise unknown or StatusUnknown("no status answer")


def _confirmed(source: Source, status: Status, as_of: datetime) -> Confirmation:
    _check_good(status)
    return Confirmation(source, as_of)


_Told = tuple[Status, datetime]


def _check_good(status: Status) -> None:
    if status is Standing.GOOD:
        return
    if status is Standing.UNKNOWN:
        raise NeverIssued
    if status.reason is Reason.CERTIFICATE_HOLD:
        raise Suspended(status.at)
    raise Revoked(status.at, status.reason)


def _ocsp_status(
    certificate: Numbered, anchor: Anchor, ocsp: bytes, nonce: bytes | None, now: datetime, policy: Policy
) -> _Told:
    try:
        answer = OcspAnswer.decode(ocsp)
        check_signature(responder_key(answer, anchor, now), answer.algorithm, answer.signature, answer.signed)
    except (Malformed, CertificateRefused, WrongSignature) as error:
        raise RevocationDataRefused("the OCSP answer may not be relied on") from error
    _check_about(answer.about, anchor, certificate.serial_number)
    _check_nonce(nonce, answer.about.nonce)
    next_update = answer.next_update or answer.this_update + policy.oldest_answer
    _check_fresh(max(answer.this_update, answer.produced_at), next_update, now, policy)
    return answer.status, answer.this_update


def _stapled_status(
    certificate: Numbered, anchor: Anchor, ocsp: bytes, oldest: timedelta, now: datetime, policy: Policy
) -> _Told:
    """What an answer says that nobody asked for with a nonce of ours: fresh by its own word and by the policy's."""
    status, as_of = _ocsp_status(certificate, anchor, ocsp, None, now, policy)
    if as_of + oldest < now - policy.skew:
        raise StatusUnknown("the status answer that came along is too old")
    return status, as_of


def _check_about(about: OcspRequest, anchor: Anchor, serial_number: int) -> None:
    if (about.issuer_name_hash, about.issuer_key_hash) != anchor.hashes[about.hash_name]:
        raise RevocationDataRefused("the OCSP answer is about another authority's certificate")
    if about.serial_number != serial_number:
        raise RevocationDataRefused("the OCSP answer is about another certificate")


def _check_nonce(asked: bytes | None, answered: bytes | None) -> None:
    """A nonce that was sent must come back: without it, yesterday's answer could be played again (RFC 9654 §2.1)."""
    if asked is not None and (answered is None or not hmac.compare_digest(asked, answered)):
        raise RevocationDataRefused("the OCSP answer does not carry our nonce")


def _crl_status(
    certificate: Numbered, anchor: Anchor, crl: bytes | CheckedList, now: datetime, policy: Policy
) -> _Told:
    checked = crl if isinstance(crl, CheckedList) else check_crl(crl, Anchors([anchor]))
    if checked.anchor.fingerprint != anchor.fingerprint:
        raise RevocationDataRefused("the revocation list is another authority's")
    if checked.distribution_point != certificate.distribution_point:
        raise RevocationDataRefused("the revocation list is of another distribution point")
    _check_fresh(checked.this_update, checked.next_update, now, policy)
    # A list names the revoked only, so it cannot tell a certificate that was never issued.
    return checked.revoked.get(certificate.serial_number, Standing.GOOD), checked.this_update


def _check_fresh(begins: datetime, ends: datetime, now: datetime, policy: Policy) -> None:
    if begins > now + policy.skew:
        raise RevocationDataRefused("the revocation data is from the future")
    if ends < now - policy.skew:
        raise StatusUnknown("the revocation data is too old")
