"""What windows and the hotline send and get as JSON; the words are those of the room's values."""

import base64
import binascii
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, StringConstraints

from warifu.errors import Malformed
from warifu.messages import MinorCorrection, OrderedKind, SignedApplication
from warifu.person import Address, BirthDate, Name, Sex
from warifu.registry import (
    Applicant,
    Card,
    CardApplication,
    CardPin,
    Collector,
    Correction,
    Desk,
    Ground,
    Handover,
    LogEntry,
    Medium,
    Office,
    OnFile,
    Phone,
    PinReset,
    Proof,
    RecordedName,
    Relationship,
    RenewalNotice,
    Residence,
    Route,
    Section,
    Seen,
    Sight,
    SignedByCard,
    Stay,
)
from warifu.wire.registry.cards import WindowStep
from warifu.wire.registry.doing import Done
from warifu.wire.registry.looks import Version
from warifu.wire.registry.people import Person
from warifu.wire.rest import Day, Form, HexId, Text

MunicipalityCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
Base64 = Annotated[str, StringConstraints(max_length=4096, pattern=r"^[A-Za-z0-9+/]+={0,2}$")]


def from_base64(text: str) -> bytes:
    """The bytes.

    Raises:
        Malformed: not base64.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("not base64") from None


# --- people -----------------------------------------------------------------------------------------------------------


class NameForm(Form):
    """A name with its reading; a former surname (旧氏) or an alias (通称) may stand beside it."""

    name: Text
    reading: Text | None = None
    former_surname: Text | None = None
    alias: Text | None = None

    def read(self) -> RecordedName:
        """The name."""
        former, alias = self.former_surname, self.alias
        return RecordedName(
            Name(self.name),
            Name(self.reading) if self.reading else None,
            Name(former) if former else None,
            Name(alias) if alias else None,
        )


class StayForm(Form):
    """A foreign resident's stay; `until` unless it is permanent."""

    residence: Residence
    until: Day | None = None

    def read(self) -> Stay:
        """The stay."""
        return Stay(self.residence, self.until)


class PersonForm(Form):
    """Somebody who was never in a register: a Japanese with a `domicile`, others with `nationality` and `stay`."""

    name: NameForm
    birth_date: Day
    sex: Sex
    relationship: Relationship
    domicile: MunicipalityCode | None = None
    nationality: Text | None = None
    stay: StayForm | None = None

    def read(self) -> Person:
        """The person."""
        return Person(
            self.name.read(),
            BirthDate(self.birth_date),
            self.sex,
            self.relationship,
            self.domicile,
            self.nationality,
            self.stay.read() if self.stay else None,
        )


class BirthForm(Form):
    """A birth (出生); `parent` is the holder in whose household the child lives."""

    parent: HexId
    child: PersonForm


class ArrivalForm(Form):
    """First arrival from abroad (国外からの転入); `into` is a household that they join."""

    newcomers: Annotated[list[PersonForm], Field(min_length=1, max_length=20)]
    address: Text
    arrived: Day
    into: HexId | None = None


class MoveInForm(Form):
    """Moving in (転入): who, and what each is to the head there; `stays` of foreign residents who come from abroad."""

    arrivals: Annotated[dict[HexId, Relationship], Field(min_length=1, max_length=20)]
    address: Text
    moved: Day
    into: HexId | None = None
    stays: dict[HexId, StayForm] = Field(default_factory=dict, max_length=20)

    def read_stays(self) -> dict[str, Stay]:
        """The stays."""
        return {holder: stay.read() for holder, stay in self.stays.items()}


class MoveOutForm(Form):
    """A notice of moving out (転出届), to five digits or abroad."""

    who: Annotated[list[HexId], Field(min_length=1, max_length=20)]
    planned: Day
    destination: MunicipalityCode | Literal["abroad"]


class WhoForm(Form):
    """Whom it is about."""

    who: Annotated[list[HexId], Field(min_length=1, max_length=20)]


class MoveWithinForm(Form):
    """Moving inside of the municipality (転居)."""

    movers: Annotated[dict[HexId, Relationship], Field(min_length=1, max_length=20)]
    address: Text
    moved: Day
    into: HexId | None = None
    new_head: HexId | None = None


