"""A register over its database, the party that numbers beside it, and somebody in the authority's place.

All letters go by hand; `settle` carries everything until nothing moves any more.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from tests.ca.town import AUTHENTICATION, SIGNING, application, authority, key
from tests.wire.conftest import Place
from tests.wire.post.world import Moment
from warifu.messages import (
    CardEvent,
    CertificateIssued,
    CertificateOrder,
    OrderedKind,
    OrderRefused,
    ResidentEvent,
)
from warifu.person import Address, BirthDate, Name, Sex
from warifu.registry import (
    Card,
    CardApplication,
    Clerk,
    Collector,
    Desk,
    Office,
    Proof,
    RecordedName,
    Relationship,
    ResidentRecord,
    Section,
    pins_of,
)
from warifu.wire.clock import SystemEntropy
from warifu.wire.database import open_database, reading
from warifu.wire.numbering import Numbering
from warifu.wire.post import Carrier, Courier, Letter, LocalCarrier
from warifu.wire.registry import PARTY, Done, Person, Registry
from warifu.wire.registry.reading import cards_of, last_record

KIYOSE, SHIBUYA = "13221", "13113"
HOME = Address("東京都清瀬市架空町一丁目２番３号")
AWAY = Address("東京都渋谷区割符町四丁目５番６号")
BORN = BirthDate(date(1990, 4, 1))


def window(municipality: str = KIYOSE, name: str = "clerk-1") -> Clerk:
    return Clerk(name, Desk(Office.MUNICIPALITY, municipality, Section.RESIDENTS))


def section(which: Section, municipality: str = KIYOSE) -> Clerk:
    return Clerk("clerk-2", Desk(Office.MUNICIPALITY, municipality, which))


JLIS = Clerk("maker", Desk(Office.JLIS))
HOTLINE = Clerk("operator-1", Desk(Office.HOTLINE))


def name(text: str = "割符　花子", reading: str = "ワリフ　ハナコ") -> RecordedName:
    return RecordedName(Name(text), Name(reading))


def person(relationship: Relationship = Relationship.HEAD, text: str = "割符　花子", born: BirthDate = BORN) -> Person:
    return Person(name(text), born, Sex.FEMALE, relationship, domicile=KIYOSE)


class Authority:
    """Answers in the authority's place: keeps what it was told, issues what is ordered, or refuses."""

    def __init__(self) -> None:
        self.told: dict[str, ResidentEvent | CardEvent] = {}
        self.orders: dict[str, CertificateOrder] = {}
        self.refusing = False
        self.later = False

    def carry(self, letter: Letter) -> bytes:
        if letter.subject == "resident-event":
            self.told.setdefault(letter.id, ResidentEvent.decode(letter.body))
        elif letter.subject == "card-event":
            self.told.setdefault(letter.id, CardEvent.decode(letter.body))
        else:
            order = CertificateOrder.decode(letter.body)
            self.orders.setdefault(letter.id, order)
            return b"" if self.later else self.answer(order)
        return b""

    def answer(self, order: CertificateOrder) -> bytes:
        if self.refusing:
            return OrderRefused(order.id, "not_allowed").encode()
        kind = SIGNING if order.kind is OrderedKind.SIGNING else AUTHENTICATION
        one = authority(kind)
        issued = one.issue(application(kind), len(self.orders), order.at)
        return CertificateIssued(order.id, issued.certificate, one.issuer.certificate_der).encode()

    def causes(self) -> list[str]:
        return [told.cause.value if isinstance(told, ResidentEvent) else told.what.value for told in self.told.values()]


@dataclass
class World:
    """Everything that a test of the register needs."""

    place: Place
    clock: Moment = field(default_factory=Moment)
    authority: Authority = field(default_factory=Authority)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Everything as it is after a start of the programs."""
        self.engine = open_database(self.place.of(PARTY), PARTY)
        self.numbers = open_database(self.place.of("numbering"), "numbering")
        self.registry = Registry(self.engine, self.clock, SystemEntropy())
        self.numbering = Numbering(self.numbers, self.clock, SystemEntropy())

    def close(self) -> None:
        self.engine.dispose()
        self.numbers.dispose()

    def restart(self) -> None:
        self.close()
        self.open()

    def courier(self) -> Courier:
        carriers: dict[str, Carrier] = {
            "numbering": LocalCarrier(self.numbering.mailbox()),
            "authority": self.authority,
        }
        return Courier(self.engine, carriers, self.clock, self.registry.on_answers())

    def settle(self) -> None:
        self.courier().run()

    # --- short ways ---

    def resident(self, **changes: object) -> str:
        """Somebody who lives in a household of one, with a number; the holder."""
        newcomer = person(**changes)  # type: ignore[arg-type] # as `person` takes them
        return self.arrive(newcomer).holders[0]

    def arrive(self, *newcomers: Person, municipality: str = KIYOSE, address: Address = HOME) -> Done:
        self.registry.people.stock_codes(window(municipality), 40)
        self.settle()
        today = self.clock.now().date()
        done = self.registry.people.register_arrival(window(municipality), newcomers, address, today)
        self.settle()
        return done

    def record(self, holder: str) -> ResidentRecord:
        with reading(self.engine) as connection:
            return last_record(connection, holder)

    def cards(self, holder: str) -> list[Card]:
        with reading(self.engine) as connection:
            return cards_of(connection, [holder])

    def made_card(self, holder: str) -> Card:
        """A card at the municipality, certificates on it."""
        done = self.registry.cards.apply(JLIS, holder, CardApplication())
        keys = {kind: key(20 + index).public_key_info for index, kind in enumerate(OrderedKind)}
        self.registry.cards.note_made(JLIS, done.cards[0], keys)
        self.settle()
        for kind in OrderedKind:
            self.registry.cards.note_written(JLIS, done.cards[0], kind)
        return self.cards(holder)[-1]

    def card(self, holder: str) -> Card:
        """A card in its holder's hands."""
        made = self.made_card(holder)
        municipality = self.record(holder).municipality
        self.registry.cards.deliver(
            window(municipality), made.id, Collector.HOLDER, Proof.PHOTO_DOCUMENT, pins_of(made)
        )
        self.settle()
        return next(card for card in self.cards(holder) if card.id == made.id)


@contextmanager
def living(place: Place) -> Iterator[World]:
    world = World(place)
    try:
        yield world
    finally:
        world.close()
