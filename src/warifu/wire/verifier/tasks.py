"""What a process of the verifier does with one piece of work: verify it, and write the answer."""

import base64
import binascii
import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from warifu.errors import Malformed, WarifuError
from warifu.messages import LoginAnswer, LoginChallenge
from warifu.verifier import DocumentReport, ReportLanguage, report_to_json, report_to_text
from warifu.wire.answers import error_name
from warifu.wire.key_files import read_key
from warifu.wire.verification import Office, discreet

__all__ = [
    "DocumentWork",
    "EvidenceCheck",
    "EvidenceWork",
    "LineWork",
    "LoginWork",
    "Shape",
    "check_evidence",
    "check_lines",
    "check_login",
    "make_evidence",
    "refused_line",
    "verify_document",
]

Shape = Literal["json", "html", "text"]
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class DocumentWork:
    """A document to verify, for a caller whose secret is `secret`; `content` where the signature is beside it."""

    document: bytes = field(repr=False)
    content: bytes | None = field(repr=False)
    at: datetime | None
    secret: bytes = field(repr=False)
    shape: Shape = "json"
    language: ReportLanguage = "ja"


@dataclass(frozen=True, slots=True)
class LineWork:
    """Lines of a stream: JSON objects with ``document``, perhaps ``content`` (base64 both) and ``id``."""

    lines: tuple[bytes, ...] = field(repr=False)
    at: datetime | None
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EvidenceWork:
    """A document to make evidence about, and where the key is that signs it: a key does not travel."""

    document: bytes = field(repr=False)
    content: bytes | None = field(repr=False)
    key: Path
    timestamp: str


@dataclass(frozen=True, slots=True)
class EvidenceCheck:
    """Evidence to check, with the document or without."""

    bundle: bytes = field(repr=False)
    document: bytes | None = field(repr=False)
    content: bytes | None = field(repr=False)
    at: datetime | None


@dataclass(frozen=True, slots=True)
class LoginWork:
    """An answer to a challenge."""

    answer: LoginAnswer = field(repr=False)
    expected: LoginChallenge = field(repr=False)
    expires_at: datetime
    secret: bytes = field(repr=False)


def verify_document(office: Office, work: DocumentWork) -> bytes:
    """The report, in the shape that is asked for.

    Raises:
        Malformed: no signed document.
    """
    report = discreet(office.verify(work.document, work.content, work.at, secret=work.secret))
    return _shaped(report, work.shape, work.language).encode()


def _shaped(report: DocumentReport, shape: Shape, language: ReportLanguage) -> str:
    if shape == "html":
        from warifu.wire.pages import report_page  # loads templates

        return report_page(report, language)
    if shape == "text":
        return report_to_text(report, language)
    return json.dumps(report_to_json(report), ensure_ascii=False)


def check_lines(office: Office, work: LineWork) -> bytes:
    """The lines of the answer, each with ``id`` and ``report``, or ``error`` and ``description``."""
    return b"".join(_check_line(office, work, line) for line in work.lines)


def _check_line(office: Office, work: LineWork, line: bytes) -> bytes:
    told: dict[str, Any] = {"id": None}
    try:
        asked = _asked(line)
        told["id"] = asked.get("id")
        document, content = _file(asked, "document"), _file(asked, "content") if "content" in asked else None
        told["report"] = report_to_json(discreet(office.verify(document, content, work.at, secret=work.secret)))
    except Malformed as refusal:
        told |= {"error": error_name(refusal), "description": str(refusal)}
    return _line(told)


def refused_line(refusal: WarifuError) -> bytes:
    """The line of an answer about one that could not be looked at."""
    return _line({"id": None, "error": error_name(refusal), "description": str(refusal)})


def _line(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _asked(line: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        raise Malformed("the line is no JSON") from None
    if not isinstance(asked, dict) or not {"document"} <= asked.keys() <= {"document", "content", "id"}:
        raise Malformed("a line is an object with document, perhaps content and id")
    name = asked.get("id")
    if name is not None and not (isinstance(name, str) and len(name) <= _LONGEST_ID and name.isprintable()):
        raise Malformed(f"an id is a text of at most {_LONGEST_ID} characters")
    return asked


def _file(asked: dict[str, Any], name: str) -> bytes:
    try:
        return base64.b64decode(asked[name], validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise Malformed(f"{name} is no base64") from None


def make_evidence(office: Office, work: EvidenceWork) -> bytes:
    """The bundle, with its first timestamp.

    Raises:
        NotAllowed: the document is not good, or its signer's certificate is a real one.
        Unavailable: the timestamp service does not answer.
    """
    from warifu.verifier.evidence import begin_record, record_imprint
    from warifu.wire.timestamps import TimestampClient

    bundle = office.make_evidence(work.document, work.content, read_key(work.key))
    token = TimestampClient(work.timestamp).token(record_imprint(bundle), "sha512")
    return begin_record(bundle, token).encode()


def check_evidence(office: Office, work: EvidenceCheck) -> bytes:
    """What evidence shows, JSON.

    Raises:
        Malformed, Tampered, WrongSignature: as `Office.check_evidence`.
    """
    seen = office.check_evidence(work.bundle, work.document, work.content, work.at)
    told = {
        **seen.told(),
        "recorded": seen.recorded.get("indication"),
        "report": None if seen.report is None else report_to_json(discreet(seen.report)),
    }
    return json.dumps(told, ensure_ascii=False).encode()


def check_login(office: Office, work: LoginWork) -> dict[str, Any]:
    """Who answered: an id that is this caller's own, never the serial number.

    Raises:
        Refused, StatusUnknown: as `warifu.verifier.check_login`.
    """
    seen = office.login(work.answer, work.expected, work.expires_at)
    return {
        "pairwise_id": seen.subject_key(work.secret).hex(),
        "authority_key": seen.issuer_key_id.hex(),
        "not_after": seen.not_after.isoformat(),
        "checked_at": seen.checked_at.isoformat(),
        "source": seen.status.source.value,
    }
