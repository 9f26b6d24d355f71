"""One line of the table, and how to time a call."""

import time
from collections.abc import Callable
from statistics import median
from typing import TypedDict


class Row(TypedDict):
    """What one bench found; `ratio` is 1.0 at the limit and higher is better."""

    name: str
    value: float
    unit: str
    limit: float
    ratio: float
    goal: float


def slower_than_limit(name: str, value: float, limit: float, goal: float, unit: str = "µs") -> Row:
    """A row for durations: ratio is limit / value."""
    return Row(name=name, value=value, unit=unit, limit=limit, ratio=limit / value, goal=goal)


def microseconds(call: Callable[[], object], *, seconds: float = 0.4, rounds: int = 7) -> float:
    """Median over `rounds` of the time one call takes, in microseconds; each round lasts about `seconds` / `rounds`."""
    call()
    start = time.perf_counter()
    call()
    once = max(time.perf_counter() - start, 1e-7)
    repeat = max(1, int(seconds / rounds / once))
    return median(_round(call, repeat) for _ in range(rounds))


def side_by_side(*calls: Callable[[], object], seconds: float = 2.0, rounds: int = 200) -> list[float]:
    """Best time of each call in microseconds, measured in short turns, so that other programs disturb all alike."""
    repeats = [max(1, int(seconds / rounds / len(calls) / (microseconds(call, seconds=0.1) / 1e6))) for call in calls]
    turns = [[_round(call, n) for call, n in zip(calls, repeats, strict=True)] for _ in range(rounds)]
    return [min(turn[position] for turn in turns) for position in range(len(calls))]


def _round(call: Callable[[], object], repeat: int) -> float:
    start = time.perf_counter()
    for _ in range(repeat):
        call()
    return (time.perf_counter() - start) / repeat * 1e6
