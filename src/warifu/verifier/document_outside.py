"""Judging signers outside of JPKI: people and offices whose certificates come through authorities of several tiers.

The processes of ETSI EN 319 102-1 are those of `warifu.verifier.documents`; what differs is the path. Going down from
the anchor, each certificate and everything said about its status must be proved to have existed while its issuer was
believed: until the first authority above it ended, was revoked, or used an algorithm that fell (§5.6.2.1, §5.6.2.2).
Every certificate under the anchor needs revocation data. When an authority between fails, another way round it is
looked for, as bridges and cross certificates make several.

公的個人認証法 is about JPKI's certificates alone and bears on none of this; 電子署名法 第2条, 第3条 do.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

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
from warifu.pki import Revocation, issuer_hashes
from warifu.verifier.algorithms import SoundAlgorithms, key_name
from warifu.verifier.document_chain import Chain, SignerTrust, find_chain, readable
from warifu.verifier.document_signature import judge_validity
from warifu.verifier.document_status import Told, decide_status, remembered
from warifu.verifier.login import Needs, subject_key
from warifu.verifier.material import Material
from warifu.verifier.memory import SeenRevocations
from warifu.verifier.policy import Policy
from warifu.verifier.proofs import Proofs
from warifu.verifier.report import Check, Outcome, OutsideSigner, SignatureReport
from warifu.verifier.revocation import Source
from warifu.verifier.rules import Rule, SubIndication

__all__ = ["Outside", "OutsideQuestion", "judge_outside", "outside_needs", "tell_outside"]

_MOST_PATHS = 6
_END = datetime.max.replace(tzinfo=UTC)
_OF_AUTHORITIES = {
    SubIndication.REVOKED: SubIndication.REVOKED_CA_NO_POE,
    SubIndication.REVOKED_NO_POE: SubIndication.REVOKED_CA_NO_POE,
}


@dataclass(frozen=True, slots=True)
class OutsideQuestion:
    """A signature of somebody whom no anchor of JPKI knows, whom to believe about such, and what is proved."""

    found: FoundSignature
    trust: SignerTrust
    algorithms: SoundAlgorithms
    policy: Policy
    material: Material
    proofs: Proofs
    seen: SeenRevocations | None = None
    shunned: frozenset[bytes] = field(default=frozenset(), repr=False)

    @property
    def pool(self) -> tuple[bytes, ...]:
        """The certificates that a path may lead through."""
        both = dict.fromkeys((*self.material.certificates, *self.found.certificates))
        left_out = self.shunned | {self.found.certificate}
        return tuple(each for each in readable(both) if each not in left_out)

    @property
    def crls(self) -> tuple[bytes, ...]:
        """The lists, those that were gathered first: a document cannot crowd them out."""
        gathered = [each for each in self.material.crls if isinstance(each, bytes)]
        return tuple(dict.fromkeys((*gathered, *self.found.crls)))

    @property
    def ocsps(self) -> tuple[bytes, ...]:
        """The answers, those that were gathered first."""
        return tuple(dict.fromkeys((*self.material.ocsps, *self.found.ocsps)))


@dataclass(slots=True, eq=False, repr=False)
class Outside:
    """What came out about the certificate: `about` its issuer and kind, `checks` what depends on moments.

    `failing` is the authority between, if one is to blame.
    """

    chain: Chain | None
    about: tuple[Check, ...]
    checks: tuple[Check, ...] = ()
    failing: bytes | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return all(check.sub_indication is None for check in (*self.about, *self.checks))


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
        chain = find_chain(found.certificate, found.certificates, trust, _END, algorithms)
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
    issuer = _passed(Rule.ISSUER, path=str(len(chain.encoded)), anchor=_fingerprint(chain))
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
    _judge_certificates(question, judged, chain)
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
        return _unknown(Rule.ISSUER, SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
    if isinstance(error, WeakAlgorithm):
        return _unknown(Rule.ALGORITHM, SubIndication.CRYPTO_CONSTRAINTS_FAILURE, why=why)
    if isinstance(error, Malformed):
        return _unknown(Rule.ISSUER, SubIndication.NO_CERTIFICATE_CHAIN_FOUND, why="malformed")
    sub = SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE
    outcome = Outcome.UNKNOWN if isinstance(error, (Expired, NotYetValid)) else Outcome.FAILED
    return Check(Rule.ISSUER, outcome, {"why": why}, sub)


def _check_kind(certificate: bytes) -> Check:
    from warifu.pki.path import Purpose, check_purpose

    try:
        check_purpose(certificate, Purpose.DOCUMENT_SIGNING)
    except (WrongKeyUsage, Malformed) as error:
        saw = {"why": type(error).__name__}
        return Check(Rule.CERTIFICATE_KIND, Outcome.FAILED, saw, SubIndication.CHAIN_CONSTRAINTS_FAILURE)
    return _passed(Rule.CERTIFICATE_KIND, kind="other")


def _judge_certificates(question: OutsideQuestion, judged: Outside, chain: Chain) -> None:
    """Every certificate under the anchor, from there down; `last` is until when what its issuer signs is believed."""
    last = chain.certificates[-1].not_valid_after_utc
    found: list[Check] = []
    for place in range(len(chain.encoded) - 2, -1, -1):
        checks, ended = _judge_certificate(question, chain, place, last)
        if place and judged.failing is None and any(check.sub_indication is not None for check in checks):
            judged.failing = chain.encoded[place]
        found = [*checks, *found]
        last = min(last, chain.certificates[place].not_valid_after_utc, ended)
    # What a revoked authority signed is believed no longer either: the cause is told first.
    found.sort(key=lambda check: check.sub_indication is not SubIndication.REVOKED_CA_NO_POE)
    judged.checks = (*judged.checks, *found)


def _judge_certificate(
    question: OutsideQuestion, chain: Chain, place: int, last: datetime
) -> tuple[list[Check], datetime]:
    """Its status and its own existence; and since when it is revoked."""
    which = "signer" if place == 0 else f"authority {place}"
    certificate, issuer = chain.certificates[place], chain.certificates[place + 1]
    digest = certificate.signature_hash_algorithm
    try:
        sound = question.algorithms.last_moment(digest.name if digest else "", key_name(issuer.public_key()))
    except WeakAlgorithm:
        return [_unknown(Rule.ALGORITHM, SubIndication.CRYPTO_CONSTRAINTS_FAILURE, of=which)], _END
    checks = list(_check_existed(question, chain.encoded[place], which, last, sound))
    told, too_late = _told(question, chain, place, last)
    if question.seen is not None:
        told += remembered(chain.key_id(place + 1), certificate.serial_number, told, question.seen)
    status = decide_status(told, too_late, certificate.not_valid_after_utc, question.proofs, question.policy)
    ended = min((one.status.at for one in told if isinstance(one.status, Revocation)), default=_END)
    return [_about(status, which, of_authority=place > 0), *checks], ended


def _about(status: Check, which: str, *, of_authority: bool) -> Check:
    """The check with the certificate that it is about. A revoked authority has a word of its own."""
    saw = {"of": which, **status.saw}
    if not of_authority or status.sub_indication not in _OF_AUTHORITIES:
        return replace(status, saw=saw)
    return replace(status, saw=saw, outcome=Outcome.UNKNOWN, sub_indication=_OF_AUTHORITIES[status.sub_indication])


def _check_existed(
    question: OutsideQuestion, certificate: bytes, which: str, last: datetime, sound: datetime
) -> Iterator[Check]:
    """A certificate whose issuer is believed no longer must be proved to be older."""
    if question.proofs.at <= min(last, sound):
        return
    existed = question.proofs.value_at(certificate)
    saw = {"of": which, "until": min(last, sound).isoformat(), "certificate": existed.isoformat()}
    if existed > last:
        yield _unknown(Rule.PROOF_OF_EXISTENCE, SubIndication.NO_POE, **saw)
    elif existed > sound:
        yield _unknown(Rule.ALGORITHM, SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE, **saw)
    else:
        yield _passed(Rule.PROOF_OF_EXISTENCE, **saw)


def _told(question: OutsideQuestion, chain: Chain, place: int, last: datetime) -> tuple[list[Told], int]:
    """What is said about a certificate by data that are old enough, and how many pieces are not proved to be."""
    from warifu.pki.path import tell_status

    key, proofs = key_name(chain.certificates[place + 1].public_key()), question.proofs
    hashes = question.algorithms.hashes_at(datetime.min.replace(tzinfo=UTC))
    told: list[Told] = []
    too_late = 0
    pieces = tell_status(chain.encoded[place:], question.pool, crls=question.crls, ocsps=question.ocsps, hashes=hashes)
    for one in pieces:
        if one.this_update > proofs.known_until + question.policy.skew:
            continue  # from the future
        believed = min(last, one.until, _sound(question.algorithms, one.hashes, key))
        if max(map(proofs.value_at, one.data)) > believed:
            too_late += 1
            continue
        ends = one.next_update or one.this_update + question.policy.oldest_answer
        told.append(Told(Source.CRL if one.from_list else Source.OCSP, one.status, one.this_update, ends))
    return told, too_late


def _sound(algorithms: SoundAlgorithms, names: Iterable[str], key: str) -> datetime:
    try:
        return algorithms.last_moment(*names, key)
    except WeakAlgorithm:
        return datetime.min.replace(tzinfo=UTC)


def _passed(rule: Rule, **saw: str) -> Check:
    return Check(rule, Outcome.PASSED, saw)


def _unknown(rule: Rule, sub: SubIndication, **saw: str) -> Check:
    return Check(rule, Outcome.UNKNOWN, saw, sub)


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
