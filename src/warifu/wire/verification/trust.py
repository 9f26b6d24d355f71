"""Whom this verifier trusts, kept on disk: one file for each anchor, with what the operator said about it.

::

    <directory>/lock                 held while something changes
    <directory>/<SHA-256>.json       one anchor: its certificate, what for, where to ask about its certificates
    <directory>/<SHA-256>.signer.json    the same for one that is trusted for signers outside of JPKI

An authority may be trusted for timestamps and for signers: those are two files, and two decisions.

Trust comes from here alone. Nothing that a certificate names is ever asked: an anchor's OCSP and list addresses are
those that stand in its file.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from warifu.errors import Malformed, NotFound, Unavailable
from warifu.verifier import Anchors
from warifu.wire.card_files import SystemFiles
from warifu.wire.verification.trusted import TrustedAnchor, TrustUse

__all__ = ["TrustStore", "write_whole"]

_LONGEST = 64 * 1024
_SUFFIX = ".json"
_SHORTEST = 8


class TrustStore:
    """The anchors in a directory; several processes may read while one changes them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def all(self) -> tuple[TrustedAnchor, ...]:
        """Every anchor, by its fingerprint.

        Raises:
            Malformed: a file is not an anchor's, or has another anchor's name.
            Unavailable: a file cannot be read.
        """
        try:
            files = sorted(path for path in self.directory.iterdir() if path.suffix == _SUFFIX)
        except FileNotFoundError:
            return ()
        return tuple(each for each in map(self._read, files) if each is not None)

    def find(self, fingerprint: str, use: TrustUse | None = None) -> TrustedAnchor:
        """The anchor whose fingerprint begins so: at least eight hexadecimal digits, colons allowed.

        `use` tells which one where the same certificate is trusted for two things.

        Raises:
            NotFound: none, or several.
        """
        start = fingerprint.replace(":", "").replace(" ", "").lower()
        known = [each for each in self.all() if use is None or each.use is use]
        found = [each for each in known if len(start) >= _SHORTEST and each.fingerprint.hex().startswith(start)]
        if len(found) != 1:
            raise NotFound("no one anchor has this fingerprint")
        return found[0]

    def add(self, anchor: TrustedAnchor) -> None:
        """Trust an anchor, or say something else about one that is trusted."""
        with self._changing():
            write_whole(self._path(anchor), json.dumps(anchor.told(), indent=1).encode())

    def remove(self, anchor: TrustedAnchor) -> None:
        """Trust it no longer.

        Raises:
            NotFound: it was not trusted.
        """
        with self._changing():
            try:
                self._path(anchor).unlink()
            except FileNotFoundError as error:
                raise NotFound("no one anchor has this fingerprint") from error

    def anchors(self) -> Anchors:
        """The authorities of JPKI's two kinds, for the verifier."""
        return Anchors.load(each.certificate for each in self.all() if each.use.of_jpki)

    def timestamp_anchors(self) -> tuple[bytes, ...]:
        """The certificates trusted for timestamps, DER."""
        return tuple(each.certificate for each in self.all() if each.use is TrustUse.TIMESTAMP)

    def signer_anchors(self) -> tuple[bytes, ...]:
        """The certificates trusted for signers outside of JPKI, DER."""
        return tuple(each.certificate for each in self.all() if each.use is TrustUse.SIGNER)

    def _path(self, anchor: TrustedAnchor) -> Path:
        suffix = f".{anchor.use.value}{_SUFFIX}" if anchor.use is TrustUse.SIGNER else _SUFFIX
        return self.directory / (anchor.fingerprint.hex() + suffix)

    def _read(self, path: Path) -> TrustedAnchor | None:
        """None if somebody has just removed it."""
        try:
            if path.stat().st_size > _LONGEST:
                raise Malformed(f"this is no trust anchor: {path}")
            anchor = TrustedAnchor.read(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable(f"a trust anchor cannot be read: {path}", detail=str(error)) from error
        if self._path(anchor) != path:
            raise Malformed(f"this file is another anchor's: {path}")
        return anchor

    @contextmanager
    def _changing(self) -> Iterator[None]:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(self.directory / "lock"):
            yield


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole, or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    SystemFiles().sync_directory(path.parent)
