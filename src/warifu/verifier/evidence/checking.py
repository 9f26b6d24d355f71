"""Checking evidence: the record's timestamps prove when it was there, and everything is verified anew as of then."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from warifu.documents import (
    Covered,
    EvidenceRecord,
    EvidenceStep,
    Form,
    FoundSignature,
    FoundTimestamp,
    Scheme,
    SignatureAlgorithm,
    TimestampKind,
)
from warifu.errors import Malformed, Tampered
from warifu.verifier.document_timestamps import judge_timestamps
from warifu.verifier.documents import DocumentTrust, check_document
from warifu.verifier.evidence.bundle import Bundle
from warifu.verifier.evidence.contents import REPORT, joined, material_of
from warifu.verifier.material import Material
from warifu.verifier.moment import check_moment
from warifu.verifier.report import DocumentReport, TimestampReport
from warifu.verifier.rules import Indication, SubIndication

__all__ = ["EvidenceReport", "check_evidence"]

_COVERED = frozenset({Covered.CONTENT, Covered.SIGNATURE, Covered.VALUES})


@dataclass(frozen=True, slots=True)
class EvidenceReport:
    """What a bundle shows, as of `at`.

    `existed_at` is when all of it is proved to have existed, None if no timestamp of its record holds. `recorded` is
    what the verifier reported then; `report` what comes out now, None where the document was not there. `verifier` is
    the SHA-256 of the verifier's public key (SubjectPublicKeyInfo), `known` whether it is one the caller believes.
    """

    at: datetime
    made_at: datetime
    existed_at: datetime | None
    verifier: bytes
    known: bool
    withheld: int
    timestamps: tuple[TimestampReport, ...]
    recorded: dict[str, Any] = field(repr=False)
    report: DocumentReport | None = None

    @property
    def indication(self) -> Indication:
        """What the evidence says: that of the document verified anew, and nothing for certain without it."""
        return Indication.INDETERMINATE if self.report is None else self.report.indication

    @property
    def sub_indication(self) -> SubIndication | None:
        """Why nothing can be said without the document."""
        return SubIndication.SIGNED_DATA_NOT_FOUND if self.report is None else None

    def told(self) -> dict[str, Any]:
        """What `json.dumps` takes, but for the two reports: how much of those is told is for who tells."""
        sub, existed = self.sub_indication, self.existed_at
        return {
            "at": self.at.isoformat(),
            "indication": self.indication.value,
            "sub_indication": None if sub is None else sub.value,
            "made_at": self.made_at.isoformat(),
            "existed_at": None if existed is None else existed.isoformat(),
            "verifier": self.verifier.hex(),
            "withheld": self.withheld,
        }


def check_evidence(
    bundle: Bundle,
    trust: DocumentTrust,
    at: datetime,
    *,
    document: bytes | None = None,
    content: bytes | None = None,
    found: Sequence[FoundSignature] = (),
    withheld: Material | None = None,
    verifiers: Iterable[bytes] = (),
) -> EvidenceReport:
    """What the bundle shows as of `at`; with the document, every signature is verified anew.

    `found` are the signatures of `document`, read with `content` where they are about that; `withheld` is revocation
    data that the verifier kept; `verifiers` are the public keys (SubjectPublicKeyInfo) of verifiers whom the caller
    believes.

    Raises:
        WrongSignature: the key that the bundle names did not sign it.
        Tampered: the record is about other data, or the document is another.
        Malformed: the record or the report inside cannot be read; or `at` is no moment that is judged as of.
    """
    check_moment(at)
    bundle.check_signature()
    stamps = _stamps(bundle, found)
    material = material_of(bundle.parts)
    if withheld is not None:
        material = joined(material, withheld, bundle.withheld)
    carrier = replace(_CARRIER, timestamps=stamps)
    told, proofs = judge_timestamps(carrier, material, trust.timestamps, at, trust.policy)
    proved = any(each.indication is Indication.TOTAL_PASSED for each in told)
    report = None
    if document is not None:
        bundle.document.check(document, "the document")
        _check_content(bundle, content)
        proven = [replace(each, timestamps=(*each.timestamps, *stamps)) for each in found]
        report = check_document(proven, hashlib.sha256(document).digest(), trust, material, at)
    return EvidenceReport(
        at,
        bundle.made_at,
        proofs.signature_at if proved else None,
        hashlib.sha256(bundle.verifier).digest(),
        bundle.verifier in set(verifiers),
        len(bundle.withheld),
        told,
        _recorded(bundle),
        report,
    )


def _check_content(bundle: Bundle, content: bytes | None) -> None:
    """What a detached signature is about is part of what was verified."""
    if bundle.content is not None and content is not None:
        bundle.content.check(content, "the content")
    elif bundle.content is None and content is not None:
        raise Tampered("the evidence is about a document without content beside it")


def _stamps(bundle: Bundle, found: Sequence[FoundSignature]) -> tuple[FoundTimestamp, ...]:
    """The record's timestamps as each signature's own: they cover it, and all that proves it good."""
    if bundle.record is None:
        return ()
    steps = EvidenceRecord.decode(bundle.record).steps(bundle.objects)
    covered = {hashlib.sha256(part).digest() for part in bundle.parts.values()} | set(bundle.withheld)
    for each in found:
        carried = (*each.certificates, *each.crls, *each.ocsps, *(stamp.token for stamp in each.timestamps))
        covered.update(hashlib.sha256(value).digest() for value in carried)
    stamps: list[FoundTimestamp] = []
    for step in steps:
        stamps.append(_stamp(step, frozenset(covered)))
        covered.add(hashlib.sha256(step.token).digest())
    return tuple(stamps)


def _stamp(step: EvidenceStep, covered: frozenset[bytes]) -> FoundTimestamp:
    def imprint(hash_name: str) -> bytes | None:
        return step.imprint if hash_name == step.hash_name else None

    return FoundTimestamp(TimestampKind.ARCHIVE, step.token, imprint, _COVERED, covered)


_CARRIER = FoundSignature(
    Form.TIMESTAMP, "record", (), None, (), (), SignatureAlgorithm("sha256", Scheme.ECDSA), b"", b""
)
"""Nothing but something for the record's timestamps to hang on when the document is not there."""


def _recorded(bundle: Bundle) -> dict[str, Any]:
    """What the verifier reported then."""
    try:
        told = json.loads(bundle.parts[REPORT])
    except (KeyError, ValueError, RecursionError) as error:
        raise Malformed("the bundle has no report that can be read") from error
    if not isinstance(told, dict):
        raise Malformed("the bundle has no report that can be read")
    return told
