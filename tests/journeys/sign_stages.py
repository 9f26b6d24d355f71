"""Two stages for the signing journey: authority and timestamp authority in this process, or behind loopback HTTP."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from tests.ca import town
from tests.ca.town import SIGNING, Moment
from tests.card import people
from tests.tsa import world as tsa
from warifu.ca import Event, Issued, follow
from warifu.card import Card, MemoryStore, personalise
from warifu.pki import EndEntityCertificate, OcspRequest
from warifu.wire import authority as authority_wire
from warifu.wire import timestamps as timestamps_wire
from warifu.wire.authority import Authorities, OcspClient
from warifu.wire.clock import SystemEntropy
from warifu.wire.database import open_database
from warifu.wire.serving import Application, Reserved, reserve, serve_in_thread
from warifu.wire.timestamps import TimestampClient

CARD_KEY = 10
ENTROPY = SystemEntropy()


class Stage(Protocol):
    """What the signer's and the verifier's programs ask others."""

    clock: Moment

    def issue(self) -> bytes:
        """The authority certifies the card's signing key."""

    def move(self) -> None:
        """The holder moves house: the authority revokes (公的個人認証法 第12条第1項第1号)."""

    def status(self, question: bytes) -> bytes:
        """The authority's answer to an OCSP question."""

    def stamp(self, request: bytes) -> bytes:
        """The timestamp authority's answer."""


def card_with(certificate: bytes) -> Card:
    """An ordinary adult's card that holds this signing certificate."""
    person = replace(
        people.person(),
        signing_key=people.private_bytes(CARD_KEY),
        signing_certificate=certificate,
        signing_ca_certificate=town.issuer(SIGNING).certificate_der,
    )
    return Card(MemoryStore(personalise(person, people.issuer())), ENTROPY)


class InProcess:
    """Engines only: what `wire` would fetch and keep is a variable here."""

    def __init__(self) -> None:
        self.clock = Moment()
        self._authority = town.authority(SIGNING)
        self._serials = itertools.count(1)

    def issue(self) -> bytes:
        self._issued: Issued = self._authority.issue(town.application(SIGNING), 0x01000001, self.clock.now())
        return self._issued.certificate

    def move(self) -> None:
        entry = follow(self._issued.entry, Event.ATTRIBUTES_CHANGED, self.clock.now())
        self._issued = replace(self._issued, entry=entry)

    def status(self, question: bytes) -> bytes:
        return self._authority.answer(OcspRequest.decode(question), self._issued.entry, self.clock.now())

    def stamp(self, request: bytes) -> bytes:
        return tsa.authority().answer(request, self.clock.now(), next(self._serials))


class OverHttp:
    """The same parties as servers on loopback."""

    def __init__(self, clock: Moment, authorities: Authorities, ocsp: OcspClient, addresses: tuple[str, str]) -> None:
        self.clock = clock
        self._authorities, self._ocsp = authorities, ocsp
        self._status, self._stamps = addresses

    def issue(self) -> bytes:
        self._certificate = self._authorities.issue(town.application(SIGNING)).certificate
        return self._certificate

    def move(self) -> None:
        serial_number = EndEntityCertificate.decode(self._certificate).serial_number
        self._authorities.record(SIGNING, serial_number, Event.ATTRIBUTES_CHANGED)

    def status(self, question: bytes) -> bytes:
        answer = self._ocsp.ask(self._status, question)
        assert answer is not None
        return answer

    def stamp(self, request: bytes) -> bytes:
        return TimestampClient(self._stamps).ask(request)


@contextmanager
def over_http(directory: Path) -> Iterator[OverHttp]:
    """Start the authority and the timestamp authority."""
    clock, here, there = Moment(), reserve("127.0.0.1"), reserve("127.0.0.1")
    with ExitStack() as stack:
        record = open_database(directory / "record.db", authority_wire.PARTY)
        stack.callback(record.dispose)
        both = [town.authority(kind, address=there.origin) for kind in (SIGNING, town.AUTHENTICATION)]
        authorities = Authorities(record, both, clock, holder_key=b"holders of the tests only")
        sites: list[tuple[Reserved, Application]] = [
            (there, authority_wire.application(authorities)),
            (here, timestamps_wire.application(tsa.authority(), clock, ENTROPY)),
        ]
        stack.enter_context(serve_in_thread(sites))
        ocsp = stack.enter_context(OcspClient({}, ENTROPY))
        addresses = (both[0].addresses.ocsp or "", f"{here.origin}/tsa")
        yield OverHttp(clock, authorities, ocsp, addresses)
