"""A small country in one process: municipalities, the party that numbers, J-LIS and both authorities.

Engines only: what `wire` would fetch and keep is a variable here. Every message goes through its own wire form, so that
what a party learns is what a message carries.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509

from tests.ca.town import KIYOSE, SHIBUYA, key
from tests.journeys.chips import ENTROPY, heard, is_signing
from warifu.ca import (
    Authority,
    Change,
    Entry,
    Event,
    Generations,
    application_of,
    card_changes,
    changes,
    resident_changes,
    room_for,
)
from warifu.errors import NotAllowed
from warifu.messages import (
    CardEvent,
    CertificateIssued,
    CertificateOrder,
    NumberAnswer,
    NumberRequest,
    OrderRefused,
    ResidentEvent,
)
from warifu.pki import (
    CertificateKind,
    Issuer,
    OcspRequest,
    ServiceAddresses,
    build_ca_certificate,
    build_ocsp_request,
)
from warifu.registry import (
    Act,
    Annex,
    Card,
    CardHolder,
    Clerk,
    Designation,
    Desk,
    Household,
    LogEntry,
    Office,
    Phone,
    PooledCode,
    ResidentRecord,
    Section,
    accept_number,
    designate,
    follow_resident,
    turn_day,
)

PLACES = {place.code: place for place in (KIYOSE, SHIBUYA)}
JLIS, HOTLINE = Desk(Office.JLIS), Desk(Office.HOTLINE)
_GENERATION_YEARS, _FIRST_KEY = 4, 60


@cache
def generation(
    kind: CertificateKind, number: int = 0, *, years: int = 10, origin: str = "http://127.0.0.1:8703"
) -> Authority:
    """One of the authority's keys; there is a new one every four years, each valid for ten (as in life)."""
    signer = key(_FIRST_KEY + 2 * number + (kind is CertificateKind.SIGNING))
    since = datetime(2025 + _GENERATION_YEARS * number, 1, 1, tzinfo=UTC)
    until = since + timedelta(days=years * 365)
    root = build_ca_certificate(kind, signer, serial_number=number + 1, not_before=since, not_after=until)
    return Authority(Issuer(root, signer, kind), ServiceAddresses(f"{origin}/ocsp/{kind.value}", f"{origin}/cps"))


