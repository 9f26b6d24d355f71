"""What is different between two recordings of the same requests."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from warifu.services.exchange import Recording

__all__ = ["Difference", "compare"]

_ABSENT = "–"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the recorded provider says and ours does not, or otherwise: `theirs` and `ours` as text."""

    number: int
    step: str
    where: str
    theirs: str
    ours: str


def compare(theirs: Recording, ours: Recording) -> Iterator[Difference]:
    """Every difference of the answers, in the order of the requests."""
    for number, (their, our) in enumerate(zip(theirs.steps, ours.steps, strict=True), 1):
        for where, one, other in _compared("", their.answer, our.answer):
            yield Difference(number, their.step, where, one, other)


def _compared(where: str, theirs: Any, ours: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(theirs, Mapping) and isinstance(ours, Mapping):
        for name in sorted({*theirs, *ours}):
            inner = f"{where}.{name}" if where else name
            yield from _compared(inner, theirs.get(name, _ABSENT), ours.get(name, _ABSENT))
    elif isinstance(theirs, list) and isinstance(ours, list) and all(isinstance(each, str) for each in theirs + ours):
        only_there, only_here = (
            [each for each in theirs if each not in ours],
            [each for each in ours if each not in theirs],
        )
        if only_there or only_here:
            yield where, ", ".join(only_there) or _ABSENT, ", ".join(only_here) or _ABSENT
    elif theirs != ours or type(theirs) is not type(ours):
        yield where, _told(theirs), _told(ours)


def _told(value: Any) -> str:
    return f"({type(value).__name__})" if isinstance(value, dict | list) else str(value)
