"""Naming what changed in a document by the way that leads to it, for whoever has to understand a refusal."""

from collections import deque

from warifu.documents.pdf_reading_file import PdfFile, Revision
from warifu.documents.pdf_reading_sections import Place
from warifu.documents.pdf_reading_syntax import Reference, Stream, Value
from warifu.errors import Malformed

__all__ = ["changed_objects", "undefined_objects"]

_MOST_NAMED = 3
_FARTHEST = 20_000
_LONGEST = 100
_COST = 2
"""What looking at a value costs, in the bytes that `Work` counts."""


def changed_objects(file: PdfFile, base: Revision, revision: Revision) -> str:
    """Objects of `base` that `revision` replaced or removed, each by a way from the catalog; empty if none."""
    section = revision.sections[-1]
    there = {number for number, entry in section.entries.items() if file.entry(number, base).place is not Place.FREE}
    catalog = base.trailer[b"Root"]
    if isinstance(catalog, Reference):
        there.discard(catalog.number)
    ways = _ways(file, base, there) if there else {}
    named = [f"object {number}{ways.get(number, '')}" for number in sorted(there)]
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return ", ".join(named[:_MOST_NAMED]) + more


def undefined_objects(file: PdfFile, base: Revision) -> frozenset[int]:
    """Numbers of the objects that `base` refers to and does not have; to it they are null (ISO 32000-1 §7.3.10).

    Raises:
        Malformed: something that it refers to is damaged, or it takes too much work.
    """
    seen: set[Reference] = set()
    missing: set[int] = set()
    waiting: list[Value] = [value for section in base.sections for value in section.trailer.values()]
    while waiting:
        file.work.spend(_COST)
        value = waiting.pop()
        if isinstance(value, Reference):
            if value in seen:
                continue
            seen.add(value)
            if file.entry(value.number, base).place is Place.FREE:
                missing.add(value.number)
            value = file.resolve(value, base)
        inside = value.dictionary if isinstance(value, Stream) else value
        waiting += inside.values() if isinstance(inside, dict) else inside if isinstance(inside, list) else ()
    return frozenset(missing)


def _ways(file: PdfFile, base: Revision, wanted: set[int]) -> dict[int, str]:
    """The shortest way to each wanted object, as keys and positions; nothing for what is too far away."""
    found: dict[int, str] = {}
    seen: set[Reference] = set()
    waiting: deque[tuple[Value, str]] = deque([(base.trailer[b"Root"], "")])
    for _ in range(_FARTHEST):
        if not waiting or wanted <= found.keys():
            break
        value, way = waiting.popleft()
        if isinstance(value, Reference):
            if value in seen:
                continue
            seen.add(value)
            if value.number in wanted:
                found.setdefault(value.number, f" ({way[:_LONGEST]})")
            try:
                value = file.resolve(value, base)
            except Malformed:
                break
        waiting.extend(_steps(value, way))
    return found


def _steps(value: Value, way: str) -> list[tuple[Value, str]]:
    inside = value.dictionary if isinstance(value, Stream) else value
    if isinstance(inside, dict):
        return [(each, f"{way}/{_shown(key)}") for key, each in inside.items() if key not in (b"Parent", b"P")]
    if isinstance(inside, list):
        return [(each, f"{way}/{number}") for number, each in enumerate(inside) if not isinstance(each, int | float)]
    return []


def _shown(key: bytes) -> str:
    return "".join(letter if letter.isalnum() else "?" for letter in key.decode("latin-1"))[:30]