class Country:
    """Everybody's records, and whatever happens between the parties."""

    def __init__(self, today: date) -> None:
        self.records: dict[str, ResidentRecord | Annex] = {}
        self.codes: dict[str, PooledCode] = {}
        self.designations: list[Designation] = []
        self.cards: dict[str, Card] = {}
        self.phones: dict[str, Phone] = {}
        self.log: list[LogEntry] = []
        self.entries: dict[tuple[CertificateKind, int], Entry] = {}
        self.holders: dict[tuple[CertificateKind, int], str] = {}
        self.issued: dict[str, tuple[CertificateIssued, datetime]] = {}
        self.refused: dict[str, OrderRefused] = {}
        self.go_to(today)

    # --- time and desks -----------------------------------------------------------------------------------------------

    def go_to(self, day: date) -> None:
        """Noon of that day in Japan; what is due by itself has happened then."""
        self.now = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
        self.do(turn_day(self.at(JLIS), list(self.cards.values())))

    def at(self, desk: Desk) -> Act:
        """An act at that desk, now."""
        return Act(ENTROPY.bytes(16).hex(), Clerk("clerk 1", desk), self.now)

    def window(self, municipality: str) -> Act:
        """An act at the residents' section."""
        return self.at(Desk(Office.MUNICIPALITY, municipality, Section.RESIDENTS))

    # --- the register -------------------------------------------------------------------------------------------------

    def household_of(self, holder: str) -> Household:
        """Who lives with that person now."""
        living = [each for each in self.records.values() if isinstance(each, ResidentRecord) and each.is_live]
        home = next(each.household for each in living if each.holder == holder)
        return Household.of(each for each in living if each.household == home)

    def record_of(self, holder: str) -> ResidentRecord:
        """The person's latest resident record."""
        mine = [each for each in self.records.values() if isinstance(each, ResidentRecord) and each.holder == holder]
        return max(mine, key=lambda each: (each.is_live, each.resident_since))

    def annex_of(self, holder: str) -> Annex | None:
        """The annex of somebody abroad."""
        annexes = [each for each in self.records.values() if isinstance(each, Annex) and each.holder == holder]
        return max(annexes, key=lambda each: each.abroad_since, default=None)

    def holder(self, holder: str) -> CardHolder:
        """The person as the card's side of the register sees one: a resident, or abroad by the annex."""
        record, annex = self.record_of(holder), self.annex_of(holder)
        return CardHolder.of(record if record.is_live or annex is None else annex)

    def do(self, change: Any) -> None:
        """Keep what an act leads to, let cards follow, and carry the messages."""
        told = [message for message in change.messages if isinstance(message, ResidentEvent)]
        for record in change.records:
            shelf: Any = {Card: self.cards, Phone: self.phones, PooledCode: self.codes}.get(type(record), self.records)
            shelf[record.id] = record
        self.log += change.entries
        for message in change.messages:
            self._carry(type(message).decode(message.encode()))
        if told:
            self.do(follow_resident(self.at(JLIS), list(self.cards.values()), told))

    def _carry(self, message: Any) -> None:
        if isinstance(message, NumberRequest):
            self._number(message)
        elif isinstance(message, ResidentEvent):
            self._record(resident_changes(message, self.live(message.holder), self.now))
        elif isinstance(message, CardEvent):
            self._record(card_changes(message, self.live(message.holder), self.now))
        elif isinstance(message, CertificateOrder):
            self._order(message)
        else:
            raise AssertionError(type(message).__name__)

    def _number(self, request: NumberRequest) -> None:
        now = [row for row in self.designations if row.code == request.code and row.former_since is None]
        taken = [row.number for row in self.designations]
        change = designate(request, now[0] if now else None, taken, ENTROPY, self.now)
        self.designations += change.designations
        answer = NumberAnswer.decode(change.answer.encode())
        asked = [
            each for each in self.records.values() if isinstance(each, ResidentRecord) and each.code == answer.code
        ]
        for record in asked:
            self.do(accept_number(self.window(record.municipality), record, answer))

    # --- the authorities ----------------------------------------------------------------------------------------------

    def live(self, holder: str) -> list[Entry]:
        """All live certificates of a person."""
        mine = (entry for number, entry in self.entries.items() if self.holders[number] == holder)
        return [entry for entry in mine if entry.is_live(self.now)]

    def generations(self, kind: CertificateKind) -> Generations:
        """All there are so far."""
        return Generations(
            generation(kind, number) for number in range((self.now.year - 2025) // _GENERATION_YEARS + 1)
        )

    def status(self, certificate: bytes) -> str:
        """What anybody with the right to ask hears."""
        read = x509.load_der_x509_certificate(certificate)
        kind = CertificateKind.SIGNING if is_signing(certificate) else CertificateKind.AUTHENTICATION
        issued_by = read.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        authority = self.generations(kind).find(issued_by or b"")
        request = OcspRequest.decode(build_ocsp_request(certificate, authority.issuer.certificate_der))
        return heard(authority.answer(request, self.entries.get((kind, read.serial_number)), self.now))

    def _record(self, happened: tuple[Change, ...]) -> None:
        for change in happened:
            self.entries[change.after.kind, change.after.serial_number] = change.after

    def _signed_with(self, order: CertificateOrder) -> bytes | None:
        """The certificate that the application for a phone names."""
        number = None if order.application is None else order.application.read().signed_with
        issued = (answer.certificate for answer, _ in self.issued.values() if is_signing(answer.certificate))
        return next((der for der in issued if x509.load_der_x509_certificate(der).serial_number == number), None)

    def _order(self, order: CertificateOrder) -> None:
        live = self.live(order.holder)
        try:
            signed_with = self._signed_with(order)
            application = application_of(order, PLACES[order.municipality], live, self.now, signed_with)
            replaced = room_for(application, live, self.now, renewal=order.renewal)
        except NotAllowed:
            self.refused[order.id] = OrderRefused(order.id, "not_allowed")
            return
        if replaced is not None:
            self._record(changes(live, [replaced], Event.RENEWED, self.now))
        authority = self.generations(application.kind).newest(self.now)
        issued = authority.issue(application, 0x01000000 + len(self.entries), self.now, live)
        number = issued.entry.kind, issued.entry.serial_number
        self.entries[number], self.holders[number] = issued.entry, order.holder
        answer = CertificateIssued(order.id, issued.certificate, authority.issuer.certificate_der)
        self.issued[order.id] = CertificateIssued.decode(answer.encode()), application.not_after
