"""What is known of an archive's documents, on disk: one file for each, written by whoever verified it.

::

    <directory>/lock              held by the command that works on it
    <directory>/run.json          the run that goes on, or the last one
    <directory>/summary.json      what the last run found
    <directory>/<ab>/<hash>.json  one document, by the SHA-256 of its name: what came out, and what had come out before
    <directory>/<ab>/<hash>.tried how often a run began with it and did not come to an end

A document is done when its file names the run. So whatever is killed, nothing that was done is done again: a run that
did not come to its end goes on, whoever begins it. Nothing in these files says who signed.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from warifu.errors import InUse, Malformed
from warifu.ports import Entropy
from warifu.wire.verification import write_whole

__all__ = ["Reports", "Run"]

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Run:
    """One way through the archive."""

    id: str
    begun_at: str
    resumed: bool = False


class Reports:
    """The directory; several processes may write into it, each about another document."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @contextmanager
    def alone(self) -> Iterator[None]:
        """For one command at a time.

        Raises:
            InUse: another one works on it.
        """
        _make(self.directory)
        lock = FileLock(self.directory / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise InUse(f"somebody else works on {self.directory}") from None
        try:
            yield
        finally:
            lock.release()

    def begin(self, now: datetime, entropy: Entropy) -> Run:
        """A new run, or the one that did not come to its end."""
        told = _read(self.directory / "run.json")
        if told is not None and told["finished_at"] is None:
            return Run(told["id"], told["begun_at"], resumed=True)
        run = Run(entropy.bytes(16).hex(), now.isoformat())
        self._write("run.json", {"id": run.id, "begun_at": run.begun_at, "finished_at": None})
        return run

    def finish(self, run: Run, now: datetime, summary: dict[str, Any]) -> None:
        """Say that a run came to its end, and what it found."""
        self._write("summary.json", summary)
        told = {"id": run.id, "begun_at": run.begun_at, "finished_at": now.isoformat()}
        self._write("run.json", told)

    def latest(self) -> str:
        """The run that was begun last; "" before the first."""
        told = _read(self.directory / "run.json")
        return "" if told is None else str(told["id"])

    def find(self, name: str) -> dict[str, Any] | None:
        """What is known of a document."""
        return _read(self._path(name))

    def keep(self, name: str, known: dict[str, Any]) -> None:
        """What is known of it now; on the disk when this returns."""
        path = self._path(name)
        _make(path.parent)
        write_whole(path, _encode({"version": _VERSION, "name": name, **known}))
        path.with_suffix(".tried").unlink(missing_ok=True)

    def all(self) -> Iterator[dict[str, Any]]:
        """What is known of every document."""
        for path in sorted(self.directory.glob("??/*.json")):
            known = _read(path)
            if known is not None:
                yield known

    def try_again(self, name: str, run: str) -> int:
        """Note that somebody begins with a document; how often somebody did before, in this run, and never ended."""
        path = self._path(name).with_suffix(".tried")
        told = _read(path)
        before = int(told["times"]) if told is not None and told["run"] == run else 0
        _make(path.parent)
        write_whole(path, _encode({"run": run, "times": before + 1}))
        return before

    def _path(self, name: str) -> Path:
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
        return self.directory / digest[:2] / f"{digest}.json"

    def _write(self, file: str, told: dict[str, Any]) -> None:
        _make(self.directory)
        write_whole(self.directory / file, _encode(told))


def _make(directory: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)


def _encode(told: dict[str, Any]) -> bytes:
    return json.dumps(told, indent=1).encode()


def _read(path: Path) -> dict[str, Any] | None:
    try:
        told = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise Malformed(f"what is kept about an archive cannot be read: {path}") from error
    if not isinstance(told, dict):
        raise Malformed(f"what is kept about an archive cannot be read: {path}")
    return told
