"""How fast somebody may go: so many at once, and after that as many as flow back in a minute.

The account of one asker is a single moment, the one at which everything will have flowed back (the generic cell rate
algorithm of ITU-T I.371, as a leaky bucket): an asker that has been quiet has no account at all.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["Pace"]


@dataclass(frozen=True, slots=True)
class Pace:
    """`a_minute` requests a minute, and as many at once."""

    a_minute: int

    @property
    def each(self) -> timedelta:
        """What one request costs."""
        return timedelta(minutes=1) / self.a_minute

    def take(self, full_at: datetime | None, now: datetime, wanted: int = 1) -> tuple[int, datetime]:
        """How many of `wanted` may go now, and the account afterwards. It never runs further ahead than a minute."""
        begins = now if full_at is None else max(full_at, now)
        left = math.floor((now + timedelta(minutes=1) - begins) / self.each + 1e-4)
        granted = max(0, min(wanted, left))
        return granted, begins + granted * self.each

    def wait(self, full_at: datetime, now: datetime) -> int:
        """Seconds until one more may go, 1 or more; never more than a minute."""
        seconds = (full_at + self.each - timedelta(minutes=1) - now).total_seconds()
        return max(1, min(60, math.ceil(seconds)))
