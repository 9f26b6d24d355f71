"""The append-only log: a million leaves appended, a proof built, a proof checked.

The limits are the hashes alone: n leaves make n − 1 nodes; a proof in a tree of 2^20 leaves is checked with 20.
"""

from collections.abc import Callable
from hashlib import sha256

from tests.ledger.logs import LOG, head

from bench.row import Row, side_by_side, slower_than_limit
from warifu.ledger import Frontier, MemoryNodes, check_inclusion, leaf_hash, prove_inclusion

SIZE = 1_000_000
BATCH = 10_000
LEVELS = 20


def measure() -> list[Row]:
    """Three rows: a leaf appended, a proof built and checked."""
    leaves = [leaf_hash(number.to_bytes(8, "big")) for number in range(SIZE)]
    frontier, nodes = Frontier(), MemoryNodes()
    for begin in range(0, SIZE, BATCH):
        frontier, completed = frontier.grow(leaves[begin : begin + BATCH])
        nodes.write(completed)
    kept = head(SIZE, frontier.root)
    proof = prove_inclusion(nodes, LOG, SIZE // 3, SIZE)
    check_inclusion(leaves[SIZE // 3], proof, kept)
    batch = leaves[:BATCH]
    bare, grown = side_by_side(hashes(BATCH), lambda: frontier.grow(batch), rounds=20)
    path, built, checked = side_by_side(
        hashes(LEVELS),
        lambda: prove_inclusion(nodes, LOG, SIZE // 3, SIZE),
        lambda: check_inclusion(leaves[SIZE // 3], proof, kept),
    )
    return [
        slower_than_limit("ledger, a leaf appended to a million", grown / BATCH, bare / BATCH, 0.2),
        slower_than_limit("ledger, inclusion proof built in a million", built, path, 0.2),
        slower_than_limit("ledger, inclusion proof checked in a million", checked, path, 0.5),
    ]


def hashes(count: int) -> Callable[[], object]:
    """So many hashes of two nodes."""
    pair = b"\x01" + bytes(64)

    def work() -> None:
        for _ in range(count):
            sha256(pair).digest()

    return work
