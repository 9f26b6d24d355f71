"""The status of every certificate between a signer outside of JPKI and the anchor, and when each was believed."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from warifu.errors import WeakAlgorithm
from warifu.pki import Revocation
from warifu.verifier.algorithms import SoundAlgorithms, key_name
from warifu.verifier.document_chain import Chain
from warifu.verifier.document_outside_question import Outside, OutsideQuestion
from warifu.verifier.document_status import Told, decide_status, remembered
from warifu.verifier.report import Check, Outcome, passed, unknown
from warifu.verifier.revocation import Source
from warifu.verifier.rules import Rule, SubIndication

__all__ = ["END", "judge_certificates"]

END = datetime.max.replace(tzinfo=UTC)
_OF_AUTHORITIES = {
    SubIndication.REVOKED: SubIndication.REVOKED_CA_NO_POE,
    SubIndication.REVOKED_NO_POE: SubIndication.REVOKED_CA_NO_POE,
}


def judge_certificates(question: OutsideQuestion, judged: Outside, chain: Chain) -> None:
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
        return [unknown(Rule.ALGORITHM, SubIndication.CRYPTO_CONSTRAINTS_FAILURE, of=which)], END
    checks = list(_check_existed(question, chain.encoded[place], which, last, sound))
    told, too_late = _told(question, chain, place, last)
    if question.seen is not None:
        told += remembered(chain.key_id(place + 1), certificate.serial_number, told, question.seen)
    status = decide_status(told, too_late, certificate.not_valid_after_utc, question.proofs, question.policy)
    ended = min((one.status.at for one in told if isinstance(one.status, Revocation)), default=END)
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
        yield unknown(Rule.PROOF_OF_EXISTENCE, SubIndication.NO_POE, **saw)
    elif existed > sound:
        yield unknown(Rule.ALGORITHM, SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE, **saw)
    else:
        yield passed(Rule.PROOF_OF_EXISTENCE, **saw)


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
