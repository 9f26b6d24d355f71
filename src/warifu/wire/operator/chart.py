"""The chart of issue and revocation: bars above and below a line, one pair a day, measured for an SVG drawing.

What began is above the line and what ended is below it, so nobody needs to tell colours apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from warifu.wire.authority import Day

__all__ = ["Bar", "Chart", "Tick"]

WIDTH: Final = 720
HEIGHT: Final = 260
LEFT: Final = 48
RIGHT: Final = 16
TOP: Final = 12
BOTTOM: Final = 28
LABEL_EVERY: Final = 5  # days


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle, in units of the drawing; `look` is its class."""

    look: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A label at a place: of an amount (a height) or of a day (a distance from the left)."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The measured drawing."""

    bars: tuple[Bar, ...]
    amounts: tuple[Tick, ...]
    dates: tuple[Tick, ...]
    line: float
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT

    @classmethod
    def of(cls, days: Sequence[Day]) -> "Chart":
        """Both directions have the same scale, so that a day with as many ends as beginnings looks like one."""
        up = max([day.issued for day in days], default=0)
        down = max([day.revoked + day.held for day in days], default=0)
        room = HEIGHT - TOP - BOTTOM
        unit = room / max(up + down, 1)
        line = TOP + up * unit if up + down else TOP + room / 2
        step = (WIDTH - LEFT - RIGHT) / max(len(days), 1)
        bars = [bar for place, day in enumerate(days) for bar in _bars(day, LEFT + place * step, step, line, unit)]
        amounts = [Tick(line - up * unit, str(up))] * (up > 0) + [Tick(line, "0")]
        amounts += [Tick(line + down * unit, str(down))] * (down > 0)
        dates = [
            Tick(LEFT + (place + 0.5) * step, f"{day.day.month}/{day.day.day}")
            for place, day in enumerate(days)
            if (len(days) - 1 - place) % LABEL_EVERY == 0
        ]
        return cls(tuple(bars), tuple(amounts), tuple(dates), round(line, 2))


def _bars(day: Day, x: float, step: float, line: float, unit: float) -> list[Bar]:
    left, width = round(x + step * 0.15, 2), round(step * 0.7, 2)
    parts = [
        ("issued", line - day.issued * unit, day.issued),
        ("revoked", line, day.revoked),
        ("held", line + day.revoked * unit, day.held),
    ]
    return [Bar(look, left, round(y, 2), width, round(count * unit, 2)) for look, y, count in parts if count]