class RegroupForm(Form):
    """A household divides or joins another at the same address (世帯分離・世帯合併), or who is what in it."""

    members: Annotated[dict[HexId, Relationship], Field(min_length=1, max_length=20)]
    into: HexId | None = None
    new_head: HexId | None = None


class CorrectionForm(Form):
    """A correction; `minor` says that it is one of the seven that end no certificate (軽微な修正)."""

    name: NameForm | None = None
    address: Text | None = None
    birth_date: Day | None = None
    sex: Sex | None = None
    minor: MinorCorrection | None = None

    def read(self) -> Correction:
        """The correction."""
        return Correction(
            self.name.read() if self.name else None,
            Address(self.address) if self.address else None,
            BirthDate(self.birth_date) if self.birth_date else None,
            self.sex,
        )


class NaturalisationForm(Form):
    """Somebody became Japanese."""

    name: NameForm
    domicile: MunicipalityCode


class EndForm(Form):
    """The day of a death or deletion; `new_head` is what the family says."""

    on: Day
    new_head: HexId | None = None


class DayForm(Form):
    """A day."""

    on: Day


class DeskForm(Form):
    """A desk."""

    office: Office
    municipality: MunicipalityCode | None = None
    section: Section | None = None

    def read(self) -> Desk:
        """The desk."""
        return Desk(self.office, self.municipality, self.section)


class ProtectionForm(Form):
    """Protection (支援措置) until a day; `named` desks see the address all the same."""

    until: Day
    named: Annotated[tuple[DeskForm, ...], Field(max_length=20)] = ()


Purpose = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]


class PurposeForm(Form):
    """What something is looked at for: a case number, never a name."""

    purpose: Purpose


class SightsForm(PurposeForm):
    """What is looked for, and what for."""

    sights: Annotated[list[Sight], Field(min_length=1)]


class LookForm(SightsForm):
    """A look at one person; `reason` is why a protected person's record is opened at a desk that is not in charge."""

    reason: Purpose | None = None


class SearchForm(SightsForm):
    """A search in the desk's municipality; `after` is the `following` of the page before."""

    name: Text | None = None
    birth_date: Day | None = None
    household: HexId | None = None
    after: HexId | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class DoneAnswer(BaseModel):
    """What came of it: the ids of people and of what was written. `repeated`: it had been done before."""

    act: str
    at: datetime
    holders: tuple[str, ...]
    records: tuple[str, ...]
    cards: tuple[str, ...]
    phones: tuple[str, ...]
    repeated: bool

    @classmethod
    def of(cls, done: Done) -> Self:
        """The answer."""
        return cls(
            act=done.act,
            at=done.at,
            holders=done.holders,
            records=done.records,
            cards=done.cards,
            phones=done.phones,
            repeated=done.repeated,
        )


class SeenAnswer(BaseModel):
    """What a look shows; what was not asked for is null."""

    holder: str
    name: str | None = None
    reading: str | None = None
    birth_date: str | None = None
    sex: Sex | None = None
    address: str | None = None
    municipality: str | None = None
    household: str | None = None
    relationship: Relationship | None = None
    domicile: str | None = None
    nationality: str | None = None
    individual_number: str | None = None
    record_code: str | None = None
    protected_until: date | None = None

    @classmethod
    def of(cls, seen: Seen) -> Self:
        """The answer."""
        where, belonging, name = seen.whereabouts, seen.belonging, seen.name
        return cls(
            holder=seen.holder,
            name=name.shown.text if name else None,
            reading=name.reading.text if name and name.reading else None,
            birth_date=seen.birth_date.date.isoformat() if seen.birth_date else None,
            sex=seen.sex,
            address=where.address.text if where else None,
            municipality=where.municipality if where else None,
            household=where.household if where else None,
            relationship=seen.relationship,
            domicile=belonging.domicile if belonging else None,
            nationality=belonging.nationality if belonging else None,
            individual_number=seen.number.reveal() if seen.number else None,
            record_code=seen.code.reveal() if seen.code else None,
            protected_until=seen.protected_until,
        )


class FoundAnswer(BaseModel):
    """A page of a search; `following` is null on the last one."""

    people: list[SeenAnswer]
    following: str | None


