"""A transaction of the record that leaves its trace in the log."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table

from warifu.wire.authority.images import Key
from warifu.wire.authority.log import Leaf, append_leaves
from warifu.wire.authority.tables import IMAGED, seconds
from warifu.wire.database import writing

__all__ = ["Recording", "RowKey", "recording"]

RowKey = tuple[Table, Mapping[str, Any]]
"""A row of the record: its table, and its key by columns."""


class Recording:
    """What a transaction does to rows is noted here, and becomes leaves of the log just before the commit."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._notes: list[tuple[str, int, tuple[RowKey, ...]]] = []

    def note(self, what: str, now: datetime, *rows: RowKey) -> None:
        """Note one thing that was recorded, and every row that it wrote or removed."""
        self._notes.append((what, seconds(now), rows))

    def finish(self) -> None:
        """Write the leaves."""
        if self._notes:
            append_leaves(self.connection, [self._leaf(*note).encode() for note in self._notes])

    def _leaf(self, what: str, at: int, rows: tuple[RowKey, ...]) -> Leaf:
        return Leaf(at, what, tuple(self._image(table.name, key) for table, key in rows))

    def _image(self, name: str, key: Mapping[str, Any]) -> tuple[str, Key, bytes | None]:
        its = IMAGED[name]
        return name, its.key_of(key), its.digest_of(self.connection, key)


@contextmanager
def recording(engine: Engine) -> Iterator[Recording]:
    """One transaction: rows and leaves are committed together, or neither is.

    Raises:
        Unavailable: as `writing`.
    """
    with writing(engine) as connection:
        record = Recording(connection)
        yield record
        record.finish()
