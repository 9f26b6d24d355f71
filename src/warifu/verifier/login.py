"""Checking a login: who answered our challenge, and whether the certificate may be relied on at this moment."""

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime

from warifu.errors import (
    ChallengeExpired,
    Expired,
    NotYetValid,
    UntrustedIssuer,
    WrongClient,
    WrongNonce,
    WrongOrigin,
    WrongTransaction,
)
from warifu.messages import LoginAnswer, LoginChallenge
from warifu.pki import CertificateKind, EndEntityCertificate, Medium, OcspRequest, UnverifiedCertificate
from warifu.verifier.anchors import Anchor, Anchors
from warifu.verifier.memory import Memory, SeenRevocations
from warifu.verifier.policy import Policy
from warifu.verifier.revocation import Confirmation, Evidence, check_status

_SUBJECT_TAG = b"warifu subject 1\n\0"
_DEFAULT_POLICY = Policy()


@dataclass(frozen=True, slots=True, repr=False)
class Needs:
    """What `wire` should gather before a certificate can be checked; only for one that an anchor issued.

    `issuer_key_id` tells which configured service to ask; `ocsp_address` is what the certificate names and is never
    asked unless the operator configured it; `distribution_point` (DER of a directoryName) names the revocation list.
    """

    issuer_key_id: bytes
    ocsp_address: str | None
    distribution_point: bytes
    _name: tuple[bytes, bytes]
    _serial_number: int

    def __repr__(self) -> str:
        return f"Needs(issuer_key_id={self.issuer_key_id.hex()})"

    def ocsp_request(self, nonce: bytes | None = None) -> bytes:
        """The question to ask, DER."""
        return OcspRequest("sha1", *self._name, self._serial_number, nonce).encode()


@dataclass(frozen=True, slots=True, repr=False)
class VerifiedLogin:
    """Somebody who holds the card of a good certificate and knows its PIN answered our challenge.

    It does not tell the serial number: that may only be kept as a keyed hash (公的個人認証法 第63条).
    """

    kind: CertificateKind
    medium: Medium
    issuer_key_id: bytes
    not_after: datetime
    status: Confirmation
    checked_at: datetime
    _serial_number: int = field(compare=False)

    def __repr__(self) -> str:
        return f"VerifiedLogin({self.kind.value}, {self.status.source.value})"

    def subject_key(self, secret: bytes) -> bytes:
        """A keyed hash of the certificate, 32 bytes: the same for each login with it, useless without `secret`.

        Wire: HMAC-SHA256 over the tag, the issuer's key identifier and the serial number (big-endian), each behind its
        length in one byte. A renewed certificate gives another value.
        """
        return subject_key(self.issuer_key_id, self._serial_number, secret)


@dataclass(frozen=True, slots=True, repr=False)
class SignedLogin:
    """Somebody who holds the card of a certificate of a trusted authority answered our challenge.

    That is no login yet: whether the certificate is still good, `confirm_login` says.
    """

    answer: LoginAnswer
    _anchor: Anchor
    _certificate: EndEntityCertificate

    def __repr__(self) -> str:
        return "SignedLogin()"


