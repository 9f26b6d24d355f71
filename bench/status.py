"""Ten million certificates in a status snapshot: its size, how long a question takes, how long reopening takes.

Serial numbers are sequential as in life, one certificate in seven is revoked and a few never reached the record.
"""

import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.row import Row, microseconds, slower_than_limit
from warifu.pki import CertificateKind
from warifu.wire.snapshot import Heading, Snapshot, StatusRow, write_snapshot

COUNT = 10_000_000
FIRST = 0x01000000
GENERATIONS = (bytes(20), b"\1" * 20)
NOW = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
_DAY = 86_400
_EVERY = 7


def measure() -> list[Row]:
    """Four rows; the limits are one byte a certificate, a microsecond a question, and a page read from disk."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "status"
        start = time.perf_counter()
        write_snapshot(path, heading(), rows())
        per_certificate = (time.perf_counter() - start) / COUNT * 1e6
        size = path.stat().st_size / COUNT
        reopened = microseconds(lambda: Snapshot.open(path).close())
        with Snapshot.open(path) as snapshot:
            asked = _asked(snapshot)
    return [
        slower_than_limit("certificate status, question among 10 M", asked, 1.0, 0.5),
        slower_than_limit("certificate status, size of each of 10 M", size, 1.0, 0.2, "bytes"),
        slower_than_limit("certificate status, reopening 10 M", reopened / 1000, 1.0, 0.2, "ms"),
        slower_than_limit("certificate status, writing each of 10 M", per_certificate, 1.0, 0.2),
    ]


def heading() -> Heading:
    """What the rows are."""
    return Heading(CertificateKind.AUTHENTICATION, NOW, GENERATIONS, FIRST, COUNT, -(-COUNT // _EVERY), 0)


def rows() -> Iterator[StatusRow]:
    """The certificates: two generations, ends of validity spread over five years."""
    today = int(NOW.timestamp()) // _DAY
    recorded = int(NOW.timestamp())
    for place in range(COUNT):
        ends = (today + place % 1826) * _DAY + 53_999
        if place % _EVERY:
            yield StatusRow(FIRST + place, place & 1, ends)
        else:
            yield StatusRow(FIRST + place, place & 1, ends, recorded - place, 3)


def _asked(snapshot: Snapshot) -> float:
    """One question, at random places, most of them good and some revoked, less what the loop itself takes."""
    chance = random.Random(1)
    numbers = [FIRST + chance.randrange(COUNT) for _ in range(10_000)]
    now = NOW + timedelta(seconds=1)
    status = snapshot.status

    def ask() -> None:
        for number in numbers:
            status(GENERATIONS[number & 1], number, now)

    return microseconds(ask, seconds=2.0) / len(numbers)
