"""What happens to cards, certificates and phones, at windows, at J-LIS, at the hotline and in the app."""

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.lives.country import HOTLINE, JLIS, card_keys, signed_on_phone, window
from tests.lives.law import AUTHENTICATION, CARD, PHONE, SIGNING, Ordered, age, day_of
from tests.lives.machine import WHICH, Machine
from tests.lives.people import (
    APPLIED,
    ENDED,
    IN_FORCE,
    LOST,
    MADE,
    SUSPENDED,
    CardOf,
    PersonOf,
    PhoneOf,
    is_soon_over,
)
from warifu.messages import OrderedKind
from warifu.registry import (
    Applicant,
    CardApplication,
    CardPin,
    CertificateNote,
    Claims,
    Clerk,
    Collector,
    Ground,
    Medium,
    Proof,
    pins_of,
)
from warifu.wire.registry import WindowStep
from warifu.wire.registry.cards import Cards

F = TypeVar("F", bound=Callable[..., Any])

KINDS = st.sampled_from((SIGNING, AUTHENTICATION))
SIGNERS = 15


def have(*states: str) -> Callable[[F], F]:
    """There is a card in one of these states."""
    return precondition(lambda self: bool(self.cards(*states)))


class OfCards(Machine):
    """Rules about cards and phones."""

    # --- from the application to the hand-over ------------------------------------------------------------------------

    @precondition(lambda self: bool(self.living()))
    @rule(which=WHICH)
    def applies(self, which: int) -> None:
        self.application_of(self.living()[which % len(self.living())])
        self.settle()

    @precondition(lambda self: bool(self.residents()))
    @rule(which=WHICH)
    def gets_a_card(self, which: int) -> None:
        """All at once: what happens in between is left to the other rules."""
        person = self.resident(which)
        card = self.application_of(person)
        self.settle()
        if card is not None:
            self.make(card)
            self.hand_over(card)
            self.write(card)

    def application_of(self, person: PersonOf) -> CardOf | None:
        """Another card if there is one already: a lost one, or in the place of one that is soon over."""
        today = day_of(self.now)
        young = age(person.born, today) < SIGNERS
        old = self.people.current(person, today)
        exchange = old is not None and old.state == IN_FORCE and is_soon_over(old, today)
        ground = Ground.FIRST if old is None else Ground.SOON_OVER if exchange else Ground.LOST
        kinds = frozenset({AUTHENTICATION} if young else {SIGNING, AUTHENTICATION})
        wish = CardApplication(
            ground=ground,
            applicant=Applicant.GUARDIAN if young else Applicant.SELF,
            kinds=frozenset(map(OrderedKind, kinds)),
            proof_of_loss=True,
        )
        done = self.does(lambda: self.office.apply(JLIS, person.holder, wish))
        waiting = any(each.state in {APPLIED, MADE} for each in self.people.of(person))
        may_stay = person.stay_until is None or person.stay_until >= today
        allowed = (person.place or person.annex) and not waiting and may_stay
        assert (done is not None) == bool(allowed), "who is on record and waits for none may ask for a card"
        if done is None:
            return None
        made = CardOf(done.cards[0], person.holder, person.desk, self.now, kinds, exchange, old)
        self.people.applies(made, old, gives_up=ground is Ground.LOST)
        return made

    @have(APPLIED)
    @rule(which=WHICH)
    def is_made(self, which: int) -> None:
        waiting = self.cards(APPLIED)
        self.make(waiting[which % len(waiting)])

    def make(self, card: CardOf) -> None:
        keys = card_keys(card.kinds, self.next())
        if self.does(lambda: self.office.note_made(JLIS, card.id, keys)) is None:
            return
        self.people.made(card, self.owner(card), day_of(self.now))
        if not card.waits:
            self.order(*self.orders_of(card))
        self.settle()

    def orders_of(self, card: CardOf, *, exchange: bool = False, only: str | None = None) -> list[Ordered]:
        """The orders that the register has placed for a card just now: for authentication first."""
        known = self.country.card(card.holder, card.id).certificates
        person = self.owner(card)
        assert card.last_day is not None
        return [
            Ordered(
                each.order,
                card.holder,
                each.kind.value,
                CARD,
                card.id,
                person.desk,
                person.born,
                card.last_day,
                exchange=exchange,
                says_abroad=self.says_abroad(person),
            )
            for each in sorted(known, key=lambda each: each.kind.value)
            if only in (None, each.kind.value) and each.note is CertificateNote.ORDERED
        ]

    @have(MADE)
    @rule(which=WHICH)
    def is_collected(self, which: int) -> None:
        waiting = self.cards(MADE)
        self.hand_over(waiting[which % len(waiting)])

    def hand_over(self, card: CardOf) -> None:
        self.write(card)
        person, keys = self.owner(card), card_keys(card.kinds, self.next())
        collector = Collector.GUARDIAN if age(person.born, day_of(self.now)) < SIGNERS else Collector.HOLDER
        pins = pins_of(self.country.card(card.holder, card.id))
        old = card.replaces
        exchange = card.waits and old is not None and old.state in {IN_FORCE, SUSPENDED}
        done = self.does(
            lambda: self.office.deliver(
                self.clerk(card), card.id, collector, Proof.PHOTO_DOCUMENT, pins, keys=keys if card.waits else None
            )
        )
        if done is None:
            return
        orders = self.orders_of(card, exchange=exchange) if card.waits else []
        self.orders += [each.id for each in orders]
        self.people.delivered(card, orders)
        card.waits = False
        self.settle()

    def write(self, card: CardOf) -> None:
        """What was issued is written on the card; a holder who has the card has the certificate with that."""
        written = [
            self.does(lambda kind=each.kind: self.office.note_written(JLIS, card.id, kind))  # type: ignore[misc]
            for each in self.country.card(card.holder, card.id).certificates
            if each.note is CertificateNote.ISSUED
        ]
        if any(written) and card.state == IN_FORCE:
            self.law.tell(self.law.delivered(card.id))
        self.settle()

    @have(APPLIED, MADE)
    @rule(which=WHICH)
    def is_not_wanted_any_more(self, which: int) -> None:
        waiting = self.cards(APPLIED, MADE)
        card = waiting[which % len(waiting)]
        self.must(lambda: self.office.at_window(JLIS, card.id, WindowStep.WITHDRAW))
        self.people.discarded(card)
        self.settle()

    # --- in use -------------------------------------------------------------------------------------------------------

    @have(IN_FORCE)
    @rule(which=WHICH, kind=KINDS)
    def certificate_is_ordered(self, which: int, kind: str) -> None:
        """At the window: the first of a kind, another one, or a renewal."""
        card = self.in_force(which)
        key = card_keys([kind], self.next())[OrderedKind(kind)]
        done = self.does(lambda: self.office.order_certificate(self.clerk(card), card.id, OrderedKind(kind), key))
        person, today = self.owner(card), day_of(self.now)
        own = None if self.law.waiting else self.law.live(card.holder, CARD, kind, self.now)
        if kind == SIGNING and age(person.born, today) < SIGNERS:
            assert done is None, "too young to sign"
        if done is not None:
            assert card.show_by is None
            self.order(*self.orders_of(card, only=kind))
            self.settle()
            self.write(card)
        elif own is None and not self.law.waiting and not card.has_expired(today) and card.show_by is None:
            known = self.country.card(card.holder, card.id).certificate(OrderedKind(kind))
            on_its_way = known is not None and known.note in (CertificateNote.ORDERED, CertificateNote.ISSUED)
            young = kind == SIGNING and age(person.born, today) < SIGNERS
            face = kind == SIGNING and not self.country.card(card.holder, card.id).pins
            assert person.place != card.place or on_its_way or young or face, "the law lets the holder have one"

    @have(IN_FORCE, SUSPENDED, LOST)
    @rule(which=WHICH, kind=KINDS)
    def certificate_is_given_up(self, which: int, kind: str) -> None:
        """第9条, 第28条."""
        card = self.delivered(which)
        if self.does(lambda: self.office.ask_revocation(self.clerk(card), card.id, OrderedKind(kind))) is not None:
            self.law.tell(self.law.given_up(card.id, kind))
        self.settle()

    @have(IN_FORCE)
    @rule(which=WHICH)
    def is_shown_after_a_move(self, which: int) -> None:
        card = self.in_force(which)
        person = self.owner(card)
        done = self.does(lambda: self.office.present(window_of(person), card.id, pin_verified=True))
        if done is not None:
            assert card.show_by is not None
            card.place, card.show_by = person.desk, None
        self.settle()

    @have(IN_FORCE)
    @rule(which=WHICH)
    def is_shown_before_leaving_the_country(self, which: int) -> None:
        card = self.in_force(which)
        if self.does(lambda: self.office.keep_abroad(self.clerk(card), card.id)) is not None:
            card.kept_abroad = True
        self.settle()

    @have(IN_FORCE, SUSPENDED)
    @rule(which=WHICH)
    def is_reported_lost(self, which: int) -> None:
        cards = self.cards(IN_FORCE, SUSPENDED)
        card = cards[which % len(cards)]
        if self.at_window(card, WindowStep.REPORT_LOST):
            self.people.reported_lost(card)
        self.settle()

    @have(SUSPENDED, LOST)
    @rule(which=WHICH, and_certified=st.booleans())
    def is_found(self, which: int, and_certified: bool) -> None:
        cards = self.cards(SUSPENDED, LOST)
        card = cards[which % len(cards)]
        if self.at_window(card, WindowStep.NOTE_FOUND):
            self.people.found(card)
        self.settle()
        if and_certified and card.state == IN_FORCE:
            position = self.cards(IN_FORCE).index(card)
            for kind in (AUTHENTICATION, SIGNING):
                self.certificate_is_ordered(position, kind)

    @have(IN_FORCE, SUSPENDED, LOST)
    @rule(which=WHICH, step=st.sampled_from((WindowStep.GIVE_BACK, WindowStep.ORDER_RETURN)))
    def is_given_back(self, which: int, step: WindowStep) -> None:
        card = self.delivered(which)
        if self.at_window(card, step):
            self.people.ends(card)
        self.settle()

    @have(IN_FORCE)
    @rule(which=WHICH, step=st.sampled_from((WindowStep.UPDATE_FACE, WindowStep.GIVE_UP_PINS)))
    def changes_at_the_window(self, which: int, step: WindowStep) -> None:
        """Without PINs nobody signs; a new face ends nothing."""
        card = self.in_force(which)
        if self.at_window(card, step) and step is WindowStep.GIVE_UP_PINS:
            self.law.tell(self.law.given_up(card.id, SIGNING))
        self.settle()

    @have(IN_FORCE)
    @rule(which=WHICH)
    def takes_up_pins(self, which: int) -> None:
        card = self.in_force(which)
        pins = frozenset(CardPin) - {CardPin.SIGNING}
        self.does(lambda: self.office.take_up_pins(self.clerk(card), card.id, pins))
        self.settle()

    def at_window(self, card: CardOf, step: WindowStep) -> bool:
        return self.does(lambda: self.office.at_window(self.clerk(card), card.id, step)) is not None

    def in_force(self, which: int) -> CardOf:
        cards = self.cards(IN_FORCE)
        return cards[which % len(cards)]

    def delivered(self, which: int) -> CardOf:
        cards = self.cards(IN_FORCE, SUSPENDED, LOST)
        return cards[which % len(cards)]

    # --- the hotline --------------------------------------------------------------------------------------------------

    @precondition(lambda self: any(self.has_something(each) for each in self.living()))
    @rule(which=WHICH, media=st.sets(st.sampled_from(Medium), min_size=1))
    def calls_the_hotline(self, which: int, media: set[Medium]) -> None:
        """番号法 第17条第9項."""
        callers = [each for each in self.living() if self.has_something(each)]
        person = callers[which % len(callers)]
        said = self.country.holder(person.holder).attributes
        claims = Claims(said.name.text, said.birth_date.digits, said.address.text)
        call = self.must(lambda: self.country.registry.calls.take(HOTLINE, claims)).act
        if self.does(lambda: self.country.registry.calls.suspend(HOTLINE, call, frozenset(media))) is None:
            return
        if Medium.CARD in media:
            for card in self.people.of(person):
                self.people.suspended(card)
        phone = self.people.phone_of(person)
        if Medium.PHONE in media and phone is not None and phone.state == IN_FORCE:
            phone.state = SUSPENDED
            self.law.tell(self.law.phone_suspended(phone.id))
        self.settle()

    def has_something(self, person: PersonOf) -> bool:
        return bool(self.people.of(person)) or self.people.phone_of(person) is not None

    # --- phones -------------------------------------------------------------------------------------------------------

    @have(IN_FORCE)
    @rule(which=WHICH, kinds=st.sampled_from(((SIGNING, AUTHENTICATION), (SIGNING,), (AUTHENTICATION,))))
    def a_phone_is_set_up(self, which: int, kinds: tuple[str, ...]) -> None:
        """第16条の2, 第35条の2: the card's holder applies with the card; a phone in use before is given up."""
        card = self.in_force(which)
        signed = signed_on_phone(self.country, card.holder, card.id, card_keys(kinds, self.next()))
        done = self.does(lambda: self.office.apply_for_phone(JLIS, signed))
        if done is None:
            return
        before = self.people.phone_of(self.owner(card))
        if before is not None:
            self.give_up(before)
        phone = PhoneOf(done.phones[-1], card.holder)
        self.people.phones[phone.id] = phone
        self.order(*self.orders_on(phone, card))
        self.settle()

    def orders_on(self, phone: PhoneOf, card: CardOf) -> list[Ordered]:
        """The orders that the register has placed for a phone just now."""
        known = self.country.phone(phone.holder, phone.id).certificates
        person = self.owner(card)
        assert card.last_day is not None
        return [
            Ordered(
                each.order,
                phone.holder,
                each.kind.value,
                PHONE,
                card.id,
                person.desk,
                person.born,
                card.last_day,
                phone=phone.id,
                says_abroad=self.says_abroad(person),
            )
            for each in sorted(known, key=lambda each: each.kind.value)
            if each.note is CertificateNote.ORDERED
        ]

    @precondition(lambda self: any(each.state == IN_FORCE for each in self.people.phones.values()))
    @rule(which=WHICH)
    def signs_on_the_phone_again(self, which: int) -> None:
        """After a hold, or after a move that ended the certificate before."""
        phones = [each for each in self.people.phones.values() if each.state == IN_FORCE]
        phone = phones[which % len(phones)]
        card = next((each for each in self.cards(IN_FORCE) if each.holder == phone.holder), None)
        if card is None:
            return
        signed = signed_on_phone(self.country, card.holder, card.id, card_keys([SIGNING], self.next()))
        done = self.does(lambda: self.office.apply_for_phone_signing_again(JLIS, phone.id, signed))
        own, on_phone = (self.law.live(phone.holder, medium, SIGNING, self.now) for medium in (CARD, PHONE))
        if done is not None:
            self.order(*self.orders_on(phone, card))
        elif not self.law.waiting and own is not None and own.usable and not own.held:
            assert on_phone is not None or card.has_expired(day_of(self.now)), "the law lets the holder have one"
        self.settle()

    @precondition(lambda self: any(each.state == SUSPENDED for each in self.people.phones.values()))
    @rule(which=WHICH)
    def a_phone_is_found(self, which: int) -> None:
        phones = [each for each in self.people.phones.values() if each.state == SUSPENDED]
        phone = phones[which % len(phones)]
        self.must(lambda: self.office.lift_phone_hold(JLIS, phone.id))
        phone.state = IN_FORCE
        self.law.tell(self.law.phone_found(phone.id))
        self.settle()

    @precondition(lambda self: any(each.state != ENDED for each in self.people.phones.values()))
    @rule(which=WHICH)
    def a_phone_is_given_up(self, which: int) -> None:
        phones = [each for each in self.people.phones.values() if each.state != ENDED]
        phone = phones[which % len(phones)]
        self.must(lambda: self.office.give_up_phone(JLIS, phone.id))
        self.give_up(phone)
        self.settle()

    def give_up(self, phone: PhoneOf) -> None:
        phone.state = ENDED
        self.law.tell(self.law.phone_given_up(phone.id))

    @property
    def office(self) -> Cards:
        """Where all of this is done."""
        return self.country.registry.cards


def window_of(person: PersonOf) -> Clerk:
    """The window where somebody lives now."""
    return window(person.desk)
