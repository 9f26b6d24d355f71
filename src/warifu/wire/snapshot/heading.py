"""What a status snapshot is made of: its heading, where its tables are, and the rows that go into them."""

import json
import mmap
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Self

from warifu.errors import Malformed
from warifu.pki import CertificateKind

__all__ = ["NEVER", "Heading", "StatusRow", "Tables"]

_MAGIC = b"WRFSTAT1"
_LEAD = len(_MAGIC) + 4
_LONGEST = 64 * 1024
_MOST_GENERATIONS = 15
_WIDTHS = (("codes", 1), ("days", 2), ("revoked", 4), ("revoked_at", 4), ("odd", 4), ("odd_at", 8))
_ALIGNMENT = 64

NEVER = -1
"""In place of a moment and a reason: it was not revoked."""


class StatusRow(NamedTuple):
    """What the record says about one certificate; moments are seconds since 1970, UTC.

    `generation` is the generation's place in the heading; `revoked_at` and `reason` are -1 where it is good.
    """

    serial_number: int
    generation: int
    not_after: int
    revoked_at: int = NEVER
    reason: int = NEVER


@dataclass(frozen=True, slots=True)
class Heading:
    """What a snapshot is of: the certificates `first` to `first` + `count` - 1 of one kind, as they were at `taken_at`.

    `generations` are the key identifiers of the authority's keys; `revoked` is how many are held or revoked, `odd` how
    many end at another moment than the end of a Japanese day.

    Wire: 8 bytes ``WRFSTAT1``; 4 bytes length, big-endian; that many bytes of JSON.
    """

    kind: CertificateKind
    taken_at: datetime
    generations: tuple[bytes, ...]
    first: int
    count: int
    revoked: int
    odd: int

    def __post_init__(self) -> None:
        if len(self.generations) > _MOST_GENERATIONS:
            raise Malformed(f"a snapshot tells {_MOST_GENERATIONS} generations apart, not more")
        if min(self.first, self.count, self.revoked, self.odd) < 0 or max(self.revoked, self.odd) > self.count:
            raise Malformed("the heading of the snapshot counts wrongly")
        if self.count > 1 << 32:
            raise Malformed("a snapshot holds 4 294 967 296 serial numbers at most")

    def encode(self) -> bytes:
        """The heading as it stands at the beginning of the file."""
        told = {
            "kind": self.kind.value,
            "taken_at": int(self.taken_at.timestamp()),
            "generations": [generation.hex() for generation in self.generations],
            "first": self.first,
            "count": self.count,
            "revoked": self.revoked,
            "odd": self.odd,
        }
        text = json.dumps(told, sort_keys=True).encode()
        return _MAGIC + struct.pack(">I", len(text)) + text

    @classmethod
    def decode(cls, data: bytes | mmap.mmap) -> Self:
        """The heading of a snapshot.

        Raises:
            Malformed: no snapshot, or a heading that is none.
        """
        if len(data) < _LEAD or data[: len(_MAGIC)] != _MAGIC:
            raise Malformed("this is no status snapshot")
        [length] = struct.unpack(">I", data[len(_MAGIC) : _LEAD])
        if length > min(_LONGEST, len(data) - _LEAD):
            raise Malformed("the heading of the snapshot is cut off")
        try:
            return cls._told(json.loads(data[_LEAD : _LEAD + length]))
        except (ValueError, KeyError, TypeError, OverflowError, OSError) as error:
            raise Malformed("the heading of the snapshot cannot be read") from error

    @classmethod
    def _told(cls, told: dict[str, object]) -> Self:
        generations = told["generations"]
        if not isinstance(generations, list):
            raise TypeError("generations are a list")
        numbers = [told[name] for name in ("taken_at", "first", "count", "revoked", "odd")]
        if not all(type(number) is int for number in numbers):
            raise TypeError("these are whole numbers")
        taken_at, *counts = (int(str(number)) for number in numbers)
        return cls(
            CertificateKind(told["kind"]),
            datetime.fromtimestamp(taken_at, UTC),
            tuple(bytes.fromhex(generation) for generation in generations),
            *counts,
        )


@dataclass(frozen=True, slots=True)
class Tables:
    """Where in the file each table begins; `end` is where the SHA-256 of everything before it stands."""

    codes: int
    days: int
    revoked: int
    revoked_at: int
    odd: int
    odd_at: int
    end: int

    @classmethod
    def of(cls, heading: Heading) -> Self:
        """The tables of a snapshot with this heading: each begins at a multiple of 64 bytes."""
        rows = {"codes": heading.count, "days": heading.count, "odd": heading.odd, "odd_at": heading.odd}
        at, begins = len(heading.encode()), {}
        for name, width in _WIDTHS:
            at += -at % _ALIGNMENT
            begins[name] = at
            at += width * rows.get(name, heading.revoked)
        return cls(**begins, end=at)
