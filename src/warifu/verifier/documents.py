"""Checking signed documents: of each signature whether it is good, whether it was when it was made, and why.

The processes of ETSI EN 319 102-1: basic (§5.3), with time (§5.5), with archival data (§5.6). They are one here:
timestamps are judged from the latest inwards and prove what existed by when; everything else is then asked as of the
moment that is proved for it, which is the moment of validation where nothing is.

Every rule is asked even when an earlier one failed, so that the report tells everything. What the whole says is the
first thing wrong in the order of the rules, a failure before what is only not known.

Nothing is fetched: `document_needs` says what to gather, and only for certificates that an anchor issued.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from warifu.documents import Form, FoundSignature, FoundTimestamp, TimestampKind, read_timestamp
from warifu.errors import CertificateRefused, Malformed, StatusUnknown
from warifu.verifier.algorithms import key_name
from warifu.verifier.anchors import Anchors
from warifu.verifier.document_chain import SignerTrust
from warifu.verifier.document_outside import judge_outside, outside_needs, tell_outside
from warifu.verifier.document_outside_question import Outside, OutsideQuestion
from warifu.verifier.document_signature import (
    Issued,
    check_algorithm,
    check_certificate_found,
    check_changes,
    check_content,
    check_form,
    check_may_confirm,
    check_policy,
    check_validity,
    check_value,
    find_issuer,
)
from warifu.verifier.document_status import StatusQuestion, judge_status
from warifu.verifier.document_timestamps import TimestampTrust, judge_timestamps, judge_token
from warifu.verifier.login import Needs, subject_key
from warifu.verifier.material import Material
from warifu.verifier.memory import Memory, SeenRevocations
from warifu.verifier.moment import check_moment
from warifu.verifier.policy import Policy
from warifu.verifier.proofs import Proofs
from warifu.verifier.report import Check, DocumentReport, Outcome, SignatureReport, TimestampReport
from warifu.verifier.rules import Indication, Rule, SubIndication

__all__ = ["DocumentTrust", "check_document", "document_needs"]

_POLICY = Policy()


@dataclass(frozen=True, slots=True)
class DocumentTrust:
    """Whom to believe: authorities of signers, and those of timestamps; as whom (`policy`), and which memories to use.

    `signers` are authorities of other signers than JPKI's; they never make anybody a holder of a JPKI certificate.

    What `seen` remembers as revoked is revoked, whatever is told now; what is found revoked is remembered there.

    `pairwise_secret` makes reports tell one signer from another without saying who: the key of a keyed hash.
    """

    anchors: Anchors
    timestamps: TimestampTrust = field(default_factory=TimestampTrust)
    policy: Policy = _POLICY
    memory: Memory | None = None
    seen: SeenRevocations | None = None
    pairwise_secret: bytes | None = field(default=None, repr=False)
    signers: SignerTrust = field(default_factory=SignerTrust)


def check_document(
    found: Sequence[FoundSignature],
    digest: bytes,
    trust: DocumentTrust,
    material: Material,
    at: datetime,
    *,
    now: datetime | None = None,
) -> DocumentReport:
    """Check every signature of a document as of `at`; `digest` is the file's SHA-256, for the report.

    For a moment of the past `now` says what time it is: the caller vouches that the document existed `at`, and
    revocation data of any day up to now tell what had happened by then.

    It raises nothing about the document: whatever is wrong stands in the report.

    Raises:
        Malformed: `at` or `now` has no time zone, or is not of the years 1950 to 8999.
    """
    for told in (at, now or at):
        check_moment(told)
    moment = _Moment(at, at if now is None else max(at, now))
    return DocumentReport(digest, at, tuple(_check(each, trust, material, moment) for each in found))


@dataclass(frozen=True, slots=True)
class _Moment:
    """As of when a document is checked, and what time it is."""

    at: datetime
    now: datetime


def document_needs(found: Sequence[FoundSignature], trust: DocumentTrust) -> tuple[Needs, ...]:
    """What to gather about the signers' certificates, each once; those that no anchor issued are left out.

    Of signers outside of JPKI each certificate of the path, where the anchor's service may know about it.

    So are real ones when this verifier is not certified: nobody is asked about them (公的個人認証法 第17条).
    """
    needs: dict[bytes, Needs] = {}
    for each in found:
        if each.certificate is None or each.certificate in needs:
            continue
        issued, checks = find_issuer(each.certificate, trust.anchors, trust.timestamps.algorithms, trust.memory)
        if issued is None:
            if _may_be_outside(checks, trust):
                needs |= outside_needs(each, trust.signers, trust.timestamps.algorithms)
            continue
        try:
            trust.policy.verifier.check_may_confirm(real=issued.anchor.real)
            needs[each.certificate] = _needs(issued)
        except (StatusUnknown, Malformed, CertificateRefused):
            continue
    return tuple(needs.values())


def _needs(issued: Issued) -> Needs:
    certificate, anchor = issued.certificate, issued.anchor
    return Needs(
        anchor.key_id,
        certificate.ocsp_address,
        certificate.distribution_point,
        anchor.hashes["sha1"],
        certificate.serial_number,
    )


def _check(found: FoundSignature, trust: DocumentTrust, material: Material, moment: _Moment) -> SignatureReport:
    if found.form is Form.TIMESTAMP:
        return _check_timestamp(found, trust, material, moment.at)
    stamps, proofs = judge_timestamps(found, material, trust.timestamps, moment.at, trust.policy)
    proofs.known_until = moment.now
    checks = [check_form(found), check_certificate_found(found), check_content(found)]
    issued: Issued | None = None
    about_issuer: tuple[Check, ...] = ()
    if found.certificate is not None:
        issued, about_issuer = find_issuer(found.certificate, trust.anchors, trust.timestamps.algorithms, trust.memory)
    outside = _judge_outside(found, about_issuer, trust, material, proofs)
    if outside is not None:
        about_issuer = outside.about
    checks.append(check_value(found, issued))
    checks += [check for check in (check_changes(found), check_policy(found)) if check is not None]
    checks += about_issuer
    checks += [check for stamp in stamps for check in stamp.checks]
    checks += _check_order(stamps, proofs)
    if issued is not None:
        checks += _check_certificate(found, issued, trust, material, proofs)
    if outside is not None and outside.chain is not None:
        key = key_name(outside.chain.certificates[0].public_key())
        checks += [*outside.checks, check_algorithm(found, key, proofs, trust.timestamps.algorithms)]
        report = _report(found, None, trust, tuple(checks), stamps, proofs)
        return tell_outside(report, outside.chain, trust.pairwise_secret)
    return _report(found, issued, trust, tuple(checks), stamps, proofs)


def _may_be_outside(about_issuer: tuple[Check, ...], trust: DocumentTrust) -> bool:
    subs = [check.sub_indication for check in about_issuer]
    return bool(trust.signers.anchors) and subs == [SubIndication.NO_CERTIFICATE_CHAIN_FOUND]


def _judge_outside(
    found: FoundSignature, about_issuer: tuple[Check, ...], trust: DocumentTrust, material: Material, proofs: Proofs
) -> Outside | None:
    """What is to be said of a signer whom no anchor of JPKI knows; None of others, and where nobody else is trusted."""
    if not _may_be_outside(about_issuer, trust):
        return None
    algorithms = trust.timestamps.algorithms
    question = OutsideQuestion(found, trust.signers, algorithms, trust.policy, material, proofs, trust.seen)
    return judge_outside(question)


def _check_order(stamps: tuple[TimestampReport, ...], proofs: Proofs) -> list[Check]:
    """A timestamp under the signature is not younger than one over it (ETSI EN 319 102-1 §5.5.4)."""
    if proofs.not_before is None or not stamps:
        return []
    saw = {"not_before": proofs.not_before.isoformat(), "not_after": proofs.signature_at.isoformat()}
    if proofs.not_before > proofs.signature_at:
        return [Check(Rule.TIMESTAMP_ORDER, Outcome.UNKNOWN, saw, SubIndication.TIMESTAMP_ORDER_FAILURE)]
    return [Check(Rule.TIMESTAMP_ORDER, Outcome.PASSED, saw)]


def _check_certificate(
    found: FoundSignature, issued: Issued, trust: DocumentTrust, material: Material, proofs: Proofs
) -> list[Check]:
    """What depends on moments: time, status, algorithms. A verifier that may not tell asks about no status."""
    anchor, certificate = issued.anchor, issued.certificate
    checks = [check_validity(issued, proofs), check_may_confirm(anchor, trust.policy)]
    if checks[-1].outcome is Outcome.PASSED:
        question = StatusQuestion(certificate, anchor, proofs, trust.policy, issued.last_moment)
        checks.append(judge_status(question, found, material, trust.seen))
    key = key_name(certificate.public_key)
    checks.append(check_algorithm(found, key, proofs, trust.timestamps.algorithms))
    checks += _check_proof(found, issued, proofs)
    return checks


def _check_proof(found: FoundSignature, issued: Issued, proofs: Proofs) -> list[Check]:
    """The certificate itself, when its authority's signature is believed no longer: it must be proved to be older."""
    if proofs.at <= issued.last_moment:
        return []
    assert found.certificate is not None
    existed = proofs.value_at(found.certificate)
    saw = {"until": issued.last_moment.isoformat(), "certificate": existed.isoformat()}
    if existed > issued.last_moment:
        return [Check(Rule.PROOF_OF_EXISTENCE, Outcome.UNKNOWN, saw, SubIndication.NO_POE)]
    return [Check(Rule.PROOF_OF_EXISTENCE, Outcome.PASSED, saw)]


