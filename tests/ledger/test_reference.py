"""The published values of Certificate Transparency; their origin is in the file."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.ledger.logs import LOG, Log, head
from warifu.ledger import (
    EMPTY_ROOT,
    ConsistencyProof,
    InclusionProof,
    check_consistency,
    check_inclusion,
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
)

FACTS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "ledger" / "reference_tree.json").read_text("utf-8")
)
ROOTS = [bytes.fromhex(root) for root in FACTS["roots"]]
REFERENCE = Log([bytes.fromhex(leaf) for leaf in FACTS["leaves"]])


def nodes(path: list[str]) -> tuple[bytes, ...]:
    return tuple(map(bytes.fromhex, path))


def test_the_roots_are_the_published_ones() -> None:
    """RFC 9162 §2.1.1."""
    assert [frontier.root for frontier in REFERENCE.frontiers] == ROOTS
    assert ROOTS[0] == EMPTY_ROOT


def test_leaves_and_nodes_hash_as_published() -> None:
    """RFC 9162 §2.1.1."""
    for fact in FACTS["leaf_hashes"]:
        assert leaf_hash(bytes.fromhex(fact["entry"])).hex() == fact["hash"]
    for fact in FACTS["nodes"]:
        assert node_hash(bytes.fromhex(fact["left"]), bytes.fromhex(fact["right"])).hex() == fact["hash"]


@pytest.mark.parametrize("fact", FACTS["inclusion"], ids=lambda fact: f"{fact['leaf_index']} of {fact['tree_size']}")
def test_inclusion_proofs_are_the_published_ones(fact: dict[str, Any]) -> None:
    """RFC 9162 §2.1.3."""
    index, size = fact["leaf_index"], fact["tree_size"]
    proof = prove_inclusion(REFERENCE.nodes, LOG, index, size)
    assert proof == InclusionProof(LOG, size, index, nodes(fact["path"]))
    check_inclusion(REFERENCE.leaves[index], proof, head(size, ROOTS[size]))


@pytest.mark.parametrize("fact", FACTS["consistency"], ids=lambda fact: f"{fact['older']} to {fact['newer']}")
def test_consistency_proofs_are_the_published_ones(fact: dict[str, Any]) -> None:
    """RFC 9162 §2.1.4."""
    older, newer = fact["older"], fact["newer"]
    proof = prove_consistency(REFERENCE.nodes, LOG, older, newer)
    assert proof == ConsistencyProof(LOG, older, newer, nodes(fact["path"]))
    check_consistency(head(older, ROOTS[older]), head(newer, ROOTS[newer]), proof)


def test_an_entry_of_a_public_log_is_proved() -> None:
    """RFC 9162 §2.1.3.2, on a log of 3.6 million certificates that others keep."""
    fact = FACTS["public_log"]
    proof = InclusionProof(LOG, fact["tree_size"], fact["leaf_index"], nodes(fact["path"]))
    check_inclusion(bytes.fromhex(fact["leaf_hash"]), proof, head(fact["tree_size"], bytes.fromhex(fact["root"])))
