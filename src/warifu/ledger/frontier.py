"""The right edge of a growing tree: all that appending needs to remember, O(log n) hashes.

A tree of n leaves is a row of complete subtrees, the largest first, one for each 1 in the binary digits of n (RFC 9162
§2.1.1 splits at the largest power of two). A leaf joins them as an increment carries: 1+1 makes the next larger one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple, Self

from warifu.errors import Malformed
from warifu.ledger.hashing import EMPTY_ROOT, HASH_LENGTH, check_hash, node_hash
from warifu.ledger.items import check_number
from warifu.ledger.tls import Reader, number


class NodeId(NamedTuple):
    """A complete subtree: the 2^level leaves from `position` · 2^level on. Level 0 is the leaves' own hashes.

    Once complete, its hash never changes: it can be stored for good.
    """

    level: int
    position: int


@dataclass(frozen=True, slots=True)
class Frontier:
    """The complete subtrees at the right edge of a tree of `size` leaves, the largest first.

    Wire: size, eight bytes big-endian; then 32 bytes for each 1 in its binary digits. `Modelled:` our own, for storing;
    RFC 9162 leaves it to the log.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Check the size against the peaks.

        Raises:
            Malformed: they do not fit together.
        """
        check_number(self.size)
        if len(self.peaks) != self.size.bit_count():
            raise Malformed("a frontier has one hash for each complete subtree")
        for peak in self.peaks:
            check_hash(peak)

    def encode(self) -> bytes:
        """The bytes to store."""
        return number(self.size) + b"".join(self.peaks)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a stored frontier.

        Raises:
            Malformed: a byte too few or too many.
        """
        reader = Reader(data)
        size = reader.number()
        peaks = tuple(reader.take(HASH_LENGTH) for _ in range(size.bit_count()))
        reader.end()
        return cls(size, peaks)

    @property
    def root(self) -> bytes:
        """The Merkle Tree Hash over all leaves (§2.1.1)."""
        if not self.peaks:
            return EMPTY_ROOT
        return reduce(lambda right, left: node_hash(left, right), reversed(self.peaks))

    def grow(self, leaf_hashes: Iterable[bytes]) -> tuple[Self, list[tuple[NodeId, bytes]]]:
        """Append leaves: the new frontier, and every subtree that became complete, children before parents.

        n leaves complete fewer than 2n + log n subtrees. Stored together with the frontier they make every proof
        O(log n) to build; without the upper levels it has to be computed from the leaves.

        Raises:
            Malformed: not a leaf's hash.
        """
        peaks, size, completed = list(self.peaks), self.size, list[tuple[NodeId, bytes]]()
        for subtree in leaf_hashes:
            check_hash(subtree)
            level, position = 0, size
            completed.append((NodeId(0, position), subtree))
            while position & 1:
                subtree = node_hash(peaks.pop(), subtree)
                level, position = level + 1, position >> 1
                completed.append((NodeId(level, position), subtree))
            peaks.append(subtree)
            size += 1
        return type(self)(size, tuple(peaks)), completed
