"""Making SQLite forget what was deleted: by itself it leaves the bytes in the file until it needs their place."""

from typing import Any

from sqlalchemy import Engine, event

_MOMENT = 200
"""Milliseconds."""


def overwrite_deleted(engine: Engine) -> None:
    """From now on every connection overwrites what it deletes or replaces; other databases are left alone.

    Source: https://www.sqlite.org/pragma.html#pragma_secure_delete.
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        engine.dispose()  # connections opened before do not have it


def empty_log(engine: Engine) -> None:
    """Bring SQLite's write-ahead log into the file and cut it to nothing, for it still holds what was replaced.

    While somebody reads for longer than a moment it is left for the next time: writers wait meanwhile.
    Source: https://www.sqlite.org/wal.html §3.2.
    """
    if engine.dialect.name == "sqlite":
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            [patience] = cursor.execute("PRAGMA busy_timeout").fetchone()
            cursor.execute(f"PRAGMA busy_timeout={_MOMENT}")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            cursor.execute(f"PRAGMA busy_timeout={patience}")
            cursor.close()
        finally:
            connection.close()


def _prepare(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA secure_delete=ON")
