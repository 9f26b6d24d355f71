"""Does the record still say what was recorded? The log is read from its first leaf and every row is held against it.

Three questions, each of which finds what the others let pass. Is the log whole: do its leaves make the subtrees, the
right edge and the signed heads that are stored? Is it the log that others saw: is each head that the witness keeps the
head of this tree at that size? Does the record agree with it: has every row the digest that the last leaf about it
names, is no row there that no leaf names, and none gone that a leaf left? Answers signed beforehand have no leaves;
they are held against the rows that they are about.

So an edit of a row is found by its leaf, an edit of row and leaf by the subtrees, and an edit of all of them by the
signed heads; heads signed anew by whoever stole the log's key, by the witness.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, func, select, table
from sqlalchemy.exc import OperationalError

from warifu.errors import LogRefused, Malformed, RecordAltered, WrongSignature
from warifu.ledger import Frontier, NodeId, SignedTreeHead, check_tree_head, leaf_hash
from warifu.wire.authority import answers, log
from warifu.wire.authority.images import Key, as_read
from warifu.wire.authority.last_leaves import LastLeaves
from warifu.wire.authority.log import Leaf, log_entries, log_heads, log_nodes, log_states
from warifu.wire.authority.tables import IMAGED
from warifu.wire.database import reading
from warifu.wire.witness import Witness

__all__ = ["Audit", "Finding", "audit"]

_BATCH = 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was recorded: a table, a row's key (empty for the whole), what is wrong with it."""

    table: str
    key: Key
    fault: str

    def __str__(self) -> str:
        return f"{' '.join((self.table, *map(str, self.key)))}: {self.fault}"


@dataclass
class Audit:
    """What an audit saw: how many leaves, rows and heads, up to which leaf another party vouches, and what is wrong."""

    leaves: int = 0
    rows: int = 0
    heads: int = 0
    witnessed: int = 0
    findings: list[Finding] = field(default_factory=list)

    def check(self) -> None:
        """Make sure that nothing was found.

        Raises:
            RecordAltered: something was.
        """
        if self.findings:
            raise RecordAltered(len(self.findings))

    def find(self, table: str, key: Key, fault: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(table, key, fault))


