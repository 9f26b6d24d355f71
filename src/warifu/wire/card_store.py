"""A card's state in one file that survives power cuts: an append-only journal.

Every write is one record and is on stable storage before it returns. A record that a power cut tore is cut off when the
file is next opened. When the journal has grown long, what it holds is written to a new file that takes its place in
one step.

Wire: 16 bytes ``warifu card`` LF NUL NUL NUL and a version byte, then records. A record is its payload's length (u32),
the CRC-32 of those four bytes (u32), the payload, and BLAKE2b-128 over the previous record's digest (zeros for the
first), the length and the payload. A payload is entries: name length (u8), name (ASCII), value length (u32), value. All
numbers are big-endian; a later value of a name replaces an earlier one.
"""

import os
import zlib
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Self

from warifu.errors import DataTooNew, InUse, Malformed, NoCard, Unavailable
from warifu.wire.card_files import Files, SystemFiles

__all__ = ["Files", "JournalStore", "SystemFiles"]

_MAGIC = b"warifu card\n\0\0\0"  # 15 bytes
_VERSION = 1
_HEADER = len(_MAGIC) + 1
_FRAME = 8
_DIGEST = 16
_SLACK = 64 * 1024
"""Bytes that a journal may grow beyond what it holds before it is written anew."""


class JournalStore:
    """A `Store` over a journal file. One process at a time; who opens it sees to that."""

    def __init__(self, path: Path, *, files: Files | None = None, slack: int = _SLACK) -> None:
        """Open the journal at `path` and cut off what a power cut tore.

        Raises:
            NoCard: there is no such file.
            DataTooNew: a newer version wrote it.
            Malformed: it is no journal, or damaged before its end.
            Unavailable: it cannot be read.
        """
        self._path, self._files, self._slack = path, files or SystemFiles(), slack
        try:
            journal = self._files.read(path)
        except FileNotFoundError:
            raise NoCard(f"there is no card at {path}") from None
        except OSError as error:
            raise Unavailable(f"the card at {path} cannot be read", detail=str(error)) from error
        _check_header(journal)
        self._files.remove(_successor(path))  # not before it is certain that a card is here
        self._contents, self._digest, self._size = _replay(journal)
        self._handle: int | None = None
        self._append_to_end(torn=self._size < len(journal))

    @classmethod
    def create(cls, path: Path, contents: Mapping[str, bytes], *, files: Files | None = None) -> Self:
        """Write a new journal, durably, and open it.

        Raises:
            InUse: there is a card at `path` already.
            Unavailable: it cannot be written.
        """
        files = files or SystemFiles()
        # Beside whoever else makes a card at the same path just now.
        successor = path.with_name(f"{path.name}.new-{os.urandom(8).hex()}")
        try:
            _write(files, successor, _journal(contents))
            try:
                files.name(successor, path)
            finally:
                files.remove(successor)
            files.sync_directory(path.parent)
        except FileExistsError:
            raise InUse(f"there is a card at {path} already") from None
        except OSError as error:
            raise Unavailable(f"no card can be kept at {path}", detail=str(error)) from error
        return cls(path, files=files)

    def read(self) -> Mapping[str, bytes]:
        """Everything that was written, newest values."""
        return dict(self._contents)

    def write(self, changes: Mapping[str, bytes]) -> None:
        """Keep all of `changes` or, if the power fails, none.

        An empty value erases: the journal is written anew at once, so that the value before is not in it any longer.
        (What the medium under the file keeps of freed blocks is not in our hands.)

        Raises:
            Unavailable: it is not known whether they are kept; nothing more is written until the file is opened anew.
        """
        if self._handle is None:
            raise Unavailable("the card's storage failed or was closed")
        record, digest = _record(self._digest, changes)
        try:
            self._files.write(self._handle, record)
            self._files.sync(self._handle)
        except OSError as error:
            # After a failed fsync nobody knows what is on the disk: only reading it anew tells.
            self.close()
            raise Unavailable("the card's storage failed", detail=str(error)) from error
        self._contents.update(changes)
        self._digest = digest
        self._size += len(record)
        if all(changes.values()):
            self._compact_if_long()
        else:
            self._compact()

    def close(self) -> None:
        """Let go of the file; every write is on stable storage already."""
        handle, self._handle = self._handle, None
        if handle is not None:
            self._files.close(handle)

    def _append_to_end(self, *, torn: bool) -> None:
        try:
            self._handle = self._files.open(self._path)
            if torn:
                # Before anything is appended, or old and new bytes could mix at the next power cut.
                self._files.truncate(self._handle, self._size)
                self._files.sync(self._handle)
        except OSError as error:
            self.close()
            raise Unavailable(f"the card at {self._path} cannot be written", detail=str(error)) from error

    def _compact_if_long(self) -> None:
        live = sum(len(name) + len(value) for name, value in self._contents.items())
        if self._size > live + self._slack:
            self._compact()

    def _compact(self) -> None:
        """Write the contents to a new file and put it in the place of the journal.

        The change that led here is kept already; if this fails the old journal or the new one is there, both whole.
        """
        journal = _journal(self._contents)
        self.close()  # Windows replaces no open file
        try:
            _put(self._files, self._path, journal)
        except OSError as error:
            raise Unavailable("the card's storage failed", detail=str(error)) from error
        _, self._digest, self._size = _replay(journal)
        self._append_to_end(torn=False)


