"""The parties over their databases in one process, with couriers between them; and what they say of certificates."""

import shutil
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import func, select

from tests.applying import applied
from tests.ca.town import key
from tests.registry.people import Chance
from tests.wire.authorities import FIRST, HOLDER_KEY
from tests.wire.postgresql import scratch
from warifu.ca import Authority
from warifu.messages import CertificateIssued, OrderedKind, OrderRefused, message_type
from warifu.pki import CertificateKind, Issuer, ServiceAddresses, build_ca_certificate
from warifu.registry import (
    Card,
    CardHolder,
    CertificateNote,
    Clerk,
    Desk,
    Office,
    Phone,
    ResidentRecord,
    Section,
    SignedByCard,
    find_place,
)
from warifu.wire import authority as authorities_room
from warifu.wire import registry as registry_room
from warifu.wire.authority import Authorities, certificates
from warifu.wire.authority.audit import audit
from warifu.wire.authority.generations import since, until
from warifu.wire.authority.heads import Heads
from warifu.wire.authority.letters import RegisterLetters
from warifu.wire.authority.tables import refusals
from warifu.wire.database import open_database, reading
from warifu.wire.numbering import Numbering
from warifu.wire.post import Carrier, Courier, LocalCarrier
from warifu.wire.registry import Registry
from warifu.wire.registry.reading import card_holder, cards_of, last_record, phones_of
from warifu.wire.witness import HeadFile

PLACES = ("13221", "13113", "47201")
START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
PARTIES = (authorities_room.PARTY, registry_room.PARTY, "numbering")
KEYS = {"signing": 60, "authentication": 80}
"""Where in the pool of test keys those of the authorities begin; generation after generation."""
LOG_KEY = 120
JLIS = Clerk("maker", Desk(Office.JLIS))
HOTLINE = Clerk("operator-1", Desk(Office.HOTLINE))


def window(place: str) -> Clerk:
    """The residents' section of a municipality."""
    return Clerk("clerk-1", Desk(Office.MUNICIPALITY, place, Section.RESIDENTS))


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment


@cache
def _empty_databases() -> TemporaryDirectory[str]:
    """Databases of the newest version, to be copied: migrating them takes longer than a life."""
    folder = TemporaryDirectory(prefix="warifu-", dir=scratch())
    for party in PARTIES:
        open_database(Path(folder.name, f"{party}.sqlite"), party).dispose()
    return folder


