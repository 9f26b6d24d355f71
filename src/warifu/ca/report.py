"""What the authority publishes every year: to whom it told what, in which month, how often and by which way.

Source: 公的個人認証法 第41条; 施行規則 第72条 (on display for five years).
Modelled: months of the calendar year in Japan.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from warifu.ca.access import Recipient, Service
from warifu.errors import NotFound
from warifu.pki import JST


class Way(Enum):
    """How something was told (提供の方法)."""

    OCSP = "ocsp"
    LIST = "list"
    REQUEST = "request"
    """Asked and answered over the services' own interface."""


@dataclass(frozen=True, slots=True, order=True)
class Counted:
    """What one count is of: a recipient (its id), a service, a way, and a month as ``YYYY-MM``, in Japan."""

    month: str
    recipient: str
    service: str
    way: str

    @classmethod
    def of(cls, recipient: Recipient, service: Service, way: Way, now: datetime) -> "Counted":
        """Where something that is told now is counted."""
        return cls(f"{now.astimezone(JST):%Y-%m}", recipient.id, service.value, way.value)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row of the public report."""

    month: str
    recipient: str
    service: Service
    way: Way
    count: int


def displayed_since(month: str) -> datetime:
    """From when on the report is on display that counts this month (``YYYY-MM``).

    Modelled: from the first day of the following year in Japan.
    """
    return datetime(int(month[:4]) + 1, 1, 1, tzinfo=JST)


def yearly_report(counts: Mapping[Counted, int], recipients: Iterable[Recipient], year: int) -> tuple[ReportRow, ...]:
    """The rows of one year, by month, recipient's name, service and way; a month without anything has none.

    Raises:
        NotFound: something was told to somebody who is not among the recipients.
    """
    names = {recipient.id: recipient.name for recipient in recipients}
    rows: Counter[tuple[str, str, str, str]] = Counter()
    for counted, count in counts.items():
        if counted.month.startswith(f"{year:04d}-") and count:
            if counted.recipient not in names:
                raise NotFound("something was told to an unknown recipient")
            rows[counted.month, names[counted.recipient], counted.service, counted.way] += count
    return tuple(
        ReportRow(month, name, Service(service), Way(way), count)
        for (month, name, service, way), count in sorted(rows.items())
    )