def _successor(path: Path) -> Path:
    return path.with_name(path.name + ".new")


def _put(files: Files, path: Path, journal: bytes) -> None:
    """Write a whole journal beside `path`, then let it take that place in one step."""
    successor = _successor(path)
    _write(files, successor, journal)
    files.replace(successor, path)
    files.sync_directory(path.parent)


def _write(files: Files, successor: Path, journal: bytes) -> None:
    files.remove(successor)
    handle = files.open(successor)
    try:
        files.write(handle, journal)
        files.sync(handle)
    finally:
        files.close(handle)


def _journal(contents: Mapping[str, bytes]) -> bytes:
    record, _ = _record(bytes(_DIGEST), contents)
    return _MAGIC + bytes((_VERSION,)) + record


def _record(previous: bytes, changes: Mapping[str, bytes]) -> tuple[bytes, bytes]:
    payload = b"".join(_entry(name.encode("ascii"), value) for name, value in changes.items())
    length = len(payload).to_bytes(4, "big")
    digest = blake2b(previous + length + payload, digest_size=_DIGEST).digest()
    return length + zlib.crc32(length).to_bytes(4, "big") + payload + digest, digest


def _entry(name: bytes, value: bytes) -> bytes:
    return bytes((len(name),)) + name + len(value).to_bytes(4, "big") + value


def _check_header(journal: bytes) -> None:
    if len(journal) < _HEADER or not journal.startswith(_MAGIC):
        raise Malformed("not the state of a card")
    if journal[_HEADER - 1] > _VERSION:
        raise DataTooNew("a newer version of warifu wrote this card")


def _replay(journal: bytes) -> tuple[dict[str, bytes], bytes, int]:
    """The contents after the last whole record, its digest and where it ends."""
    contents: dict[str, bytes] = {}
    digest, at = bytes(_DIGEST), _HEADER
    while at < len(journal):
        end = _end_of_record(journal, at)
        if end is None or end > len(journal):
            break
        payload = journal[at + _FRAME : end - _DIGEST]
        expected = blake2b(digest + journal[at : at + 4] + payload, digest_size=_DIGEST).digest()
        if expected != journal[end - _DIGEST : end]:
            if end < len(journal):
                # A power cut tears the last record only; this is a disk or somebody's hand.
                raise Malformed("the state of the card is damaged")
            break
        contents.update(_entries(payload))
        digest, at = expected, end
    if not contents:
        raise Malformed("the state of the card is damaged")
    return contents, digest, at


def _end_of_record(journal: bytes, at: int) -> int | None:
    """Where the record at `at` should end; None if not even its frame is whole."""
    length, check = journal[at : at + 4], journal[at + 4 : at + _FRAME]
    if zlib.crc32(length).to_bytes(4, "big") != check:
        return None
    return at + _FRAME + int.from_bytes(length, "big") + _DIGEST


def _entries(payload: bytes) -> dict[str, bytes]:
    """The entries of a payload whose digest was right."""
    entries, at = {}, 0
    while at < len(payload):
        start = at + 1 + payload[at]
        name = payload[at + 1 : start].decode("ascii")
        at = start + 4 + int.from_bytes(payload[start : start + 4], "big")
        entries[name] = payload[start + 4 : at]
    return entries
