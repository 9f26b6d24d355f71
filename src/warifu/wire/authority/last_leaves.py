"""What the log's last leaf about each row says, for an audit: in a file without a name, however many rows there are.

SQLite keeps it where the system keeps temporary files and forgets it when it is closed; some megabytes of it stay in
memory.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from warifu.errors import Unavailable
from warifu.wire.authority.images import Key

__all__ = ["LastLeaves"]

Row = tuple[str, Key]
"""A table's name and a row's key in it."""


class LastLeaves:
    """Digests of rows by table and key; None says that the last leaf about a row is of its deletion.

    Raises:
        Unavailable: there is no room left for temporary files.
    """

    def __init__(self) -> None:
        self._kept = sqlite3.connect("", isolation_level=None)
        self._kept.execute("PRAGMA journal_mode = OFF")
        self._kept.execute("CREATE TABLE leaf (row TEXT PRIMARY KEY, digest BLOB) WITHOUT ROWID")
        self._kept.execute("BEGIN")

    def close(self) -> None:
        """Forget everything."""
        self._kept.close()

    def put(self, leaves: Iterable[tuple[Row, bytes | None]]) -> None:
        """Keep what these leaves say, in their order."""
        self._all("INSERT OR REPLACE INTO leaf VALUES (?, ?)", ((_name(row), digest) for row, digest in leaves))

    def take(self, rows: Sequence[Row]) -> dict[Row, bytes]:
        """What is kept about these rows, of those of which something is; it is not kept any longer."""
        names = {_name(row): row for row in rows}
        marks = ",".join("?" * len(names))
        try:
            found = self._kept.execute(f"SELECT row, digest FROM leaf WHERE row IN ({marks})", list(names)).fetchall()  # noqa: S608 - marks only
        except sqlite3.Error as error:
            raise Unavailable("no room for temporary files", detail=str(error)) from error
        self._all("DELETE FROM leaf WHERE row = ?", ((name,) for name, _ in found))
        return {names[name]: digest for name, digest in found if digest is not None}

    def left(self) -> Iterator[Row]:
        """The rows that a leaf left and nobody took."""
        for (name,) in self._kept.execute("SELECT row FROM leaf WHERE digest IS NOT NULL ORDER BY row"):
            table, *key = json.loads(name)
            yield table, tuple(key)

    def _all(self, statement: str, values: Iterable[tuple[object, ...]]) -> None:
        try:
            self._kept.executemany(statement, values)
        except sqlite3.Error as error:
            raise Unavailable("no room for temporary files", detail=str(error)) from error


def _name(row: Row) -> str:
    return json.dumps([row[0], *row[1]], ensure_ascii=True)
