"""The ground a town stands on: its directory, who may be in it, and how a town appears there all at once.

::

    <directory>/lock        held by whoever runs or founds the town
    <directory>/listing.lock  held while the town's own description is changed
    <directory>/locks/      one lock for each card: held while it is in a phone's hand or in a reader
    <directory>/clients/    relying parties that people added; they survive starting over
    <directory>/founding/   a town that is being founded; whatever a killed process left here is thrown away
    <directory>/current/    the town; it got this name in one step when everything in it was on the disk

So a process can be killed at any line: either there is a town, or there is none.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from warifu.errors import InUse, NotAllowed
from warifu.wire.card_files import SystemFiles

__all__ = ["Ground"]

_MOMENT = 10
"""Seconds; nobody keeps the list for longer than it takes to write a small file."""


class Ground:
    """The directory of one town."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.expanduser().absolute()
        self.current = self.directory / "current"
        self.clients = self.directory / "clients"
        self._founding = self.directory / "founding"
        self._discarded = self.directory / "discarded"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one who runs or founds this town.

        Raises:
            InUse: another process does.
            NotAllowed: something is in the way that no town put there.
        """
        self._check_ours()
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _held(self.directory / "lock", f"another process runs the town in {self.directory}"):
            yield

    @contextmanager
    def card(self, name: str, *, patience: float = 0) -> Iterator[Path]:
        """Hold a card: the path of its state.

        Raises:
            InUse: it is in a reader or in another phone's hand, for more than `patience` seconds.
        """
        with _held(self._card_lock(name), "the card is in use: in a reader, or on another phone", patience):
            yield self.current / "cards" / f"{name}.card"

    @contextmanager
    def listing(self) -> Iterator[None]:
        """Be the only one who changes the town's own description, for the moment that it takes.

        Raises:
            InUse: somebody has been changing it for seconds.
        """
        with _held(self.directory / "listing.lock", "somebody is changing the town's list", _MOMENT):
            yield

    @contextmanager
    def founding(self) -> Iterator[Path]:
        """An empty directory that becomes the town when the block ends well; `alone` is held.

        Raises:
            InUse: a card of the town that stands here is in a reader.
        """
        self._clear(self._founding)
        self._clear(self._discarded)
        self._founding.mkdir(mode=0o700)
        try:
            yield self._founding
        except BaseException:
            self._clear(self._founding)
            raise
        _sync_tree(self._founding)
        with self._all_cards():
            if self.current.exists():
                self.current.rename(self._discarded)
            self._founding.rename(self.current)
        SystemFiles().sync_directory(self.directory)
        self._clear(self._discarded)

    @contextmanager
    def _all_cards(self) -> Iterator[None]:
        names = [path.stem for path in sorted((self.current / "cards").glob("*.card"))]
        with ExitStack() as stack:
            for name in names:
                stack.enter_context(self.card(name))
            yield

    def _card_lock(self, name: str) -> Path:
        """Outside the town, so that whoever waits for the lock finds the new town's card, not the old one's."""
        (self.directory / "locks").mkdir(mode=0o700, exist_ok=True)
        return self.directory / "locks" / f"{name}.lock"

    def _check_ours(self) -> None:
        """Check that what founding would clear away is a town's: the directory may be mistyped.

        Every town has the lock, or (where the system takes a lock's file away with it) its own description.
        """
        if (self.directory / "lock").exists() or (self.current / "town.json").exists():
            return
        for path in (self.current, self._founding, self._discarded):
            if path.exists() or path.is_symlink():
                raise NotAllowed(f"no town put {path.name} there: choose another directory than {self.directory}")

    def _clear(self, path: Path) -> None:
        if path.exists():
            shutil.rmtree(path)


@contextmanager
def _held(lock: Path, otherwise: str, patience: float = 0) -> Iterator[None]:
    # Each holder has a lock object of its own, so threads of one process exclude each other as well.
    mine = FileLock(lock, timeout=patience, mode=0o600)
    try:
        mine.acquire()
    except Timeout:
        raise InUse(otherwise) from None
    try:
        yield
    finally:
        mine.release()


def _sync_tree(root: Path) -> None:
    """Bring everything below `root` to stable storage, before it gets the name that counts."""
    files = SystemFiles()
    for folder, _, names in os.walk(root):
        for name in names:
            handle = os.open(Path(folder, name), os.O_RDWR)
            try:
                files.sync(handle)
            finally:
                os.close(handle)
        files.sync_directory(Path(folder))
