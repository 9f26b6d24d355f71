"""The two proofs and their checks: an entry is in the tree; one tree is the beginning of another.

Source: RFC 9162 §2.1.3, §2.1.4.
"""

from dataclasses import dataclass
from typing import Self

from warifu.errors import Malformed, NotConsistent, NotIncluded, WrongLog
from warifu.ledger import items
from warifu.ledger.hashing import EMPTY_ROOT, check_hash, node_hash
from warifu.ledger.heads import SignedTreeHead, check_tree_head
from warifu.ledger.items import ItemType
from warifu.ledger.tls import Reader, number


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """The leaf at `leaf_index` (from 0) is in the tree of `tree_size` leaves: the subtrees beside its way to the root.

    Wire: TransItem of type inclusion_proof_v2: 0106, log id, tree size, leaf index, path from the leaf upwards.
    Source: RFC 9162 §2.1.3.1, §4.12. A tree of one leaf has an empty path.
    """

    log_id: bytes
    tree_size: int
    leaf_index: int
    path: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """Check the fields.

        Raises:
            Malformed: a field that no proof has; a leaf outside the tree.
        """
        items.check_log_id(self.log_id)
        items.check_number(self.tree_size)
        items.check_path(self.path)
        if not 0 <= self.leaf_index < self.tree_size:
            raise Malformed("the leaf is outside the tree")

    def encode(self) -> bytes:
        """The TransItem."""
        sizes = number(self.tree_size) + number(self.leaf_index)
        return items.opening(ItemType.INCLUSION_PROOF, self.log_id) + sizes + items.path(self.path)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a TransItem.

        Raises:
            Malformed: another structure, or bytes after it.
        """
        reader = Reader(data)
        log_id = items.read_opening(reader, ItemType.INCLUSION_PROOF)
        proof = cls(log_id, reader.number(), reader.number(), items.read_path(reader))
        reader.end()
        return proof


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """The tree of `older_size` leaves is the beginning of the one of `newer_size` leaves.

    Wire: TransItem of type consistency_proof_v2: 0105, log id, both sizes, path.
    Source: RFC 9162 §2.1.4.1, §4.11. Equal sizes and an empty older tree have an empty path.
    """

    log_id: bytes
    older_size: int
    newer_size: int
    path: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """Check the fields.

        Raises:
            Malformed: a field that no proof has; the older tree is the larger one.
        """
        items.check_log_id(self.log_id)
        items.check_number(self.newer_size)
        items.check_path(self.path)
        if not 0 <= self.older_size <= self.newer_size:
            raise Malformed("the older tree is larger than the newer one")

    def encode(self) -> bytes:
        """The TransItem."""
        sizes = number(self.older_size) + number(self.newer_size)
        return items.opening(ItemType.CONSISTENCY_PROOF, self.log_id) + sizes + items.path(self.path)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a TransItem.

        Raises:
            Malformed: another structure, or bytes after it.
        """
        reader = Reader(data)
        log_id = items.read_opening(reader, ItemType.CONSISTENCY_PROOF)
        proof = cls(log_id, reader.number(), reader.number(), items.read_path(reader))
        reader.end()
        return proof


def check_inclusion(leaf: bytes, proof: InclusionProof, head: SignedTreeHead) -> None:
    """Make sure that the entry whose `leaf_hash` is `leaf` is where `proof` says in the tree of `head`.

    The head's own signature is `check_tree_head`'s to check.

    Raises:
        Malformed: `leaf` is no hash.
        WrongLog: the proof belongs to another log than the head.
        NotIncluded: it does not lead from the leaf to the head's root (§2.1.3.2), or is for another tree size.
    """
    check_hash(leaf)
    _check_log(proof.log_id, head)
    if proof.tree_size != head.tree_head.size:
        raise NotIncluded("the proof is for a tree of another size")
    position, last, root = proof.leaf_index, proof.tree_size - 1, leaf
    for sibling in proof.path:
        if last == 0:
            raise NotIncluded("the proof has too many nodes")
        if position & 1 or position == last:
            root = node_hash(sibling, root)
            position, last = _rise(position, last)
        else:
            root = node_hash(root, sibling)
        position, last = position >> 1, last >> 1
    if last != 0 or root != head.tree_head.root:
        raise NotIncluded


def check_consistency(older: SignedTreeHead, newer: SignedTreeHead, proof: ConsistencyProof) -> None:
    """Make sure that the tree of `newer` begins with the whole tree of `older`: nothing was changed or removed.

    The heads' own signatures are `check_tree_head`'s to check.

    Raises:
        WrongLog: heads or proof of different logs.
        NotConsistent: they contradict each other (§2.1.4.2), or the proof is for other sizes.
    """
    _check_log(proof.log_id, older)
    _check_log(proof.log_id, newer)
    first, second = older.tree_head, newer.tree_head
    if (proof.older_size, proof.newer_size) != (first.size, second.size):
        raise NotConsistent("the proof is for trees of other sizes")
    if first.size in (0, second.size):
        expected = EMPTY_ROOT if first.size == 0 else second.root
        if proof.path or first.root != expected:
            raise NotConsistent
        return
    if _roots(proof, first.root) != (first.root, second.root):
        raise NotConsistent


def check_succession(
    kept: SignedTreeHead, offered: SignedTreeHead, proof: ConsistencyProof, public_key_info: bytes
) -> None:
    """What the party that keeps a log's heads does before it keeps the next one; `kept` was checked so before.

    Raises:
        Malformed: not an RSA, P-256 or P-384 key.
        WrongLog: head or proof of another log.
        WrongSignature: the log did not sign it.
        NotConsistent: it is neither later (§4.10) nor the same, or does not begin with the tree of the head kept.
    """
    check_tree_head(offered, public_key_info)
    if offered.tree_head != kept.tree_head and offered.tree_head.moment <= kept.tree_head.moment:
        raise NotConsistent("the tree head is not later than the one before it")
    check_consistency(kept, offered, proof)


def _roots(proof: ConsistencyProof, older_root: bytes) -> tuple[bytes, bytes]:
    """Both roots as the proof's nodes make them (§2.1.4.2 steps 1 to 6)."""
    # An older tree that is a complete subtree of the newer one is its own first node; the proof leaves it out.
    complete = proof.older_size & (proof.older_size - 1) == 0
    path = (older_root, *proof.path) if complete else proof.path
    if not proof.path:
        raise NotConsistent("the proof has no nodes")
    position, last = proof.older_size - 1, proof.newer_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise NotConsistent("the proof has too many nodes")
        if position & 1 or position == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            position, last = _rise(position, last)
        else:
            second = node_hash(second, sibling)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise NotConsistent("the proof has too few nodes")
    return first, second


def _rise(position: int, last: int) -> tuple[int, int]:
    """Up from a right edge that has no sibling on this level, to the level where it has one on the left."""
    while position and not position & 1:
        position, last = position >> 1, last >> 1
    return position, last


def _check_log(log_id: bytes, head: SignedTreeHead) -> None:
    if log_id != head.log_id:
        raise WrongLog
