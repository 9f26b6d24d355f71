"""How long the authority keeps what, and what it would delete now.

Records are kept as long as the law says and not longer. Nothing is deleted here: whoever keeps the records asks, shows
the answer to its operator, and deletes what was shown.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from warifu.ca.authority import LIST_LIFETIME
from warifu.ca.calendar import years_after


class RecordKind(Enum):
    """What is kept."""

    ISSUE = "issue"
    """A certificate that was issued and whose it is."""
    REVOCATION = "revocation"
    """That a certificate lost its effect, why and when."""
    LIST = "list"
    """A revocation list (失効情報ファイル)."""
    APPLICATION_FORM = "application_form"
    """An application and what came with it."""
    REPORT = "report"
    """A yearly report on display."""
    CONSENT = "consent"
    """A consent to share attributes, over or taken back."""


@dataclass(frozen=True, slots=True)
class KeepingRule:
    """How long one kind of record is kept: so many years, counted from what, and `longer` than the law says."""

    kind: RecordKind
    years: int
    counted_from: str
    article: str
    longer: timedelta = timedelta(0)


RULES: tuple[KeepingRule, ...] = (
    KeepingRule(RecordKind.ISSUE, 10, "the certificate's end of validity", "施行令 第2条, 第18条"),
    # Longer by one list's lifetime, so that it appears on a list made after the end (RFC 5280 §3.3).
    KeepingRule(
        RecordKind.REVOCATION, 0, "the certificate's nominal end of validity", "施行令 第3条 to 第6条", LIST_LIFETIME
    ),
    KeepingRule(RecordKind.LIST, 10, "the making of the list", "施行令 第7条, 第7条の8"),
    KeepingRule(RecordKind.APPLICATION_FORM, 15, "the receipt of the application", "施行規則 第82条"),
    KeepingRule(RecordKind.REPORT, 5, "the first day on display", "施行規則 第72条"),
    # Modelled: no source; as long as somebody may ask why attributes were told.
    KeepingRule(RecordKind.CONSENT, 10, "the end of the consent", "–"),
)

_BY_KIND = {rule.kind: rule for rule in RULES}


@dataclass(frozen=True, slots=True)
class Kept:
    """One record: its kind, the keeper's name for it, and the moment from which its time is counted (UTC, aware)."""

    kind: RecordKind
    id: str
    counted_from: datetime


@dataclass(frozen=True, slots=True)
class Deletion:
    """A record whose time is over: since when, and by which rule."""

    record: Kept
    since: datetime
    rule: KeepingRule

    @property
    def why(self) -> str:
        """The reason in one line."""
        time = f"{self.rule.years} years after" if self.rule.years else "until"
        return f"kept {time} {self.rule.counted_from} ({self.rule.article})"


def keep_until(record: Kept) -> datetime:
    """The last moment at which a record has to be there."""
    rule = _BY_KIND[record.kind]
    return years_after(record.counted_from, rule.years) + rule.longer


def deletions(records: Iterable[Kept], now: datetime) -> Iterator[Deletion]:
    """Of these records those that would be deleted now, in the order given."""
    for record in records:
        until = keep_until(record)
        if until < now:
            yield Deletion(record, until, _BY_KIND[record.kind])
