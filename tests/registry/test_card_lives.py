"""Random lives: whatever happens in whatever order, what must hold of cards, orders and the certificates behind them.

The authority is a few lines here: a certificate lives from its order until the register says something that ends it.
An order that asks for a second living one, and is no renewal, would be refused in life (公的個人認証法 第6条, 第25条).
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.applying import applied
from tests.registry.card_world import (
    AUTHENTICATION,
    HOTLINE,
    JLIS,
    KEYS,
    OSAKA,
    RULES,
    SIGNING,
    START,
    TOKYO,
    act,
    new_id,
    person,
    window,
)
from warifu.errors import NotAllowed
from warifu.messages import (
    Attribute,
    CardEvent,
    CardHappening,
    Cause,
    CertificateIssued,
    CertificateOrder,
    MinorCorrection,
    OrderedKind,
    OrderedMedium,
    ResidentEvent,
)
from warifu.registry import (
    Act,
    Call,
    Card,
    CardApplication,
    CardState,
    CertificateNote,
    Change,
    Clerk,
    Collector,
    Ground,
    Medium,
    Phone,
    PhoneState,
    PinsSet,
    Proof,
    SignedByCard,
    apply_for_card,
    apply_for_phone,
    apply_for_phone_signing_again,
    ask_revocation,
    begin_delivery,
    complete_delivery,
    day_of,
    destroy_uncollected,
    follow_code_change,
    follow_resident,
    give_back,
    give_up_phone,
    give_up_pins,
    lift_phone_hold,
    note_found,
    note_issued,
    note_made,
    note_phone_answer,
    note_written,
    order_certificate,
    pins_of,
    present_after_move,
    report_lost,
    suspend,
    turn_day,
    withdraw,
)

Key: TypeAlias = tuple[OrderedKind, OrderedMedium]
CARD, PHONE = OrderedMedium.CARD, OrderedMedium.PHONE
ENDS_CARDS = {
    CardHappening.RETURNED,
    CardHappening.INVALIDATED,
    CardHappening.LOST,
    CardHappening.DISCARDED,
    CardHappening.EXPIRED,
}
LIVING = {CardState.IN_FORCE, CardState.HELD, CardState.LOST}


def keys_of(card: Card) -> dict[OrderedKind, bytes]:
    return {kind: KEYS[kind] for kind in card.kinds}


class Life(RuleBasedStateMachine):
    """One person, the cards and phones of a life, and what the authority would make of it."""

    @initialize(born=st.dates(date(1950, 1, 1), date(2010, 12, 31)))
    def is_born(self, born: date) -> None:
        self.now = START
        self.holder = person(born, domicile=TOKYO)
        self.cards: dict[str, Card] = {}
        self.phones: dict[str, Phone] = {}
        self.live: dict[Key, str] = {}
        self.ends: dict[Key, datetime] = {}
        self.held: set[Key] = set()

    # --- what is done -------------------------------------------------------------------------------------------------

    @rule(ground=st.sampled_from([Ground.FIRST, Ground.FIRST, *Ground]), signs=st.booleans())
    def apply(self, ground: Ground, signs: bool) -> None:
        kinds = frozenset({AUTHENTICATION, SIGNING} if signs else {AUTHENTICATION})
        application = CardApplication(ground=ground, kinds=kinds, old_card=True, proof_of_loss=True)
        self.do(self.here(), apply_for_card, application, self.holder, list(self.cards.values()), RULES)

    @rule()
    def make(self) -> None:
        for card in self.of(CardState.APPLIED):
            old = self.cards.get(card.replaces or "")
            self.do(JLIS, note_made, card, self.holder, keys_of(card), RULES, old=old)
        self.answer()

    @rule()
    def deliver(self) -> None:
        for card in self.of(CardState.MADE):
            self.do(self.here(), self.hand_over, card, self.cards.get(card.replaces or ""))
        self.answer()

    def hand_over(self, doing: Act, card: Card, old: Card | None) -> Change[Card]:
        opened = begin_delivery(doing, card, self.holder, Collector.HOLDER, Proof.PHOTO_DOCUMENT, RULES)
        pins = PinsSet(card.id, pins_of(card))
        return complete_delivery(doing, opened, card, self.holder, pins, old=old, keys=keys_of(card))

    @rule(ground=st.sampled_from(Ground), signs=st.booleans())
    def obtain(self, ground: Ground, signs: bool) -> None:
        self.apply(ground=ground, signs=signs)
        self.make()
        self.deliver()

    @precondition(lambda self: not self.of(CardState.IN_FORCE))
    @rule()
    def obtain_the_first(self) -> None:
        self.obtain(ground=Ground.FIRST, signs=True)

    @rule(step=st.sampled_from([withdraw, report_lost, note_found, note_found, give_back, give_up_pins]))
    def at_the_window(self, step: Callable[..., Change[Card]]) -> None:
        for card in self.unended():
            self.do(window(card.municipality), step, card)

    @rule()
    def tidy_up(self) -> None:
        for card in self.unended():
            self.do(window(card.municipality), destroy_uncollected, card, RULES)

    @rule(kind=st.sampled_from([SIGNING, AUTHENTICATION]), gives_up=st.booleans())
    def certificate(self, kind: OrderedKind, gives_up: bool) -> None:
        for card in self.unended():
            if gives_up:
                self.do(window(card.municipality), ask_revocation, card, kind)
            else:
                self.do(window(card.municipality), order_certificate, card, self.holder, kind, b"k", RULES)
        self.answer()

    @rule(media=st.sets(st.sampled_from(Medium), min_size=1))
    def call(self, media: set[Medium]) -> None:
        known = Call(new_id(), self.holder.id)
        self.do(HOTLINE, suspend, known, frozenset(media), list(self.cards.values()), list(self.phones.values()))

    @rule()
    def phone(self) -> None:
        for card in self.unended():
            signed = SignedByCard(card.id, applied(KEYS, self.now))
            self.do(JLIS, apply_for_phone, signed, card, self.holder, list(self.phones.values()))
        self.answer()

    @rule()
    def phone_signs_again(self) -> None:
        for card in self.unended():
            signed = SignedByCard(card.id, applied({SIGNING: b"k"}, self.now))
            for phone in list(self.phones.values()):
                self.do(JLIS, apply_for_phone_signing_again, signed, phone, card, self.holder)
        self.answer()

    @rule(step=st.sampled_from([lift_phone_hold, give_up_phone]))
    def in_the_app(self, step: Callable[..., Change[Phone]]) -> None:
        for phone in list(self.phones.values()):
            self.do(JLIS, step, phone)

    @precondition(lambda self: self.holder.registered)
    @rule()
    def move(self) -> None:
        there = OSAKA if self.holder.municipality == TOKYO else TOKYO
        self.holder = replace(self.holder, municipality=there)
        self.happens((Cause.MOVE_OUT, frozenset()), (Cause.MOVE_IN, frozenset({Attribute.ADDRESS})))

    @rule()
    def show(self) -> None:
        for card in self.unended():
            self.do(self.here(), present_after_move, card, self.holder, pin_verified=True)

    @precondition(lambda self: self.holder.registered)
    @rule(minor=st.booleans())
    def correct(self, minor: bool) -> None:
        how = MinorCorrection.DISTRICT_RENAMED if minor else None
        self.happens((Cause.CORRECTION, frozenset({Attribute.ADDRESS})), minor=how)

    @precondition(lambda self: self.holder.alive and self.ripe())
    @rule(cause=st.sampled_from([Cause.DEATH, Cause.DELETION]))
    def die_or_vanish(self, cause: Cause) -> None:
        self.holder = replace(self.holder, alive=cause is not Cause.DEATH, registered=False)
        self.happens((cause, frozenset()))

    @precondition(lambda self: self.holder.registered and self.ripe())
    @rule()
    def change_code(self) -> None:
        self.do(self.here(), follow_code_change, list(self.cards.values()))

    @rule(days=st.sampled_from([1, 30, 91, 1700]))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.do(JLIS, turn_day, list(self.cards.values()))
        self.live = {key: card for key, card in self.live.items() if self.now <= self.ends[key]}

    # --- how ----------------------------------------------------------------------------------------------------------

    def ripe(self) -> bool:
        """Whether something has happened yet, so that most lives are not over before they began."""
        return len(self.cards) >= 3

    def of(self, state: CardState) -> list[Card]:
        return [card for card in self.cards.values() if card.state is state]

    def unended(self) -> list[Card]:
        return [card for card in self.cards.values() if card.state is not CardState.ENDED]

    def here(self) -> Clerk:
        return window(self.holder.municipality)

    def do(self, clerk: Clerk, decide: Callable[..., Change[Any]], *what: Any, **more: Any) -> None:
        """Decide, keep, tell; what is refused changes nothing."""
        doing = act(clerk, self.now)
        try:
            change = decide(doing, *what, **more)
        except NotAllowed:
            return
        for record in change.records:
            self.keep(record, doing)
        for message in change.messages:
            assert isinstance(message, CardEvent | CertificateOrder)
            self.tell(message)

    def keep(self, record: Card | Phone, doing: Act) -> None:
        shelf: dict[str, Any] = self.cards if isinstance(record, Card) else self.phones
        before = shelf.get(record.id)
        assert record.version == (1 if before is None else before.version + 1)
        assert record.last_act == doing.id
        assert before is None or before.state not in (CardState.ENDED, PhoneState.ENDED), "what ended stays so"
        shelf[record.id] = record

    def answer(self) -> None:
        """The authorities issue whatever was ordered, and it is written at once."""
        for card_id, kind in [(card.id, each.kind) for card in self.cards.values() for each in card.certificates]:
            known = self.cards[card_id].certificate(kind)
            if known is not None and known.note is CertificateNote.ORDERED:
                issued = CertificateIssued(known.order, b"c", b"i")
                self.do(JLIS, note_issued, self.cards[card_id], issued, self.ends[kind, CARD])
                self.do(JLIS, note_written, self.cards[card_id], kind)
        for phone in list(self.phones.values()):
            for each in phone.certificates:
                if each.note is CertificateNote.ORDERED:
                    issued = CertificateIssued(each.order, b"c", b"i")
                    self.do(JLIS, note_phone_answer, self.phones[phone.id], issued, self.ends[each.kind, PHONE])

    def happens(self, *what: tuple[Cause, frozenset[Attribute]], minor: MinorCorrection | None = None) -> None:
        events = [ResidentEvent(new_id(), self.holder.id, cause, changed, minor, self.now) for cause, changed in what]
        self.do(self.here(), follow_resident, list(self.cards.values()), events)
        for event in events:
            if event.cause in (Cause.DEATH, Cause.DELETION):
                self.live.clear()
            elif event.cause is Cause.MOVE_OUT or (event.changed and event.minor is None):
                self.forget(lambda key: key[0] is SIGNING)

    # --- the authority, and what must hold ----------------------------------------------------------------------------

    def tell(self, message: CardEvent | CertificateOrder) -> None:
        if isinstance(message, CardEvent):
            self.follow(message)
            return
        assert self.holder.alive, "no certificate is ordered for the dead"
        assert self.holder.registered, "no certificate is ordered for who is in no record"
        assert day_of(self.now) <= day_of(message.card_not_after), "no certificate is ordered for a card that is over"
        key = (message.kind, message.medium)
        assert message.renewal or key not in self.live, "nobody has two"
        self.forget(lambda other: other == key)
        self.live[key] = message.card
        self.ends[key] = min(self.now + timedelta(days=5 * 365), message.card_not_after)
        self.held.discard(key)

    def follow(self, event: CardEvent) -> None:
        mine = [key for key, card in self.live.items() if card == event.card]
        if event.what in ENDS_CARDS:
            self.forget(lambda key: key in mine and key[1] is CARD)
        elif event.what is CardHappening.HELD:
            self.held |= {key for key in mine if key[1] is CARD}
        elif event.what is CardHappening.HOLD_LIFTED:
            self.forget(lambda key: key in self.held and key[1] is CARD)
        elif event.what is CardHappening.SIGNING_REVOCATION_ASKED:
            self.forget(lambda key: key in mine and key == (SIGNING, CARD))
        elif event.what is CardHappening.AUTHENTICATION_REVOCATION_ASKED:
            self.forget(lambda key: key in mine and key == (AUTHENTICATION, CARD))
        elif event.what is CardHappening.PHONE_GIVEN_UP:
            self.forget(lambda key: key[1] is PHONE)
        elif event.what is CardHappening.PHONE_HOLD_LIFTED:
            self.forget(lambda key: key == (SIGNING, PHONE))

    def forget(self, ends: Callable[[Key], bool]) -> None:
        """They end, and a phone's with the card's of the same kind (第16条の13, 第35条の13)."""
        ended = {key for key in self.live if ends(key)}
        ended |= {(kind, PHONE) for kind, medium in ended if medium is CARD}
        self.live = {key: card for key, card in self.live.items() if key not in ended}
        self.held -= ended

    @invariant()
    def at_most_one_card_is_there(self) -> None:
        today = day_of(self.now)
        assert sum(card.state in LIVING and not card.has_expired(today) for card in self.cards.values()) <= 1

    @invariant()
    def at_most_one_application_is_open(self) -> None:
        assert sum(card.state in (CardState.APPLIED, CardState.MADE) for card in self.cards.values()) <= 1

    @invariant()
    def at_most_one_phone_is_there(self) -> None:
        assert sum(phone.state is not PhoneState.ENDED for phone in self.phones.values()) <= 1

    @invariant()
    def the_dead_have_nothing(self) -> None:
        if not self.holder.alive:
            assert self.unended() == []
            assert self.live == {}

    @invariant()
    def certificates_live_on_cards_that_can_carry_them(self) -> None:
        for (_, medium), card in self.live.items():
            if medium is CARD:
                assert self.cards[card].state in {CardState.MADE, CardState.IN_FORCE, CardState.HELD}

    @invariant()
    def an_end_says_why_and_when(self) -> None:
        for card in self.cards.values():
            assert (card.state is CardState.ENDED) is (card.ended_by is not None) is (card.ended_at is not None)


Life.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
test_whatever_happens_in_a_life = Life.TestCase
