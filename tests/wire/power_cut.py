"""A disk in memory that remembers every call, and every state in which a power cut can leave it.

What holds at a cut after some call: contents of a file up to its last `sync`, and of what was appended or cut off since
then any part, torn anywhere, a file's length with or without its data; of the names changed since the directory's last
`sync_directory`, the first so many.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path


@dataclass
class Inode:
    """One file: what is surely on the platter, and the states its contents went through since."""

    durable: bytes = b""
    current: bytes = b""
    pending: list[bytes] = field(default_factory=list)


@dataclass(frozen=True)
class Snapshot:
    """The disk after one call: names surely on the platter, name changes since, and every file."""

    names: dict[Path, int]
    pending_names: tuple[dict[Path, int], ...]
    inodes: dict[int, tuple[bytes, tuple[bytes, ...]]]


class RecordingFiles:
    """`Files` in memory; `history` has the disk after each call that changed it."""

    def __init__(self) -> None:
        self._inodes: dict[int, Inode] = {}
        self._names: dict[Path, int] = {}
        self._durable_names: dict[Path, int] = {}
        self._pending_names: list[dict[Path, int]] = []
        self._handles: dict[int, int] = {}
        self._next = 0
        self.history: list[Snapshot] = []
        self._remember()

    @classmethod
    def holding(cls, contents: dict[Path, bytes]) -> "RecordingFiles":
        """A disk on which these files lie, as after switching the power on again."""
        disk = cls()
        for path, data in contents.items():
            disk._inodes[disk._next] = Inode(data, data)
            disk._names[path] = disk._durable_names[path] = disk._next
            disk._next += 1
        return disk

    def read(self, path: Path) -> bytes:
        if path not in self._names:
            raise FileNotFoundError(path)
        return self._inodes[self._names[path]].current

    def open(self, path: Path) -> int:
        if path not in self._names:
            self._inodes[self._next] = Inode()
            self._names[path] = self._next
            self._next += 1
            self._rename()
        handle = 1000 + len(self._handles)
        self._handles[handle] = self._names[path]
        return handle

    def write(self, handle: int, data: bytes) -> None:
        inode = self._inodes[self._handles[handle]]
        self._change(inode, inode.current + data)

    def truncate(self, handle: int, size: int) -> None:
        inode = self._inodes[self._handles[handle]]
        self._change(inode, inode.current[:size])

    def sync(self, handle: int) -> None:
        inode = self._inodes[self._handles[handle]]
        inode.durable, inode.pending = inode.current, []
        self._remember()

    def close(self, handle: int) -> None:
        assert handle in self._handles

    def replace(self, source: Path, target: Path) -> None:
        self._names[target] = self._names.pop(source)
        self._rename()

    def name(self, source: Path, target: Path) -> None:
        if target in self._names:
            raise FileExistsError(target)
        self._names[target] = self._names[source]
        self._rename()
        self.remove(source)

    def remove(self, path: Path) -> None:
        if self._names.pop(path, None) is not None:
            self._rename()

    def sync_directory(self, path: Path) -> None:
        self._durable_names, self._pending_names = dict(self._names), []
        self._remember()

    def _change(self, inode: Inode, contents: bytes) -> None:
        inode.current = contents
        inode.pending.append(contents)
        self._remember()

    def _rename(self) -> None:
        self._pending_names.append(dict(self._names))
        self._remember()

    def _remember(self) -> None:
        inodes = {number: (inode.durable, tuple(inode.pending)) for number, inode in self._inodes.items()}
        self.history.append(Snapshot(dict(self._durable_names), tuple(self._pending_names), inodes))


def states_after_cut(snapshot: Snapshot, *, step: int = 1) -> Iterator[dict[Path, bytes]]:
    """Every disk that a cut right after this call may leave; torn at every `step`-th byte."""
    for names in (snapshot.names, *snapshot.pending_names):
        choices = [list(_possible_contents(*snapshot.inodes[number], step)) for number in names.values()]
        for contents in product(*choices):
            yield dict(zip(names, contents, strict=True))


def _possible_contents(durable: bytes, pending: tuple[bytes, ...], step: int) -> Iterator[bytes]:
    before = durable
    yield before
    for after in pending:
        yield from _torn(before, after, step)
        before = after
    if pending:
        # The last changes reached the platter and the first did not.
        yield from _torn(durable, pending[-1], step)


def _torn(before: bytes, after: bytes, step: int) -> Iterator[bytes]:
    if len(after) <= len(before):
        yield after
        return
    added = after[len(before) :]
    for cut in range(0, len(added) + 1, step):
        yield before + added[:cut]
        # The length arrived and of the data only one side of the cut.
        yield before + added[:cut].ljust(len(added), b"\0")
        yield before + added[cut:].rjust(len(added), b"\0")
        yield before + added[:cut].ljust(len(added), b"\xa5")
    yield after
