"""Entries of a revocation list by the thousand: whether all are of one shape, and their serial numbers.

Wire: an entry is ``30 L 02 S``, S bytes of serial number, ``17 0d`` and the thirteen characters of a UTCTime; one with
a reason goes on ``30 0c 30 0a 06 03 55 1d 15 04 03 0a 01 R`` (RFC 5280 §5.1, §5.3.1). Lists of JPKI have no others; a
list that has is read by cryptography instead. Everything that cryptography would refuse is refused here: what is no
digit, a 30th of February, a serial number that is not in its shortest form, a reason that JPKI does not use.
"""

import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from warifu.pki import Reason

__all__ = ["LONGEST_SERIAL", "Bytes", "Irregular", "Numbers", "Shape"]

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.unsignedinteger[Any]]

LONGEST_SERIAL = 9
"""Bytes: eight and a zero before them. Longer ones are no numbers of one machine word."""
ROWS = 4096
"""How many rows are looked at together: they stay in the processor's cache."""
_DIGITS = 12
_BEHIND_TIME = 15
_REASON = bytes.fromhex("300c300a0603551d1504030a01")
_BLOCK = 16
_YEAR, _MONTH, _DAY = 4, 6, 8
"""Where the pairs stand in a block."""
_LAST_REASON = max(Reason)


class Irregular(Exception):
    """Row number `row` is of another shape: nobody's error, the entries are to be read another way."""

    def __init__(self, row: int) -> None:
        self.row = row


def _repeated(pairs: tuple[int, ...], nothing: int) -> Bytes:
    """For the pairs of many times, year to second, one value each; `nothing` for what is no pair."""
    pattern = [nothing] * (_BLOCK - _DIGITS) + [each for value in pairs for each in (value, nothing)]
    return np.tile(np.array(pattern, np.uint8), ROWS)


_DIGIT = np.tile(np.array([0] * (_BLOCK - _DIGITS) + [0x0F] * _DIGITS, np.uint8), ROWS)
_LEAST = _repeated((0, 1, 1, 0, 0, 0), 0)
_SPAN = _repeated((99, 11, 30, 23, 59, 59), 255)
"""How much more than the least a pair may be."""
_IN_ANY_MONTH = _repeated((99, 11, 27, 23, 59, 59), 255)
"""The same, with the days that every month has."""


def _row(wrong: NDArray[np.bool_]) -> int:
    """The first row with something wrong."""
    return int(wrong.argmax()) // _BLOCK


def _check_days(pairs: Bytes) -> None:
    """Days from the 29th on exist in their month; months and days count from 0 here."""
    late = np.flatnonzero(pairs[:, _DAY] > 27)
    years, months, days = (pairs[late, place] for place in (_YEAR, _MONTH, _DAY))
    exists = _DAYS[(years % 4 == 0).view(np.uint8), months.astype(np.uint16) * 32 + days]
    if not exists.all():
        raise Irregular(int(late[exists.argmin()]))


def _days() -> NDArray[np.bool_]:
    """Which days there are, by month times 32 plus day, both from 0; a leap year's are the second half."""
    lengths = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    table = np.zeros((2, 16, 32), np.bool_)
    for leap in (0, 1):
        for month, length in enumerate(lengths):
            table[leap, month, : length + (leap and month == 1)] = True
    return table.reshape(2, -1)


_DAYS = _days()


