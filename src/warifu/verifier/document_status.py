"""Whether a signer's certificate had lost its effect when the signature existed, from data old and new.

Data in the document and data gathered now count alike: each must be signed by the authority (or by whom it certified
for that), be about this certificate, and not come from the future. When the authority's own certificate has ended, only
data count that are proved to have existed before.

Revoked once is revoked for ever, so the earliest revocation that anybody tells decides. A hold counts until a later
word says otherwise, and a revocation that follows it counts from the hold. "Good" counts for a moment if that moment is
before the data's end; told after the certificate's own end it says nothing, because authorities then forget.

Source: ETSI EN 319 102-1 §5.2.5, §5.2.6.4, §5.6.2.2; RFC 5280 §3.3; RFC 6960 §4.4.4; 公的個人認証法 第15条, 第19条.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from warifu.documents import FoundSignature
from warifu.errors import CertificateRefused, Malformed, RevocationDataRefused, StatusUnknown, WrongSignature
from warifu.pki import EndEntityCertificate, OcspAnswer, Reason, Revocation, Standing, Status, check_signature
from warifu.verifier.anchors import Anchor, Anchors
from warifu.verifier.material import Material
from warifu.verifier.memory import SeenRevocations
from warifu.verifier.policy import Policy
from warifu.verifier.proofs import Proofs
from warifu.verifier.report import Check, Outcome, passed, unknown
from warifu.verifier.responder import responder_key
from warifu.verifier.revocation import CheckedList, Source, check_crl
from warifu.verifier.rules import Rule, SubIndication

__all__ = ["StatusQuestion", "Told", "decide_status", "judge_status", "remembered"]

_COMPLAINTS = (Malformed, CertificateRefused, WrongSignature, RevocationDataRefused, StatusUnknown)


@dataclass(slots=True, eq=False, repr=False)
class Told:
    """What one piece of revocation data says, good from `this_update` to `next_update`."""

    source: Source
    status: Status
    this_update: datetime
    next_update: datetime


@dataclass(slots=True, eq=False, repr=False)
class StatusQuestion:
    """About whose certificate, and what is proved; the authority's signatures are believed until `last_moment`."""

    certificate: EndEntityCertificate
    anchor: Anchor
    proofs: Proofs
    policy: Policy
    last_moment: datetime


def judge_status(
    question: StatusQuestion, found: FoundSignature, material: Material, seen: SeenRevocations | None = None
) -> Check:
    """The check of `Rule.REVOCATION`. Revocations are remembered in `seen`, and what it remembers counts too."""
    gathered = list(_gather(question, found, material))
    told = [one for one in gathered if one is not None]
    too_late = len(gathered) - len(told)
    if seen is not None:
        told += remembered(question.anchor.key_id, question.certificate.serial_number, told, seen)
    return decide_status(told, too_late, question.certificate.not_after, question.proofs, question.policy)


def remembered(key_id: bytes, serial_number: int, told: list[Told], seen: SeenRevocations) -> list[Told]:
    """What was seen before about an authority's certificate; what is told now is kept for later (a hold is not)."""
    known = seen.find(key_id, serial_number)
    for one in told:
        if isinstance(one.status, Revocation) and one.status.reason is not Reason.CERTIFICATE_HOLD and known is None:
            seen.keep(key_id, serial_number, one.status)
    return [] if known is None else [Told(Source.CRL, known, known.at, known.at)]


def _gather(question: StatusQuestion, found: FoundSignature, material: Material) -> Iterator[Told | None]:
    """What each piece tells; None for one that is not proved to be old enough; others' data are passed over."""
    for crl in _once(found.crls, material.crls):
        try:
            yield _of_list(question, crl)
        except _COMPLAINTS:
            continue
    for ocsp in dict.fromkeys((*found.ocsps, *material.ocsps)):
        try:
            yield _of_answer(question, ocsp)
        except _COMPLAINTS:
            continue


def _once(found: tuple[bytes, ...], gathered: tuple[bytes | CheckedList, ...]) -> Iterable[bytes | CheckedList]:
    """Each list once, if it is bytes; checked ones have no cheap equality, and are few."""
    if not found:
        return gathered
    return (*dict.fromkeys(found), *(each for each in gathered if not (isinstance(each, bytes) and each in found)))


