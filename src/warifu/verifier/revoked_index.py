"""Which certificates a revocation list of any length names, without reading the list: an index beside it.

Serial numbers are kept in ascending order, four bytes each, or eight where one is larger; a look-up halves them until
one is left. When and why a certificate was revoked is read in the list itself, whose every sixteenth entry the index
knows the place of. So the index has little more than four bytes an entry, opens at once, and can say nothing about a
certificate that the signed list does not say.

Wire: 8 bytes ``WRFREVK1``; 4 bytes length, big-endian; that many bytes of JSON (`IndexHeading`). Then, each at the next
multiple of 64 bytes and little-endian: `count` serial numbers of `width` bytes, ascending; the places of every
sixteenth entry, four bytes each, in the list's order; and, only if the list is in another order, the number of each
serial number's entry in it, four bytes each.
"""

import json
import struct
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

from warifu.errors import Malformed
from warifu.pki import Reason, Revocation

__all__ = ["STEP", "IndexHeading", "RevokedIndex", "Tables"]

STEP = 16
_MAGIC = b"WRFREVK1"
_LEAD = len(_MAGIC) + 4
_LONGEST = 4096
_ALIGNMENT = 64
_WIDTHS = (4, 8)
_REASONS = tuple(Reason)


@dataclass(frozen=True, slots=True)
class IndexHeading:
    """How many entries, the width of a serial number, whether the list ascends, and where its entries stand."""

    count: int
    width: int
    ascending: bool
    begin: int
    end: int

    def __post_init__(self) -> None:
        numbers = (self.count, self.begin, self.end)
        if self.width not in _WIDTHS or not all(type(each) is int and 0 <= each < 1 << 32 for each in numbers):
            raise Malformed("the heading of the revocation index is not one")

    def encode(self) -> bytes:
        """The heading as it stands at the beginning of the file."""
        text = json.dumps(asdict(self), sort_keys=True).encode()
        return _MAGIC + struct.pack(">I", len(text)) + text

    @classmethod
    def decode(cls, data: memoryview) -> Self:
        """The heading of an index.

        Raises:
            Malformed: it has none.
        """
        if len(data) < _LEAD or data[: len(_MAGIC)] != _MAGIC:
            raise Malformed("this is no revocation index")
        [length] = struct.unpack(">I", data[len(_MAGIC) : _LEAD])
        try:
            return cls(**json.loads(bytes(data[_LEAD : _LEAD + min(length, _LONGEST)])))
        except (ValueError, TypeError, RecursionError) as error:
            raise Malformed("the heading of the revocation index cannot be read") from error


@dataclass(frozen=True, slots=True)
class Tables:
    """Where the tables begin, and where the last one ends."""

    numbers: int
    places: int
    order: int
    end: int

    @classmethod
    def of(cls, heading: IndexHeading) -> Self:
        """The tables of an index with this heading."""
        at, begins = len(heading.encode()), []
        order_size = 0 if heading.ascending else 4 * heading.count
        for size in (heading.width * heading.count, 4 * -(-heading.count // STEP), order_size):
            at += -at % _ALIGNMENT
            begins.append(at)
            at += size
        numbers, places, order = begins
        return cls(numbers, places, order, at)


class RevokedIndex(Mapping[int, Revocation]):
    """The entries of a revocation list by serial number: `data` is the list and `index` its index."""

    def __init__(self, index: memoryview, data: memoryview) -> None:
        self._heading = heading = IndexHeading.decode(index)
        tables = Tables.of(heading)
        if len(index) != tables.end or heading.end > len(data):
            raise Malformed("the revocation index is cut off, or of another list")
        self._data = data
        self._count = heading.count
        numbers = index[tables.numbers : tables.numbers + heading.width * heading.count]
        self._numbers = numbers.cast("I") if heading.width == 4 else numbers.cast("Q")
        self._places = index[tables.places : tables.places + 4 * -(-heading.count // STEP)].cast("I")
        self._order = None if heading.ascending else index[tables.order : tables.end].cast("I")

    def __repr__(self) -> str:
        return f"RevokedIndex({self._count} entries)"

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        return iter(self._numbers)

    def __contains__(self, serial_number: object) -> bool:
        if not isinstance(serial_number, int):
            return False
        index = bisect_left(self._numbers, serial_number)
        return index < self._count and self._numbers[index] == serial_number

    def __getitem__(self, serial_number: int) -> Revocation:
        found: Revocation | None = self.get(serial_number)
        if found is None:
            raise KeyError
        return found

    def get(self, serial_number: int, default: Any = None, /) -> Any:
        """What the list says about this number, or `default`; most are not in it, which costs no exception here."""
        index = bisect_left(self._numbers, serial_number)
        if index == self._count or self._numbers[index] != serial_number:
            return default
        return self._read(serial_number, index if self._order is None else self._order[index])

    def _read(self, serial_number: int, entry: int) -> Revocation:
        """What the list says in its entry of this number.

        Raises:
            Malformed: the list has another entry there than the index was made of.
        """
        data, at = self._data, self._places[entry // STEP]
        try:
            for _ in range(entry % STEP):
                at += 2 + data[at + 1]
            time = at + 4 + data[at + 3]
            end = at + 2 + data[at + 1]
            if end > self._heading.end or int.from_bytes(data[at + 4 : time], "big") != serial_number:
                raise Malformed("the revocation index is of another list")
            return Revocation(_moment(bytes(data[time + 2 : time + 15])), _reason(data, time + 15, end))
        except (IndexError, ValueError) as error:
            raise Malformed("the revocation index is of another list") from error


def _moment(text: bytes) -> datetime:
    """A UTCTime; years from 50 are of the last century (RFC 5280 §4.1.2.5.1)."""
    year, *rest = (int(text[place : place + 2]) for place in range(0, 12, 2))
    return datetime(year + (1900 if year >= 50 else 2000), *rest, tzinfo=UTC)  # type: ignore[arg-type,misc]


def _reason(data: memoryview, begin: int, end: int) -> Reason:
    return _REASONS[data[end - 1]] if begin < end else Reason.UNSPECIFIED
