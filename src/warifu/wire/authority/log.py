"""The append-only log of the authorities in SQL (`warifu.ledger`): leaves, complete subtrees, the right edge, heads.

A leaf is one thing that was recorded: when, what, and for each row that it wrote the row's digest (`images`), or none
where it removed the row. Leaves name serial numbers and digests, never a person. They are written in the transaction
that writes the rows, so a row without its leaf cannot come into being.

Wire: a leaf is UTF-8 JSON without white space, members sorted: ``{"at":1795316645,"rows":[["certificate",
["signing",16777217],"<sha-256>"]],"what":"issued"}``.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    insert,
    select,
    update,
)
from sqlalchemy.sql.expression import tuple_

from warifu.errors import Malformed, NotFound
from warifu.ledger import Frontier, NodeId, SignedTreeHead, leaf_hash
from warifu.wire.authority.images import Key, as_read

__all__ = [
    "Leaf",
    "SqlNodes",
    "append_leaves",
    "heads",
    "keep_head",
    "leaf",
    "leaves",
    "log_entries",
    "log_heads",
    "log_nodes",
    "log_states",
    "newest_head",
    "read_frontier",
]

_metadata = MetaData()
_BATCH = 1000

log_entries = Table(
    "log_entry",
    _metadata,
    Column("position", BigInteger, primary_key=True),
    Column("entry", LargeBinary, nullable=False),
)

log_nodes = Table(
    "log_node",
    _metadata,
    Column("level", SmallInteger, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("hash", LargeBinary(32), nullable=False),
)
"""Subtrees of two leaves and more; the leaves' own hashes follow from `log_entries`."""

log_states = Table(
    "log_state",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("frontier", LargeBinary, nullable=False),
)
"""One row: the right edge of the tree."""

log_heads = Table(
    "log_head",
    _metadata,
    Column("moment", BigInteger, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("head", LargeBinary, nullable=False),
)
"""Signed tree heads by their moment, milliseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """What was recorded: at which moment (seconds since 1970), what, and which rows it left (None: removed)."""

    at: int
    what: str
    rows: tuple[tuple[str, Key, bytes | None], ...]

    def encode(self) -> bytes:
        """The bytes that are hashed."""
        rows = [[name, list(key), None if digest is None else digest.hex()] for name, key, digest in self.rows]
        members = {"at": self.at, "rows": rows, "what": self.what}
        return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a leaf.

        Raises:
            Malformed: nothing that `encode` writes.
        """
        try:
            members = json.loads(data)
            rows = tuple(
                (name, tuple(key), None if digest is None else bytes.fromhex(digest))
                for name, key, digest in members["rows"]
            )
            leaf = cls(members["at"], members["what"], rows)
            if leaf.encode() == data:
                return leaf
        except (ValueError, KeyError, TypeError, RecursionError):
            pass
        raise Malformed("a leaf of the log cannot be read")


class SqlNodes:
    """The nodes of the log for `ledger`'s proofs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, wanted: Sequence[NodeId]) -> Sequence[bytes]:
        """The hashes of `wanted`, in that order.

        Raises:
            NotFound: one is not kept.
        """
        found = self._leaves([each.position for each in wanted if each.level == 0])
        found |= self._subtrees([each for each in wanted if each.level > 0])
        try:
            return [found[each] for each in wanted]
        except KeyError:
            raise NotFound("the log does not keep this node") from None

    def _leaves(self, positions: list[int]) -> dict[NodeId, bytes]:
        query = select(log_entries).where(log_entries.c.position.in_(positions))
        rows = self._connection.execute(query) if positions else ()
        return {NodeId(0, row.position): leaf_hash(row.entry) for row in rows}

    def _subtrees(self, wanted: list[NodeId]) -> dict[NodeId, bytes]:
        query = select(log_nodes).where(tuple_(log_nodes.c.level, log_nodes.c.position).in_(wanted))
        rows = self._connection.execute(query) if wanted else ()
        return {NodeId(row.level, row.position): row.hash for row in rows}


# Made once: they run in every transaction.
_FRONTIER = select(log_states.c.frontier).where(log_states.c.id == 1)
_ENTRY, _NODE = insert(log_entries), insert(log_nodes)


def read_frontier(connection: Connection) -> Frontier:
    """The right edge of the tree.

    Raises:
        Malformed: somebody removed or changed it.
    """
    return Frontier.decode(connection.scalar(_FRONTIER) or b"")


def append_leaves(connection: Connection, entries: Sequence[bytes]) -> int:
    """Append leaves; the position of the first one. Writers are alone (`wire.database`), so nobody comes between."""
    frontier = read_frontier(connection)
    grown, completed = frontier.grow(map(leaf_hash, entries))
    connection.execute(_ENTRY, [{"position": frontier.size + n, "entry": each} for n, each in enumerate(entries)])
    upper = [{"level": at.level, "position": at.position, "hash": node} for at, node in completed if at.level]
    if upper:
        connection.execute(_NODE, upper)
    connection.execute(update(log_states).where(log_states.c.id == 1).values(frontier=grown.encode()))
    return frontier.size


def leaves(connection: Connection) -> Iterator[tuple[int, bytes]]:
    """Every leaf from the first on."""
    query = as_read(("position", "entry"), log_entries).order_by(log_entries.c.position)
    for row in connection.execute(query, execution_options={"yield_per": _BATCH}):
        yield row.position, as_bytes(row.entry)


def leaf(connection: Connection, position: int) -> bytes:
    """The leaf at a position.

    Raises:
        NotFound: there is none.
    """
    found = connection.scalar(select(log_entries.c.entry).where(log_entries.c.position == position))
    if found is None:
        raise NotFound("the log has no such leaf")
    return bytes(found)


def newest_head(connection: Connection) -> SignedTreeHead | None:
    """The newest signed head."""
    query = select(log_heads.c.head).order_by(log_heads.c.moment.desc()).limit(1)
    found = connection.scalar(query)
    return None if found is None else SignedTreeHead.decode(found)


def heads(connection: Connection) -> list[bytes]:
    """Every signed head from the first on, encoded."""
    return list(connection.scalars(select(log_heads.c.head).order_by(log_heads.c.moment)))


def keep_head(connection: Connection, signed: SignedTreeHead) -> None:
    """Keep a signed head."""
    head = signed.tree_head
    values = {"moment": milliseconds(head.moment), "size": head.size, "head": signed.encode()}
    connection.execute(insert(log_heads).values(**values))


def as_bytes(value: object) -> bytes:
    """What a column holds, also when somebody wrote something else than bytes there."""
    return bytes(value) if isinstance(value, bytes | memoryview) else repr(value).encode()


def milliseconds(moment: datetime) -> int:
    """A moment as the table of heads has it."""
    return round(moment.timestamp() * 1000)
