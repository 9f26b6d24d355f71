"""A small country in one process: municipalities, the party that numbers, J-LIS, both authorities, and their cards.

Engines only: what `wire` would fetch and keep is a variable here. Every message goes through its own wire form, so that
what a party learns is what a message carries.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.x509 import ocsp

from tests.ca.town import KIYOSE, SHIBUYA, key
from tests.card import people
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
from warifu.card import Card as Chip
from warifu.card import MemoryStore, OtherApplications, Profile, personalise, set_pin, stock_pictures
from warifu.cardmap import AUTHENTICATION_PIN, RESIDENT_PIN, SIGNING_PASSWORD, TEXT_PIN
from warifu.errors import NotAllowed
from warifu.messages import (
    CardEvent,
    CertificateIssued,
    CertificateOrder,
    NumberAnswer,
    NumberRequest,
    OrderedKind,
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
from warifu.reader import JpkiSession, Key
from warifu.registry import (
    Act,
    Annex,
    Card,
    CardHolder,
    CardPin,
    CardRules,
    CardState,
    Clerk,
    Designation,
    Desk,
    Household,
    LogEntry,
    Office,
    Phone,
    PinsSet,
    PooledCode,
    ResidentRecord,
    Section,
    accept_number,
    designate,
    follow_resident,
    note_issued,
    note_made,
    note_phone_answer,
    note_refused,
    note_written,
    order_card,
    order_certificate,
    turn_day,
)

ENTROPY = people.SeededEntropy(5)
RULES = CardRules()
PLACES = {place.code: place for place in (KIYOSE, SHIBUYA)}
PINS = {
    CardPin.SIGNING: (SIGNING_PASSWORD, "ABC123"),
    CardPin.AUTHENTICATION: (AUTHENTICATION_PIN, "1234"),
    CardPin.TEXT: (TEXT_PIN, "5678"),
    CardPin.RESIDENT: (RESIDENT_PIN, "2468"),
}
KEYS = {OrderedKind.SIGNING: Key.SIGNING, OrderedKind.AUTHENTICATION: Key.AUTHENTICATION}
JLIS, HOTLINE = Desk(Office.JLIS), Desk(Office.HOTLINE)
_GENERATION_YEARS, _FIRST_KEY, _FIRST_CARD_KEY = 4, 60, 100


@cache
def generation(kind: CertificateKind, number: int) -> Authority:
    """One of the authority's keys; there is a new one every four years, each valid for ten (as in life)."""
    signer = key(_FIRST_KEY + 2 * number + (kind is CertificateKind.SIGNING))
    since = datetime(2025 + _GENERATION_YEARS * number, 1, 1, tzinfo=UTC)
    until = since + timedelta(days=10 * 365)
    root = build_ca_certificate(kind, signer, serial_number=number + 1, not_before=since, not_after=until)
    addresses = ServiceAddresses(f"http://127.0.0.1:8703/ocsp/{kind.value}", "http://127.0.0.1:8703/cps")
    return Authority(Issuer(root, signer, kind), addresses)


