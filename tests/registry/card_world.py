"""A window, a hotline, J-LIS, and the people and cards that the tests of the card's life are about."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from warifu.messages import CardEvent, CardHappening, CertificateIssued, CertificateOrder, OrderedKind
from warifu.person import Address, BasicAttributes, BirthDate, Name, Sex
from warifu.registry import (
    Act,
    Card,
    CardApplication,
    CardHolder,
    CardRules,
    CardState,
    Change,
    Clerk,
    Collector,
    Desk,
    Ground,
    Office,
    PinsSet,
    Proof,
    Route,
    Section,
    apply_for_card,
    begin_delivery,
    complete_delivery,
    note_issued,
    note_made,
    note_written,
    pins_of,
)

SIGNING, AUTHENTICATION = OrderedKind.SIGNING, OrderedKind.AUTHENTICATION
BOTH = frozenset(OrderedKind)
TOKYO, OSAKA = "13113", "27127"
JLIS = Clerk("machine", Desk(Office.JLIS))
HOTLINE = Clerk("phone 7", Desk(Office.HOTLINE))
START = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
"""Noon in Japan on 1 April 2026."""
RULES = CardRules()
KEYS = {SIGNING: b"signing key", AUTHENTICATION: b"authentication key"}

_numbers = count(1)


def new_id() -> str:
    """Of letters alone: whoever looks for digits in what is shown does not find them in an id."""
    return f"{next(_numbers):032b}".translate({ord("0"): "a", ord("1"): "b"})


def window(municipality: str = TOKYO) -> Clerk:
    return Clerk("window 3", Desk(Office.MUNICIPALITY, municipality, Section.RESIDENTS))


def act(clerk: Clerk | None = None, at: datetime = START) -> Act:
    """An act of its own, at the window if nothing else is said."""
    return Act(new_id(), clerk or window(), at)


def on(day: date, clerk: Clerk | None = None) -> Act:
    """An act at noon of that day in Japan."""
    return act(clerk, datetime(day.year, day.month, day.day, 3, tzinfo=UTC))


def person(born: date = date(1980, 5, 17), **changes: Any) -> CardHolder:
    attributes = BasicAttributes(Name("見本\u3000花子"), Address("東京都渋谷区見本一丁目"), BirthDate(born), Sex.FEMALE)
    return replace(CardHolder(new_id(), attributes, TOKYO), **changes)


def after(change: Change[Card], card: Card) -> Card:
    """The card as the change leaves it."""
    return next((each for each in change.records if each.id == card.id), card)


def events(change: Change[Any]) -> list[CardHappening]:
    return [message.what for message in change.messages if isinstance(message, CardEvent)]


def orders(change: Change[Any]) -> list[CertificateOrder]:
    return [message for message in change.messages if isinstance(message, CertificateOrder)]


def applied(holder: CardHolder, at: datetime = START, *old: Card, **wishes: Any) -> Card:
    """The card of an accepted application."""
    ground = wishes.pop("ground", Ground.FIRST)
    application = CardApplication(ground=ground, **wishes)
    return apply_for_card(act(at=at, clerk=window(holder.municipality)), application, holder, old, RULES).records[0]


def answered(card: Card, at: datetime, not_after: datetime | None = None) -> Card:
    """The card after the authorities issued all that was ordered, and it was written on the card."""
    for each in card.certificates:
        ends = not_after or at + timedelta(days=5 * 365)
        issued = note_issued(act(JLIS, at), card, CertificateIssued(each.order, b"certificate", b"issuer"), ends)
        card = after(issued, card)
        card = after(note_written(act(JLIS, at), card, each.kind), card)
    return card


def made(holder: CardHolder, at: datetime = START, **wishes: Any) -> Card:
    """A card that waits at the municipality."""
    card = applied(holder, at, **wishes)
    keys = {kind: KEYS[kind] for kind in card.kinds}
    return answered(after(note_made(act(JLIS, at), card, holder, keys, RULES), card), at)


def delivered(holder: CardHolder, at: datetime = START, **wishes: Any) -> Card:
    """A card in force."""
    return hand_over(made(holder, at, **wishes), holder, at)


def hand_over(
    card: Card,
    holder: CardHolder,
    at: datetime = START,
    collector: Collector = Collector.HOLDER,
    old: Card | None = None,
) -> Card:
    desk = window(holder.municipality)
    proof = Proof.PHOTO_DOCUMENT if card.route is Route.COUNTER else Proof.SEEN_AT_APPLICATION
    opened = begin_delivery(act(desk, at), card, holder, collector, proof, RULES)
    pins = PinsSet(card.id, pins_of(card))
    return after(complete_delivery(act(desk, at), opened, card, holder, pins, old=old), card)


def in_state(state: CardState, holder: CardHolder | None = None) -> Card:
    """A card in that state, last day and all."""
    card = delivered(holder or person())
    return replace(card, state=state)