def _report(
    found: FoundSignature,
    issued: Issued | None,
    trust: DocumentTrust,
    checks: tuple[Check, ...],
    stamps: tuple[TimestampReport, ...],
    proofs: Proofs,
) -> SignatureReport:
    indication, sub = _conclude(checks)
    pairwise = None
    if issued is not None and trust.pairwise_secret is not None:
        pairwise = subject_key(issued.anchor.key_id, issued.certificate.serial_number, trust.pairwise_secret)
    return SignatureReport(
        found.place,
        found.form,
        indication,
        sub,
        checks,
        None if issued is None else issued.certificate.personal_data,
        found.claimed_at,
        proofs.signature_at,
        stamps,
        found.coverage,
        None if issued is None else issued.anchor.key_id,
        issued is not None and issued.anchor.real,
        pairwise,
    )


def _conclude(checks: tuple[Check, ...]) -> tuple[Indication, SubIndication | None]:
    """The first failure, else the first thing not known. A timestamp that does not hold proves nothing, no more."""
    wrong = [sub for check in checks if (sub := check.sub_indication) is not None and check.rule is not Rule.TIMESTAMP]
    for sub in wrong:
        if sub.indication is Indication.TOTAL_FAILED:
            return Indication.TOTAL_FAILED, sub
    return (Indication.INDETERMINATE, wrong[0]) if wrong else (Indication.TOTAL_PASSED, None)


