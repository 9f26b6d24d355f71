"""The status of every certificate of an authority in one file that is only read: for questions by the hundred million.

The record in SQL stays the truth; this is what it said at one moment. Serial numbers are sequential, so a certificate
needs no key: its place in the file is its serial number. One byte says what it is, two bytes when it ends; only those
that were revoked take more. A process maps the file and asks; nothing is loaded, and processes share the pages.

Wire: the heading (`Heading`); then, each at the next multiple of 64 bytes and little-endian: `count` codes of one byte,
`count` days of two bytes, `revoked` places of four bytes in ascending order, their moments of four bytes, `odd` places
of four bytes in ascending order, their moments of eight bytes; last the SHA-256 of all before it. A place is the serial
number less `first`. A code is 0 for never issued, else the number of the generation from 1 in the upper four bits and
in the lower four 0 for good, or the reason plus 1. A day counts from 1970 and ends at 23:59:59 Japanese time, as every
certificate of the profile does (公的個人認証法施行規則 第13条); 65535 stands for one that ends otherwise, whose moment
is in the last table. Moments are seconds since 1970, UTC.
"""

import hashlib
import mmap
from bisect import bisect_left
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from warifu.errors import Malformed, NotFound, Unavailable
from warifu.pki import CertificateKind, Reason, Revocation, Standing, Status
from warifu.wire.snapshot.heading import Heading, Tables

__all__ = ["DAY", "END_OF_DAY", "ODD", "Snapshot"]

DAY = 86_400
"""Seconds."""
END_OF_DAY = DAY - 1 - 9 * 3600
"""23:59:59 in Japan, in seconds of the day in UTC."""
ODD = 0xFFFF
"""The day of a certificate that does not end with a day."""

_DIGEST = 32
_REASONS = (Reason.UNSPECIFIED, *Reason)
"""By the lower half of a code; calling the enumeration costs as much as the rest of a question."""
_PIECE = 1 << 20


class Snapshot:
    """A status snapshot, open for questions; usable from several threads. Close it, or use it as a context manager."""

    def __init__(self, file: mmap.mmap) -> None:
        self.heading = Heading.decode(file)
        self._file = file
        self._tables = tables = Tables.of(self.heading)
        if len(file) != tables.end + _DIGEST:
            raise Malformed("the snapshot is cut off, or something follows it")
        self._generations = {key_id: number for number, key_id in enumerate(self.heading.generations, 1)}
        self._first, self._count = self.heading.first, self.heading.count
        self._whole = whole = memoryview(file)
        self._codes = whole[tables.codes : tables.codes + self.heading.count]
        self._days = whole[tables.days : tables.days + 2 * self.heading.count].cast("H")
        self._revoked, self._revoked_at = (
            whole[begin : begin + 4 * self.heading.revoked].cast("I") for begin in (tables.revoked, tables.revoked_at)
        )
        self._odd = whole[tables.odd : tables.odd + 4 * self.heading.odd].cast("I")
        self._odd_at = whole[tables.odd_at : tables.end].cast("q")

    @classmethod
    def open(cls, path: Path) -> Self:
        """Map a snapshot; this reads its heading only. `check` reads it all.

        Raises:
            Unavailable: it cannot be read.
            Malformed: it is no snapshot, or not a whole one.
        """
        try:
            with path.open("rb") as file:
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise Unavailable(f"the snapshot cannot be opened: {path}", detail=str(error)) from error
        except ValueError as error:
            raise Malformed("this is no status snapshot") from error
        try:
            return cls(mapped)
        except BaseException:
            mapped.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        for view in (self._codes, self._days, self._revoked, self._revoked_at, self._odd, self._odd_at, self._whole):
            view.release()
        self._file.close()

    @property
    def kind(self) -> CertificateKind:
        """Which kind of certificates it is of."""
        return self.heading.kind

    def check(self) -> None:
        """Read the whole file and check that it is what was written.

        Raises:
            Malformed: it is damaged.
        """
        digest = hashlib.sha256()
        for begin in range(0, self._tables.end, _PIECE):
            digest.update(self._whole[begin : min(begin + _PIECE, self._tables.end)])
        if digest.digest() != self._whole[self._tables.end :].tobytes():
            raise Malformed("the snapshot is damaged")

    def status(self, generation: bytes, serial_number: int, now: datetime) -> Status:
        """What the authority's record said about a certificate, as an authority answers: an expired one is unknown.

        Raises:
            NotFound: the snapshot knows no such generation of the authority.
        """
        number = self._generations.get(generation)
        if number is None:
            raise NotFound("no such authority")
        place = serial_number - self._first
        if not 0 <= place < self._count:
            return Standing.UNKNOWN
        code = self._codes[place]
        day = self._days[place]
        ends = day * DAY + END_OF_DAY if day != ODD else self._odd_at[_index(self._odd, place)]
        if code >> 4 != number or now.timestamp() >= ends + 1:
            return Standing.UNKNOWN
        if not code & 15:
            return Standing.GOOD
        return self._revocation(place, code & 15)

    def _revocation(self, place: int, code: int) -> Revocation:
        if code >= len(_REASONS):
            raise Malformed("the snapshot is damaged")
        revoked_at = self._revoked_at[_index(self._revoked, place)]
        return Revocation(datetime.fromtimestamp(revoked_at, UTC), _REASONS[code])


def _index(places: "memoryview[int]", place: int) -> int:
    index = bisect_left(places, place)
    if index == len(places) or places[index] != place:
        raise Malformed("the snapshot is damaged")
    return index
