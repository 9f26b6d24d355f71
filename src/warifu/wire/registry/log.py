"""The log of everything done and seen: appended to in the transaction that does it, hashed as a Merkle tree."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

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


def entries(connection: Connection) -> Iterator[tuple[int, LogEntry]]:
    """Every entry that was not erased, the oldest first, with its position."""
    # In pages rather than through one cursor, so that whoever has read enough may stop.
    query = select(log_entries.c.position, log_entries.c.entry).where(log_entries.c.leaf.is_(None))
    page, last = query.order_by(log_entries.c.position).limit(_BATCH), -1
    while rows := connection.execute(page.where(log_entries.c.position > last)).all():
        for row in rows:
            yield row.position, LogEntry.decode(bytes(row.entry))
        last = rows[-1].position


def erase(connection: Connection, positions: Sequence[int]) -> None:
    """Erase entries: their leaves stay in the tree, so the others can still be checked. What was in them is gone."""
    for start in range(0, len(positions), _BATCH):
        these = positions[start : start + _BATCH]
        rows = connection.execute(select(log_entries).where(log_entries.c.position.in_(these))).all()
        for row in rows:
            erased = update(log_entries).where(log_entries.c.position == row.position)
            connection.execute(erased.values(entry=b"", leaf=leaf_hash(bytes(row.entry))))
        connection.execute(delete(log_holders).where(log_holders.c.position.in_(these)))


def count_erased(connection: Connection) -> int:
    """How many entries are erased."""
    query = select(func.count()).select_from(log_entries).where(log_entries.c.leaf.is_not(None))
    return connection.scalar(query) or 0


def check_log(connection: Connection) -> int:
    """Check that the entries are those that the frontier was grown by; how many they are, erased ones included.

    Raises:
        RecordAltered: somebody changed, removed or added one.
    """
    frontier = read_frontier(connection)
    # From nothing on, so that no part of the tree is taken on trust.
    grown, _ = Frontier().grow(_leaves(connection))
    if grown.encode() != frontier.encode():
        raise RecordAltered(max(1, abs(grown.size - frontier.size)))
    return frontier.size


def _leaves(connection: Connection) -> Iterator[bytes]:
    query = select(log_entries.c.entry, log_entries.c.leaf).order_by(log_entries.c.position)
    for entry, leaf in connection.execute(query, execution_options={"yield_per": _BATCH}):
        yield leaf_hash(bytes(entry)) if leaf is None else bytes(leaf)
