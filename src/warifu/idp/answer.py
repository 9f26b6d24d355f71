"""The card's answer arrives: the verifier is asked, and the login takes what follows from it."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from warifu.errors import AlreadyAnswered, WarifuError
from warifu.idp.assurance import Assurance
from warifu.idp.claims import ATTRIBUTE_SCOPES, claims_for
from warifu.idp.encoding import base64url
from warifu.idp.login import Answered, Login, Refusal, Status
from warifu.idp.profile import Profile, Provider
from warifu.idp.refusals import refusal_for
from warifu.idp.secret import Secret
from warifu.messages import LoginAnswer, LoginChallenge
from warifu.person import BasicAttributes
from warifu.pki import Medium
from warifu.verifier import Anchors, Evidence, Memory, Policy, SeenRevocations, SignedLogin, check_signed, confirm_login

_DEFAULT_POLICY = Policy()


def expected_challenge(login: Login, provider: Provider) -> LoginChallenge:
    """The challenge that was asked: the provider's own idea of it, never the answer's."""
    return LoginChallenge(provider.origin, login.request.client_id, login.transaction, login.nonce)


def find_decision_token(login: Login, answer: LoginAnswer, secret: Secret, now: datetime) -> str | None:
    """None if this answer is yet to be verified; the token given before if it is a repetition of a verified one.

    Posting the same answer again gives the same result, so that a lost response does no harm.

    Raises:
        ChallengeExpired: too late.
        AlreadyAnswered: another answer came before, or the login has ended.
    """
    return decision_again(login, _answer_hash(answer), secret, now)


def decision_again(login: Login, answer_hash: bytes, secret: Secret, now: datetime) -> str | None:
    """None while the login waits; the token given before to who gave this answer, whichever way.

    Raises:
        ChallengeExpired: too late.
        AlreadyAnswered: another answer came before, or the login has ended.
    """
    login.check_open(now)
    if login.status is Status.WAITING:
        return None
    if login.answered is None or not hmac.compare_digest(login.answered.answer_hash, answer_hash):
        raise AlreadyAnswered("this login has been answered")
    return decision_token(login, secret)


def check_answer(
    login: Login,
    answer: LoginAnswer,
    anchors: Anchors,
    provider: Provider,
    now: datetime,
    *,
    memory: Memory | None = None,
) -> SignedLogin:
    """Check that the answer is to this login and signed by a card, before anybody is asked about its certificate.

    Raises:
        ChallengeExpired: too late.
        AlreadyAnswered: an answer came before.
        CertificateRefused, ChallengeRefused, WrongSignature: as `warifu.verifier.check_signed` says; the caller then
            stores `refuse(login, cause)`.
    """
    login.check_waits(now)
    return check_signed(answer, expected_challenge(login, provider), login.expires_at, anchors, now, memory=memory)


def complete(
    login: Login,
    signed: SignedLogin,
    attributes: BasicAttributes | None,
    evidence: Evidence,
    provider: Provider,
    secret: Secret,
    now: datetime,
    *,
    policy: Policy = _DEFAULT_POLICY,
    seen: SeenRevocations | None = None,
) -> tuple[Login, str]:
    """Confirm with the evidence gathered what `check_answer` found.

    The second value is the token with which the answering side may say that it is allowed.

    `attributes` are those the caller took from the card's text application and checked (`None` without the text PIN).
    `policy` and `seen` are the verifier's.

    Raises:
        ChallengeExpired: too late.
        AlreadyAnswered: an answer came before.
        CertificateRefused, ChallengeRefused, StatusUnknown: as `warifu.verifier.confirm_login` says; the caller then
            stores `refuse(login, cause)`.
    """
    login.check_waits(now)
    expected = expected_challenge(login, provider)
    verified = confirm_login(signed, expected, login.expires_at, evidence, now, policy=policy, seen=seen)
    scopes = shared_scopes(login.request.scopes, attributes)
    answered = Answered(
        _answer_hash(signed.answer),
        verified.subject_key(secret.certificate_key),
        now.replace(microsecond=0),
        scopes,
        claims_for(scopes, attributes, provider.profile),
        _assurance(verified.medium, provider.profile),
    )
    login = replace(login, status=Status.ANSWERED, answered=answered)
    return login, decision_token(login, secret)


def _assurance(medium: Medium, profile: Profile) -> Assurance:
    return profile.by_phone if medium is Medium.PHONE else profile.by_card


def shared_scopes(asked: Sequence[str], attributes: BasicAttributes | None) -> tuple[str, ...]:
    """Of the scopes asked for, those that can be kept: without attributes `openid` alone."""
    return tuple(scope for scope in asked if attributes is not None or scope not in ATTRIBUTE_SCOPES)


def decision_token(login: Login, secret: Secret) -> str:
    """The token for this login and this answer; known to who answered and to nobody who only saw the QR code."""
    assert login.answered is not None
    return base64url(secret.derive("decision", login.transaction.encode(), login.answered.answer_hash))


def refuse(login: Login, cause: WarifuError) -> Login:
    """The login ended by `cause`; unchanged if `cause` ends nothing or the login has ended already."""
    refusal = refusal_for(cause)
    return login if refusal is None else end(login, refusal)


def end(login: Login, refusal: Refusal) -> Login:
    """The login ended for this reason; unchanged if it has ended already."""
    if login.status not in (Status.WAITING, Status.ANSWERED):
        return login
    return replace(login, status=Status.REFUSED, refusal=refusal, answered=None)


def _answer_hash(answer: LoginAnswer) -> bytes:
    """Over challenge, certificate and signature, not the attributes: those hold a digest of the individual number."""
    parts = [answer.challenge.encode(), answer.unverified_certificate, answer.signature]
    if answer.signing is not None:
        parts += [answer.signing.unverified_certificate, answer.signing.signature]
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()