def audit(
    engine: Engine,
    public_key_info: bytes | None,
    witness: Witness | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Audit:
    """Check the whole record of one moment; `progress` hears how many leaves and rows of how many are done.

    `public_key_info` is the log's; None says that it has no key, and then a signed head is a finding.
    What the leaves say is kept in a temporary file meanwhile, about 100 bytes a row; memory does not grow.

    Raises:
        Unavailable: the database or the witness does not answer, or there is no room for the file.
    """
    # The witness first: what it gets while we read would be newer than what we read.
    witnessed = [] if witness is None else witness.heads()
    with reading(engine) as connection, closing(LastLeaves()) as last:
        run = _Run(connection, public_key_info, witnessed, progress, last)
        run.check_log()
        run.check_rows()
        run.check_answers()
    return run.found


class _Run:
    """One audit of one snapshot."""

    def __init__(
        self,
        connection: Connection,
        public_key_info: bytes | None,
        witnessed: list[SignedTreeHead],
        progress: Callable[[int, int], None],
        last: LastLeaves,
    ) -> None:
        self.found = Audit(witnessed=witnessed[-1].tree_head.size if witnessed else 0)
        self._connection = connection
        self._public_key_info = public_key_info
        self._witnessed = witnessed
        self._progress = progress
        self._last = last
        self._done = 0
        tables = (*(each.name for each in IMAGED.values()), log_entries.name)
        self._all = sum(self._count(name) for name in tables)

    # --- the log ---

    def check_log(self) -> None:
        """Grow the tree again from its leaves, and hold everything stored about it against that."""
        heads, witnessed = self._stored_heads(), self._witnessed
        sizes = {head.tree_head.size for head in (*heads, *witnessed)}
        frontier, roots = Frontier(), {0: Frontier().root}
        nodes = 0
        for batch in self._batches(sizes):
            frontier, completed = frontier.grow(leaf_hash(entry) for entry in batch)
            nodes += self._check_nodes(completed)
            self._replay(batch)
            if frontier.size in sizes:
                roots[frontier.size] = frontier.root
        self.found.leaves = frontier.size
        self._check_edge(frontier, nodes)
        for place, each in ((log_heads.name, heads), ("witness", witnessed)):
            self._check_heads(place, each, roots)
        self._compare_heads(heads, witnessed)

    def _batches(self, sizes: set[int]) -> Iterator[list[bytes]]:
        """The leaves in order, cut at every size of which there is a head."""
        batch: list[bytes] = []
        for expected, (position, entry) in enumerate(log.leaves(self._connection)):
            if position != expected:
                self.found.find(log_entries.name, (expected,), "leaf removed")
                break
            batch.append(entry)
            if len(batch) == _BATCH or expected + 1 in sizes:
                yield batch
                self._go_on(len(batch))
                batch = []
        if batch:
            yield batch
            self._go_on(len(batch))

    def _replay(self, batch: Iterable[bytes]) -> None:
        said: list[tuple[tuple[str, Key], bytes | None]] = []
        for entry in batch:
            try:
                said += [((name, key), digest) for name, key, digest in Leaf.decode(entry).rows]
            except Malformed:
                self.found.find(log_entries.name, (), "a leaf cannot be read")
        self._last.put(said)

    def _check_nodes(self, completed: Iterable[tuple[NodeId, bytes]]) -> int:
        """Subtrees that a batch completed; on each level they lie side by side."""
        upper = sorted((at, node) for at, node in completed if at.level)
        for level, group in groupby(upper, key=lambda pair: pair[0].level):
            expected = {at.position: node for at, node in group}
            query = _raw(log_nodes).where(
                log_nodes.c.level == level, log_nodes.c.position.between(min(expected), max(expected))
            )
            stored = {row.position: log.as_bytes(row.hash) for row in self._connection.execute(query)}
            for position, node in expected.items():
                if stored.get(position) != node:
                    self.found.find(log_nodes.name, (level, position), "not what its leaves make")
        return len(upper)

    def _check_edge(self, frontier: Frontier, nodes: int) -> None:
        if self._count(log_nodes.name) != nodes:
            self.found.find(log_nodes.name, (), "subtrees added or removed")
        stored = self._connection.execute(_raw(log_states)).all()
        if [(row.id, log.as_bytes(row.frontier)) for row in stored] != [(1, frontier.encode())]:
            self.found.find(log_states.name, (), "not the edge of this tree")

    # --- heads ---

    def _stored_heads(self) -> list[SignedTreeHead]:
        heads = []
        for row in self._connection.execute(_raw(log_heads).order_by(log_heads.c.moment)):
            try:
                head = SignedTreeHead.decode(log.as_bytes(row.head))
                told = (log.milliseconds(head.tree_head.moment), head.tree_head.size)
                if told != (row.moment, row.size):
                    self.found.find(log_heads.name, (row.moment,), "not what the head says")
                heads.append(head)
            except Malformed:
                self.found.find(log_heads.name, (row.moment,), "cannot be read")
        return heads

    def _check_heads(self, place: str, heads: list[SignedTreeHead], roots: dict[int, bytes]) -> None:
        for head in heads:
            moment = log.milliseconds(head.tree_head.moment)
            if not self._signed(head):
                self.found.find(place, (moment,), "not signed by the log's key")
            if roots.get(head.tree_head.size) != head.tree_head.root:
                self.found.find(place, (moment,), "the log is not the one that was signed then")
        self.found.heads += len(heads)

    def _signed(self, head: SignedTreeHead) -> bool:
        try:
            if self._public_key_info is None:
                return False
            check_tree_head(head, self._public_key_info)
        except (LogRefused, WrongSignature):
            return False
        return True

    def _compare_heads(self, heads: list[SignedTreeHead], witnessed: list[SignedTreeHead]) -> None:
        for head in witnessed:
            if head not in heads:
                key = (log.milliseconds(head.tree_head.moment),)
                self.found.find(log_heads.name, key, "removed; the witness keeps this head")

    # --- rows ---

    def check_rows(self) -> None:
        """Hold every row against the last leaf about it."""
        for name, its in IMAGED.items():
            some: list[tuple[Key, bytes]] = []
            try:
                for each in its.all_of(self._connection):
                    some.append(each)
                    if len(some) == _BATCH:
                        self._check_some(name, some)
                        some = []
            except OperationalError:  # text that is none: SQLite keeps whatever somebody writes
                self.found.find(name, (), "cannot be read")
            self._check_some(name, some)
        for name, key in self._last.left():
            self.found.find(name, key, "removed")

    def check_answers(self) -> None:
        """Hold status answers that were signed beforehand against the certificates they are about."""
        for kind, number, fault in answers.find_untrue(self._connection):
            self.found.find("status_answer", (kind, number), fault)

    def _check_some(self, name: str, rows: list[tuple[Key, bytes]]) -> None:
        expected = self._last.take([(name, key) for key, _ in rows])
        for key, digest in rows:
            if (name, key) not in expected:
                self.found.find(name, key, "no leaf of the log knows this row")
            elif expected[(name, key)] != digest:
                self.found.find(name, key, "changed")
        self.found.rows += len(rows)
        self._go_on(len(rows))

    def _count(self, name: str) -> int:
        return self._connection.scalar(select(func.count()).select_from(table(name))) or 0

    def _go_on(self, by: int) -> None:
        self._done += by
        self._progress(self._done, self._all)


def _raw(of: Table) -> Select[Any]:
    return as_read((each.name for each in of.columns), of)
