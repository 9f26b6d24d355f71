"""A revocation list of a million entries, written to a file while it is hashed; openssl reads it back.

The limit is the SHA-256 of the finished file. No library we know writes such a list: the builder of `cryptography`
copies its list of entries for every entry it is given.
"""

import hashlib
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from bench.row import Row, slower_than_limit
from bench.verify import NOW, PLACE, authority
from warifu.pki import Reason, Revocation, write_crl

COUNT = 1_000_000
FIRST = 0x01000000
_KIB = 1024


def measure() -> list[Row]:
    """Two rows: time an entry, and the memory that writing added."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.crl"
        before, start = _peak(), time.perf_counter()
        with path.open("wb") as file:
            write_crl(file.write, authority(), municipality=PLACE, revoked=revoked, number=1, this_update=NOW)
        taken, added = time.perf_counter() - start, _peak() - before
        _check(path)
        return [
            slower_than_limit("revocation list of 1 M, writing an entry", taken / COUNT * 1e6, _hashed(path), 0.005),
            slower_than_limit("revocation list of 1 M, memory added", max(added, 0.1), 32.0, 1.0, "MiB"),
        ]


def revoked() -> Iterator[tuple[int, Revocation]]:
    """Every seventh serial number, for one of five reasons."""
    reasons = tuple(Reason)[1:6]
    for place in range(COUNT):
        yield FIRST + 7 * place, Revocation(NOW - timedelta(seconds=place), reasons[place % len(reasons)])


def _hashed(path: Path) -> float:
    start = time.perf_counter()
    with path.open("rb") as file:
        hashlib.file_digest(file, "sha256")
    return (time.perf_counter() - start) / COUNT * 1e6


def _peak() -> float:
    """The most memory this process ever had, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB


def _check(path: Path) -> None:
    told = subprocess.run(
        ["openssl", "crl", "-inform", "DER", "-in", str(path), "-noout", "-crlnumber"],
        capture_output=True,
        text=True,
        check=True,
    )
    if told.stdout.strip() != "crlNumber=0x01":
        raise RuntimeError(f"openssl reads something else: {told.stdout}")
