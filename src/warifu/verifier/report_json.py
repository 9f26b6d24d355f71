"""A report as JSON, for programs: names that never change, moments in UTC, no serial number anywhere.

A member is added without a new version; one that changes its meaning gets one.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from warifu.documents import Coverage
from warifu.pki import PersonalData
from warifu.verifier.report import Check, DocumentReport, OutsideSigner, SignatureReport, TimestampReport
from warifu.verifier.rule_words import sentence

__all__ = ["SCHEMA", "report_to_json"]

SCHEMA = 1


def report_to_json(report: DocumentReport) -> dict[str, Any]:
    """What `json.dumps` takes."""
    return {
        "schema": SCHEMA,
        "document": {"sha256": report.digest.hex()},
        "at": _moment(report.at),
        "indication": report.indication.value,
        "signatures": [_signature(each) for each in report.signatures],
    }


def _signature(signature: SignatureReport) -> dict[str, Any]:
    sub = signature.sub_indication
    return {
        "place": signature.place,
        "form": signature.form.value,
        "indication": signature.indication.value,
        "sub_indication": None if sub is None else sub.value,
        "signer": None if signature.signer is None else _signer(signature.signer),
        "trust": _trust(signature),
        "other_signer": None if signature.outside is None else _other(signature.outside),
        "pairwise_id": None if signature.pairwise_id is None else signature.pairwise_id.hex(),
        "authority_key": None if signature.key_id is None else signature.key_id.hex(),
        "real": signature.real,
        "claimed_at": None if signature.claimed_at is None else _moment(signature.claimed_at),
        "best_time": _moment(signature.best_time),
        "coverage": None if signature.coverage is None else _coverage(signature.coverage),
        "timestamps": [_timestamp(each) for each in signature.timestamps],
        "checks": _checks(signature.checks),
    }


def _trust(signature: SignatureReport) -> str | None:
    """What the signer's certificate stands on: JPKI, another authority that is trusted here, or nothing."""
    if signature.outside is not None:
        return "other"
    return None if signature.key_id is None else "jpki"


def _other(signer: OutsideSigner) -> dict[str, Any]:
    """Somebody whom JPKI does not know."""
    return {
        "subject": signer.subject,
        "issuer": signer.issuer,
        "anchor": signer.anchor.hex(),
        "certificates": signer.certificates,
    }


def _signer(signer: PersonalData) -> dict[str, str]:
    """The six attributes, exactly as certified."""
    return {
        "name": signer.name,
        "name_substitutes": signer.name_substitutes,
        "birth_date": signer.birth_date,
        "sex": signer.sex,
        "address": signer.address,
        "address_substitutes": signer.address_substitutes,
    }


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {
        "whole": coverage.whole,
        "revision": coverage.revision,
        "revisions": coverage.revisions,
        "changes": [
            {"revision": each.revision, "kind": each.kind.value, "allowed": each.allowed} for each in coverage.changes
        ],
    }


def _timestamp(stamp: TimestampReport) -> dict[str, Any]:
    return {
        "kind": stamp.kind,
        "at": None if stamp.at is None else _moment(stamp.at),
        "indication": stamp.indication.value,
        "sub_indication": None if stamp.sub_indication is None else stamp.sub_indication.value,
    }


def _checks(checks: Sequence[Check]) -> list[dict[str, Any]]:
    return [
        {
            "rule": check.rule.slug,
            "clause": check.rule.clause,
            "outcome": check.outcome.value,
            "sub_indication": None if check.sub_indication is None else check.sub_indication.value,
            "saw": dict(check.saw),
            "means": {"ja": sentence(check, "ja"), "en": sentence(check, "en")},
        }
        for check in checks
    ]


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
