"""A report as plain text."""

from collections.abc import Iterator
from unicodedata import east_asian_width

from warifu.verifier.report import DocumentReport
from warifu.verifier.report_telling import ToldCheck, ToldSignature, tell_report
from warifu.verifier.rule_words import ReportLanguage

__all__ = ["report_to_text"]


def report_to_text(report: DocumentReport, language: ReportLanguage, name: str = "") -> str:
    """The report for a terminal or a file; ends with a line break."""
    told = tell_report(report, language, name)
    lines = [told.headline, *_rows(told.rows)]
    for signature in told.signatures:
        lines += ["", *_signature(signature)]
    return "\n".join(lines) + "\n"


def _signature(signature: ToldSignature) -> Iterator[str]:
    yield signature.title
    yield f"  {signature.verdict}  [{signature.indication}]"
    if signature.reason:
        yield f"  {signature.reason}"
    yield from _rows((*signature.rows, *signature.signer), "  ")
    for check in signature.checks:
        yield from _check(check)
    for note in signature.notes:
        yield f"  * {note}"


def _check(check: ToldCheck) -> Iterator[str]:
    sub = f" [{check.sub_indication}]" if check.sub_indication else ""
    yield f"  {check.mark} {check.sentence}{sub}"
    facts = "; ".join(f"{label}: {value}" for label, value in check.facts)
    yield f"      {check.clause}" + (f" | {facts}" if facts else "")


def _rows(rows: tuple[tuple[str, str], ...], indent: str = "") -> Iterator[str]:
    widest = max((_width(label) for label, _value in rows), default=0)
    for label, value in rows:
        yield f"{indent}{label}{' ' * (widest - _width(label))}  {value}"


def _width(text: str) -> int:
    """Columns of a terminal: full-width characters take two."""
    return sum(2 if east_asian_width(character) in "FW" else 1 for character in text)
