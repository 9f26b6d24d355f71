"""Writing a status snapshot: from the record, in one pass, in memory that does not grow."""

import hashlib
import mmap
import os
from collections.abc import Iterable
from pathlib import Path

from warifu.errors import Unavailable
from warifu.wire.card_files import SystemFiles
from warifu.wire.snapshot.heading import Heading, StatusRow, Tables

__all__ = ["write_snapshot"]


def write_snapshot(path: Path, heading: Heading, rows: Iterable[StatusRow]) -> None:
    """Write the snapshot of `rows`, ascending by serial number, and let it take the place of the one before.

    A process that has the old one open goes on reading that.

    Raises:
        Malformed: the rows are not in order, or not what the heading says.
        Unavailable: the file cannot be written.
    """
    from warifu.wire.snapshot.filling import fill  # loads numpy, which only writing needs

    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with fresh.open("x+b") as file:
            tables = Tables.of(heading)
            file.truncate(tables.end + hashlib.sha256().digest_size)
            with mmap.mmap(file.fileno(), 0) as whole:
                fill(whole, heading, tables, rows)
            os.fsync(file.fileno())
        fresh.replace(path)
        SystemFiles().sync_directory(path.parent)
    except OSError as error:
        raise Unavailable(f"the snapshot cannot be written: {path}", detail=str(error)) from error
    finally:
        fresh.unlink(missing_ok=True)
