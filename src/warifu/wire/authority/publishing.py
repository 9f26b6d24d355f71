"""Making revocation lists: of each municipality and generation, and of the authorities themselves.

A list is made in three steps, as a certificate is: its number is reserved and committed, it is signed with no lock
held, it is kept. So numbers only grow, whatever crashes.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine

from warifu.ca import Authority, Generations
from warifu.person import Municipality
from warifu.pki import CertificateKind
from warifu.ports import Clock, DigestSigner
from warifu.wire.authority import lists
from warifu.wire.authority.recording import recording
from warifu.wire.authority.revoked import RevokedOf
from warifu.wire.authority.roster import Roster
from warifu.wire.database import reading

__all__ = ["LIST_PERIOD", "Publisher"]

LIST_PERIOD = timedelta(hours=24)
"""How often a revocation list is made anew when somebody asks for it. Modelled: public descriptions say daily."""

_OF_AUTHORITIES = ""
"""Where a list's number counts for a municipality, the counter of the authorities' own list."""

Published = tuple[datetime, bytes]
"""When a list was made, and the list."""

_log = logging.getLogger("warifu.authority")


class Publisher:
    """Makes, keeps and finds the lists of the authorities of a roster."""

    def __init__(self, engine: Engine, roster: Roster, clock: Clock) -> None:
        self._engine = engine
        self._roster = roster
        self._clock = clock
        self._publishing = threading.Lock()

    def publish(self, kind: CertificateKind, municipality: str, generation: bytes | None = None) -> Published:
        """Make a municipality's revocation list as of now and keep it.

        Raises:
            NotFound: no such authority, or nothing was ever issued through this municipality.
        """
        authority = self._roster.authority(kind, generation)
        with recording(self._engine) as record:
            now = self._clock.now()  # nobody records anything from here on, so the list is whole as of this moment
            place = lists.find_municipality(record.connection, municipality)
            number = lists.reserve_number(record, authority, municipality, now)
            revoked = RevokedOf(record.connection, authority, municipality)
            now = max(now, lists.not_before(record.connection, authority, municipality, revoked.latest))
        der = _sign(authority, place, revoked, number, now)
        with recording(self._engine) as record:
            lists.keep_list(record, authority, municipality, number, now, der)
        _log.info("revocation list made", extra={"kind": kind.value, "municipality": municipality})
        return now, der

    def newest(self, kind: CertificateKind, municipality: str, generation: bytes | None = None) -> Published:
        """A municipality's newest revocation list; made anew when it is a day old.

        Raises:
            NotFound: as `publish`.
        """
        authority = self._roster.authority(kind, generation)

        def find() -> Published | None:
            with reading(self._engine) as connection:
                return lists.newest_list(connection, authority, municipality)

        return self._fresh(find, lambda: self.publish(kind, municipality, generation))

    def publish_of_authorities(self, kind: CertificateKind, generation: bytes | None = None) -> Published:
        """Make the list of an authority's own revoked certificates (ARL): of generations whose keys leaked.

        Raises:
            NotFound: no such authority.
        """
        authority = self._roster.authority(kind, generation)
        with recording(self._engine) as record:
            before = lists.newest_authority_list(record.connection, authority)
            now = max([self._clock.now(), *([] if before is None else [before[0]])])
            number = lists.reserve_number(record, authority, _OF_AUTHORITIES, now)
        generations = Generations(self._roster.generations(kind), self._roster.compromised)
        der = authority.authority_list(generations.revoked(), number=number, now=now)
        with recording(self._engine) as record:
            lists.keep_authority_list(record, authority, number, now, der)
        return now, der

    def newest_of_authorities(self, kind: CertificateKind, generation: bytes | None = None) -> Published:
        """The newest list of an authority's own certificates; made anew when it is a day old.

        Raises:
            NotFound: no such authority.
        """
        authority = self._roster.authority(kind, generation)

        def find() -> Published | None:
            with reading(self._engine) as connection:
                return lists.newest_authority_list(connection, authority)

        return self._fresh(find, lambda: self.publish_of_authorities(kind, generation))

    def publish_due(self) -> int:
        """Make every list anew that is a day old, of the generations whose keys are here; how many."""
        with reading(self._engine) as connection:
            due = lists.due(connection, self._clock.now() - LIST_PERIOD)
        here = {(authority.kind, authority.generation) for authority in self._roster.all()}
        mine = [each for each in due if each[:2] in here]
        for kind, generation, municipality in mine:
            self.newest(kind, municipality, generation)
        return len(mine)

    def publish_all(self, progress: Callable[[int, int], None] = lambda _done, _all: None) -> int:
        """Make every list anew: of each generation, each municipality and the authorities; how many."""
        with reading(self._engine) as connection:
            codes = lists.all_municipalities(connection)
        authorities = self._roster.all()
        count, done = len(authorities) * (len(codes) + 1), 0
        for authority in authorities:
            self.publish_of_authorities(authority.kind, authority.generation)
            progress(done := done + 1, count)
            for code in codes:
                self.publish(authority.kind, code, authority.generation)
                progress(done := done + 1, count)
        return count

    def _fresh(self, find: Callable[[], Published | None], make: Callable[[], Published]) -> Published:
        found = find()
        if found is None or not self._lasts(found):
            with self._publishing:  # many may ask at once when the day is over; one makes it
                found = find()
                return found if found is not None and self._lasts(found) else make()
        return found

    def _lasts(self, published: Published) -> bool:
        return self._clock.now() - published[0] < LIST_PERIOD


def _sign(authority: Authority, place: Municipality, revoked: RevokedOf, number: int, now: datetime) -> bytes:
    """The list: hashed while it is written, so that nothing of it is there twice, by a key that signs digests."""
    if not isinstance(authority.issuer.signer, DigestSigner):
        return authority.revocation_list(place, revoked, number=number, now=now)
    made = bytearray()
    authority.write_revocation_list(made.extend, place, lambda: revoked, number=number, now=now)
    return bytes(made)
