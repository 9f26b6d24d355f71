"""What a run found: how many of each kind, what is not as it was, and what has to be renewed soon."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

__all__ = ["Summary", "sum_up"]

_RANKS = {"TOTAL-PASSED": 2, "INDETERMINATE": 1, "TOTAL-FAILED": 0}
_UNREADABLE = "unreadable"


@dataclass(slots=True)
class Summary:
    """Of `documents` in the archive: `counts` by what came out, and the names of those to look after.

    `worse` are those that came out better the last time, `altered` those whose bytes are others, `gone` those that are
    there no longer, `renew` those that pass and whose proof ends within the days asked about.
    """

    run: str
    documents: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    worse: list[dict[str, str]] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    renew: list[dict[str, str]] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """For programs."""
        return {
            "run": self.run,
            "documents": self.documents,
            "counts": dict(sorted(self.counts.items())),
            "worse": self.worse,
            "altered": self.altered,
            "gone": self.gone,
            "renew": self.renew,
        }


def sum_up(known: Iterable[dict[str, Any]], run: str, now: datetime, within: timedelta) -> Summary:
    """What is known of all documents after a run; `within` is how long ahead renewals are told of."""
    summary = Summary(run)
    for each in known:
        if each["run"] != run:
            summary.gone.append(each["name"])
            continue
        summary.documents += 1
        summary.counts[_outcome(each)] += 1
        _compare(each, summary)
        _look_ahead(each, summary, now + within)
    return summary


def _outcome(known: dict[str, Any]) -> str:
    return str(known.get("indication") or _UNREADABLE)


def _compare(known: dict[str, Any], summary: Summary) -> None:
    before = known["before"]
    if before is None:
        return
    was, now = _outcome(before), _outcome(known)
    if _RANKS.get(now, -1) < _RANKS.get(was, -1):
        why = known.get("sub_indication") or known.get("error") or ""
        summary.worse.append({"name": known["name"], "before": was, "now": now, "why": str(why)})
    if before["sha256"] is not None and known.get("sha256") not in (None, before["sha256"]):
        summary.altered.append(known["name"])


def _look_ahead(known: dict[str, Any], summary: Summary, until: datetime) -> None:
    ends = known.get("lasts_until")
    if known.get("indication") == "TOTAL-PASSED" and ends is not None and datetime.fromisoformat(ends) <= until:
        summary.renew.append({"name": known["name"], "lasts_until": ends})