def _of_list(question: StatusQuestion, crl: bytes | CheckedList) -> Told | None:
    checked = crl if isinstance(crl, CheckedList) else check_crl(crl, Anchors([question.anchor]))
    if checked.anchor.fingerprint != question.anchor.fingerprint:
        raise RevocationDataRefused("the revocation list is another authority's")
    if checked.distribution_point != question.certificate.distribution_point:
        raise RevocationDataRefused("the revocation list is of another distribution point")
    _check_not_from_the_future(checked.this_update, question)
    existed = question.proofs.at if isinstance(crl, CheckedList) else question.proofs.value_at(crl)
    if existed > question.last_moment:
        return None
    status = checked.revoked.get(question.certificate.serial_number, Standing.GOOD)
    return Told(Source.CRL, status, checked.this_update, checked.next_update)


def _of_answer(question: StatusQuestion, ocsp: bytes) -> Told | None:
    answer = OcspAnswer.decode(ocsp)
    about, anchor = answer.about, question.anchor
    if (about.issuer_name_hash, about.issuer_key_hash) != anchor.hashes[about.hash_name]:
        raise RevocationDataRefused("the OCSP answer is about another authority's certificate")
    if about.serial_number != question.certificate.serial_number:
        raise RevocationDataRefused("the OCSP answer is about another certificate")
    existed = question.proofs.value_at(ocsp)
    try:
        key = responder_key(answer, anchor, existed)
    except RevocationDataRefused:
        # Whether the responder was certified when it answered: then only the proof is missing.
        responder_key(answer, anchor, answer.produced_at)
        return None
    check_signature(key, answer.algorithm, answer.signature, answer.signed)
    _check_not_from_the_future(max(answer.this_update, answer.produced_at), question)
    if existed > question.last_moment:
        return None
    ends = answer.next_update or answer.this_update + question.policy.oldest_answer
    return Told(Source.OCSP, answer.status, answer.this_update, ends)


def _check_not_from_the_future(begins: datetime, question: StatusQuestion) -> None:
    if begins > question.proofs.known_until + question.policy.skew:
        raise RevocationDataRefused("the revocation data is from the future")


def decide_status(told: list[Told], too_late: int, not_after: datetime, proofs: Proofs, policy: Policy) -> Check:
    """The decision at the moment when the signature is proved to have existed, about a certificate until `not_after`.

    `too_late` pieces told something, and are not proved to be old enough to be believed.
    """
    moment = proofs.signature_at
    revocations = [one.status for one in told if isinstance(one.status, Revocation)]
    ended = [each for each in revocations if each.reason is not Reason.CERTIFICATE_HOLD]
    held = _held_at(told, moment)
    if ended:
        return _revoked(proofs, min((*ended, *([held] if held else [])), key=lambda each: each.at), moment)
    if held is not None:
        return _unknown(SubIndication.TRY_LATER, suspended_at=held.at.isoformat())
    good = [one for one in told if _tells_good(one, moment, not_after, policy)]
    if good or any(each.at > moment for each in revocations):
        best = good[0] if len(good) == 1 else max(good or told, key=lambda one: one.this_update)
        return _passed(source=best.source.value, as_of=best.this_update.isoformat())
    if any(one.status is Standing.UNKNOWN for one in told):
        sub = SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE
        return Check(Rule.REVOCATION, Outcome.UNKNOWN, {"why": "never-issued"}, sub)
    if too_late:
        return _unknown(SubIndication.REVOCATION_OUT_OF_BOUNDS_NO_POE, why="data-not-proved")
    return _unknown(SubIndication.TRY_LATER, why="stale" if told else "no-data")


def _tells_good(one: Told, moment: datetime, not_after: datetime, policy: Policy) -> bool:
    return one.status is Standing.GOOD and one.next_update >= moment - policy.skew and one.this_update <= not_after


def _revoked(proofs: Proofs, revocation: Revocation, moment: datetime) -> Check:
    """Lost for ever since `revocation.at`; a signature that is proved to be older stands."""
    saw = {"revoked_at": revocation.at.isoformat(), "reason": revocation.reason.name.lower()}
    if moment < revocation.at:
        return _passed(**saw)
    if proofs.not_before is not None and proofs.not_before >= revocation.at:
        return Check(Rule.REVOCATION, Outcome.FAILED, saw, SubIndication.REVOKED)
    return _unknown(SubIndication.REVOKED_NO_POE, **saw)


def _held_at(told: list[Told], moment: datetime) -> Revocation | None:
    """A hold that had begun by then, and that nothing told later, and for that moment, says to be over."""
    for one in told:
        if isinstance(one.status, Revocation) and one.status.at <= moment:
            lifted = [
                each for each in told if each.status is Standing.GOOD and one.this_update < each.this_update <= moment
            ]
            if not lifted:
                return one.status
    return None


def _passed(**saw: str) -> Check:
    return passed(Rule.REVOCATION, **saw)


def _unknown(sub: SubIndication, **saw: str) -> Check:
    return unknown(Rule.REVOCATION, sub, **saw)