def _check_timestamp(found: FoundSignature, trust: DocumentTrust, material: Material, at: datetime) -> SignatureReport:
    """A timestamp that stands for itself, like that over a whole PDF; later ones may cover it."""
    stamps, proofs = judge_timestamps(found, material, trust.timestamps, at, trust.policy)
    checks = [check_form(found), check_content(found)]
    checks += [check for check in (check_changes(found),) if check is not None]
    own = _own_token(found, trust, material, proofs)
    checks += own.checks
    indication, sub = _conclude(tuple(checks))
    if sub is None:
        indication, sub = own.indication, own.sub_indication
    best = own.at if own.at is not None and own.indication is Indication.TOTAL_PASSED else proofs.signature_at
    all_stamps = (own, *stamps)
    return SignatureReport(
        found.place, found.form, indication, sub, tuple(checks), None, own.at, best, all_stamps, found.coverage
    )


def _own_token(found: FoundSignature, trust: DocumentTrust, material: Material, proofs: Proofs) -> TimestampReport:
    """The token itself. That it is about this document is the digests' to say, which are checked apart."""
    imprint = next((each.expected for each in found.integrity if each.name == "message imprint"), None)
    try:
        token = read_timestamp(found.token or b"")
    except Malformed:
        sub = SubIndication.FORMAT_FAILURE
        check = Check(Rule.TIMESTAMP, Outcome.FAILED, {"why": "token"}, sub)
        return TimestampReport(TimestampKind.DOCUMENT.value, None, (check,), sub.indication, sub)
    stamp = FoundTimestamp(TimestampKind.DOCUMENT, found.token or b"", lambda _name: imprint, frozenset())
    return judge_token(token, stamp, found, material, trust.timestamps, proofs.signature_at, trust.policy)
