"""Judging signers outside of JPKI: people and offices whose certificates come through authorities of several tiers.

The processes of ETSI EN 319 102-1 are those of `warifu.verifier.documents`; what differs is the path. Going down from
the anchor, each certificate and everything said about its status must be proved to have existed while its issuer was
believed: until the first authority above it ended, was revoked, or used an algorithm that fell (§5.6.2.1, §5.6.2.2).
Every certificate under the anchor needs revocation data. When an authority between fails, another way round it is
looked for, as bridges and cross certificates make several.

公的個人認証法 is about JPKI's certificates alone and bears on none of this; 電子署名法 第2条, 第3条 do.
"""

from dataclasses import replace

from warifu.documents import FoundSignature
from warifu.errors import (
    CertificateRefused,
    Expired,
    Malformed,
    NotYetValid,
    UntrustedIssuer,
    WarifuError,
    WeakAlgorithm,
    WrongKeyUsage,
)
from warifu.pki import issuer_hashes
from warifu.verifier.algorithms import SoundAlgorithms
from warifu.verifier.document_chain import Chain, SignerTrust, find_chain
from warifu.verifier.document_outside_question import Outside, OutsideQuestion
from warifu.verifier.document_outside_status import END, judge_certificates
from warifu.verifier.document_signature import judge_validity
from warifu.verifier.login import Needs, subject_key
from warifu.verifier.report import Check, Outcome, OutsideSigner, SignatureReport, failed, passed, unknown
from warifu.verifier.rules import Rule, SubIndication

__all__ = ["judge_outside", "outside_needs", "tell_outside"]

_MOST_PATHS = 6


def judge_outside(question: OutsideQuestion) -> Outside:
    """Judge the certificate by the first path that holds; if none does, by the first that there is."""
    first = judged = _judge(question)
    for _ in range(_MOST_PATHS):
        if judged.holds:
            return judged
        if judged.failing is None:
            break
        question = replace(question, shunned=question.shunned | {judged.failing})
        judged = _judge(question)
    return first


def outside_needs(found: FoundSignature, trust: SignerTrust, algorithms: SoundAlgorithms) -> dict[bytes, Needs]:
    """What to ask the service configured with the anchor, by certificate; nothing where no path leads to one.

    `issuer_key_id` of these is the SHA-256 of the anchor's certificate: one service may know of all under it.
    """
    assert found.certificate is not None
    try:
        chain = find_chain(found.certificate, found.certificates, trust, END, algorithms)
    except (CertificateRefused, Malformed):
        return {}
    anchor = bytes.fromhex(_fingerprint(chain))
    pairs = zip(chain.encoded, chain.certificates, chain.certificates[1:], strict=False)
    return {
        der: Needs(anchor, None, b"", issuer_hashes(issuer, "sha1"), certificate.serial_number)
        for der, certificate, issuer in pairs
    }


def _judge(question: OutsideQuestion) -> Outside:
    certificate = question.found.certificate
    assert certificate is not None
    moment = question.proofs.signature_at
    try:
        chain = find_chain(certificate, question.pool, question.trust, moment, question.algorithms)
    except (CertificateRefused, Malformed) as error:
        return Outside(None, (_not_issued(error),))
    issuer = passed(Rule.ISSUER, path=str(len(chain.encoded)), anchor=_fingerprint(chain))
    kind = _check_kind(certificate)
    if kind.sub_indication is not None:
        return Outside(None, (issuer, kind))
    validity = judge_validity(
        chain.certificates[0].not_valid_before_utc,
        chain.certificates[0].not_valid_after_utc,
        chain.authorities_until,
        question.proofs,
    )
    may_confirm = Check(Rule.MAY_CONFIRM, Outcome.NOT_APPLICABLE, {"trust": "other"})
    judged = Outside(chain, (issuer, kind), (validity, may_confirm))
    if validity.saw.get("why") == "authority":
        judged.failing = _first_to_end(chain)
    judge_certificates(question, judged, chain)
    return judged


def _fingerprint(chain: Chain) -> str:
    from cryptography.hazmat.primitives import hashes

    return chain.certificates[-1].fingerprint(hashes.SHA256()).hex()


def _first_to_end(chain: Chain) -> bytes | None:
    """The authority between that ends first; None if that is the anchor itself."""
    ends = [each.not_valid_after_utc for each in chain.certificates[1:]]
    place = ends.index(min(ends)) + 1
    return chain.encoded[place] if place < len(chain.encoded) - 1 else None


def _not_issued(error: WarifuError) -> Check:
    why = type(error).__name__
    if isinstance(error, UntrustedIssuer):
        return unknown(Rule.ISSUER, SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
    if isinstance(error, WeakAlgorithm):
        return unknown(Rule.ALGORITHM, SubIndication.CRYPTO_CONSTRAINTS_FAILURE, why=why)
    if isinstance(error, Malformed):
        return unknown(Rule.ISSUER, SubIndication.NO_CERTIFICATE_CHAIN_FOUND, why="malformed")
    sub = SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE
    outcome = Outcome.UNKNOWN if isinstance(error, (Expired, NotYetValid)) else Outcome.FAILED
    return Check(Rule.ISSUER, outcome, {"why": why}, sub)


def _check_kind(certificate: bytes) -> Check:
    from warifu.pki.path import Purpose, check_purpose

    try:
        check_purpose(certificate, Purpose.DOCUMENT_SIGNING)
    except (WrongKeyUsage, Malformed) as error:
        why = type(error).__name__
        return failed(Rule.CERTIFICATE_KIND, SubIndication.CHAIN_CONSTRAINTS_FAILURE, why=why)
    return passed(Rule.CERTIFICATE_KIND, kind="other")


def tell_outside(report: SignatureReport, chain: Chain, secret: bytes | None) -> SignatureReport:
    """The report with who signed, by the certificate's own words, and on whom that stands."""
    own, key_id = chain.certificates[0], chain.key_id(1)
    return replace(
        report,
        key_id=key_id,
        pairwise_id=None if secret is None else subject_key(key_id, own.serial_number, secret),
        outside=OutsideSigner(
            own.subject.rfc4514_string(),
            own.issuer.rfc4514_string(),
            bytes.fromhex(_fingerprint(chain)),
            len(chain.encoded),
        ),
    )
