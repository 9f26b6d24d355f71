"""How leaves and nodes are hashed: SHA-256 (RFC 9162 §2.1.1, §10.2.1)."""

from hashlib import sha256

from warifu.errors import Malformed

HASH_LENGTH = 32
EMPTY_ROOT = sha256().digest()
"""The root of a tree without leaves."""

_LEAF = b"\x00"
_NODE = b"\x01"


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry.

    The byte before it keeps a leaf from passing for a node: otherwise two hashes in a row could be shown as an entry.
    """
    return sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return sha256(_NODE + left + right).digest()


def check_hash(value: bytes) -> None:
    """Let only values pass that have a hash's length.

    Raises:
        Malformed: not 32 bytes.
    """
    if len(value) != HASH_LENGTH:
        raise Malformed(f"a hash has {HASH_LENGTH} bytes")