class Country:
    """Everybody's records, and whatever happens between the parties."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.records: dict[str, ResidentRecord | Annex] = {}
        self.codes: dict[str, PooledCode] = {}
        self.numbers: list[Designation] = []
        self.cards: dict[str, Card] = {}
        self.phones: dict[str, Phone] = {}
        self.log: list[LogEntry] = []
        self.entries: dict[tuple[CertificateKind, int], Entry] = {}
        self.holders: dict[tuple[CertificateKind, int], str] = {}
        self.certificates: dict[str, tuple[CertificateIssued, datetime]] = {}
        self.refusals: list[OrderRefused] = []
        self.chips: dict[str, MemoryStore] = {}
        self._keys: dict[tuple[str, OrderedKind], int] = {}
        self._used_keys = _FIRST_CARD_KEY

    # --- time and desks -----------------------------------------------------------------------------------------------

    def go_to(self, day: date) -> None:
        """Noon of that day in Japan; what is due by itself has happened then."""
        self.now = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
        self.do(turn_day(self.at(JLIS), self.cards.values()))

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

    def holder(self, holder: str) -> CardHolder:
        """The person as the card's side of the register sees one: a resident, or abroad by the annex."""
        record, annex = self.record_of(holder), self.annex_of(holder)
        return CardHolder.of(record if record.is_live or annex is None else annex)

    def annex_of(self, holder: str) -> Annex | None:
        """The annex of somebody abroad."""
        annexes = [each for each in self.records.values() if isinstance(each, Annex) and each.holder == holder]
        return max(annexes, key=lambda each: each.abroad_since, default=None)

    def do(self, change: Any) -> None:
        """Keep what an act leads to, let cards follow, and carry the messages."""
        told = [message for message in change.messages if isinstance(message, ResidentEvent)]
        for record in change.records:
            shelf: Any = {Card: self.cards, Phone: self.phones, PooledCode: self.codes}.get(type(record), self.records)
            shelf[record.id] = record
        self.log += change.entries
        for message in change.messages:
            self.carry(type(message).decode(message.encode()))
        if told:
            self.do(follow_resident(self.at(JLIS), list(self.cards.values()), told))

    def carry(self, message: Any) -> None:
        """What the receiver of a message does."""
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
        current = next((row for row in self.numbers if row.code == request.code and row.former_since is None), None)
        taken = [row.number for row in self.numbers]
        change = designate(request, current, taken, ENTROPY, self.now)
        self.numbers += change.designations
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

    def _record(self, happened: tuple[Change, ...]) -> None:
        for change in happened:
            self.entries[change.after.kind, change.after.serial_number] = change.after

    def _order(self, order: CertificateOrder) -> None:
        live = self.live(order.holder)
        try:
            application = application_of(order, PLACES[order.municipality], live, self.now)
            replaced = room_for(application, live, self.now, renewal=order.renewal)
        except NotAllowed:
            self.refusals.append(OrderRefused(order.id, "not_allowed"))
            return
        if replaced is not None:
            self._record(changes(live, [replaced], Event.RENEWED, self.now))
        authority = self.generations(application.kind).newest(self.now)
        issued = authority.issue(application, 0x01000000 + len(self.entries), self.now, live)
        self.entries[issued.entry.kind, issued.entry.serial_number] = issued.entry
        self.holders[issued.entry.kind, issued.entry.serial_number] = order.holder
        answer = CertificateIssued(order.id, issued.certificate, authority.issuer.certificate_der)
        self.certificates[order.id] = CertificateIssued.decode(answer.encode()), application.not_after

    def status(self, certificate: bytes) -> str:
        """What anybody with the right to ask hears, as another library reads it: good, unknown, or the reason."""
        read = x509.load_der_x509_certificate(certificate)
        is_signing = "digital signature" in read.issuer.rfc4514_string()
        kind = CertificateKind.SIGNING if is_signing else CertificateKind.AUTHENTICATION
        issued_by = read.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        authority = self.generations(kind).find(issued_by or b"")
        request = OcspRequest.decode(build_ocsp_request(certificate, authority.issuer.certificate_der))
        entry = self.entries.get((kind, read.serial_number))
        heard = ocsp.load_der_ocsp_response(authority.answer(request, entry, self.now))
        if heard.certificate_status is not ocsp.OCSPCertStatus.REVOKED:
            return heard.certificate_status.name.lower()
        return heard.revocation_reason.value if heard.revocation_reason else "unspecified"

    # --- cards --------------------------------------------------------------------------------------------------------

    def make(self, card_id: str, sealed_pins: bytes | None = None, old: Card | None = None) -> None:
        """J-LIS makes the card, has its keys certified, and writes it."""
        card = self.cards[card_id]
        holder = self.holder(card.holder)
        order = order_card(card, holder, sealed_pins)
        keys = {kind: self._new_key(card_id, kind) for kind in sorted(order.kinds, key=lambda kind: kind.value)}
        self.do(note_made(self.at(JLIS), card, holder, keys, RULES, old=old))
        self.write(card_id, self.at(JLIS))

    def order(self, card_id: str, kind: OrderedKind) -> None:
        """The window has the card make a key, orders a certificate for it, and writes that."""
        card = self.cards[card_id]
        info = self._new_key(card_id, kind)
        self.do(order_certificate(self.window(card.municipality), card, self.holder(card.holder), kind, info, RULES))
        self.write(card_id, self.window(card.municipality))

    def write(self, card_id: str, act: Act) -> None:
        """Take the authorities' answers, and write card and certificates; PINs stay what they are."""
        for each in self.cards[card_id].certificates:
            if each.order in self.certificates:
                answer, ends = self.certificates[each.order]
                self.do(note_issued(replace(act, id=ENTROPY.bytes(16).hex()), self.cards[card_id], answer, ends))
            else:
                refusal = OrderRefused(each.order, "not_allowed")
                self.do(note_refused(replace(act, id=ENTROPY.bytes(16).hex()), self.cards[card_id], refusal))
        self._write_chip(card_id)
        for each in self.cards[card_id].certificates:
            if each.not_after is not None:
                self.do(note_written(replace(act, id=ENTROPY.bytes(16).hex()), self.cards[card_id], each.kind))

    def answer_phone(self, phone_id: str) -> None:
        """The phone fetches its certificates."""
        for each in self.phones[phone_id].certificates:
            if each.order in self.certificates:
                answer, ends = self.certificates[each.order]
                self.do(note_phone_answer(self.at(JLIS), self.phones[phone_id], answer, ends))

    def set_pins(self, card_id: str, pins: frozenset[CardPin]) -> PinsSet:
        """The terminal at the counter: the holder types, the card keeps, and only which ones comes out."""
        for pin in pins:
            spec, typed = PINS[pin]
            set_pin(self.chips[card_id], spec, typed)
        return PinsSet(card_id, pins)

    def on_card(self, card_id: str, kind: OrderedKind) -> bytes:
        """The certificate that a reader finds on the card."""
        session = JpkiSession(Chip(self.chips[card_id], ENTROPY))
        session.verify(KEYS[kind], PINS[CardPin(kind.value)][1])
        return session.certificate(KEYS[kind])

    def sign(self, card_id: str, kind: OrderedKind, digest: bytes) -> bytes:
        """A signature by the card, with the PIN that its holder chose."""
        session = JpkiSession(Chip(self.chips[card_id], ENTROPY))
        session.verify(KEYS[kind], PINS[CardPin(kind.value)][1])
        return session.sign(KEYS[kind], digest)

    def _new_key(self, card_id: str, kind: OrderedKind) -> bytes:
        self._keys[card_id, kind] = self._used_keys
        self._used_keys += 1
        return key(self._keys[card_id, kind]).public_key_info

    def _write_chip(self, card_id: str) -> None:
        card = self.cards[card_id]
        record = self.record_of(card.holder)
        assert record.number is not None
        assert card.expires is not None
        contents = {
            **self._certificate(card, OrderedKind.AUTHENTICATION, "authentication"),
            **self._certificate(card, OrderedKind.SIGNING, "signing"),
        }
        if "authentication_certificate" not in contents:
            return
        person = replace(
            people.child(),
            attributes=self.holder(card.holder).attributes,
            individual_number=record.number,
            authentication_pin=None,
            text_pin=None,
            matching_number_b=None,
            profile=Profile.ADULT if "signing_certificate" in contents else Profile.CHILD_WITHOUT_SIGNING,
            others=_others(card, record, card.expires),
            **contents,
        )
        written = dict(personalise(person, people.issuer()))
        before = self.chips.get(card_id)
        if before is not None:
            pins = {f"{spec.application.name.lower()}/{spec.file:04X}" for spec, _ in PINS.values()}
            written |= {name: value for name, value in before.read().items() if name in pins}
        self.chips[card_id] = MemoryStore(written)

    def _certificate(self, card: Card, kind: OrderedKind, name: str) -> Mapping[str, Any]:
        known = card.certificate(kind)
        if known is not None and known.not_after is not None:
            answer, _ = self.certificates[known.order]
            certificate, issuer = answer.certificate, answer.issuer_certificate
        elif card.state is CardState.MADE and not card.certificates and kind in card.kinds:
            # A card for an exchange waits for its certificates; this chip cannot be without: its keys name themselves.
            certificate = issuer = people.certificate(self._keys[card.id, kind])
        else:
            return {}
        return {
            f"{name}_key": people.private_bytes(self._keys[card.id, kind]),
            f"{name}_certificate": certificate,
            f"{name}_ca_certificate": issuer,
        }


def _others(card: Card, record: ResidentRecord, expires: date) -> OtherApplications:
    assert record.number is not None
    return replace(
        people.others(),
        municipality_code=card.municipality,
        expiry=expires,
        resident_record_code=record.code,
        resident_pin=None,
        common_pin=None,
        pictures=stock_pictures(record.number, "2285"),
    )
