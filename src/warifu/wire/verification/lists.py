"""Revocation lists kept for look-ups: one place for each distribution point, of which one list at a time is current.

::

    <directory>/coming/              lists that are being fetched; what a killed process left is thrown away
    <directory>/<place>/lock         held by whoever makes another list current
    <directory>/<place>/current.json names the current list and its index, and says what they are
    <directory>/<place>/<name>.crl   the list as its authority signed it
    <directory>/<place>/<name>.idx   its index

A list becomes current in one step, after its signature was verified and its index is on the disk; until then, and if
anything goes wrong, the one before stays. It never goes back: a list of a smaller number, or made earlier, is refused.
Processes that have the old list open go on reading it, and see the new one at their next question.
"""

import hashlib
import json
import mmap
import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Self

from filelock import FileLock

from warifu.errors import Malformed, RevocationDataRefused, StatusUnknown, Unavailable
from warifu.pki import Revocation
from warifu.verifier import Anchor, Anchors, CheckedList, RevokedIndex, check_crl
from warifu.wire.card_files import SystemFiles
from warifu.wire.verification.trust import write_whole

__all__ = ["KeptList", "ListStore"]

_CURRENT = "current.json"
_SKEW = timedelta(seconds=60)
_STALE = timedelta(days=1)
_LARGEST_ODD = 64 << 20
"""Bytes of a list that only cryptography reads, entry by entry."""


@dataclass(frozen=True, slots=True)
class KeptList:
    """What is said about the current list of a place: `entries` of it, `length` bytes.

    `index` is "" for one that is read whole.
    """

    issuer_key_id: bytes
    distribution_point: bytes
    number: int
    this_update: datetime
    next_update: datetime
    entries: int
    length: int
    name: str
    index: str

    def encode(self) -> bytes:
        """As it stands in the file."""
        told = {
            "issuer_key_id": self.issuer_key_id.hex(),
            "distribution_point": self.distribution_point.hex(),
            "number": self.number,
            "this_update": int(self.this_update.timestamp()),
            "next_update": int(self.next_update.timestamp()),
            "entries": self.entries,
            "length": self.length,
            "name": self.name,
            "index": self.index,
        }
        return json.dumps(told, indent=1).encode()

    @classmethod
    def decode(cls, text: bytes) -> Self:
        """From the file.

        Raises:
            Malformed: it says something else.
        """
        try:
            told = json.loads(text)
            return cls(
                bytes.fromhex(told["issuer_key_id"]),
                bytes.fromhex(told["distribution_point"]),
                int(told["number"]),
                datetime.fromtimestamp(int(told["this_update"]), UTC),
                datetime.fromtimestamp(int(told["next_update"]), UTC),
                int(told["entries"]),
                int(told["length"]),
                Path(told["name"]).name,
                Path(told["index"]).name,
            )
        except (ValueError, KeyError, TypeError, OverflowError, OSError) as error:
            raise Malformed("what is said about a revocation list cannot be read") from error


class ListStore:
    """The current revocation lists of the anchors' authorities; usable from several threads and processes."""

    def __init__(self, directory: Path, anchors: Anchors) -> None:
        self.directory = directory
        self._anchors = anchors
        self._open: dict[Path, tuple[tuple[int, int], CheckedList]] = {}

    def find(self, anchor: Anchor, distribution_point: bytes) -> CheckedList | None:
        """The current list of a distribution point, if there is one; how fresh it is, is the verifier's to judge."""
        place = self._place(anchor.key_id, distribution_point)
        for _ in range(3):  # while we look, another list may become current and this one go
            try:
                return self._find(place, anchor)
            except FileNotFoundError:
                if not (place / _CURRENT).exists():
                    return None
        return None

    def _find(self, place: Path, anchor: Anchor) -> CheckedList:
        told = (place / _CURRENT).stat()
        version = (told.st_ino, told.st_mtime_ns)
        known = self._open.get(place)
        if known is not None and known[0] == version and known[1].anchor.fingerprint == anchor.fingerprint:
            return known[1]
        checked = _opened(place, KeptList.decode((place / _CURRENT).read_bytes()), anchor)
        self._open[place] = (version, checked)
        return checked

    def all(self) -> tuple[KeptList, ...]:
        """What is said about every list kept."""
        if not self.directory.is_dir():
            return ()
        files = sorted(self.directory.glob(f"*/{_CURRENT}"))
        return tuple(KeptList.decode(file.read_bytes()) for file in files)

    def take(self, fetch: Callable[[BinaryIO], object], anchor: Anchor, now: datetime) -> KeptList:
        """Fetch a list of this authority, check it, and make it current.

        Raises:
            RevocationDataRefused: not signed by this authority, from the future, or older than the current one.
            StatusUnknown: it has ended already.
            Unavailable: as `fetch`; or there is no room.
        """
        coming = self.directory / "coming"
        coming.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(coming, now)
        handle, name = tempfile.mkstemp(dir=coming, suffix=".crl")
        fetched = Path(name)
        try:
            with os.fdopen(handle, "w+b") as file:
                fetch(file)
                file.flush()
                os.fsync(file.fileno())
                return self._keep(file, fetched, anchor, now)
        except OSError as error:
            raise Unavailable("the revocation list cannot be kept", detail=str(error)) from error
        finally:
            fetched.unlink(missing_ok=True)

    def _keep(self, file: BinaryIO, fetched: Path, anchor: Anchor, now: datetime) -> KeptList:
        name = f"{int(now.timestamp()):x}-{secrets.token_hex(6)}"
        with tempfile.TemporaryDirectory(dir=fetched.parent) as beside:
            made = _checked(_mapped(file), anchor, name, Path(beside) / "index")
            _check_current(made, now)
            place = self._place(made.issuer_key_id, made.distribution_point)
            place.mkdir(mode=0o700, exist_ok=True)
            with FileLock(place / "lock"):
                before = _current(place)
                if before is not None and _check_not_older(made, before):
                    return before
                if made.index:
                    (Path(beside) / "index").replace(place / made.index)
                fetched.replace(place / made.name)
                SystemFiles().sync_directory(place)
                write_whole(place / _CURRENT, made.encode())
                _clear(place, made)
        return made

    def _place(self, issuer_key_id: bytes, distribution_point: bytes) -> Path:
        return self.directory / hashlib.sha256(issuer_key_id + distribution_point).hexdigest()[:40]


