"""Building proofs from stored nodes: O(log n) of them, asked for all at once."""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Protocol

from warifu.errors import Malformed, NotFound
from warifu.ledger.frontier import NodeId
from warifu.ledger.hashing import node_hash
from warifu.ledger.proofs import ConsistencyProof, InclusionProof

Range = tuple[int, int]
"""Leaves from the first number up to, not including, the second."""


class Nodes(Protocol):
    """Where the complete subtrees are kept that `Frontier.grow` yields; write-once."""

    def read(self, wanted: Sequence[NodeId]) -> Sequence[bytes]:
        """The hashes of `wanted`, in that order; one question for a whole proof, at most 2 · 64 nodes.

        Raises:
            NotFound: one is not kept.
            Unavailable: the keeper does not answer.
        """
        ...


class MemoryNodes:
    """Nodes in memory, for small logs and tests."""

    def __init__(self) -> None:
        self._kept: dict[NodeId, bytes] = {}

    def write(self, completed: Mapping[NodeId, bytes] | Sequence[tuple[NodeId, bytes]]) -> None:
        """Keep what `Frontier.grow` yielded."""
        self._kept.update(completed)

    def read(self, wanted: Sequence[NodeId]) -> Sequence[bytes]:
        """The hashes of `wanted`, in that order.

        Raises:
            NotFound: one is not kept.
        """
        try:
            return [self._kept[each] for each in wanted]
        except KeyError:
            raise NotFound("the log does not keep this node") from None


def prove_inclusion(nodes: Nodes, log_id: bytes, leaf_index: int, tree_size: int) -> InclusionProof:
    """Prove that the leaf at `leaf_index` is in the tree of the first `tree_size` leaves (RFC 9162 §2.1.3.1).

    Raises:
        NotFound: there is no such leaf in that tree, or the nodes are not kept.
        Unavailable: the keeper of the nodes does not answer.
    """
    if not 0 <= leaf_index < tree_size:
        raise NotFound("no such leaf in a tree of that size")
    return InclusionProof(log_id, tree_size, leaf_index, _hashes(nodes, _beside(leaf_index, tree_size)))


def prove_consistency(nodes: Nodes, log_id: bytes, older_size: int, newer_size: int) -> ConsistencyProof:
    """Prove that the tree of `newer_size` leaves begins with the one of `older_size` (RFC 9162 §2.1.4.1).

    Raises:
        NotFound: the older one is larger, or the nodes are not kept.
        Unavailable: the keeper of the nodes does not answer.
    """
    if not 0 <= older_size <= newer_size:
        raise NotFound("no tree of that size was there before")
    ranges = [] if older_size in (0, newer_size) else _between(older_size, newer_size)
    return ConsistencyProof(log_id, older_size, newer_size, _hashes(nodes, ranges))


def _beside(leaf: int, size: int) -> list[Range]:
    """PATH(m, D_n): the subtrees beside the way from the leaf to the root, from below."""
    begin, end, found = 0, size, []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if leaf < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((begin, middle))
            begin = middle
    return found[::-1]


def _between(older: int, newer: int) -> list[Range]:
    """PROOF(m, D_n): the subtrees that make both roots, from below. 0 < older < newer."""
    begin, end, found = 0, newer, []
    while older != end:
        middle = begin + _split(end - begin)
        if older <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((begin, middle))
            begin = middle
    if begin:  # else this is the whole older tree, whose root the verifier has
        found.append((begin, end))
    return found[::-1]


def _split(count: int) -> int:
    """The largest power of two below `count` (§2.1.1)."""
    return 1 << ((count - 1).bit_length() - 1)


def _hashes(nodes: Nodes, ranges: Sequence[Range]) -> tuple[bytes, ...]:
    """The hash of each range; only the one at the right edge consists of several complete subtrees."""
    parts = [list(_complete(*each)) for each in ranges]
    wanted = [each for part in parts for each in part]
    read = nodes.read(wanted) if wanted else ()
    if len(read) != len(wanted):
        raise Malformed("the keeper of the nodes answered something else")
    found = iter(read)
    return tuple(_join([next(found) for _ in part]) for part in parts)


def _complete(begin: int, end: int) -> Iterator[NodeId]:
    """The complete subtrees that a range consists of, from the left; it begins where its largest one may."""
    while begin < end:
        level = (end - begin).bit_length() - 1
        yield NodeId(level, begin >> level)
        begin += 1 << level


def _join(hashes: Sequence[bytes]) -> bytes:
    return reduce(lambda right, left: node_hash(left, right), reversed(hashes))
