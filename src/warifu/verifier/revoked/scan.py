"""The serial numbers of a revocation list's entries, found by the thousand at a time.

Most lists are long runs of entries of one length, which are compared with one template. Where lengths alternate, the
places that look like the beginning of an entry are found first and must then form a chain without gaps, each entry
ending where the next begins; only such a chain counts, so nothing inside an entry is ever taken for one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from warifu.verifier.revoked.shape import LONGEST_SERIAL, ROWS, Bytes, Irregular, Numbers, Shape
from warifu.verifier.revoked_index import STEP

__all__ = ["Entries", "scan_entries"]

_SHORT_RUN = 1024
_REGION = 1 << 18


@dataclass
class Entries:
    """What was found so far: serial numbers in the order of the list, and where every sixteenth entry begins."""

    parts: list[Numbers] = field(default_factory=list)
    places: list[NDArray[np.uint32]] = field(default_factory=list)
    count: int = 0

    def add(self, numbers: Numbers, places: NDArray[np.int64]) -> None:
        """Add entries in their order."""
        self.places.append(places[-self.count % STEP :: STEP].astype(np.uint32))
        self._add(numbers)

    def add_run(self, numbers: Numbers, begin: int, width: int) -> None:
        """Add entries that stand one behind the other from `begin`, all of one width."""
        kept = np.arange(-self.count % STEP, len(numbers), STEP)
        self.places.append((begin + width * kept).astype(np.uint32))
        self._add(numbers)

    def _add(self, numbers: Numbers) -> None:
        self.parts.append(numbers)
        self.count += len(numbers)

    def numbers(self) -> Numbers:
        """All serial numbers, in the list's order: of four bytes each if all fit, else of eight."""
        if not self.parts:
            return np.zeros(0, np.uint32)
        whole: Numbers = np.concatenate(self.parts) if len(self.parts) > 1 else self.parts[0]
        self.parts.clear()
        if whole.dtype == np.uint64 and int(whole.max()) < 1 << 32:
            return whole.astype(np.uint32)
        return whole

    def steps(self) -> NDArray[np.uint32]:
        """Where every sixteenth entry begins."""
        return np.concatenate(self.places) if self.places else np.zeros(0, np.uint32)


def scan_entries(data: memoryview, begin: int, end: int) -> Entries:
    """Read the entries between `begin` and `end`.

    Raises:
        Irregular: one is of no shape known here.
    """
    whole = np.frombuffer(data, np.uint8)[:end]
    found = Entries()
    at = begin
    while at < end:
        at = _run(whole, at, found)
        if at < end:
            at = _region(whole, at, found)
    return found


def _run(whole: Bytes, at: int, found: Entries) -> int:
    """Read entries of one length as long as there are many; where they end."""
    shape = Shape.at(whole[at : at + 4])
    if shape is None:
        raise Irregular(found.count)
    while rows := min(ROWS, (len(whole) - at) // shape.width):
        numbers = _alike(shape, whole[at : at + rows * shape.width])
        if numbers is None:
            break
        found.add_run(numbers, at, shape.width)
        at += len(numbers) * shape.width
    return at


def _alike(shape: Shape, rows: Bytes) -> Numbers | None:
    """The numbers of the first rows as long as they are of this shape; None if those are few."""
    while True:
        try:
            return shape.numbers(rows)
        except Irregular as stop:
            if stop.row < _SHORT_RUN:
                return None
            rows = rows[: stop.row * shape.width]


def _region(whole: Bytes, at: int, found: Entries) -> int:
    """Read what follows, of whatever lengths; where the last entry that was read ends."""
    region = whole[at : at + _REGION]
    starts = _chain(region, at + len(region) == len(whole))
    shapes = region[starts + 3].astype(np.uint16) * 256 + region[starts + 1]
    numbers = np.zeros(len(starts), np.uint64)
    for each in np.unique(shapes):
        chosen = np.flatnonzero(shapes == each)
        numbers[chosen] = _of_one_shape(region, starts[chosen])
    found.add(numbers if numbers.max() >> np.uint64(32) else numbers.astype(np.uint32), starts + at)
    return at + int(starts[-1]) + 2 + int(region[starts[-1] + 1])


def _of_one_shape(region: Bytes, starts: NDArray[np.int64]) -> Numbers:
    shape = Shape.at(region[starts[0] : starts[0] + 4])
    if shape is None or starts[-1] + shape.width > len(region):
        raise Irregular(0)
    rows = sliding_window_view(region, shape.width)[starts]
    return np.concatenate([shape.numbers(part.reshape(-1)) for part in _parts(rows)])


def _parts(rows: Bytes) -> Iterator[Bytes]:
    for begin in range(0, len(rows), ROWS):
        yield rows[begin : begin + ROWS]


def _chain(region: Bytes, last: bool) -> NDArray[np.int64]:
    """Where the entries begin that lie wholly in the region; in the last region, all of it is entries."""
    looks = (region[:-3] == 0x30) & (region[2:-1] == 2) & (region[1:-2] < 0x80) & (region[3:] <= LONGEST_SERIAL)
    starts = np.flatnonzero(looks)
    ends = starts + 2 + region[starts + 1]
    if not len(starts) or starts[0] or (starts[1:] != ends[:-1]).any():
        starts = _walk(region)
        ends = starts + 2 + region[starts + 1]
    if not len(starts):
        raise Irregular(0)
    if last and ends[-1] != len(region):
        raise Irregular(len(starts))
    return starts if ends[-1] <= len(region) else _all_but_the_last(starts)


def _all_but_the_last(starts: NDArray[np.int64]) -> NDArray[np.int64]:
    if len(starts) < 2:
        raise Irregular(0)
    return starts[:-1]


def _walk(region: Bytes) -> NDArray[np.int64]:
    """The same, one step after the other: something inside an entry looks like the beginning of one."""
    data = region.tobytes()
    starts: list[int] = []
    at = 0
    while at + 4 <= len(data):
        if data[at] != 0x30 or data[at + 1] >= 0x80:
            raise Irregular(len(starts))
        starts.append(at)
        at += 2 + data[at + 1]
    return np.array(starts, np.int64)
