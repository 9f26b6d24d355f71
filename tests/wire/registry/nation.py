"""Register, party that numbers and authorities, each over its own database; any of them can end at any step.

A life is lived twice: by a program that ends at one step, and by one that is started afterwards and does everything
again under the same ids, as a window does that got no answer.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from cryptography import x509
from sqlalchemy import text

from tests.ca.town import key
from tests.wire.authorities import open_authorities
from tests.wire.conftest import Place
from tests.wire.faults import Faults, Fragile
from tests.wire.post.world import Moment
from tests.wire.registry.world import HOME, JLIS, name, person, window
from warifu.ca import State
from warifu.messages import CertificateIssued, OrderedKind
from warifu.pki import CertificateKind
from warifu.registry import CardApplication, CardState, Collector, Proof, find_place, pins_of
from warifu.wire.authority.letters import RegisterLetters
from warifu.wire.clock import SystemEntropy
from warifu.wire.database import open_database, reading
from warifu.wire.numbering import Numbering
from warifu.wire.post import Carrier, Courier, LocalCarrier
from warifu.wire.registry import Registry
from warifu.wire.registry.reading import cards_of, last_record

TODAY = date(2026, 11, 22)


@dataclass
class Nation:
    """All three, opened anew with `restart`."""

    place: Place
    clock: Moment = field(default_factory=Moment)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.engine = open_database(self.place.of("registry"), "registry")
        self.numbers = open_database(self.place.of("numbering"), "numbering")
        self.authorities = open_authorities(self.place.of("authority"), self.clock)
        self.registry = Registry(self.engine, self.clock, SystemEntropy())
        self.numbering = Numbering(self.numbers, self.clock, SystemEntropy())

    def close(self) -> None:
        self.engine.dispose()
        self.numbers.dispose()
        self.authorities.close()

    def restart(self) -> None:
        self.close()
        self.open()
        # Whatever was carried in vain is due again.
        self.clock.forward(minutes=6)

    def watch(self, faults: Faults) -> None:
        for engine in (self.engine, self.numbers, self.authorities.engine):
            faults.watch(engine)

    def settle(self, faults: Faults | None = None) -> None:
        letters = RegisterLetters(self.authorities, lambda code: find_place(code).municipality)
        carriers: dict[str, Carrier] = {
            "numbering": LocalCarrier(self.numbering.mailbox()),
            "authority": LocalCarrier(letters),
        }
        if faults is not None:
            carriers = {to: Fragile(carrier, faults) for to, carrier in carriers.items()}
        Courier(self.engine, carriers, self.clock, self.registry.on_answers()).run()


@dataclass
class Life:
    """One person's life; every act has an id that only this life has."""

    nation: Nation
    number: int
    holder: str = ""
    card: str = ""

    def arrive(self, faults: Faults | None = None) -> None:
        """Into the register, with a number."""
        people = self.nation.registry.people
        done = people.register_arrival(window(), [person()], HOME, TODAY, act=self._act("arrive"))
        self.holder = done.holders[0]
        self.nation.settle(faults)

    def get_card(self, faults: Faults | None = None) -> None:
        """A card with both certificates, in its holder's hands."""
        cards = self.nation.registry.cards
        self.card = cards.apply(JLIS, self.holder, CardApplication(), act=self._act("apply")).cards[0]
        keys = {kind: key(20 + index).public_key_info for index, kind in enumerate(OrderedKind)}
        cards.note_made(JLIS, self.card, keys, act=self._act("made"))
        self.nation.settle(faults)
        for kind in OrderedKind:
            cards.note_written(JLIS, self.card, kind, act=self._act(f"written {kind.value}"))
        with reading(self.nation.engine) as connection:
            pins = pins_of(cards_of(connection, [self.holder])[0])
        comes = (Collector.HOLDER, Proof.PHOTO_DOCUMENT)
        cards.deliver(window(), self.card, *comes, pins, act=self._act("deliver"))
        self.nation.settle(faults)

    def marry(self, faults: Faults | None = None) -> None:
        """Another name: the signing certificate ends."""
        people = self.nation.registry.people
        people.change_name(window(), self.holder, name("婚姻　花子", "コンイン　ハナコ"), act=self._act("marry"))
        self.nation.settle(faults)

    def die(self, faults: Faults | None = None) -> None:
        """Everything ends."""
        self.nation.registry.people.register_death(window(), self.holder, TODAY, act=self._act("die"))
        self.nation.settle(faults)

    # --- what is true afterwards ---

    def check_arrived(self) -> None:
        """One record, one number, and that number under one code there."""
        with reading(self.nation.engine) as connection:
            record = last_record(connection, self.holder)
        assert record.number is not None
        query = text("select count(*) from designation where current and number = :number and code = :code")
        told = {"number": record.number.reveal(), "code": record.code.reveal()}
        with reading(self.nation.numbers) as connection:
            assert connection.scalar(query, told) == 1

    def check_certificates(self, **states: State) -> None:
        """Of each kind one certificate, in that state, and no other was ever handed out."""
        found = self._entries()
        assert sorted(found) == sorted(states.items(), key=lambda item: item[0])

    def check_card(self, state: CardState) -> None:
        with reading(self.nation.engine) as connection:
            [card] = cards_of(connection, [self.holder])
        assert (card.id, card.state) == (self.card, state)

    def _entries(self) -> list[tuple[str, State]]:
        authorities = self.nation.authorities
        with reading(self.nation.engine) as connection:
            query = text("select answer from certificate_order where holder = :holder and answer is not null")
            answers = [bytes(each) for each in connection.scalars(query, {"holder": self.holder})]
        found = []
        for answer in answers:
            der = CertificateIssued.decode(answer).certificate
            serial_number = x509.load_der_x509_certificate(der).serial_number
            for kind in CertificateKind:
                entry = authorities.find(kind, serial_number)
                if entry is not None and authorities.certificate(kind, serial_number) == der:
                    found.append((kind.value, entry.state))
        return found

    def _act(self, what: str) -> str:
        return act_id(self.number, what)


def act_id(number: int, what: str) -> str:
    """The id of one thing in one life, the same whoever asks for it."""
    return hashlib.sha256(f"{number} {what}".encode()).hexdigest()[:32]


def check_nation(nation: Nation, people: int) -> None:
    """Nothing waits, nobody is there twice, no log was torn."""
    nation.settle()
    assert nation.registry.queues() == []
    with reading(nation.engine) as connection:
        assert connection.scalar(text("select count(distinct holder) from resident")) == people
        assert connection.scalar(text("select count(*) from certificate_order where answered_at is null")) == 0
    nation.registry.check_log()


@contextmanager
def living(place: Place) -> Iterator[Nation]:
    nation = Nation(place)
    try:
        nation.registry.people.stock_codes(window(), 1000)
        nation.settle()
        yield nation
    finally:
        nation.close()
