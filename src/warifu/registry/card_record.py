"""What the register keeps about a card: never a key, a PIN, or what its face shows.

A card is known by 32 random hexadecimal digits of its own, so that an authority can be told of a card without being
told of a number. The state and the events that change it are the table of `card_table`; the certificates are noted here
as far as a window needs to know them, while what is true of them is the authority's to say.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum
from typing import Any, Final, Self

from warifu.messages import Cause, OrderedKind
from warifu.person import BasicAttributes
from warifu.registry.card_validity import Stay
from warifu.registry.record import Annex, ResidentRecord, address_abroad


class CardState(Enum):
    """Where a card is in its life."""

    APPLIED = "applied"
    """The application was accepted; J-LIS makes the card."""
    MADE = "made"
    """Personalised and with the municipality; not in force yet."""
    IN_FORCE = "in_force"
    """Delivered (交付済, 運用中)."""
    HELD = "held"
    """Suspended by the hotline (一時停止)."""
    LOST = "lost"
    """Its loss was reported at a window (紛失届); it may still be found."""
    ENDED = "ended"
    """Out of force for good (失効, 廃止), or never in force."""


CERTIFIED: Final = frozenset({CardState.IN_FORCE, CardState.HELD})
"""The states in which a card's certificates can be live: a report of loss ends them."""


class CardStep(Enum):
    """What can happen to a card; the articles are in `card_table.CARD_EDGES`."""

    MADE = "made"
    WITHDRAWN = "withdrawn"
    NEVER_COLLECTED = "never_collected"
    HOLDER_GONE = "holder_gone"
    DELIVERED = "delivered"
    SUSPENDED = "suspended"
    REPORTED_LOST = "reported_lost"
    FOUND = "found"
    REISSUE_ASKED = "reissue_asked"
    RETURNED = "returned"
    EXCHANGED = "exchanged"
    EXPIRED = "expired"
    MOVED_IN = "moved_in"
    PRESENTED = "presented"
    LEFT_WITH_CARD = "left_with_card"
    FACE_UPDATED = "face_updated"
    STAY_PROLONGED = "stay_prolonged"
    PIN_RESET = "pin_reset"
    PIN_RESET_AT_KIOSK = "pin_reset_at_kiosk"
    PINS_GIVEN_UP = "pins_given_up"
    PINS_TAKEN_UP = "pins_taken_up"
    LEFT_COUNTRY = "left_country"
    MOVE_NOT_COMPLETED = "move_not_completed"
    NOT_PRESENTED = "not_presented"
    RECORD_DELETED = "record_deleted"
    CODE_CHANGED = "code_changed"
    NUMBER_CHANGED = "number_changed"
    RETURN_NOT_NOTIFIED = "return_not_notified"
    ANNEX_DELETED = "annex_deleted"
    DIED = "died"
    OUTSIDE_THE_ACT = "outside_the_act"
    RETURN_ORDERED = "return_ordered"


class Route(Enum):
    """How a card gets from its maker to its holder, and who sets its PINs."""

    COUNTER = "counter"
    """Collected at the municipality; the holder sets the PINs there (施行令 第13条第6項本文, カード命令
    第33条第1項)."""
    POST = "post"
    """Applied for in person, sent by post; the mayor sets the PINs handed in sealed (第6項ただし書, 第33条第4項)."""
    EXPRESS = "express"
    """特急発行: J-LIS sets the PINs handed in sealed and sends the card (番号法 第16条の2第3項, 第33条第2項)."""


class CertificateNote(Enum):
    """What a window knows of a certificate on the card."""

    ORDERED = "ordered"
    ISSUED = "issued"
    """The authority's answer is there, the card does not have it yet."""
    ON_CARD = "on_card"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class CardCertificate:
    """One certificate of a card or a phone, as the window knows it.

    `not_after` is what the certificate says, once it is there. `stands_on`: the order of the card's certificate of the
    same kind, with which a phone's falls. `abroad`: it says that its holder leaves or has left the country.
    """

    kind: OrderedKind
    order: str
    note: CertificateNote
    not_after: datetime | None = None
    stands_on: str = ""
    abroad: bool = False


