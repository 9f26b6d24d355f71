"""Every proof verifies, nothing else does, and a log that forked is found out."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ledger.logs import LOG, Log, head, log_of
from warifu.errors import Malformed, NotConsistent, NotFound, NotIncluded, Refused, WrongLog
from warifu.ledger import (
    EMPTY_ROOT,
    ConsistencyProof,
    Frontier,
    InclusionProof,
    MemoryNodes,
    NodeId,
    check_consistency,
    check_inclusion,
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
)

SIZE = 130
WHOLE = log_of(SIZE)
OTHER_LOG = bytes.fromhex("2a030406")
sizes = st.integers(0, SIZE)
places = st.integers(1, SIZE).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size)))
growths = st.tuples(sizes, sizes).map(sorted)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """MTH as RFC 9162 §2.1.1 writes it down, recursion and all."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 2 ** (math.ceil(math.log2(len(leaves))) - 1)
    return node_hash(root_of(leaves[:split]), root_of(leaves[split:]))


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@given(size=sizes)
def test_a_frontiers_root_is_the_trees(size: int) -> None:
    """§2.1.1."""
    assert WHOLE.frontiers[size].root == root_of(WHOLE.leaves[:size])


@given(cuts=st.lists(sizes, max_size=5).map(sorted))
def test_it_does_not_matter_how_many_leaves_come_at_once(cuts: list[int]) -> None:
    frontier, nodes = Frontier(), MemoryNodes()
    for begin, end in zip([0, *cuts], [*cuts, SIZE], strict=True):
        frontier, completed = Frontier.decode(frontier.encode()).grow(WHOLE.leaves[begin:end])
        nodes.write(completed)
    assert frontier == WHOLE.frontiers[SIZE]
    assert prove_inclusion(nodes, LOG, 77, SIZE) == prove_inclusion(WHOLE.nodes, LOG, 77, SIZE)


def test_all_inclusion_proofs_of_small_trees_verify() -> None:
    """§2.1.3: every leaf of every tree up to 40 leaves."""
    for size in range(1, 41):
        for index in range(size):
            proof = prove_inclusion(WHOLE.nodes, LOG, index, size)
            assert len(proof.path) <= math.ceil(math.log2(size))
            check_inclusion(WHOLE.leaves[index], proof, WHOLE.head(size))


def test_all_consistency_proofs_of_small_trees_verify() -> None:
    """§2.1.4: every pair of sizes up to 40, the empty tree too."""
    for newer in range(41):
        for older in range(newer + 1):
            proof = prove_consistency(WHOLE.nodes, LOG, older, newer)
            check_consistency(WHOLE.head(older), WHOLE.head(newer), proof)


@given(place=places)
def test_an_inclusion_proof_verifies(place: tuple[int, int]) -> None:
    index, size = place
    proof = prove_inclusion(WHOLE.nodes, LOG, index, size)
    assert InclusionProof.decode(proof.encode()) == proof
    check_inclusion(WHOLE.leaves[index], proof, WHOLE.head(size))


@given(growth=growths)
def test_a_consistency_proof_verifies(growth: list[int]) -> None:
    older, newer = growth
    proof = prove_consistency(WHOLE.nodes, LOG, older, newer)
    assert ConsistencyProof.decode(proof.encode()) == proof
    check_consistency(WHOLE.head(older), WHOLE.head(newer), proof)


@settings(max_examples=300)
@given(place=places, data=st.data())
def test_an_inclusion_proof_with_any_bit_changed_does_not_verify(place: tuple[int, int], data: st.DataObject) -> None:
    index, size = place
    encoded = prove_inclusion(WHOLE.nodes, LOG, index, size).encode()
    bit = data.draw(st.integers(0, len(encoded) * 8 - 1))
    with pytest.raises((Malformed, NotIncluded, WrongLog)):
        check_inclusion(WHOLE.leaves[index], InclusionProof.decode(flipped(encoded, bit)), WHOLE.head(size))


