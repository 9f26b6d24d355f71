"""Rows as the log vouches for them: a digest of everything that stands in a row, under the row's key.

A digest is SHA-256 over the table's name and each column's value in order, each with its type and length before it, so
that no two different rows have the same bytes. Values are read as the database keeps them, past every conversion: what
somebody wrote with another tool is seen as it is. This encoding is never changed: logs that exist depend on it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, FromClause, Row, RowMapping, Select, Table, and_, bindparam, column, select, table

__all__ = ["Imaged", "Key", "as_read", "imaged"]

Key = tuple[str | int, ...]
"""A row's primary key; bytes are written in hexadecimal."""

_BATCH = 1000


@dataclass(frozen=True)
class Imaged:
    """A table whose every row the log vouches for: its name, the columns of its key, all its columns in order."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]

    def digest_of(self, connection: Connection, key: Mapping[str, Any]) -> bytes | None:
        """The digest of the row under `key` as it stands now; None when there is no such row."""
        row = connection.execute(self._one, {f"of_{name}": key[name] for name in self.key}).one_or_none()
        return None if row is None else self._digest(row)

    def key_of(self, values: Mapping[str, Any] | RowMapping) -> Key:
        """The key of a row as a leaf names it."""
        return tuple(_plain(values[name]) for name in self.key)

    def all_of(self, connection: Connection) -> Iterator[tuple[Key, bytes]]:
        """Every row of the table: its key and its digest."""
        for row in connection.execute(self._all, execution_options={"yield_per": _BATCH}):
            yield self.key_of(row._mapping), self._digest(row)

    def _digest(self, row: Row[Any]) -> bytes:
        return sha256(b"".join(map(_encode, (self.name, *row)))).digest()

    @cached_property
    def _all(self) -> Select[Any]:
        return as_read(self.columns, table(self.name))

    @cached_property
    def _one(self) -> Select[Any]:
        return self._all.where(and_(*(column(name) == bindparam(f"of_{name}") for name in self.key)))


def as_read(names: Iterable[str], of: FromClause) -> Select[Any]:
    """All rows, past every conversion: a column without a type is handed over as the driver read it."""
    columns: list[Any] = [column(name) for name in names]
    return select(*columns).select_from(of)


def imaged(tables: Iterable[Table]) -> dict[str, Imaged]:
    """The tables, by name."""
    return {each.name: Imaged(each.name, _names(each.primary_key.columns), _names(each.columns)) for each in tables}


def _names(columns: Iterable[Any]) -> tuple[str, ...]:
    return tuple(each.name for each in columns)


def _plain(value: object) -> str | int:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value if isinstance(value, int) else str(value)


def _encode(value: object) -> bytes:
    if value is None:
        return b"n"
    if isinstance(value, bytes | memoryview):
        return _framed(b"b", bytes(value))
    if isinstance(value, int):  # a boolean too: SQLite knows none
        return _framed(b"i", b"%d" % value)
    if isinstance(value, str):
        return _framed(b"s", value.encode())
    return _framed(b"?", f"{type(value).__name__} {value}".encode())  # what no column of ours holds


def _framed(kind: bytes, data: bytes) -> bytes:
    return b"%b%d:%b" % (kind, len(data), data)
