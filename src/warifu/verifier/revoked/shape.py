"""Entries of a revocation list by the thousand: whether all are of one shape, and their serial numbers.

Wire: an entry is ``30 L 02 S``, S bytes of serial number, ``17 0d`` and the thirteen characters of a UTCTime; one with
a reason goes on ``30 0c 30 0a 06 03 55 1d 15 04 03 0a 01 R`` (RFC 5280 §5.1, §5.3.1). Lists of JPKI have no others; a
list that has is read by cryptography instead. Everything that cryptography would refuse is refused here: what is no
digit, a 30th of February, a serial number that is not in its shortest form, a reason that JPKI does not use.
"""

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
ROWS = 8192
"""How many rows are looked at together: they stay in the processor's cache."""
_DIGITS = 12
_BEHIND_TIME = 15
_REASON = bytes.fromhex("300c300a0603551d1504030a01")
_LARGEST = np.array([99, 12, 31, 23, 59, 59], np.uint8)[:, None]
_MONTH, _DAY = 1, 2
_LAST_REASON = max(Reason)


class Irregular(Exception):
    """Row number `row` is of another shape: nobody's error, the entries are to be read another way."""

    def __init__(self, row: int) -> None:
        self.row = row


def _days() -> NDArray[np.bool_]:
    """Which days there are, by month times 32 plus day; the 29th of February only in leap years, the second half."""
    lengths = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    table = np.zeros((2, 16, 32), np.bool_)
    for leap in (0, 1):
        for month, length in enumerate(lengths, 1):
            table[leap, month, 1 : length + 1 + (leap and month == 2)] = True
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
        differs = np.bitwise_xor(rows, template[: len(rows)])
        np.bitwise_and(differs, mask[: len(rows)], out=differs)
        if differs.max():
            raise Irregular(int(differs.reshape(-1, self.width).any(axis=1).argmax()))
        self._check_times(entries)
        if self.reasoned and int(entries[:, -1].max()) > _LAST_REASON:
            raise Irregular(int((entries[:, -1] > _LAST_REASON).argmax()))
        return self._numbers(entries)

    def _check_times(self, entries: Bytes) -> None:
        """Every row's time is one that there is; its bytes are those of digits or a little beyond."""
        begin = 4 + self.serial + 2
        digits = np.subtract(entries[:, begin : begin + _DIGITS].T, np.uint8(0x30), order="C")
        if digits.max() > 9:
            raise Irregular(int((digits > 9).any(axis=0).argmax()))
        pairs = digits[0::2] * np.uint8(10)
        pairs += digits[1::2]
        if not pairs[_MONTH : _DAY + 1].all() or (pairs > _LARGEST).any():
            wrong = (pairs > _LARGEST).any(axis=0) | (pairs[_MONTH : _DAY + 1] == 0).any(axis=0)
            raise Irregular(int(wrong.argmax()))
        if pairs[_DAY].max() > 28:
            self._check_days(*pairs[:3])

    def _check_days(self, years: Bytes, months: Bytes, days: Bytes) -> None:
        exists = _DAYS[(years % 4 == 0).view(np.uint8), months.astype(np.uint16) * 32 + days]
        if not exists.all():
            raise Irregular(int(exists.argmin()))

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