@settings(max_examples=300)
@given(growth=growths, data=st.data())
def test_a_consistency_proof_with_any_bit_changed_does_not_verify(growth: list[int], data: st.DataObject) -> None:
    older, newer = growth
    encoded = prove_consistency(WHOLE.nodes, LOG, older, newer).encode()
    bit = data.draw(st.integers(0, len(encoded) * 8 - 1))
    with pytest.raises((Malformed, NotConsistent, WrongLog)):
        check_consistency(WHOLE.head(older), WHOLE.head(newer), ConsistencyProof.decode(flipped(encoded, bit)))


@given(place=places, bit=st.integers(0, 255))
def test_another_leaf_or_root_does_not_verify(place: tuple[int, int], bit: int) -> None:
    """§2.1.3.2."""
    index, size = place
    proof = prove_inclusion(WHOLE.nodes, LOG, index, size)
    with pytest.raises(NotIncluded):
        check_inclusion(flipped(WHOLE.leaves[index], bit), proof, WHOLE.head(size))
    with pytest.raises(NotIncluded):
        check_inclusion(WHOLE.leaves[index], proof, head(size, flipped(WHOLE.frontiers[size].root, bit)))


@given(place=places, extra=st.binary(min_size=32, max_size=32))
def test_a_path_that_is_longer_or_shorter_does_not_verify(place: tuple[int, int], extra: bytes) -> None:
    """§2.1.3.2: the path is used up exactly when the root is reached."""
    index, size = place
    proof = prove_inclusion(WHOLE.nodes, LOG, index, size)
    with pytest.raises(NotIncluded):
        check_inclusion(WHOLE.leaves[index], replace(proof, path=(*proof.path, extra)), WHOLE.head(size))
    if proof.path:
        with pytest.raises(NotIncluded):
            check_inclusion(WHOLE.leaves[index], replace(proof, path=proof.path[:-1]), WHOLE.head(size))


@given(growth=growths, extra=st.binary(min_size=32, max_size=32))
def test_a_consistency_path_that_is_longer_or_shorter_does_not_verify(growth: list[int], extra: bytes) -> None:
    """§2.1.4.2."""
    older, newer = growth
    proof = prove_consistency(WHOLE.nodes, LOG, older, newer)
    with pytest.raises(NotConsistent):
        check_consistency(WHOLE.head(older), WHOLE.head(newer), replace(proof, path=(*proof.path, extra)))
    if proof.path:
        with pytest.raises(NotConsistent):
            check_consistency(WHOLE.head(older), WHOLE.head(newer), replace(proof, path=proof.path[:-1]))


@settings(max_examples=200)
@given(growth=growths, changed=st.integers(0, SIZE - 1), data=st.data())
def test_a_forked_log_is_found(growth: list[int], changed: int, data: st.DataObject) -> None:
    """Who kept the older head believes no proof of a log in which an earlier entry differs (§2.1.4)."""
    older, newer = growth
    entries = [f"entry {number}".encode() for number in range(newer)]
    if changed >= older:
        return
    entries[changed] = b"another entry"
    fork = Log(entries)
    for keeper in (WHOLE, fork):
        with pytest.raises(NotConsistent):
            check_consistency(WHOLE.head(older), fork.head(newer), prove_consistency(keeper.nodes, LOG, older, newer))
    path = data.draw(st.lists(st.sampled_from(WHOLE.leaves + fork.leaves), max_size=8))
    with pytest.raises(NotConsistent):
        check_consistency(WHOLE.head(older), fork.head(newer), ConsistencyProof(LOG, older, newer, tuple(path)))


def test_a_node_cannot_pass_for_an_entry() -> None:
    """§2.1.1: leaves and nodes begin with different bytes, so the pair of hashes under a node is not an entry of it."""
    left, right = WHOLE.leaves[:2]
    proof = InclusionProof(LOG, 1, 0, ())
    with pytest.raises(NotIncluded):
        check_inclusion(leaf_hash(left + right), proof, head(1, node_hash(left, right)))


