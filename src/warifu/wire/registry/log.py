"""The log of everything done and seen: appended to in the transaction that does it, hashed as a Merkle tree."""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, insert, select, update

from warifu.errors import RecordAltered
from warifu.ledger import Frontier, leaf_hash
from warifu.registry import LogEntry
from warifu.wire.registry.tables import log_entries, log_holders, log_states

_BATCH = 1000


def append(connection: Connection, entries: Iterable[LogEntry]) -> None:
    """Write entries behind those that are there. Writers are alone (`wire.database`), so nobody comes between."""
    written = list(entries)
    if not written:
        return
    frontier = read_frontier(connection)
    leaves = [entry.encode() for entry in written]
    grown, _ = frontier.grow(map(leaf_hash, leaves))
    rows = [{"position": frontier.size + place, "entry": leaf} for place, leaf in enumerate(leaves)]
    connection.execute(insert(log_entries), rows)
    about = [
        {"holder": holder, "position": frontier.size + place}
        for place, entry in enumerate(written)
        for holder in sorted(set(entry.holders))
    ]
    if about:
        connection.execute(insert(log_holders), about)
    connection.execute(update(log_states).where(log_states.c.id == 1).values(frontier=grown.encode()))


def read_frontier(connection: Connection) -> Frontier:
    """The right edge of the tree.

    Raises:
        Malformed: somebody removed or changed it.
    """
    return Frontier.decode(bytes(connection.scalar(select(log_states.c.frontier).where(log_states.c.id == 1)) or b""))


def entries_about(
    connection: Connection, holder: str, limit: int, before: int | None = None
) -> list[tuple[int, LogEntry]]:
    """What was done and seen of one person, the newest first, with its position; of those before a position."""
    query = select(log_entries).join(log_holders, log_holders.c.position == log_entries.c.position)
    query = query.where(log_holders.c.holder == holder)
    if before is not None:
        query = query.where(log_entries.c.position < before)
    rows = connection.execute(query.order_by(log_entries.c.position.desc()).limit(limit))
    return [(row.position, LogEntry.decode(bytes(row.entry))) for row in rows]


def check_log(connection: Connection) -> int:
    """Check that the entries are those that the frontier was grown by; how many they are.

    Raises:
        RecordAltered: somebody changed, removed or added one.
    """
    frontier = read_frontier(connection)
    # From nothing on, so that no part of the tree is taken on trust.
    grown, _ = Frontier().grow(leaf_hash(leaf) for leaf in _leaves(connection))
    if grown.encode() != frontier.encode():
        raise RecordAltered(max(1, abs(grown.size - frontier.size)))
    return frontier.size


def _leaves(connection: Connection) -> Iterator[bytes]:
    query = select(log_entries.c.entry).order_by(log_entries.c.position)
    for leaf in connection.scalars(query, execution_options={"yield_per": _BATCH}):
        yield bytes(leaf)
