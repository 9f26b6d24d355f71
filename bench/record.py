"""The authorities with their record: what issuing, answering beforehand and listing cost once everything is kept.

The limit of what is signed is one RSA-2048 signature; all else is the record, its log and the disk. Sizes are bytes of
the SQLite file for each certificate, its DER, its history and its leaves in the log included.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.authorities import KIND, PLACE, applications, authorities
from bench.row import Row, microseconds, slower_than_limit
from warifu.ca import Event
from warifu.pki import KeySigner
from warifu.town.pool import private_key
from warifu.wire.authority import Authorities

COUNT, TOGETHER = 2_000, 100


def measure() -> list[Row]:
    """Five rows."""
    signer = KeySigner(private_key(0))
    signature = microseconds(lambda: signer.sign(bytes(1300)), seconds=1.0)
    with tempfile.TemporaryDirectory() as folder, authorities(Path(folder), signer) as record:
        before = _size(Path(folder))
        issued = _timed(lambda: _issue(record)) / COUNT
        size = (_size(Path(folder)) - before) / COUNT
        revoked = _timed(lambda: _revoke(record)) / (COUNT // 10)
        answered = _timed(lambda: record.status.presign(KIND)) / COUNT
        listed = _timed(lambda: record.publish(KIND, PLACE.code))
    return [
        slower_than_limit("record: a certificate issued, a hundred together", issued, signature, 0.25),
        slower_than_limit("record: bytes of a certificate", size, 1600.0, 0.3, "bytes"),
        slower_than_limit("record: an event recorded, each on its own", revoked, 5000.0, 0.5),
        slower_than_limit("record: an answer signed beforehand", answered, signature, 0.7),
        slower_than_limit("record: a list of two hundred", listed, 20_000.0, 0.3),
    ]


def _issue(record: Authorities) -> None:
    holder = KeySigner(private_key(1))
    for begin in range(0, COUNT, TOGETHER):
        record.issue_all(applications(holder, TOGETHER, first=begin))


def _revoke(record: Authorities) -> None:
    for number in range(2, COUNT, 10):  # after the authority's own
        record.record(KIND, number, Event.KEY_COMPROMISED)


def _timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1e6


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())