def test_a_subtree_cannot_pass_for_a_leaf() -> None:
    """§2.1.3.2 step 5: a path that reaches the root from halfway up is too short for the size."""
    left, right = (node_hash(*WHOLE.leaves[at : at + 2]) for at in (0, 2))
    with pytest.raises(NotIncluded):
        check_inclusion(left, InclusionProof(LOG, 4, 0, (right,)), WHOLE.head(4))


def test_a_tree_cannot_pass_for_a_smaller_one_with_its_root() -> None:
    """§2.1.4.2 step 7: the same, for a head that says one leaf and shows the root over four."""
    right = root_of(WHOLE.leaves[4:8])
    with pytest.raises(NotConsistent):
        check_consistency(head(1, WHOLE.frontiers[4].root), WHOLE.head(8), ConsistencyProof(LOG, 1, 8, (right,)))


def test_a_proof_for_another_size_is_refused() -> None:
    proof = prove_inclusion(WHOLE.nodes, LOG, 3, 8)
    with pytest.raises(NotIncluded):
        check_inclusion(WHOLE.leaves[3], proof, WHOLE.head(9))
    growth = prove_consistency(WHOLE.nodes, LOG, 3, 8)
    with pytest.raises(NotConsistent):
        check_consistency(WHOLE.head(3), WHOLE.head(9), growth)


def test_a_proof_of_another_log_is_refused() -> None:
    proof = prove_inclusion(WHOLE.nodes, OTHER_LOG, 3, 8)
    with pytest.raises(WrongLog):
        check_inclusion(WHOLE.leaves[3], proof, WHOLE.head(8))
    growth = prove_consistency(WHOLE.nodes, OTHER_LOG, 3, 8)
    with pytest.raises(WrongLog):
        check_consistency(WHOLE.head(3), WHOLE.head(8), growth)


def test_two_heads_of_one_size_and_different_roots_contradict_each_other() -> None:
    with pytest.raises(NotConsistent):
        check_consistency(WHOLE.head(8), head(8, WHOLE.leaves[0]), ConsistencyProof(LOG, 8, 8, ()))


def test_a_tree_that_shrank_has_no_proof() -> None:
    with pytest.raises(Malformed):
        ConsistencyProof(LOG, 9, 8, ())
    with pytest.raises(NotFound):
        prove_consistency(WHOLE.nodes, LOG, 9, 8)


@pytest.mark.parametrize(("index", "size"), [(8, 8), (-1, 8), (0, 0)])
def test_a_leaf_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(NotFound):
        prove_inclusion(WHOLE.nodes, LOG, index, size)


def test_what_is_not_kept_cannot_be_proved() -> None:
    with pytest.raises(NotFound):
        prove_inclusion(WHOLE.nodes, LOG, 0, SIZE + 1)


def test_a_keeper_that_answers_something_else_is_found() -> None:
    class Forgetful(MemoryNodes):
        def read(self, wanted: Sequence[NodeId]) -> Sequence[bytes]:
            return [bytes(32) for _ in wanted][1:]

    with pytest.raises(Malformed):
        prove_inclusion(Forgetful(), LOG, 3, 8)


def test_a_proof_reads_few_nodes_at_once() -> None:
    """Logarithmic: one question, at most 2 log n nodes, however large the log."""
    asked: list[int] = []

    class Counted(MemoryNodes):
        def read(self, wanted: Sequence[NodeId]) -> Sequence[bytes]:
            asked.append(len(wanted))
            return [bytes(32) for _ in wanted]

    for size in (300_000_000, 2**28, 2**28 + 1, 2**29 - 1):
        prove_inclusion(Counted(), LOG, size // 3, size)
        prove_consistency(Counted(), LOG, size // 3, size)
    assert len(asked) == 8
    assert max(asked) <= 2 * 29


def test_only_hashes_are_appended() -> None:
    with pytest.raises(Malformed):
        Frontier().grow([b"an entry, not its hash"])


def test_every_refusal_of_a_log_is_a_refusal() -> None:
    assert all(issubclass(each, Refused) for each in (WrongLog, NotIncluded, NotConsistent))