class VersionAnswer(BaseModel):
    """One version of a person's record: what was done, when, by which act."""

    version: int
    what: str
    at: datetime
    act: str

    @classmethod
    def of(cls, version: Version) -> Self:
        """The answer."""
        return cls(version=version.version, what=version.what, at=version.at, act=version.act)


class EntryAnswer(BaseModel):
    """One entry of the log about a person: who, from which desk, did or saw what, what for."""

    position: int
    at: datetime
    what: str
    clerk: str
    office: Office
    municipality: str | None
    section: Section | None
    seen: list[Sight]
    purpose: str

    @classmethod
    def of(cls, position: int, entry: LogEntry) -> Self:
        """The answer."""
        desk = entry.clerk.desk
        return cls(
            position=position,
            at=entry.at,
            what=entry.what.value,
            clerk=entry.clerk.id,
            office=desk.office,
            municipality=desk.municipality,
            section=desk.section,
            seen=sorted(entry.seen, key=lambda sight: sight.value),
            purpose=entry.purpose,
        )


# --- cards ------------------------------------------------------------------------------------------------------------


class ApplicationForm(Form):
    """An application for a card (交付申請)."""

    ground: Ground = Ground.FIRST
    applicant: Applicant = Applicant.SELF
    route: Route = Route.COUNTER
    kinds: tuple[OrderedKind, ...] = tuple(OrderedKind)
    pins: bool = True
    photo: bool = True
    old_card: bool = False
    proof_of_loss: bool = False
    in_person: bool = False
    urgent_since: Day | None = None

    def read(self) -> CardApplication:
        """The application."""
        members = {name: getattr(self, name) for name in type(self).model_fields}
        return CardApplication(**{**members, "kinds": frozenset(self.kinds)})


class KeysForm(Form):
    """Public keys, base64 of DER SubjectPublicKeyInfo, one for each certificate."""

    keys: dict[OrderedKind, Base64]

    def read(self) -> dict[OrderedKind, bytes]:
        """The keys."""
        return {kind: from_base64(key) for kind, key in self.keys.items()}


class KindForm(Form):
    """Which certificate."""

    kind: OrderedKind


class OrderForm(KindForm):
    """A certificate for the key that the card just made."""

    public_key_info: Base64


class StepForm(Form):
    """What a window does to a card without further words."""

    step: WindowStep


class HandoverForm(Form):
    """Who comes for the card, and by what the office knows the person."""

    collector: Collector
    proof: Proof
    cannot_come: bool = False


class DeliveryForm(HandoverForm):
    """The card is given out: which PINs the terminal has set, and the keys of a card that replaces another one."""

    pins: list[CardPin]
    keys: dict[OrderedKind, Base64] | None = None


class PinsForm(Form):
    """Which PINs were set. There is no member for a PIN, on purpose."""

    pins: Annotated[list[CardPin], Field(min_length=1)]


class PresentedForm(Form):
    """A card shown after a move; the card verified the resident register PIN, if it has one."""

    pin_verified: bool


class ReservationForm(Form):
    """A reset of one password, reserved with the app."""

    pin: CardPin
    verified: CardPin
    face_matches: bool


class KioskForm(Form):
    """The reservation, and the PIN that the card verified at the kiosk."""

    pin: CardPin
    until: datetime
    verified: CardPin

    def read(self, card: str) -> PinReset:
        """The reservation."""
        if self.until.tzinfo is None:
            raise Malformed("a moment is aware")
        return PinReset(card, self.pin, self.until)


class SignedForm(Form):
    """Applications for a phone's certificates, one for each, as the holder signed them with this card.

    Each is base64 of a signed application: a JSON object in which `type` is ``signed_application``, `application` and
    `signature` base64.
    """

    card: HexId
    applications: Annotated[list[Base64], Field(max_length=len(OrderedKind))]

    def signed(self) -> SignedByCard:
        """What was handed in."""
        applications = (SignedApplication.decode(from_base64(each)) for each in self.applications)
        return SignedByCard(self.card, tuple(applications))


