"""Making revocation lists: of each municipality and generation, and of the authorities themselves.

A list is made in three steps, as a certificate is: its number is reserved and committed, it is signed with no lock
held, it is kept. So numbers only grow, whatever crashes.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from warifu.ca import Authority, Generations
from warifu.errors import NotFound
from warifu.person import Municipality
from warifu.pki import CertificateKind
from warifu.ports import Clock, DigestSigner
from warifu.wire.authority import lists, spellings
from warifu.wire.authority.recording import recording
from warifu.wire.authority.revoked import RevokedOf
from warifu.wire.authority.roster import Roster
from warifu.wire.database import reading

__all__ = ["LIST_PERIOD", "OF_AUTHORITIES", "ListName", "Publisher"]

LIST_PERIOD = timedelta(hours=24)
"""How often a revocation list is made anew when somebody asks for it. Modelled: public descriptions say daily."""

OF_AUTHORITIES = ""
"""In place of a municipality's code: the list of the authority's own certificates."""

Published = tuple[datetime, bytes]
"""When a list was made, and the list."""

_AS_WRITTEN = lists.AS_WRITTEN
_log = logging.getLogger("warifu.authority")


@dataclass(frozen=True, slots=True)
class ListName:
    """Which list: of a generation, for a municipality's code or `OF_AUTHORITIES`."""

    kind: CertificateKind
    generation: bytes
    municipality: str


class Publisher:
    """Makes, keeps and finds the lists of the authorities of a roster."""

    def __init__(self, engine: Engine, roster: Roster, clock: Clock) -> None:
        self._engine = engine
        self._roster = roster
        self._clock = clock
        self._publishing = threading.Lock()

    def publish(self, kind: CertificateKind, municipality: str, generation: bytes | None = None) -> Published:
        """Make a municipality's revocation list as of now and keep it, under every spelling that is still named.

        Raises:
            NotFound: no such authority, or nothing was ever issued through this municipality.
        """
        authority = self._roster.authority(kind, generation)
        with recording(self._engine) as record:
            now = self._clock.now()  # nobody records anything from here on, so the list is whole as of this moment
            place = lists.find_municipality(record.connection, municipality)
            former = spellings.still_named(record.connection, authority, place, now)
            number = lists.reserve_number(record, authority, municipality, now)
            revoked = RevokedOf(record.connection, authority, municipality)
            now = max(now, lists.not_before(record.connection, authority, municipality, revoked.latest))
        ders = {
            each: _sign(authority, spelled, revoked, number, now) for each, spelled in [(_AS_WRITTEN, place), *former]
        }
        with recording(self._engine) as record:
            lists.keep_list(record, authority, municipality, number, now, ders)
        _log.info("revocation list made", extra={"kind": kind.value, "municipality": municipality})
        return now, ders[_AS_WRITTEN]

    def newest(self, kind: CertificateKind, municipality: str, generation: bytes | None = None) -> Published:
        """A municipality's newest revocation list; made anew when it is a day old, or the municipality renamed.

        Raises:
            NotFound: as `publish`.
        """
        authority = self._roster.authority(kind, generation)
        return self._fresh(
            lambda: self._find(authority, municipality, _AS_WRITTEN),
            lambda: self.publish(kind, municipality, generation),
        )

    def newest_former(
        self, kind: CertificateKind, municipality: str, spelling: int, generation: bytes | None = None
    ) -> Published:
        """As `newest`, under a former spelling, which has this number.

        Raises:
            NotFound: no such authority, or no certificate that has not expired names this spelling.
        """
        authority = self._roster.authority(kind, generation)
        with reading(self._engine) as connection:
            place = lists.find_municipality(connection, municipality)
            named = spellings.still_named(connection, authority, place, self._clock.now())
        if spelling not in {number for number, _ in named}:
            raise NotFound("no certificate names this municipality as it was written before")

        def make() -> Published:
            self.publish(kind, municipality, generation)
            made = self._find(authority, municipality, spelling)
            if made is None:
                raise NotFound("the last certificate that named it has just expired")
            return made

        return self._fresh(lambda: self._find(authority, municipality, spelling), make)

    def _find(self, authority: Authority, municipality: str, spelling: int) -> Published | None:
        with reading(self._engine) as connection:
            return lists.newest_list(connection, authority, municipality, spelling)

    def publish_of_authorities(self, kind: CertificateKind, generation: bytes | None = None) -> Published:
        """Make the list of an authority's own revoked certificates (ARL): of generations whose keys leaked.

        Raises:
            NotFound: no such authority.
        """
        authority = self._roster.authority(kind, generation)
        with recording(self._engine) as record:
            before = lists.newest_authority_list(record.connection, authority)
            now = max([self._clock.now(), *([] if before is None else [before[0]])])
            number = lists.reserve_number(record, authority, OF_AUTHORITIES, now)
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

    def all_lists(self) -> list[ListName]:
        """Every list there is to make: of each generation, for the authority itself and for each municipality."""
        with reading(self._engine) as connection:
            places = [OF_AUTHORITIES, *lists.all_municipalities(connection)]
        return [ListName(each.kind, each.generation, place) for each in self._roster.all() for place in places]

    def make(self, which: ListName) -> Published:
        """Make one of them as of now and keep it.

        Raises:
            NotFound: as `publish`.
        """
        if which.municipality == OF_AUTHORITIES:
            return self.publish_of_authorities(which.kind, which.generation)
        return self.publish(which.kind, which.municipality, which.generation)

    def made_at(self, which: ListName) -> datetime | None:
        """When the newest of a list was made.

        Raises:
            NotFound: no such authority.
        """
        authority = self._roster.authority(which.kind, which.generation)
        with reading(self._engine) as connection:
            if which.municipality == OF_AUTHORITIES:
                found = lists.newest_authority_list(connection, authority)
            else:
                found = lists.newest_list(connection, authority, which.municipality)
        return None if found is None else found[0]

    def publish_all(self, progress: Callable[[int, int], None] = lambda _done, _all: None) -> int:
        """Make every list anew, one after another; how many."""
        names = self.all_lists()
        for done, which in enumerate(names, 1):
            self.make(which)
            progress(done, len(names))
        return len(names)

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
