"""What can be told about a signature from the document alone, and from its issuer: form, content, value, certificate.

Each function is one rule and gives one check. Source: ETSI EN 319 102-1 §5.2.2 to §5.2.4, §5.2.6, §5.2.7.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from warifu.documents import Fault, FaultCode, Form, FoundSignature
from warifu.errors import CertificateRefused, Malformed, StatusUnknown, UntrustedIssuer, WeakAlgorithm, WrongSignature
from warifu.pki import CertificateKind, EndEntityCertificate, UnverifiedCertificate
from warifu.verifier.algorithms import SoundAlgorithms, key_name, verify
from warifu.verifier.anchors import Anchor, Anchors
from warifu.verifier.memory import Memory
from warifu.verifier.policy import Policy
from warifu.verifier.proofs import Proofs
from warifu.verifier.report import Check, failed, passed, unknown
from warifu.verifier.rules import Rule, SubIndication

__all__ = [
    "Issued",
    "check_algorithm",
    "check_certificate_found",
    "check_changes",
    "check_content",
    "check_form",
    "check_may_confirm",
    "check_policy",
    "check_validity",
    "check_value",
    "find_issuer",
    "judge_validity",
]

_CHANGES = frozenset({FaultCode.MODIFIED_AFTER, FaultCode.NOT_ALL_SIGNED})
_NAMING = frozenset({FaultCode.CERTIFICATE_NAMED_OTHERWISE, FaultCode.CERTIFICATE_NOT_NAMED})
_MUST_NAME = frozenset({Form.CADES, Form.PADES, Form.XADES})
_DIGESTS = frozenset({"sha1", "sha256", "sha384", "sha512"})


@dataclass(slots=True, eq=False, repr=False)
class Issued:
    """A certificate that an anchor issued, and until when what the anchor signs is believed."""

    anchor: Anchor
    certificate: EndEntityCertificate
    last_moment: datetime


def _codes(faults: list[Fault]) -> str:
    return ", ".join(f"{fault.code.code} ({fault.where})" if fault.where else fault.code.code for fault in faults)


def check_form(found: FoundSignature) -> Check:
    """The form of the signature: any fault that the reader saw is one."""
    faults = [fault for fault in found.faults if fault.code not in _CHANGES | _NAMING]
    if faults:
        return failed(Rule.FORM, SubIndication.FORMAT_FAILURE, faults=_codes(faults))
    return passed(Rule.FORM, form=found.form.value)


def check_certificate_found(found: FoundSignature) -> Check:
    """The signer's certificate: it came along, and it is the one that the signature names."""
    rule = Rule.CERTIFICATE_FOUND
    certificate = found.certificate
    if certificate is None:
        return unknown(rule, SubIndication.NO_SIGNING_CERTIFICATE_FOUND)
    for name, digest in found.named_certificate:
        if name not in _DIGESTS or _digest(name, certificate) != digest:
            return failed(rule, SubIndication.NO_SIGNING_CERTIFICATE_FOUND, named_by=name)
    faults = [fault for fault in found.faults if fault.code in _NAMING]
    if faults or (found.form in _MUST_NAME and not found.named_certificate):
        return failed(rule, SubIndication.SIG_CONSTRAINTS_FAILURE, faults=_codes(faults) or "certificate-not-named")
    return passed(rule, named_by=", ".join([name for name, _digest in found.named_certificate]) or "nothing signed")


def _digest(name: str, data: bytes) -> bytes:
    """By its name OpenSSL looks a digest up each time."""
    return hashlib.sha256(data).digest() if name == "sha256" else hashlib.new(name, data).digest()


def check_content(found: FoundSignature) -> Check:
    """Every digest of signed data against the data."""
    for each in found.integrity:
        saw = {"of": each.name, "algorithm": each.algorithm}
        if each.algorithm not in _DIGESTS:
            return unknown(Rule.CONTENT, SubIndication.CRYPTO_CONSTRAINTS_FAILURE, **saw)
        if each.actual is None:
            return unknown(Rule.CONTENT, SubIndication.SIGNED_DATA_NOT_FOUND, **saw)
        if each.actual != each.expected:
            return failed(Rule.CONTENT, SubIndication.HASH_FAILURE, **saw)
    return passed(Rule.CONTENT, digests=str(len(found.integrity)))