def _mapped(file: BinaryIO) -> memoryview:
    """The contents of an open file, without reading it, for as long as somebody looks at them."""
    if not os.fstat(file.fileno()).st_size:
        raise RevocationDataRefused("the revocation list is empty")
    return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _checked(data: memoryview, anchor: Anchor, name: str, index: Path) -> KeptList:
    """Verify a list, and write its index."""
    from warifu.verifier.revoked import check_large_list  # loads numpy, which only taking lists needs

    verified = check_large_list(data, Anchors([anchor]))
    head, made = verified.cut.head, verified.index
    if made is not None:
        with index.open("xb") as file:
            for piece in made.pieces():
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        count = made.heading.count
    else:
        count = len(_whole(bytes(data) if len(data) <= _LARGEST_ODD else b"", anchor).revoked)
    return KeptList(
        head.issuer_key_id,
        head.distribution_point,
        head.number,
        head.this_update,
        head.next_update,
        count,
        len(data),
        name + ".crl",
        name + ".idx" if made is not None else "",
    )


def _whole(data: bytes, anchor: Anchor) -> CheckedList:
    if not data:
        raise RevocationDataRefused("a revocation list of this length must have the entries of the profile")
    return check_crl(data, Anchors([anchor]))


def _check_current(made: KeptList, now: datetime) -> None:
    if made.this_update > now + _SKEW:
        raise RevocationDataRefused("the revocation list is from the future")
    if made.next_update < now - _SKEW:
        raise StatusUnknown("the revocation list has ended")


def _check_not_older(made: KeptList, before: KeptList) -> bool:
    """Whether it is the current one itself.

    Raises:
        RevocationDataRefused: it is older.
    """
    if made.number < before.number or made.this_update < before.this_update:
        raise RevocationDataRefused("the revocation list is older than the one at hand")
    return (made.number, made.this_update) == (before.number, before.this_update)


def _current(place: Path) -> KeptList | None:
    try:
        return KeptList.decode((place / _CURRENT).read_bytes())
    except FileNotFoundError:
        return None


def _clear(place: Path, current: KeptList) -> None:
    """Throw away lists that are no longer current; those who have them open keep them until they let go."""
    for path in place.iterdir():
        if path.suffix in {".crl", ".idx"} and path.name not in {current.name, current.index}:
            path.unlink(missing_ok=True)


def _sweep(coming: Path, now: datetime) -> None:
    """Throw away what killed processes left half done."""
    for path in coming.iterdir():
        try:
            if path.is_file() and path.stat().st_mtime < (now - _STALE).timestamp():
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            continue


def _opened(place: Path, kept: KeptList, anchor: Anchor) -> CheckedList:
    """The list that was verified when it became current: its signature is not verified again."""
    data = _map(place / kept.name)
    if kept.issuer_key_id != anchor.key_id or len(data) != kept.length:
        raise Malformed("a kept revocation list is not what was kept")
    if kept.index:
        revoked: Mapping[int, Revocation] = RevokedIndex(_map(place / kept.index), data)
    else:
        revoked = MappingProxyType(dict(_whole(bytes(data), anchor).revoked))
    return CheckedList(anchor, kept.distribution_point, kept.this_update, kept.next_update, revoked)


def _map(path: Path) -> memoryview:
    """A file, mapped for as long as somebody looks at it."""
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
