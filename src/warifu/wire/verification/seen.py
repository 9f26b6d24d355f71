"""Revocations that were seen, on disk: revoked once is revoked for ever, also when this process starts again.

::

    <directory>/secret      32 bytes, the key of the marks
    <directory>/revoked     40 bytes for each certificate: its mark, when it was revoked, why, and a checksum

A mark is a keyed hash (`revocation_mark`): the file cannot be searched for a serial number without the key, and neither
leaves this machine (公的個人認証法 第63条).

Wire: 16 bytes mark, 8 bytes seconds since 1970, big-endian and signed, 1 byte reason, 15 bytes of SHA-256 over these.
"""

import contextlib
import hashlib
import os
import struct
import threading
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from warifu.errors import Malformed
from warifu.pki import Reason, Revocation
from warifu.ports import Entropy
from warifu.verifier import revocation_mark
from warifu.wire.key_files import write_private

__all__ = ["KeptRevocations"]

_RECORD = struct.Struct(">16sqB")
_CHECK = 15
_LENGTH = _RECORD.size + _CHECK
_SECRET = 32


class KeptRevocations:
    """The verifier's `SeenRevocations` in a directory; usable from several threads and processes."""

    def __init__(self, directory: Path, entropy: Entropy) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = directory / "revoked"
        self._lock = FileLock(directory / "lock")
        self._secret = _secret(directory / "secret", entropy)
        self._known: dict[bytes, Revocation] = {}
        self._read = 0
        self._reading = threading.Lock()

    def __repr__(self) -> str:
        return "KeptRevocations()"

    def find(self, issuer_key_id: bytes, serial_number: int) -> Revocation | None:
        """The revocation of this certificate that was seen, by any process."""
        self._catch_up()
        return self._known.get(revocation_mark(self._secret, issuer_key_id, serial_number))

    def keep(self, issuer_key_id: bytes, serial_number: int, revocation: Revocation) -> None:
        """Remember a revocation; it is on the disk when this returns. A hold is passed over."""
        if revocation.reason is Reason.CERTIFICATE_HOLD:
            return
        mark = revocation_mark(self._secret, issuer_key_id, serial_number)
        record = _RECORD.pack(mark, int(revocation.at.timestamp()), revocation.reason)
        with self._lock:
            self._catch_up()
            if mark in self._known:
                return
            handle = os.open(self._file, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                # A record that a crash cut off is written over.
                os.lseek(handle, self._read, os.SEEK_SET)
                os.write(handle, record + _check(record))
                os.fsync(handle)
            finally:
                os.close(handle)
        self._catch_up()

    def _catch_up(self) -> None:
        """Read what was written since."""
        try:
            size = self._file.stat().st_size
        except FileNotFoundError:
            return
        if size - size % _LENGTH <= self._read:
            return
        with self._reading, self._file.open("rb") as file:
            file.seek(self._read)
            while len(record := file.read(_LENGTH)) == _LENGTH:
                if not self._take(record) and self._read + 2 * _LENGTH > size:
                    return  # the last one may be just being written; one before it was damaged, and is passed over
                self._read += _LENGTH

    def _take(self, record: bytes) -> bool:
        """Whether it is whole."""
        told, check = record[: _RECORD.size], record[_RECORD.size :]
        if _check(told) != check:
            return False
        mark, at, reason = _RECORD.unpack(told)
        self._known[mark] = Revocation(datetime.fromtimestamp(at, UTC), Reason(reason))
        return True


def _check(told: bytes) -> bytes:
    return hashlib.sha256(told).digest()[:_CHECK]


def _secret(path: Path, entropy: Entropy) -> bytes:
    """The key of the marks, made once."""
    with contextlib.suppress(FileExistsError):
        write_private(path, entropy.bytes(_SECRET))
    secret = path.read_bytes()
    if len(secret) != _SECRET:
        raise Malformed(f"this is no key: {path}")
    return secret
