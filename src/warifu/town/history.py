"""What happened in the town before it was founded: certificates issued, delivered, held, revoked, in order of time.

The founding lets it all happen through the authorities themselves, with a clock that tells the past; so their record is
what it would be had they stood there for years, and status answers and revocation lists are true.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from warifu.ca import CertificateApplication, Event, Issued
from warifu.messages import OrderedKind, PhoneApplication, SignedApplication
from warifu.person import IndividualNumber
from warifu.pki import JST, CertificateKind, KeySigner, Medium, not_after
from warifu.town.chance import Chance
from warifu.town.keys import Keys
from warifu.town.personas import PERSONAS
from warifu.town.plans import CardPlan, Happening, Persona
from warifu.town.residents import Resident, resident
from warifu.wire.authority import Authorities

__all__ = ["History", "IssuedCard", "OnPhone", "PastClock"]

_OPENS, _OPEN_FOR = time(9), 8 * 3600
_ADULT, _BIRTHDAYS_ADULT, _BIRTHDAYS_MINOR = 18, 10, 5
_BIRTHDAYS_CERTIFICATE, _BIRTHDAYS_NEXT_CERTIFICATE = 5, 10


class PastClock:
    """A clock that tells the moment it was set to."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """The moment, UTC, aware."""
        return self.moment


@dataclass(frozen=True, repr=False)
class OnPhone:
    """Certificates on a phone: what the holder signed with the card for each, and what was issued."""

    at: datetime
    signed: tuple[SignedApplication, ...]
    issued: tuple[Issued, ...]


@dataclass(repr=False)
class IssuedCard:
    """A card as it stands at the founding: whose it is, its keys, and the certificates on it."""

    plan: CardPlan
    holder: Resident
    expires: date
    issued_at: datetime
    renewed_at: datetime | None = None
    """When the signing certificate was renewed."""
    reports: list[tuple[datetime, Happening]] = field(default_factory=list)
    """What happened to it, and when."""
    issued: list[Issued] = field(default_factory=list)
    """Every certificate that was ever issued for it, in order of time."""
    signers: dict[CertificateKind, KeySigner] = field(default_factory=dict)
    certificates: dict[CertificateKind, Issued] = field(default_factory=dict)
    phone: OnPhone | None = None

    @property
    def individual_number(self) -> IndividualNumber:
        """The number on the card; one that changed afterwards stays on it."""
        return self.holder.first_number if self.plan.former == "number" else self.holder.individual_number

    @classmethod
    def of(cls, plan: CardPlan, holder: Resident, issued_at: datetime) -> "IssuedCard":
        """A card without keys yet; it ends on the tenth birthday after its issue, a minor's on the fifth.

        Source: 番号法 施行規則 (カードの有効期間): ten birthdays for those of age at the issue, else five.
        """
        birth = holder.attributes.birth_date.date
        birthdays = _BIRTHDAYS_ADULT if _age(birth, issued_at) >= _ADULT else _BIRTHDAYS_MINOR
        expires = not_after(birth, issued_at, birthdays=birthdays).astimezone(JST).date()
        return cls(plan, holder, expires, issued_at)


def _age(birth: date, at: datetime) -> int:
    day = at.astimezone(JST).date()
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


@dataclass(frozen=True, slots=True)
class _Deed:
    moment: datetime
    do: Callable[[], None]


class History:
    """Everything that happened up to the moment of the founding."""

    def __init__(self, seed: int, founded: datetime, keys: Keys) -> None:
        self._seed, self._founded, self._keys = seed, founded, keys
        self.clock = PastClock(founded)
        self.cards: list[IssuedCard] = []

    def happen(self, authorities: Authorities) -> Iterator[None]:
        """Let it happen; yields after each deed."""
        deeds = [deed for plan in PERSONAS for deed in self._deeds_of(plan, authorities)]
        for deed in sorted(deeds, key=lambda deed: deed.moment):
            self.clock.moment = deed.moment
            deed.do()
            yield

    def holder(self, plan: Persona) -> Resident:
        """The person of a plan, as of the founding."""
        return resident(plan, self._seed, self._founded.astimezone(JST).date())

    def _deeds_of(self, plan: Persona, authorities: Authorities) -> Iterator[_Deed]:
        holder = self.holder(plan)
        for card_plan in plan.cards:
            issued_at = self._moment(card_plan.issued_days_ago, card_plan.name)
            card = IssuedCard.of(card_plan, holder, issued_at)
            self.cards.append(card)
            window = _Window(authorities, self._keys, holder.id, card, self.clock)
            yield _Deed(issued_at, window.issue)
            for happening in card_plan.happenings:
                moment = self._moment(happening.days_ago, f"{card_plan.name} {happening.event.value}")
                card.reports.append((moment, happening))
                yield _Deed(moment, window.reporting(happening))
            if card_plan.signing_renewed is not None:
                card.renewed_at = self._moment(card_plan.signing_renewed, card_plan.name + " renewed")
                yield _Deed(card.renewed_at, window.renew_signing)
            if card_plan.phone is not None:
                yield _Deed(self._moment(card_plan.phone, card_plan.name + " phone"), window.issue_for_phone)

    def _moment(self, days_ago: int, what: str) -> datetime:
        """Some second of the office hours (JST) of that day."""
        second = Chance(self._seed, what).below("second", _OPEN_FOR)
        day = self._founded.astimezone(JST).date() - timedelta(days=days_ago)
        opening = datetime.combine(day, _OPENS, JST).astimezone(self._founded.tzinfo)
        return opening + timedelta(seconds=second)


@dataclass(frozen=True, slots=True)
class _Window:
    """The municipality's window at which one card was handed out, and where its holder reports."""

    authorities: Authorities
    keys: Keys
    holder_id: str
    card: IssuedCard
    clock: PastClock

    def issue(self) -> None:
        """Issue the certificates of a new card."""
        self._apply(CertificateKind.AUTHENTICATION)
        if self.card.plan.profile.signing:
            self._apply(CertificateKind.SIGNING, former=True)

    def renew_signing(self) -> None:
        """Issue a signing certificate for a new key, with what is true now."""
        self._apply(CertificateKind.SIGNING)

    def issue_for_phone(self) -> None:
        """Issue the certificates of a phone, for which the holder signs with the card; nobody keeps the phone's keys.

        Source: 公的個人認証法 第16条の2, 第35条の2.
        """
        at, below = self.clock.now(), self.card.certificates
        signed = {kind: self._sign_for_phone(kind, at) for kind in CertificateKind}
        issued = tuple(self._issue_for_phone(kind, each, below[kind]) for kind, each in signed.items())
        self.card.phone = OnPhone(at, tuple(signed.values()), issued)

    def _sign_for_phone(self, kind: CertificateKind, at: datetime) -> SignedApplication:
        number = self.card.certificates[CertificateKind.SIGNING].entry.serial_number
        applied = PhoneApplication(
            Chance(number, f"phone {kind.value}").identifier("application"),
            OrderedKind(kind.value),
            self.keys.take().public_key_info,
            number,
            at,
        ).encode()
        return SignedApplication(applied, self.card.signers[CertificateKind.SIGNING].sign(applied))

    def _issue_for_phone(self, kind: CertificateKind, signed: SignedApplication, below: Issued) -> Issued:
        applied = signed.read()
        application = CertificateApplication(
            kind=kind,
            holder=self.holder_id,
            municipality=self.card.holder.municipality,
            public_key_info=applied.public_key_info,
            not_after=below.entry.not_after,
            attributes=self.card.holder.attributes if kind is CertificateKind.SIGNING else None,
            medium=Medium.PHONE,
            signed_with=applied.signed_with,
        )
        issued = self.authorities.issue(application)
        self.authorities.record(kind, issued.entry.serial_number, Event.DELIVERED)
        return issued

    def reporting(self, happening: Happening) -> Callable[[], None]:
        """Report an event."""

        def report() -> None:
            for kind in happening.kinds:
                if kind in self.card.certificates:
                    serial = self.card.certificates[kind].entry.serial_number
                    self.authorities.record(kind, serial, happening.event)

        return report

    def _apply(self, kind: CertificateKind, *, former: bool = False) -> None:
        next_generation = self.card.plan.profile.next_generation
        holder, signer = self.card.holder, self.keys.make_next() if next_generation else self.keys.take()
        told = holder.former if former else holder.attributes
        application = CertificateApplication(
            kind=kind,
            holder=self.holder_id,
            municipality=holder.municipality,
            public_key_info=signer.public_key_info,
            not_after=self._end(),
            attributes=told if kind is CertificateKind.SIGNING else None,
        )
        issued = self.authorities.issue(application)
        self.authorities.record(kind, issued.entry.serial_number, Event.DELIVERED)
        self.card.signers[kind], self.card.certificates[kind] = signer, issued
        self.card.issued.append(issued)

    def _end(self) -> datetime:
        """Modelled: ten birthdays for a certificate on a card of the next generation, as is planned."""
        of_next = self.card.plan.profile.next_generation
        authentication = self.card.certificates.get(CertificateKind.AUTHENTICATION)
        return not_after(
            self.card.holder.attributes.birth_date.date,
            self.clock.now(),
            card_expires=self.card.expires,
            authentication_expires=authentication.entry.not_after if authentication else None,
            birthdays=_BIRTHDAYS_NEXT_CERTIFICATE if of_next else _BIRTHDAYS_CERTIFICATE,
        )
