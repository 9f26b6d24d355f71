"""A report in words, for people: what a text and a page show alike, in one language.

First what it comes to, then whose signature it is and since when, then every check with one sentence about what it
means. The verdict says in words what the law makes of it and what it does not (電子署名法 第3条).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from warifu.documents import Form
from warifu.errors import Malformed
from warifu.person import Sex
from warifu.pki import PersonalData
from warifu.verifier.report import Check, DocumentReport, Outcome, SignatureReport
from warifu.verifier.report_words import (
    CHANGES,
    COVERED,
    DOCUMENT,
    FORMS,
    HEADLINES,
    LABELS,
    NOTHING_SIGNED,
    ONLY_STAMPED,
    OURS,
    OUTSIDE,
    OUTSIDE_SIGNER,
    PERSON,
    PRESUMED,
    SEXES,
    SUBSTITUTED,
    VERDICTS,
)
from warifu.verifier.rule_words import ReportLanguage, Words, sentence
from warifu.verifier.rules import Indication

__all__ = ["ToldCheck", "ToldReport", "ToldSignature", "tell_report"]

_JAPAN = timezone(timedelta(hours=9))
_MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.UNKNOWN: "?", Outcome.NOT_APPLICABLE: "–"}


@dataclass(frozen=True, slots=True)
class ToldCheck:
    """One check: a mark, what it means, what was seen, and where the rule stands."""

    outcome: str
    mark: str
    sentence: str
    facts: tuple[tuple[str, str], ...]
    clause: str
    sub_indication: str


@dataclass(frozen=True, slots=True)
class ToldSignature:
    """One signature: what it comes to and why, then rows about it, the signer's as certified, the checks and notes."""

    title: str
    state: str
    verdict: str
    indication: str
    reason: str
    rows: tuple[tuple[str, str], ...]
    signer: tuple[tuple[str, str], ...]
    checks: tuple[ToldCheck, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToldReport:
    """A document in words: the headline, rows about the document, and its signatures."""

    language: ReportLanguage
    state: str
    headline: str
    rows: tuple[tuple[str, str], ...]
    signatures: tuple[ToldSignature, ...]


def tell_report(report: DocumentReport, language: ReportLanguage, name: str = "") -> ToldReport:
    """The report in words; `name` is what the file is called."""
    rows = [(DOCUMENT["file"], name)] if name else []
    rows += [(DOCUMENT["sha256"], report.digest.hex()), (DOCUMENT["at"], _moment(report.at))]
    headline = HEADLINES[report.indication] if report.signed else ONLY_STAMPED if report.signatures else NOTHING_SIGNED
    count = len(report.signatures)
    return ToldReport(
        language,
        report.indication.value,
        headline.told_in(language),
        tuple((label.told_in(language), _plain(value)) for label, value in rows),
        tuple(_signature(each, f"{number}/{count}", language) for number, each in enumerate(report.signatures, 1)),
    )


def _signature(signature: SignatureReport, number: str, language: ReportLanguage) -> ToldSignature:
    sub = "" if signature.sub_indication is None else f" / {signature.sub_indication.value}"
    return ToldSignature(
        f"{DOCUMENT['signature'].told_in(language)} {number}: {_plain(signature.place)}",
        signature.indication.value,
        VERDICTS[signature.indication].told_in(language),
        f"{signature.indication.value}{sub}",
        _reason(signature, language),
        tuple((label.told_in(language), value) for label, value in _rows(signature, language)),
        tuple(_who(signature, language)),
        tuple(_check(each, language) for each in signature.checks),
        tuple(_notes(signature, language)),
    )


def _reason(signature: SignatureReport, language: ReportLanguage) -> str:
    """The sentence of the check that decided."""
    for check in signature.checks:
        if check.sub_indication is not None and check.sub_indication is signature.sub_indication:
            return sentence(check, language)
    return ""


def _rows(signature: SignatureReport, language: ReportLanguage) -> Iterator[tuple[Words, str]]:
    yield DOCUMENT["form"], FORMS[signature.form].told_in(language)
    if signature.claimed_at is not None and signature.form is not Form.TIMESTAMP:
        yield DOCUMENT["claimed_at"], _moment(signature.claimed_at)
    yield DOCUMENT["best_time"], _moment(signature.best_time)
    coverage = signature.coverage
    if coverage is not None and signature.form in (Form.XADES, Form.XMLDSIG):
        yield DOCUMENT["covered"], COVERED[coverage.whole].told_in(language)
    elif coverage is not None:
        yield DOCUMENT["revision"], f"{coverage.revision}/{coverage.revisions}"
        kinds = dict.fromkeys(CHANGES[each.kind].told_in(language) for each in coverage.changes)
        if kinds:
            yield DOCUMENT["added"], "、".join(kinds) if language == "ja" else ", ".join(kinds)


def _who(signature: SignatureReport, language: ReportLanguage) -> Iterator[tuple[str, str]]:
    if signature.signer is not None:
        yield from _signer(signature.signer, language)
    if signature.outside is not None:
        other = signature.outside
        told = (("subject", other.subject), ("issuer", other.issuer), ("anchor", other.anchor.hex()))
        yield from ((OUTSIDE_SIGNER[label].told_in(language), _plain(value)) for label, value in told)


def _signer(signer: PersonalData, language: ReportLanguage) -> Iterator[tuple[str, str]]:
    """The six attributes: what stands in the certificate, and at which characters something else is meant."""
    birth_date, sex = _readable(signer, language)
    told = (
        ("name", signer.name),
        ("name_substitutes", _positions(signer.name, signer.name_substitutes, language)),
        ("address", signer.address),
        ("address_substitutes", _positions(signer.address, signer.address_substitutes, language)),
        ("birth_date", birth_date),
        ("sex", sex),
    )
    yield from ((PERSON[label].told_in(language), _plain(value)) for label, value in told)


def _readable(signer: PersonalData, language: ReportLanguage) -> tuple[str, str]:
    try:
        attributes = signer.attributes()
    except Malformed:  # not known to the day, say: then as it stands there
        return signer.birth_date, signer.sex
    date = attributes.birth_date.face if language == "ja" else attributes.birth_date.date.isoformat()
    return date, SEXES.get(attributes.sex, SEXES[Sex.UNKNOWN]).told_in(language)


def _positions(text: str, marks: str, language: ReportLanguage) -> str:
    """Where characters stand for others that the certificate cannot hold (代替文字), counted from one."""
    places = [f"{number} ({text[number - 1]})" for number, mark in enumerate(marks, 1) if mark == "1"]
    return ", ".join(places) if places else SUBSTITUTED.told_in(language)


def _check(check: Check, language: ReportLanguage) -> ToldCheck:
    facts = tuple(
        (LABELS[key].told_in(language) if key in LABELS else key, _fact(value)) for key, value in check.saw.items()
    )
    return ToldCheck(
        check.outcome.value,
        _MARKS[check.outcome],
        sentence(check, language),
        facts,
        check.rule.clause,
        "" if check.sub_indication is None else check.sub_indication.value,
    )


def _notes(signature: SignatureReport, language: ReportLanguage) -> Iterator[str]:
    if signature.indication is Indication.TOTAL_PASSED and signature.form is not Form.TIMESTAMP:
        yield PRESUMED.told_in(language)
    if signature.outside is not None:
        yield OUTSIDE.told_in(language)
    elif signature.key_id is not None and not signature.real:
        yield OURS.told_in(language)


def _fact(value: str) -> str:
    """Moments as people in Japan read them, everything else as it is."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return _plain(value)
    return _moment(moment) if moment.tzinfo is not None else _plain(value)


def _plain(text: str) -> str:
    """Text that whoever made the document chose, without what would command a terminal or turn the line about."""
    return "".join(character if character.isprintable() or character == "\u3000" else "\ufffd" for character in text)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(_JAPAN):%Y-%m-%d %H:%M:%S} JST"