class Country:
    """Register, numbering and both authorities."""

    def __init__(self) -> None:
        self.clock, self.chance = Clock(), Chance(7)
        self._folder = TemporaryDirectory(prefix="warifu-", dir=scratch())
        self.generations: list[Authority] = []
        for path in Path(_empty_databases().name).glob("*.sqlite"):
            shutil.copy(path, self._folder.name)
        self._engines = {party: open_database(Path(self._folder.name, f"{party}.sqlite"), party) for party in PARTIES}
        self.registry = Registry(self._engines[registry_room.PARTY], self.clock, self.chance)
        self.numbering = Numbering(self._engines["numbering"], self.clock, self.chance)
        for number, kind in enumerate(CertificateKind):
            self.generations.append(self._generation(kind, FIRST - 1 - number))
        self.restart()
        for place in PLACES:
            self.registry.people.stock_codes(window(place))
        self.carry()

    def restart(self) -> None:
        """The authorities' program stops and starts, with all the keys there are."""
        engine = self._engines[authorities_room.PARTY]
        self.authorities = Authorities(engine, self.generations, self.clock, holder_key=HOLDER_KEY)
        witness = HeadFile(Path(self._folder.name, "heads"), key(LOG_KEY).public_key_info)
        self.heads = Heads(engine, key(LOG_KEY), self.clock, witness)

    def close(self) -> None:
        """The end of the world."""
        for engine in self._engines.values():
            engine.dispose()
        self._folder.cleanup()

    # --- generations --------------------------------------------------------------------------------------------------

    def roll_over(self, kind: CertificateKind) -> None:
        """A ceremony: another key under the same name; the old one goes on answering."""
        number = certificates.take_serial(self._engines[authorities_room.PARTY], kind, self.clock.now())
        self.generations.append(self._generation(kind, number))
        self.restart()

    def newest_end(self, kind: CertificateKind) -> datetime:
        """When the newest generation ends."""
        return self.authorities.authority(kind).issuer.certificate.not_valid_after_utc

    def _generation(self, kind: CertificateKind, serial_number: int) -> Authority:
        there = sum(each.kind is kind for each in self.generations)
        signer, now = key(KEYS[kind.value] + there), self.clock.now()
        made = build_ca_certificate(
            kind, signer, serial_number=serial_number, not_before=since(now), not_after=until(now)
        )
        origin = "http://127.0.0.1:8703"
        return Authority(Issuer(made, signer, kind), ServiceAddresses(f"{origin}/ocsp/{kind.value}", f"{origin}/cps"))

    # --- the post -----------------------------------------------------------------------------------------------------

    def carry(self, *, to_authorities: bool = True) -> None:
        """Carry all letters; those to the authorities wait if their post does not work."""
        carriers: dict[str, Carrier] = {"numbering": LocalCarrier(self.numbering.mailbox())}
        if to_authorities:
            letters = RegisterLetters(self.authorities, lambda code: find_place(code).municipality)
            carriers["authority"] = LocalCarrier(letters)
        Courier(self._engines[registry_room.PARTY], carriers, self.clock, self.registry.on_answers()).run()
        left = {each.recipient: (each.waiting, each.refused) for each in self.registry.queues()}
        assert set(left) <= (set() if to_authorities else {"authority"}), left

    # --- what is on record --------------------------------------------------------------------------------------------

    def record(self, holder: str) -> ResidentRecord:
        """The person's last record."""
        with reading(self._engines[registry_room.PARTY]) as connection:
            return last_record(connection, holder)

    def holder(self, holder: str) -> CardHolder:
        """The person as the card's side sees one."""
        with reading(self._engines[registry_room.PARTY]) as connection:
            return card_holder(connection, holder)

    def card(self, holder: str, card: str) -> Card:
        """The record of a card."""
        with reading(self._engines[registry_room.PARTY]) as connection:
            return next(each for each in cards_of(connection, [holder]) if each.id == card)

    def phone(self, holder: str, phone: str) -> Phone:
        """The record of a phone."""
        with reading(self._engines[registry_room.PARTY]) as connection:
            return next(each for each in phones_of(connection, holder) if each.id == phone)

    def answer(self, order: str) -> x509.Certificate | None:
        """The certificate that was issued for an order, or None if it was refused."""
        body = self.registry.cards.certificate(JLIS, order)
        if message_type(body) == OrderRefused.TYPE:
            return None
        return x509.load_der_x509_certificate(CertificateIssued.decode(body).certificate)

    def refusals(self) -> int:
        """How many refusals the authorities have on record."""
        with reading(self._engines[authorities_room.PARTY]) as connection:
            return connection.scalar(select(func.count()).select_from(refusals)) or 0

    def audit(self) -> None:
        """Sign the log's head, and hold every row of the record against the log."""
        self.heads.sign()
        found = audit(self._engines[authorities_room.PARTY], self.heads.public_key_info, self.heads.witness)
        assert not found.findings, [str(each) for each in found.findings]
        self.registry.check_log()


def signed_on_phone(country: Country, holder: str, card: str, keys: Mapping[OrderedKind, bytes]) -> SignedByCard:
    """Applications for certificates of these keys, as the app has the holder sign them with the card."""
    known = country.card(holder, card).certificate(OrderedKind.SIGNING)
    issued = None if known is None or known.note is not CertificateNote.ON_CARD else country.answer(known.order)
    if issued is None:
        return SignedByCard(card, applied(keys, country.clock.now()))
    public = issued.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signer = next(each for each in map(key, range(10, 60)) if each.public_key_info == public)
    return SignedByCard(card, applied(keys, country.clock.now(), signer.sign, issued.serial_number))


def card_keys(kinds: Iterable[str], number: int) -> dict[OrderedKind, bytes]:
    """Public keys for a card or a phone; which ones matters to nobody."""
    return {OrderedKind(kind): key(10 + (number + n) % 40).public_key_info for n, kind in enumerate(sorted(kinds))}
