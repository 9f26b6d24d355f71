"""Filling the tables of a status snapshot, many rows at a time."""

import hashlib
import mmap
from collections.abc import Iterable
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from warifu.errors import Malformed
from warifu.wire.snapshot.heading import NEVER, Heading, StatusRow, Tables
from warifu.wire.snapshot.reading import DAY, END_OF_DAY, ODD

__all__ = ["fill"]

_CHUNK = 1 << 16
_PIECE = 1 << 20


def fill(whole: mmap.mmap, heading: Heading, tables: Tables, rows: Iterable[StatusRow]) -> None:
    """Fill a file of the right length, and put its digest at the end.

    Raises:
        Malformed: as `write_snapshot`.
    """
    head = heading.encode()
    whole[: len(head)] = head
    filling = _Filling(whole, heading, tables)
    remaining = iter(rows)
    while chunk := list(islice(remaining, _CHUNK)):
        filling.add(np.array(chunk, dtype=np.int64))
    filling.finish()
    digest = hashlib.sha256()
    for begin in range(0, tables.end, _PIECE):
        digest.update(whole[begin : min(begin + _PIECE, tables.end)])
    whole[tables.end :] = digest.digest()
    whole.flush()


class _Filling:
    """The tables while they are being filled."""

    def __init__(self, whole: mmap.mmap, heading: Heading, tables: Tables) -> None:
        self._whole, self._heading, self._tables = whole, heading, tables
        self._last = NEVER
        self._revoked = self._odd = 0

    def add(self, rows: NDArray[np.int64]) -> None:
        """Enter some rows."""
        serial_numbers, generations, not_after, revoked_at, reasons = rows.T
        places = serial_numbers - self._heading.first
        self._check(places, generations)
        days, of_day = np.divmod(not_after, DAY)
        odd = (of_day != END_OF_DAY) | (days >= ODD) | (days < 0)
        self._put("<u1", self._tables.codes, places, (generations + 1) * 16 + reasons + 1)
        self._put("<u2", self._tables.days, places, np.where(odd, ODD, days))
        revoked = reasons != NEVER
        self._revoked = self._append(
            "<u4", (self._tables.revoked, self._tables.revoked_at), self._revoked, places, revoked_at, revoked
        )
        self._odd = self._append("<i8", (self._tables.odd, self._tables.odd_at), self._odd, places, not_after, odd)

    def finish(self) -> None:
        """Check that all were there."""
        if (self._revoked, self._odd) != (self._heading.revoked, self._heading.odd):
            raise Malformed("there are not as many rows as the heading of the snapshot says")

    def _check(self, places: NDArray[np.int64], generations: NDArray[np.int64]) -> None:
        ascending = np.diff(places, prepend=self._last)
        if ascending.min() <= 0 or places[0] < 0 or places[-1] >= self._heading.count:
            raise Malformed("the rows of a snapshot ascend, within what its heading says")
        if generations.min() < 0 or generations.max() >= len(self._heading.generations):
            raise Malformed("a row of the snapshot is of a generation that its heading does not name")
        self._last = int(places[-1])

    def _put(self, kind: str, begin: int, places: NDArray[np.int64], values: NDArray[np.int64]) -> None:
        np.ndarray(self._heading.count, kind, self._whole, begin)[places] = values

    def _append(
        self,
        kind: str,
        begins: tuple[int, int],
        filled: int,
        places: NDArray[np.int64],
        moments: NDArray[np.int64],
        chosen: NDArray[np.bool_],
    ) -> int:
        """Add those chosen to a table of places and a table of their moments."""
        room = (self._heading.odd if begins[0] == self._tables.odd else self._heading.revoked) - filled
        number = int(chosen.sum())
        if number > room:
            raise Malformed("there are not as many rows as the heading of the snapshot says")
        for width, values, begin in (("<u4", places, begins[0]), (kind, moments, begins[1])):
            table = np.ndarray(number, width, self._whole, begin + filled * int(width[2:]))
            table[:] = values[chosen]
        return filled + number
