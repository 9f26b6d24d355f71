"""An append-only record as a Merkle tree (RFC 9162): what was written stays written, and anybody can check.

A language, not a party: it keeps nothing and decides nothing. Whoever keeps a record (an authority, the core of the
linkage) grows a `Frontier` and stores the nodes it yields; `wire` holds them behind `Nodes`. Now and then the keeper
signs a `TreeHead`; another party keeps the signed heads, and from then on no entry can be changed, removed or moved
without a proof failing. It sees hashes only, never an entry's content.

The messages are RFC 9162's own TransItem structures (§4.5), so that other tools can read them: signed tree head
(§4.10), consistency proof (§4.11), inclusion proof (§4.12). A check raises; it never returns a flag.
"""

from warifu.ledger.frontier import Frontier, NodeId
from warifu.ledger.hashing import EMPTY_ROOT, HASH_LENGTH, leaf_hash, node_hash
from warifu.ledger.heads import (
    SignedTreeHead,
    TreeHead,
    check_tree_head,
    log_id,
    next_tree_head,
    sign_tree_head,
)
from warifu.ledger.proofs import ConsistencyProof, InclusionProof, check_consistency, check_inclusion, check_succession
from warifu.ledger.proving import MemoryNodes, Nodes, prove_consistency, prove_inclusion

__all__ = [
    "EMPTY_ROOT",
    "HASH_LENGTH",
    "ConsistencyProof",
    "Frontier",
    "InclusionProof",
    "MemoryNodes",
    "NodeId",
    "Nodes",
    "SignedTreeHead",
    "TreeHead",
    "check_consistency",
    "check_inclusion",
    "check_succession",
    "check_tree_head",
    "leaf_hash",
    "log_id",
    "next_tree_head",
    "node_hash",
    "prove_consistency",
    "prove_inclusion",
    "sign_tree_head",
]