@dataclass(frozen=True, slots=True)
class CardHolder:
    """What the card's side of the register needs of a person at this moment; gathered from the resident record.

    `municipality` keeps the record, or for somebody abroad the annex of the family register (戸籍の附票). `stay` is
    there for foreign residents. `ward`: a guardian acts for the person (成年被後見人), as declared at the window.
    `domicile` (本籍地) is a Japanese one's, five digits. `leaves_on`: the planned day of leaving the country.
    """

    id: str
    attributes: BasicAttributes = field(repr=False)
    municipality: str
    alive: bool = True
    registered: bool = True
    abroad: bool = False
    stay: Stay | None = None
    ward: bool = False
    domicile: str | None = None
    leaves_on: date | None = None

    @property
    def certified(self) -> BasicAttributes:
        """What a signing certificate says: from the notice of leaving on that and when, instead of the address.

        A certificate issued between the notice and the day lives on abroad (公的個人認証法 第7条第2項, 第12条第2号).
        """
        if self.leaves_on is None:
            return self.attributes
        return replace(self.attributes, address=address_abroad(self.leaves_on))

    @classmethod
    def of(cls, record: ResidentRecord | Annex, *, ward: bool = False) -> Self:
        """Gathered from the person's latest record: the resident record, or abroad the annex."""
        deleted = record.deleted
        return cls(
            id=record.holder,
            attributes=record.attributes,
            municipality=record.municipality,
            alive=deleted is None or deleted.cause is not Cause.DEATH,
            registered=deleted is None,
            abroad=isinstance(record, Annex),
            stay=record.stay if isinstance(record, ResidentRecord) else None,
            leaves_on=record.leaves_on if isinstance(record, ResidentRecord) else None,
            ward=ward,
            domicile=record.domicile if isinstance(record, ResidentRecord) else record.municipality,
        )


@dataclass(frozen=True, slots=True)
class Card:
    """One card in the register.

    `municipality` delivers it, then the one where it is in use. `expires` is its last day, known once it is made.
    `present_by` is the last day on which it may be shown to the municipality that its holder moved to; `abroad_under`
    the municipality that looks after it once its holder has left the country, if it was shown with that notice. `pins`
    is False for a face-verification card (暗証番号の設定のない顔認証カード). `replaces` is the card it takes the place
    of; `waits_for_exchange`: that one was in force when it was made, so its certificates are ordered at the exchange.
    `version` and `last_act` are as in a resident record.
    """

    id: str
    holder: str
    municipality: str
    applied_at: datetime
    state: CardState = CardState.APPLIED
    route: Route = Route.COUNTER
    kinds: frozenset[OrderedKind] = frozenset()
    pins: bool = True
    replaces: str | None = None
    early_renewal: bool = False
    waits_for_exchange: bool = False
    made: date | None = None
    expires: date | None = None
    present_by: date | None = None
    abroad_under: str | None = None
    certificates: tuple[CardCertificate, ...] = ()
    ended_by: CardStep | None = None
    ended_at: datetime | None = None
    version: int = 1
    last_act: str = ""

    def after(self, act: str, **changes: Any) -> Self:
        """The card as that act leaves it: one version on, however many of its steps it takes."""
        version = self.version if self.last_act == act else self.version + 1
        return replace(self, **changes, version=version, last_act=act)

    def has_expired(self, today: date) -> bool:
        """Whether its last day is over, recorded or not."""
        return self.expires is not None and today > self.expires

    def certificate(self, kind: OrderedKind) -> CardCertificate | None:
        """What is known of the certificate of that kind."""
        return next((each for each in self.certificates if each.kind is kind), None)

    def certificates_with(self, certificate: CardCertificate) -> tuple[CardCertificate, ...]:
        """The notes with this one in the place of an earlier one of the same kind."""
        return (*self.certificates_without(certificate.kind), certificate)

    def certificates_without(self, *kinds: OrderedKind) -> tuple[CardCertificate, ...]:
        """The notes of other kinds."""
        return tuple(each for each in self.certificates if each.kind not in kinds)
