"""The authorities with their record: what issuing, answering beforehand and listing cost once everything is kept.

The limit of what is signed is one RSA-2048 signature; all else is the record, its log and the disk. Sizes are bytes of
the SQLite file for each certificate, its DER, its history and its leaves in the log included.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.issue import ADDRESSES
from bench.row import Row, microseconds, slower_than_limit
from bench.verify import PLACE
from warifu.ca import Authority, CertificateApplication, Event
from warifu.pki import CertificateKind, Issuer, KeySigner, build_ca_certificate
from warifu.town.pool import private_key
from warifu.wire.authority import PARTY, Authorities
from warifu.wire.clock import SystemClock
from warifu.wire.database import open_database

KIND = CertificateKind.AUTHENTICATION
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


@contextmanager
def authorities(folder: Path, signer: KeySigner) -> Iterator[Authorities]:
    """An authority with an empty record in a folder."""
    now = datetime.now(UTC)
    ends = now + timedelta(days=3000)
    certificate = build_ca_certificate(KIND, signer, serial_number=1, not_before=now, not_after=ends)
    one = Authority(Issuer(certificate, signer, KIND), ADDRESSES)
    engine = open_database(folder / "record.db", PARTY)
    record = Authorities(engine, [one], SystemClock(), holder_key=bytes(32))
    yield record
    record.close()


def _issue(record: Authorities) -> None:
    key = KeySigner(private_key(1)).public_key_info
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=900)
    for begin in range(0, COUNT, TOGETHER):
        holders = (f"holder-{n}" for n in range(begin, begin + TOGETHER))
        record.issue_all([CertificateApplication(KIND, holder, PLACE, key, ends) for holder in holders])


def _revoke(record: Authorities) -> None:
    for n in range(0, COUNT, 10):
        record.record_for(f"holder-{n}", Event.KEY_COMPROMISED)


def _timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1e6


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())