def subject_key(issuer_key_id: bytes, serial_number: int, secret: bytes) -> bytes:
    """The keyed hash of a certificate, as `VerifiedLogin.subject_key` has it."""
    serial = serial_number.to_bytes((serial_number.bit_length() + 7) // 8, "big")
    parts = b"".join(bytes((len(part),)) + part for part in (issuer_key_id, serial))
    return hmac.new(secret, _SUBJECT_TAG + parts, hashlib.sha256).digest()


def needs(
    unverified_certificate: bytes,
    anchors: Anchors,
    *,
    policy: Policy = _DEFAULT_POLICY,
    memory: Memory | None = None,
) -> Needs:
    """What to gather about a certificate, after an anchor's signature on it has been verified.

    Raises:
        Malformed, UntrustedIssuer, Tampered, WrongProfile, WrongPolicy, WrongKeyUsage: as `check_login`.
        StatusUnknown: it is a real one and this verifier is not certified, so nobody is asked about it.
    """
    anchor, certificate = trusted(unverified_certificate, anchors, memory)
    policy.verifier.check_may_confirm(real=anchor.real)
    return Needs(
        anchor.key_id,
        certificate.ocsp_address,
        certificate.distribution_point,
        anchor.hashes["sha1"],
        certificate.serial_number,
    )


def check_login(
    answer: LoginAnswer,
    expected: LoginChallenge,
    expires_at: datetime,
    evidence: Evidence,
    anchors: Anchors,
    now: datetime,
    *,
    policy: Policy = _DEFAULT_POLICY,
    memory: Memory | None = None,
    seen: SeenRevocations | None = None,
) -> VerifiedLogin:
    """Check an answer to the challenge `expected`, which was good until `expires_at`, with the evidence gathered.

    The door's docstring has the order of the checks and what each raises.
    """
    signed = check_signed(answer, expected, expires_at, anchors, now, memory=memory)
    return confirm_login(signed, expected, expires_at, evidence, now, policy=policy, seen=seen)


def check_signed(
    answer: LoginAnswer,
    expected: LoginChallenge,
    expires_at: datetime,
    anchors: Anchors,
    now: datetime,
    *,
    memory: Memory | None = None,
) -> SignedLogin:
    """The first half of `check_login`, up to the signature: nobody need have been asked about the certificate yet.

    So nobody who lacks the card has an authority asked about it.
    """
    _check_challenge(answer.challenge, expected, expires_at, now)
    anchor, certificate = trusted(answer.unverified_certificate, anchors, memory)
    _check_moment(certificate, anchor, now)
    _check_answer_signature(certificate, answer, expected)
    return SignedLogin(answer, anchor, certificate)


def confirm_login(
    signed: SignedLogin,
    expected: LoginChallenge,
    expires_at: datetime,
    evidence: Evidence,
    now: datetime,
    *,
    policy: Policy = _DEFAULT_POLICY,
    seen: SeenRevocations | None = None,
) -> VerifiedLogin:
    """The second half of `check_login`; with other evidence it may be tried again.

    Challenge and moment are checked once more: what was signed must be what is asked here, and time has passed.
    """
    anchor, certificate = signed._anchor, signed._certificate
    _check_challenge(signed.answer.challenge, expected, expires_at, now)
    _check_moment(certificate, anchor, now)
    policy.verifier.check_may_confirm(real=anchor.real)
    confirmation = check_status(certificate, anchor, _with_staple(evidence, signed.answer), now, policy, seen)
    return VerifiedLogin(
        certificate.kind,
        certificate.medium,
        anchor.key_id,
        certificate.not_after,
        confirmation,
        now,
        certificate.serial_number,
    )


def _with_staple(evidence: Evidence, answer: LoginAnswer) -> Evidence:
    """What was gathered, and the status answer that came with the card's, if one did."""
    return evidence if answer.status is None else replace(evidence, stapled=answer.status)


def _check_challenge(answered: LoginChallenge, expected: LoginChallenge, expires_at: datetime, now: datetime) -> None:
    if answered.origin != expected.origin:
        raise WrongOrigin
    if answered.client != expected.client:
        raise WrongClient
    if answered.transaction != expected.transaction:
        raise WrongTransaction
    if not hmac.compare_digest(answered.nonce, expected.nonce):
        raise WrongNonce
    if now > expires_at:
        raise ChallengeExpired


def trusted(der: bytes, anchors: Anchors, memory: Memory | None) -> tuple[Anchor, EndEntityCertificate]:
    """The certificate once an anchor's signature on it has been verified, and that anchor."""
    seen = None if memory is None else memory.find(der, anchors)
    if seen is not None:
        return seen
    unverified = UnverifiedCertificate.decode(der)
    anchor = anchors.find(unverified.issuer, unverified.authority_key_id)
    anchor.check_issued(unverified)
    certificate = EndEntityCertificate.check(unverified, CertificateKind.AUTHENTICATION)
    if anchor.kind is not certificate.kind:
        raise UntrustedIssuer("this authority does not issue authentication certificates")
    if memory is not None:
        memory.keep(anchor, certificate)
    return anchor, certificate


def _check_moment(certificate: EndEntityCertificate, anchor: Anchor, now: datetime) -> None:
    """Validity to the second, without tolerance; the authority's own counts too (shell model)."""
    if now < certificate.not_before:
        raise NotYetValid
    if now > certificate.not_after and _is_over(certificate.not_after, now):
        raise Expired
    if now > anchor.certificate.not_after and _is_over(anchor.certificate.not_after, now):
        raise Expired("the authority's certificate has expired")


def _is_over(not_after: datetime, now: datetime) -> bool:
    """Whether the last second of validity has passed: notAfter names it as a whole (RFC 5280 §4.1.2.5)."""
    return now.replace(microsecond=0) > not_after


def _check_answer_signature(certificate: EndEntityCertificate, answer: LoginAnswer, expected: LoginChallenge) -> None:
    """A signature over the challenge that *we* asked, with the one algorithm of the certified key.

    The answer names no algorithm and could choose none: for RSA it is RSASSA-PKCS1-v1_5 with SHA-256, for P-384 ECDSA
    with SHA-384.
    """
    certificate.check_signature(answer.signature, expected.encode())
