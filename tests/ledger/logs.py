"""A small log with everything kept, and heads whose signature nobody asks about."""

from datetime import UTC, datetime

from warifu.ledger import Frontier, MemoryNodes, SignedTreeHead, TreeHead, leaf_hash

NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
LOG = bytes.fromhex("2a030405")


class Log:
    """Grows leaf by leaf and remembers the root at each size."""

    def __init__(self, entries: list[bytes]) -> None:
        self.leaves = [leaf_hash(entry) for entry in entries]
        self.nodes = MemoryNodes()
        self.frontiers = [Frontier()]
        for leaf in self.leaves:
            frontier, completed = self.frontiers[-1].grow([leaf])
            self.nodes.write(completed)
            self.frontiers.append(frontier)

    def head(self, size: int | None = None) -> SignedTreeHead:
        frontier = self.frontiers[-1 if size is None else size]
        return head(frontier.size, frontier.root)


def log_of(size: int) -> Log:
    return Log([f"entry {number}".encode() for number in range(size)])


def head(size: int, root: bytes) -> SignedTreeHead:
    return SignedTreeHead(LOG, TreeHead(NOW, size, root), b"not asked for")