def check_changes(found: FoundSignature) -> Check | None:
    """What later revisions of a PDF changed; None for formats that have none, as CMS and XML."""
    faults = [fault for fault in found.faults if fault.code in _CHANGES]
    if not faults and (found.coverage is None or found.form in (Form.XADES, Form.XMLDSIG)):
        return None
    coverage = found.coverage
    saw = {} if coverage is None else {"revision": str(coverage.revision), "revisions": str(coverage.revisions)}
    if coverage is not None and coverage.changes:
        saw["added"] = ", ".join(dict.fromkeys(change.kind.value for change in coverage.changes))
    if faults or (coverage is not None and not all(change.allowed for change in coverage.changes)):
        return failed(Rule.CHANGES, SubIndication.FORMAT_FAILURE, **saw, faults=_codes(faults))
    return passed(Rule.CHANGES, **saw)


def check_policy(found: FoundSignature) -> Check | None:
    """A signature policy that the signer invoked: none is processed here. None when there is none."""
    if found.policy is None:
        return None
    return unknown(Rule.SIGNATURE_POLICY, SubIndication.SIGNATURE_POLICY_NOT_AVAILABLE, policy=found.policy)


def find_issuer(
    der: bytes, anchors: Anchors, algorithms: SoundAlgorithms, memory: Memory | None
) -> tuple[Issued | None, tuple[Check, ...]]:
    """Who issued the certificate, and of what kind it is: JPKI has one tier, so an anchor did or nobody that counts."""
    try:
        anchor, certificate = _issued(der, anchors, memory)
    except UntrustedIssuer:
        return None, (unknown(Rule.ISSUER, SubIndication.NO_CERTIFICATE_CHAIN_FOUND),)
    except _OfAnotherKind as error:
        issuer = passed(Rule.ISSUER, key=error.anchor.key_id.hex())
        kind = failed(Rule.CERTIFICATE_KIND, SubIndication.CHAIN_CONSTRAINTS_FAILURE, why=error.why)
        return None, (issuer, kind)
    except Malformed:
        return None, (unknown(Rule.ISSUER, SubIndication.NO_CERTIFICATE_CHAIN_FOUND, why="malformed"),)
    except CertificateRefused as error:
        sub = SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE
        return None, (failed(Rule.ISSUER, sub, why=type(error).__name__),)
    until = min(anchor.certificate.not_after, _believed_until(anchor, algorithms))
    issuer = passed(Rule.ISSUER, key=anchor.key_id.hex())
    kind = passed(Rule.CERTIFICATE_KIND, kind=certificate.kind.value, medium=certificate.medium.value)
    return Issued(anchor, certificate, until), (issuer, kind)


class _OfAnotherKind(Exception):
    """A certificate of an anchor's that is not for signing."""

    def __init__(self, anchor: Anchor, why: str) -> None:
        super().__init__(why)
        self.anchor = anchor
        self.why = why


def _issued(der: bytes, anchors: Anchors, memory: Memory | None) -> tuple[Anchor, EndEntityCertificate]:
    """An anchor's signature first; then the profile of signing certificates."""
    seen = None if memory is None else memory.find(der, anchors)
    if seen is not None and seen[1].kind is CertificateKind.SIGNING:
        return seen
    unverified = UnverifiedCertificate.decode(der)
    anchor = anchors.find(unverified.issuer, unverified.authority_key_id)
    anchor.check_issued(unverified)
    try:
        certificate = EndEntityCertificate.check(unverified, CertificateKind.SIGNING)
    except CertificateRefused as error:
        raise _OfAnotherKind(anchor, type(error).__name__) from error
    if anchor.kind is not CertificateKind.SIGNING:
        raise _OfAnotherKind(anchor, "authority")
    if memory is not None:
        memory.keep(anchor, certificate)
    return anchor, certificate


def _believed_until(anchor: Anchor, algorithms: SoundAlgorithms) -> datetime:
    """Until when the anchor's one algorithm is believed: RSA with SHA-256, or P-384 with SHA-384."""
    name = key_name(anchor.certificate.public_key)
    try:
        return algorithms.last_moment("sha256" if name.startswith("rsa") else "sha384", name)
    except WeakAlgorithm:
        return datetime.min.replace(tzinfo=UTC)


