"""How long the register keeps what: a table, and the day before which a kind of record is over.

Nothing is deleted here: whoever keeps the records asks, shows the answer to its operator, and deletes what was shown.
What a record's time is counted from is never later than what the keeper counts from, so nothing goes too early.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final


class Keeping(Enum):
    """What is kept."""

    RECORD = "record"
    """A resident record that was deleted (除票), with all its versions."""
    ANNEX = "annex"
    """An annex of a family register that was deleted (戸籍の附票の除票)."""
    CARD = "card"
    """A card or a phone whose life is over, and the orders of its certificates."""
    LOOK = "look"
    """Who looked at whom; what was done stays with the records that it made."""
    CALL = "call"
    """A call to the hotline."""
    LETTER = "letter"
    """A letter between parties that had its effect and its answer."""


@dataclass(frozen=True, slots=True)
class KeepingRule:
    """How long one kind of record is kept: so many years, counted from what, by which article."""

    kind: Keeping
    years: int
    counted_from: str
    article: str

    def begins(self, today: date) -> date:
        """The first day of which records are still kept; what is older is over."""
        year = today.year - self.years
        try:
            return today.replace(year=year)
        except ValueError:  # 29 February in a common year (民法 第143条第2項: the month's last day)
            return date(year, 2, 28)


KEEPING: Final = (
    KeepingRule(Keeping.RECORD, 150, "the record's deletion", "住基法施行令 第34条第1項"),
    KeepingRule(Keeping.ANNEX, 150, "the annex's deletion", "住基法施行令 第34条第1項"),
    # Modelled: as applications for certificates are (公的個人認証法施行規則 第82条).
    KeepingRule(Keeping.CARD, 15, "the card's end", "–"),
    # Modelled: as records of what agencies told each other are (番号法施行令 第29条).
    KeepingRule(Keeping.LOOK, 7, "the look", "–"),
    KeepingRule(Keeping.CALL, 7, "the call", "–"),
    # Modelled: a courier tries for minutes, and an operator's backup is younger than a year.
    KeepingRule(Keeping.LETTER, 1, "the answer", "–"),
)
"""Every kind. 住基法施行令 第34条: 150 years since 2019-06-20, five before."""
