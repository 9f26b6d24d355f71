"""Both authorities of the tests over a record in a directory."""

from pathlib import Path

from tests.ca.town import AUTHENTICATION, SIGNING, Moment, authority
from warifu.ca import Entry, Event, changes
from warifu.ports import Clock
from warifu.wire.authority import PARTY, Authorities, certificates
from warifu.wire.authority.recording import recording
from warifu.wire.database import open_database

FIRST = 0x01000001
HOLDER_KEY = b"holders of the tests only"


def open_authorities(where: Path | str, clock: Clock | None = None) -> Authorities:
    """The authorities, as they are after a start of the program; in a directory, or at a database's address."""
    engine = open_database(where / "authority.sqlite" if isinstance(where, Path) else where, PARTY)
    both = [authority(SIGNING, 0), authority(AUTHENTICATION, 1)]
    return Authorities(engine, both, clock or Moment(), holder_key=HOLDER_KEY, first_serial_number=FIRST)


def record_for(authorities: Authorities, holder: str, event: Event) -> list[Entry]:
    """Let an event happen to all live certificates of a holder that it concerns, together or not at all."""
    with recording(authorities.engine) as record:
        now = authorities.clock.now()
        live = certificates.live_of(record.connection, authorities.holders.keyed(holder), now)
        return certificates.record_changes(record, changes(live, live, event, now), now)