def check_value(found: FoundSignature, issued: Issued | None) -> Check:
    """The signature's value under the certified key, with the algorithm that the signature names."""
    rule = Rule.SIGNATURE_VALUE
    if found.certificate is None:
        return unknown(rule, SubIndication.NO_SIGNING_CERTIFICATE_FOUND)
    saw = {"algorithm": f"{found.algorithm.scheme.value} {found.algorithm.hash_name}"}
    if [each for each in found.integrity if each.name == "content" and each.actual is None]:
        return unknown(rule, SubIndication.SIGNED_DATA_NOT_FOUND, **saw)
    try:
        key = issued.certificate.public_key if issued is not None else _key(found.certificate)
        verify(key, found.algorithm, found.signature, found.signed)
    except WrongSignature:
        return failed(rule, SubIndication.SIG_CRYPTO_FAILURE, **saw)
    except (WeakAlgorithm, UnsupportedAlgorithm):
        return unknown(rule, SubIndication.CRYPTO_CONSTRAINTS_FAILURE, **saw)
    except (ValueError, TypeError, x509.InvalidVersion):
        return failed(rule, SubIndication.SIG_CRYPTO_FAILURE, **saw)
    return passed(rule, **saw, key=key_name(key))


def _key(certificate: bytes) -> object:
    return x509.load_der_x509_certificate(certificate).public_key()


def check_may_confirm(anchor: Anchor, policy: Policy) -> Check:
    """Whether this verifier may tell at all (公的個人認証法 第17条)."""
    try:
        policy.verifier.check_may_confirm(real=anchor.real)
    except StatusUnknown:
        return unknown(Rule.MAY_CONFIRM, SubIndication.CUSTOM, reason="公的個人認証法 第17条")
    return passed(Rule.MAY_CONFIRM, real="yes" if anchor.real else "no")


def check_validity(issued: Issued, proofs: Proofs) -> Check:
    """The certificate's time, and its authority's (shell model), at the moment proved for the signature."""
    certificate = issued.certificate
    return judge_validity(certificate.not_before, certificate.not_after, issued.anchor.certificate.not_after, proofs)


def judge_validity(not_before: datetime, not_after: datetime, authority_until: datetime, proofs: Proofs) -> Check:
    """The same by the times of a certificate and the end of the first authority to end."""
    moment = proofs.signature_at
    if moment.microsecond:
        moment = moment.replace(microsecond=0)
    saw = {
        "not_before": not_before.isoformat(),
        "not_after": not_after.isoformat(),
        "at": proofs.signature_at.isoformat(),
    }
    rule = Rule.VALIDITY
    if moment < not_before:
        return failed(rule, SubIndication.NOT_YET_VALID, **saw)
    if proofs.not_before is not None and proofs.not_before.replace(microsecond=0) > not_after:
        return failed(rule, SubIndication.EXPIRED, **saw)
    if moment > not_after:
        return unknown(rule, SubIndication.OUT_OF_BOUNDS_NO_POE, **saw)
    if moment > authority_until:
        return unknown(rule, SubIndication.OUT_OF_BOUNDS_NO_POE, **saw, why="authority")
    return passed(rule, **saw)


def check_algorithm(found: FoundSignature, key: str, proofs: Proofs, algorithms: SoundAlgorithms) -> Check:
    """The algorithms, each at the moment proved for what it protects: value, content; `key` is the kind of key."""
    rule = Rule.ALGORITHM
    saw = {"signature": f"{found.algorithm.scheme.value} {found.algorithm.hash_name}", "key": key}
    contents = {each.algorithm for each in found.integrity}
    try:
        value_until = algorithms.last_moment(found.algorithm.hash_name, key)
        content_until = algorithms.last_moment(*contents) if contents else value_until
    except WeakAlgorithm:
        return failed(rule, SubIndication.CRYPTO_CONSTRAINTS_FAILURE, **saw)
    if proofs.at <= value_until and proofs.at <= content_until:
        return passed(rule, **saw)
    if proofs.signature_at > value_until or proofs.content_at > content_until:
        return unknown(rule, SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE, **saw)
    return passed(rule, **saw, proved_at=proofs.signature_at.isoformat())
