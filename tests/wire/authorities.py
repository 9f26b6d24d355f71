"""Both authorities of the tests over a record in a directory."""

from pathlib import Path

from tests.ca.town import AUTHENTICATION, SIGNING, Moment, authority
from warifu.ports import Clock
from warifu.wire.authority import PARTY, Authorities
from warifu.wire.database import open_database

FIRST = 0x01000001
HOLDER_KEY = b"holders of the tests only"


def open_authorities(where: Path | str, clock: Clock | None = None) -> Authorities:
    """The authorities, as they are after a start of the program; in a directory, or at a database's address."""
    engine = open_database(where / "authority.sqlite" if isinstance(where, Path) else where, PARTY)
    both = [authority(SIGNING, 0), authority(AUTHENTICATION, 1)]
    return Authorities(engine, both, clock or Moment(), holder_key=HOLDER_KEY, first_serial_number=FIRST)
