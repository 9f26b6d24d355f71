"""An authority with an empty record, for the benches that need one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from warifu.ca import Authority, CertificateApplication
from warifu.person import Municipality
from warifu.pki import CertificateKind, Issuer, KeySigner, ServiceAddresses, build_ca_certificate
from warifu.wire.authority import PARTY, Authorities
from warifu.wire.clock import SystemClock
from warifu.wire.database import open_database

KIND = CertificateKind.AUTHENTICATION
PLACE = Municipality("13221", "東京都", "清瀬市", "Tokyo-to", "Kiyose-shi")


@contextmanager
def authorities(folder: Path, signer: KeySigner, origin: str = "http://127.0.0.1:8703") -> Iterator[Authorities]:
    """An authority in a folder, as its certificates name it."""
    now = datetime.now(UTC)
    ends = now + timedelta(days=3000)
    own = build_ca_certificate(KIND, signer, serial_number=1, not_before=now, not_after=ends)
    services = ServiceAddresses(f"{origin}/ocsp/{KIND.value}", f"{origin}/cps")
    one = Authority(Issuer(own, signer, KIND), services)
    record = Authorities(open_database(folder / "record.db", PARTY), [one], SystemClock(), holder_key=bytes(32))
    yield record
    record.close()


def applications(signer: KeySigner, count: int, *, first: int = 0) -> list[CertificateApplication]:
    """Applications of as many holders, for one key."""
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=900)
    key = signer.public_key_info
    return [CertificateApplication(KIND, f"holder-{n}", PLACE, key, ends) for n in range(first, first + count)]
