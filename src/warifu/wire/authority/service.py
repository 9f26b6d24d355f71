"""The two authorities at work: every decision is the room's, every change is one transaction of the record.

A certificate is issued in three steps: its serial number is reserved and committed; it is signed, with no lock held; it
is recorded and committed. Only then is it handed out. A crash before the last commit leaves a number that is never used
again and a certificate that nobody has. Revocation lists work the same way, so their numbers never go back.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine

from warifu.ca import (
    Authority,
    CertificateApplication,
    Entry,
    Event,
    Issued,
    application_of,
    changes,
    follow,
    room_for,
)
from warifu.errors import NotAllowed, NotFound
from warifu.messages import CertificateOrder
from warifu.person import Municipality
from warifu.pki import CertificateKind
from warifu.ports import Clock
from warifu.wire.authority import certificates, known, lists, refusals
from warifu.wire.authority.holders import Holders
from warifu.wire.authority.publishing import Publisher
from warifu.wire.authority.recording import Recording, recording
from warifu.wire.authority.roster import Roster
from warifu.wire.authority.status import StatusDesk
from warifu.wire.database import reading

_log = logging.getLogger("warifu.authority")


class Authorities:
    """The authorities of both kinds, in all the generations whose keys we have, with their common record.

    Of each kind the last generation given issues, for keys like its own; all answer. `holder_key` keys the hash under
    which holders are kept: at least 16 secret bytes, always the same for the same record. Serial numbers begin at
    `first_serial_number`, and after the authorities' own.
    """

    def __init__(
        self,
        engine: Engine,
        authorities: Iterable[Authority],
        clock: Clock,
        *,
        holder_key: bytes,
        first_serial_number: int = 1,
    ) -> None:
        self.holders = Holders(holder_key)
        self.engine = engine
        self.clock = clock
        self.roster = Roster(authorities)
        self.publisher = Publisher(engine, self.roster, clock)
        self.status = StatusDesk(engine, self.roster, clock)
        with recording(engine) as record:
            self.roster.compromised = known.compromised(record.connection)
            for authority in self.roster.all():
                known.keep(record, authority, clock.now())
                own = authority.issuer.certificate.serial_number + 1
                certificates.start_serials(record, authority.kind, max(first_serial_number, own), clock.now())

    def close(self) -> None:
        """Close the record."""
        self.engine.dispose()

    def authority(self, kind: CertificateKind, generation: bytes | None = None) -> Authority:
        """The newest generation of a kind, or the one with this key identifier.

        Raises:
            NotFound: there is none.
        """
        return self.roster.authority(kind, generation)

    def generations(self, kind: CertificateKind) -> list[Authority]:
        """All generations of a kind, the newest last."""
        return self.roster.generations(kind)

    def issuing(self, application: CertificateApplication) -> Authority:
        """The newest generation that certifies keys like this one.

        Raises:
            NotFound: as `authority`.
        """
        return self.roster.issuing(application, self.clock.now())

    def compromise(
        self,
        kind: CertificateKind,
        generation: bytes,
        progress: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> int:
        """Record that a generation's key leaked: it issues no more, and all under it is revoked; how many were.

        Raises:
            NotFound: no such generation was ever at work here.
        """
        ended = known.compromise(self.engine, kind, generation, self.clock.now(), progress)
        self.refresh()
        return ended

    def refresh(self) -> None:
        """Learn which keys leaked, whoever recorded it."""
        with reading(self.engine) as connection:
            self.roster.compromised = known.compromised(connection)

    # --- certificates ---

    def issue(self, application: CertificateApplication, *, renew: bool = False) -> Issued:
        """Issue one certificate; with `renew` it takes the place of the holder's present one, which is revoked.

        Raises:
            NotAllowed: the application breaks a rule, or the holder has a certificate in effect.
        """
        [issued] = self.issue_all([application], renew=renew)
        return issued

    def issue_all(self, applications: Sequence[CertificateApplication], *, renew: bool = False) -> list[Issued]:
        """Issue several certificates, all or none of them.

        Raises:
            NotAllowed: as `issue`, for any of them.
        """
        now = self.clock.now()
        with self._refusing(applications, now):
            serials = self._reserve(applications, now, renew=renew)
            issued = [
                self.issuing(application).issue(application, serial_number, now, live)
                for application, (serial_number, live) in zip(applications, serials, strict=True)
            ]
            with recording(self.engine) as record:
                for application, one in zip(applications, issued, strict=True):
                    self.settle(record, application, one, now, renew=renew)
        _log.info("certificates issued", extra={"count": len(issued)})
        return issued

    def prepare(self, order: CertificateOrder, municipality: Municipality) -> tuple[CertificateApplication, Issued]:
        """Reserve a serial number for an order of the register's and sign its certificate; `settle` records it.

        Raises:
            NotAllowed: the order breaks a rule.
            WrongSignature: the holder's card did not sign the application for a phone.
        """
        now = self.clock.now()
        holder = self.holders.of(order.holder)
        with recording(self.engine) as record:
            live = certificates.live_of(record.connection, holder.keyed, now)
            application = application_of(order, municipality, live, now, _signed_with(record.connection, order))
            serial_number = self._reserve_one(record, application, live, now)
        return application, self.issuing(application).issue(application, serial_number, now, live)

    def settle(
        self, record: Recording, application: CertificateApplication, issued: Issued, now: datetime, *, renew: bool
    ) -> None:
        """Record a certificate that was signed; in its caller's transaction.

        Raises:
            NotAllowed: another certificate came in its way meanwhile.
        """
        self._replace(record, application, now, renew=renew)
        certificates.record_issued(record, issued, now)

    def _reserve(
        self, applications: Sequence[CertificateApplication], now: datetime, *, renew: bool
    ) -> list[tuple[int, list[Entry]]]:
        """A serial number for each, and the live certificates of its holder."""
        reserved = []
        with recording(self.engine) as record:
            for application in applications:
                live = certificates.live_of(record.connection, self.holders.keyed(application.holder), now)
                room_for(application, live, now, renewal=renew)
                reserved.append((self._reserve_one(record, application, live, now), live))
        return reserved

    def _reserve_one(
        self, record: Recording, application: CertificateApplication, live: list[Entry], now: datetime
    ) -> int:
        authority, holder = self.issuing(application), self.holders.of(application.holder)
        authority.check(application, now, live)
        known.check_issues(record.connection, authority)
        lists.keep_municipality(record, application.municipality, now)
        return certificates.reserve(record, authority, application, holder, now)

    def _replace(self, record: Recording, application: CertificateApplication, now: datetime, *, renew: bool) -> None:
        """Look again before recording: somebody else may have issued for the same holder while we signed."""
        holder = self.holders.keyed(application.holder)
        certificates.retire_expired(record, holder, now)
        live = certificates.live_of(record.connection, holder, now)
        replaced = room_for(application, live, now, renewal=renew)
        if replaced is not None:
            certificates.record_changes(record, changes(live, [replaced], Event.RENEWED, now), now)

    @contextmanager
    def _refusing(self, applications: Sequence[CertificateApplication], now: datetime) -> Iterator[None]:
        """What is refused is on record too: nothing of the applications, and that they were refused."""
        try:
            yield
        except NotAllowed as refusal:
            with recording(self.engine) as record:
                for kind in {application.kind for application in applications}:
                    refusals.record(record, kind, "issue", None, refusal, now)
            raise

    def record(self, kind: CertificateKind, serial_number: int, event: Event) -> Entry:
        """Let an event happen to a certificate, now.

        Raises:
            NotFound: never issued.
            NotAllowed: it cannot happen to this certificate.
        """
        now = self.clock.now()
        try:
            with recording(self.engine) as record:
                entry = certificates.find(record.connection, kind, serial_number)
                if entry is None:
                    raise NotFound("no such certificate was issued")
                follow(entry, event, now)
                holder = certificates.find_holder(record.connection, entry)
                live = certificates.live_of(record.connection, holder, now)
                certificates.record_changes(record, changes(live, [entry], event, now), now)
                after = certificates.find(record.connection, kind, serial_number)
        except NotAllowed as refusal:
            with recording(self.engine) as record:
                refusals.record(record, kind, event.value, serial_number, refusal, now)
            raise
        _log.info("event recorded", extra={"kind": kind.value, "event": event.value})
        assert after is not None, "it was there before"
        return after

    def find(self, kind: CertificateKind, serial_number: int) -> Entry | None:
        """The entry under a serial number, if a certificate was issued under it."""
        with reading(self.engine) as connection:
            return certificates.find(connection, kind, serial_number)

    def certificate(self, kind: CertificateKind, serial_number: int) -> bytes:
        """A certificate that was issued, DER.

        Raises:
            NotFound: there is none under this number.
        """
        with reading(self.engine) as connection:
            der = certificates.find_der(connection, kind, serial_number)
        if der is None:
            raise NotFound("no such certificate was issued")
        return der

    def live_of(self, holder: str) -> list[Entry]:
        """The live certificates of a holder."""
        with reading(self.engine) as connection:
            return certificates.live_of(connection, self.holders.keyed(holder), self.clock.now())

    # --- revocation lists and status ---

    def publish(self, kind: CertificateKind, municipality: str, generation: bytes | None = None) -> bytes:
        """Make a municipality's revocation list as of now and keep it.

        Raises:
            NotFound: no such authority, or nothing was ever issued through this municipality.
        """
        return self.publisher.publish(kind, municipality, generation)[1]

    def revocation_list(self, kind: CertificateKind, municipality: str, generation: bytes | None = None) -> bytes:
        """A municipality's newest revocation list; made anew when it is a day old.

        Raises:
            NotFound: as `publish`.
        """
        return self.publisher.newest(kind, municipality, generation)[1]

    def answer(self, kind: CertificateKind, data: bytes) -> bytes:
        """The status answer to an encoded message: signed, or an error without signature (RFC 6960 §2.3)."""
        return self.status.reply(kind, data).der


def _signed_with(connection: Connection, order: CertificateOrder) -> bytes | None:
    """The certificate with which the application for a phone says it was signed, if there is one."""
    if order.application is None:
        return None
    number = order.application.read().signed_with
    return certificates.find_der(connection, CertificateKind.SIGNING, number)
