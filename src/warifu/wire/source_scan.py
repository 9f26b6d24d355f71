"""Looking through a program's source for addresses that ought to stand in its settings."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from warifu.errors import Unavailable

__all__ = ["find_addresses"]

_LARGEST = 2 * 1024 * 1024
_MOST = 20_000
_SKIPPED = frozenset(
    {".git", ".venv", "node_modules", "vendor", "target", "dist", "build", "bin", "obj", "__pycache__"}
)
_SETTINGS = frozenset({"login.json"})


def find_addresses(source: Path, addresses: Sequence[str]) -> list[tuple[Path, str]]:
    """Each file with the first of the addresses that stands in it; settings files and installed packages are left out.

    Raises:
        Unavailable: there are too many files to look at.
    """
    wanted = [(address, address.encode()) for address in sorted(addresses, key=len, reverse=True)]
    found = []
    for path in _files(source):
        try:
            data = path.read_bytes() if path.stat().st_size <= _LARGEST else b""
        except OSError:
            continue
        found += [(path, address) for address, spelled in wanted if spelled in data][:1]
    return found


def _files(source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
        return
    count = 0
    for folder, folders, names in os.walk(source):
        folders[:] = sorted(each for each in folders if each not in _SKIPPED)
        for name in sorted(names):
            count += 1
            if count > _MOST:
                raise Unavailable(f"{source} has more than {_MOST} files: name the program's own folder")
            if name not in _SETTINGS:
                yield Path(folder, name)