class CertificateAnswer(BaseModel):
    """A certificate of a card as the window knows it."""

    kind: OrderedKind
    order: str
    note: str
    not_after: datetime | None


class CardAnswer(BaseModel):
    """A card."""

    id: str
    holder: str
    municipality: str
    state: str
    route: Route
    pins: bool
    replaces: str | None
    made: Day | None
    expires: Day | None
    present_by: Day | None
    ended_by: str | None
    certificates: list[CertificateAnswer]

    @classmethod
    def of(cls, card: Card) -> Self:
        """The answer."""
        return cls(
            id=card.id,
            holder=card.holder,
            municipality=card.municipality,
            state=card.state.value,
            route=card.route,
            pins=card.pins,
            replaces=card.replaces,
            made=card.made,
            expires=card.expires,
            present_by=card.present_by,
            ended_by=card.ended_by.value if card.ended_by else None,
            certificates=_certificates(card),
        )


class PhoneAnswer(BaseModel):
    """A phone with certificates."""

    id: str
    card: str
    state: str
    certificates: list[CertificateAnswer]

    @classmethod
    def of(cls, phone: Phone) -> Self:
        """The answer."""
        return cls(id=phone.id, card=phone.card, state=phone.state.value, certificates=_certificates(phone))


class HandoverAnswer(BaseModel):
    """What the terminal has to do before the card is given out."""

    card: str
    pins: list[CardPin]
    by_machine: bool

    @classmethod
    def of(cls, handover: Handover) -> Self:
        """The answer."""
        pins = sorted(handover.pins, key=lambda pin: pin.value)
        return cls(card=handover.card, pins=pins, by_machine=handover.by_machine)


class ReservationAnswer(BaseModel):
    """A reserved reset; the kiosk presents it."""

    card: str
    pin: CardPin
    until: datetime

    @classmethod
    def of(cls, reset: PinReset) -> Self:
        """The answer."""
        return cls(card=reset.card, pin=reset.pin, until=reset.until)


class AddresseeForm(Form):
    """A number in the business system of the asking section (宛名番号): 15 digits."""

    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{15}$")]


class AddresseeAnswer(BaseModel):
    """A person and the number in the business system of the asking section (宛名番号)."""

    holder: str
    number: str


class RenewalAnswer(BaseModel):
    """Whom to write to: what ends, and on which day it can be used last."""

    holder: str
    card: str
    what: str
    last_day: Day

    @classmethod
    def of(cls, notice: RenewalNotice) -> Self:
        """The answer."""
        return cls(holder=notice.holder, card=notice.card, what=notice.what.value, last_day=notice.last_day)


class OrderAnswer(BaseModel):
    """The authority's answer to an order: certificate and issuer's certificate, base64 of DER; or why not."""

    certificate: str | None = None
    issuer_certificate: str | None = None
    error: str | None = None


def _certificates(medium: Card | Phone) -> list[CertificateAnswer]:
    return [
        CertificateAnswer(kind=each.kind, order=each.order, note=each.note.value, not_after=each.not_after)
        for each in medium.certificates
    ]


# --- the hotline ------------------------------------------------------------------------------------------------------


class CallForm(Form):
    """What a caller says: name, birth date (YYYYMMDD) and address, as the clerk typed them."""

    name: Text
    birth_date: Annotated[str, StringConstraints(max_length=20, pattern=r"^[^\x00-\x1f\x7f]*$")]
    address: Text


class SuspensionForm(Form):
    """What the caller lost."""

    media: Annotated[list[Medium], Field(min_length=1)]


class CallAnswer(BaseModel):
    """A call: whether the caller is known, and what of the caller's there is to suspend."""

    call: str
    known: bool
    cards: dict[str, str]
    phones: dict[str, str]

    @classmethod
    def of(cls, call: str, on_file: OnFile | None) -> Self:
        """The answer."""
        cards = {card: state.value for card, state in on_file.cards.items()} if on_file else {}
        phones = {phone: state.value for phone, state in on_file.phones.items()} if on_file else {}
        return cls(call=call, known=on_file is not None, cards=cards, phones=phones)


class QueueAnswer(BaseModel):
    """What waits for another party."""

    recipient: str
    waiting: int
    refused: int
    oldest: datetime
