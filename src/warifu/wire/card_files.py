"""What a journal asks of the file system, few enough calls to try every power cut against them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

_APPEND = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)


class Files(Protocol):
    """Files as a journal sees them. Only what `sync` and `sync_directory` have returned from survives a power cut."""

    def read(self, path: Path) -> bytes:
        """The whole file; FileNotFoundError if there is none."""
        ...

    def open(self, path: Path) -> int:
        """A handle that appends to the file, which is made, readable by its owner only, if there is none."""
        ...

    def write(self, handle: int, data: bytes) -> None:
        """Append all of `data`."""
        ...

    def truncate(self, handle: int, size: int) -> None:
        """Cut the file off after `size` bytes."""
        ...

    def sync(self, handle: int) -> None:
        """Bring the file's contents to stable storage."""
        ...

    def close(self, handle: int) -> None:
        """Let go of the file."""
        ...

    def replace(self, source: Path, target: Path) -> None:
        """Let `source` take the place of `target` in one step."""
        ...

    def name(self, source: Path, target: Path) -> None:
        """Rename `source` to `target` in one step; FileExistsError if there is a `target`."""
        ...

    def remove(self, path: Path) -> None:
        """Remove the file if there is one."""
        ...

    def sync_directory(self, path: Path) -> None:
        """Bring the names in a directory to stable storage, where the system can."""
        ...


def _full_sync() -> Callable[[int], object]:
    """fsync; on macOS, where that leaves data in the drive's cache, the call that does not."""
    try:
        import fcntl
    except ImportError:
        return os.fsync
    command = getattr(fcntl, "F_FULLFSYNC", None)
    return os.fsync if command is None else lambda handle: fcntl.fcntl(handle, command)


_sync = _full_sync()


class SystemFiles:
    """The files of this machine."""

    def read(self, path: Path) -> bytes:
        """The whole file."""
        return path.read_bytes()

    def open(self, path: Path) -> int:
        """A handle that appends."""
        return os.open(path, _APPEND, 0o600)

    def write(self, handle: int, data: bytes) -> None:
        """Append all of `data`, in as many calls as the system wants."""
        while data:
            data = data[os.write(handle, data) :]

    def truncate(self, handle: int, size: int) -> None:
        """Cut the file off."""
        os.ftruncate(handle, size)

    def sync(self, handle: int) -> None:
        """Bring the contents to stable storage."""
        _sync(handle)

    def close(self, handle: int) -> None:
        """Let go of the file."""
        os.close(handle)

    def replace(self, source: Path, target: Path) -> None:
        """Let `source` take the place of `target`."""
        source.replace(target)

    def name(self, source: Path, target: Path) -> None:
        """Rename `source` to `target`: by a second name, because a rename takes the place of what is there."""
        os.link(source, target)
        source.unlink()

    def remove(self, path: Path) -> None:
        """Remove the file if there is one."""
        path.unlink(missing_ok=True)

    def sync_directory(self, path: Path) -> None:
        """Bring the names to stable storage; Windows opens no directory and needs none of this."""
        if not hasattr(os, "O_DIRECTORY"):
            return
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