@dataclass(frozen=True, slots=True)
class Shape:
    """What all entries of a run have in common: the bytes of the serial number, and whether a reason follows."""

    serial: int
    reasoned: bool

    @classmethod
    def at(cls, entry: Bytes) -> "Shape | None":
        """The shape of the entry that begins here, judged by its lengths alone."""
        if len(entry) < 4 or not 1 <= entry[3] <= LONGEST_SERIAL:
            return None
        serial, length = int(entry[3]), int(entry[1])
        for reasoned in (False, True):
            shape = cls(serial, reasoned)
            if length + 2 == shape.width:
                return shape
        return None

    @property
    def width(self) -> int:
        """Bytes of an entry."""
        return 4 + self.serial + _BEHIND_TIME + (len(_REASON) + 1 if self.reasoned else 0)

    def numbers(self, rows: Bytes) -> Numbers:
        """The serial numbers of at most `ROWS` entries, one behind the other.

        Raises:
            Irregular: one is not of this shape.
        """
        template, mask = _templates(self)
        entries = rows.reshape(-1, self.width)
        differs = _scratch.differs[: len(rows)]
        np.bitwise_xor(rows, template[: len(rows)], out=differs)
        np.bitwise_and(differs, mask[: len(rows)], out=differs)
        if differs.max():
            raise Irregular(int(differs.reshape(-1, self.width).any(axis=1).argmax()))
        self._check_times(entries)
        if self.reasoned and int(entries[:, -1].max()) > _LAST_REASON:
            raise Irregular(int((entries[:, -1] > _LAST_REASON).argmax()))
        return self._numbers(entries)

    def _check_times(self, entries: Bytes) -> None:
        """Every row's time is one that there is; its bytes are known to be 30 to 3f.

        Sixteen bytes of each row, which end with the last digit, are copied as one. Neighbours are then made pairs of
        digits; every other pair means nothing and is compared with nothing.
        """
        begin, count = 4 + self.serial + 2 + _DIGITS - _BLOCK, len(entries)
        block = np.ndarray(count, f"V{_BLOCK}", entries, begin, (self.width,)).copy().view(np.uint8)
        digits = block & _DIGIT[: len(block)]
        if digits.max() > 9:
            raise Irregular(_row(digits > 9))
        pairs = digits * np.uint8(10)
        pairs[:-1] += digits[1:]
        pairs -= _LEAST[: len(pairs)]  # what is less than the least becomes very large
        if (pairs > _IN_ANY_MONTH[: len(pairs)]).any():
            wrong = pairs > _SPAN[: len(pairs)]
            if wrong.any():
                raise Irregular(_row(wrong))
            _check_days(pairs.reshape(count, _BLOCK))

    def _numbers(self, entries: Bytes) -> Numbers:
        size = self.serial
        if size == 4:
            return self._words(entries)
        first = entries[:, 4]
        odd = (first >= 0x80) if size > 1 else (first >= 0x80) | (first == 0)  # a serial number is not zero
        if size > 1 and not first.all():
            odd |= (first == 0) & (entries[:, 5] < 0x80)
        if odd.any():
            raise Irregular(int(odd.argmax()))
        if size == LONGEST_SERIAL and first.any():
            raise Irregular(int((first != 0).argmax()))
        numbers = np.zeros(len(entries), np.uint64)
        for place in range(4, 4 + size):
            numbers = numbers << np.uint64(8) | entries[:, place]
        return numbers

    def _words(self, entries: Bytes) -> Numbers:
        """Serial numbers of four bytes, as most are."""
        numbers = np.ndarray(len(entries), ">u4", entries, 4, (self.width,)).astype(np.uint32)
        if numbers.max() >= 1 << 31 or numbers.min() < 1 << 23:
            raise Irregular(int(((numbers >= 1 << 31) | (numbers < 1 << 23)).argmax()))
        return numbers


class _Scratch(threading.local):
    """Room that each thread uses again and again: asking the system for it each time would cost more than the work."""

    def __init__(self) -> None:
        self.differs = np.empty(ROWS * Shape(LONGEST_SERIAL, True).width, np.uint8)


_scratch = _Scratch()


@cache
def _templates(shape: Shape) -> tuple[Bytes, Bytes]:
    """What the bytes of many entries are, and which of their bits must be so: not those of numbers and digits."""
    serial = shape.serial
    entry = bytes((0x30, shape.width - 2, 2, serial)) + bytes(serial) + b"\x17\x0d" + b"0" * _DIGITS + b"Z"
    fixed = b"\xff" * 4 + bytes(serial) + b"\xff\xff" + b"\xf0" * _DIGITS + b"\xff"
    if shape.reasoned:
        entry += _REASON + b"\0"
        fixed += b"\xff" * len(_REASON) + b"\0"
    return np.frombuffer(entry * ROWS, np.uint8), np.frombuffer(fixed * ROWS, np.uint8)
