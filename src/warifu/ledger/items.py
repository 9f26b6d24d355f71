"""What the messages of a log have in common: the type before them and the log's id (RFC 9162 §4.4, §4.5)."""

from enum import IntEnum
from typing import Final

from warifu.errors import Malformed
from warifu.ledger.hashing import check_hash
from warifu.ledger.tls import MAX_UINT64, Reader, number, vector

LONGEST_PATH: Final = 65
"""A consistency proof between trees of up to 2^64 leaves has at most ⌈log2 n⌉ + 1 nodes (§2.1.4)."""

_TYPE_WIDTH = 2
_LOG_ID_WIDTH = 1
_LOG_ID_LENGTHS = range(2, 128)
_HASH_WIDTH = 1
_PATH_WIDTH = 2


class ItemType(IntEnum):
    """Wire: VersionedTransType, two bytes (§4.5)."""

    SIGNED_TREE_HEAD = 0x0104
    CONSISTENCY_PROOF = 0x0105
    INCLUSION_PROOF = 0x0106


def opening(kind: ItemType, log_id: bytes) -> bytes:
    """The type and the log's id, with which every item begins."""
    return number(kind, _TYPE_WIDTH) + vector(log_id, _LOG_ID_WIDTH)


def read_opening(reader: Reader, kind: ItemType) -> bytes:
    """The log's id, after a type that must be `kind`.

    Raises:
        Malformed: another type.
    """
    if reader.number(_TYPE_WIDTH) != kind:
        raise Malformed(f"not an item of type {kind:#06x}")
    return reader.vector(_LOG_ID_WIDTH)


def check_log_id(log_id: bytes) -> None:
    """Let only possible ids of logs pass.

    Raises:
        Malformed: not 2..127 bytes.
    """
    if len(log_id) not in _LOG_ID_LENGTHS:
        raise Malformed("the id of a log has 2..127 bytes")


def check_number(value: int) -> None:
    """Let only sizes and positions pass that have 64 bits.

    Raises:
        Malformed: negative or too large.
    """
    if not 0 <= value <= MAX_UINT64:
        raise Malformed("sizes and positions have 64 bits")


def node(value: bytes) -> bytes:
    """One NodeHash (§4.8)."""
    return vector(value, _HASH_WIDTH)


def read_node(reader: Reader) -> bytes:
    """One NodeHash; of SHA-256, so always 32 bytes.

    Raises:
        Malformed: another length.
    """
    value = reader.vector(_HASH_WIDTH)
    check_hash(value)
    return value


def path(nodes: tuple[bytes, ...]) -> bytes:
    """A vector of nodes; an empty one is a vector too."""
    return vector(b"".join(map(node, nodes)), _PATH_WIDTH)


def read_path(reader: Reader) -> tuple[bytes, ...]:
    """A vector of nodes."""
    inner = Reader(reader.vector(_PATH_WIDTH))
    nodes = []
    while inner.more():
        nodes.append(read_node(inner))
    return tuple(nodes)


def check_path(nodes: tuple[bytes, ...]) -> None:
    """Let only paths pass that some proof could have.

    Raises:
        Malformed: too many nodes, or one that is no hash.
    """
    if len(nodes) > LONGEST_PATH:
        raise Malformed(f"no proof has more than {LONGEST_PATH} nodes")
    for each in nodes:
        check_hash(each)
