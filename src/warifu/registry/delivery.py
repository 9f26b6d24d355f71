"""Handing a card over: who comes, how the office knows the person, who sets the PINs; and cards nobody collects.

Three people may come: the applicant; a guardian; with an illness or another good reason, somebody the applicant named
(施行令 第13条第7項). The clerk compares the person with a document that has a photo, or with two others (番号法
第17条第1項, カード命令 第15条以下), and opens the hand-over. At the terminal the holder then types the PINs into the
card, turned away from the clerk; the terminal says which PINs are set, and no digit of them leaves it. Only then is the
card given out and in force. For a card that is sent, and for somebody who comes in another's place, the PINs come in an
envelope that only the machine opens (カード命令 第33条第2項 to 第5項). A face-verification card has none (第33条第7項).

A card that takes the place of one still in force is exchanged for it: the old one is handed in and ends, and the
certificates are ordered for the new card's keys, as renewals.

What is not collected is announced again and destroyed in the end (municipalities' own pages; Modelled: after how long).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from warifu.errors import NotAllowed
from warifu.messages import OrderedKind
from warifu.registry.card_change import card_after, check_window, join, take_step, was_done
from warifu.registry.card_making import order_all
from warifu.registry.card_record import CERTIFIED, Card, CardHolder, CardState, CardStep, CertificateNote, Route
from warifu.registry.card_rules import CardRules, check_holder
from warifu.registry.card_validity import age_on
from warifu.registry.change import Act, Change


class Collector(Enum):
    """Who takes the card."""

    HOLDER = "holder"
    GUARDIAN = "guardian"
    DELEGATE = "delegate"
    """Somebody the applicant named, because coming is hard (施行令 第13条第7項)."""


class Proof(Enum):
    """By what the office knows the person."""

    PHOTO_DOCUMENT = "photo_document"
    """One document of an authority with a photo."""
    TWO_DOCUMENTS = "two_documents"
    """Two without."""
    SEEN_AT_APPLICATION = "seen_at_application"
    """The person came with the application, and the card is sent (番号法 第17条第2項)."""


class CardPin(Enum):
    """The four PINs of a card, as the terminal names them."""

    SIGNING = "signing"
    AUTHENTICATION = "authentication"
    TEXT = "text"
    RESIDENT = "resident"


@dataclass(frozen=True, slots=True)
class Handover:
    """An open hand-over: what the terminal has to do before the card may be given out.

    `pins` are to be set; `by_machine`: from a sealed envelope, else by the person's own hand.
    """

    card: str
    collector: Collector
    proof: Proof
    pins: frozenset[CardPin]
    by_machine: bool


@dataclass(frozen=True, slots=True)
class PinsSet:
    """What the terminal says afterwards: which PINs the card has now. There is no field for a PIN, on purpose."""

    card: str
    pins: frozenset[CardPin]


def pins_of(card: Card) -> frozenset[CardPin]:
    """The PINs that this card is to have."""
    if not card.pins:
        return frozenset()
    certificates = {CardPin(each.value) for each in card.kinds}
    return frozenset({CardPin.TEXT, CardPin.RESIDENT, *certificates})


def begin_delivery(
    act: Act,
    card: Card,
    holder: CardHolder,
    collector: Collector,
    proof: Proof,
    rules: CardRules,
    *,
    cannot_come: bool = False,
) -> Handover:
    """Open the hand-over. `cannot_come`: documents show why the applicant does not come.

    Raises:
        NotAllowed: the card is not ready, its holder cannot have it any more, or the wrong person came.
    """
    check_window(act, card)
    _check_ready(act, card, holder)
    _check_collector(act, holder, collector, rules, cannot_come=cannot_come)
    if (proof is Proof.SEEN_AT_APPLICATION) is (card.route is Route.COUNTER):
        raise NotAllowed("who collects a card at the counter is identified there, and nobody else is")
    by_machine = card.route is not Route.COUNTER or collector is Collector.DELEGATE
    return Handover(card.id, collector, proof, pins_of(card), by_machine and card.pins)


def complete_delivery(
    act: Act,
    handover: Handover,
    card: Card,
    holder: CardHolder,
    pins: PinsSet,
    *,
    old: Card | None = None,
    keys: Mapping[OrderedKind, bytes] | None = None,
) -> Change[Card]:
    """Give the card out.

    `old` is the record of the card that it takes the place of, which is handed in if it is still there; `keys` are the
    new card's public keys, if it waited for that.

    Raises:
        NotAllowed: the terminal speaks of another card or of other PINs, or the old card is missing.
    """
    if was_done(act, [card]):
        return Change()
    check_window(act, card)
    if not handover.card == pins.card == card.id:
        raise NotAllowed("the terminal speaks of another card")
    if pins.pins != handover.pins:
        raise NotAllowed("the PINs are not set")
    _check_ready(act, card, holder)
    step = take_step(act, card, CardStep.DELIVERED, f"{handover.collector.value}, {handover.proof.value}")
    if card.replaces is None:
        return step
    if old is None or old.id != card.replaces:
        raise NotAllowed("the old card is handed in for the new one, or known to be gone")
    orders = _order_at_exchange(act, card_after(step, card), holder, old, keys or {})
    # Orders first: what is renewed is superseded by the renewal, not ended by the old card's return.
    return join(step, orders, take_step(act, old, CardStep.EXCHANGED))


def find_uncollected(cards: Iterable[Card], rules: CardRules, act: Act) -> list[Card]:
    """The cards that have waited for their holders for too long."""
    return [card for card in cards if card.state is CardState.MADE and act.at - card.applied_at > rules.kept_for]


def destroy_uncollected(act: Act, card: Card, rules: CardRules) -> Change[Card]:
    """Destroy a card that nobody collected.

    Raises:
        NotAllowed: it was delivered, or has not waited long enough.
    """
    if was_done(act, [card]):
        return Change()
    check_window(act, card)
    if card.state is CardState.MADE and act.at - card.applied_at <= rules.kept_for:
        raise NotAllowed("the card is kept for its holder a while longer")
    return take_step(act, card, CardStep.NEVER_COLLECTED)


def _order_at_exchange(
    act: Act, card: Card, holder: CardHolder, old: Card, keys: Mapping[OrderedKind, bytes]
) -> Change[Card]:
    if not card.waits_for_exchange:
        return Change()
    if keys.keys() != card.kinds:
        raise NotAllowed("the new card has a key for each certificate applied for, and no other")
    handed_over = card.after(act.id, waits_for_exchange=False)
    orders = order_all(act, handed_over, holder, keys, renewal=old.state in CERTIFIED)
    return join(Change((handed_over,)), orders)


def _check_ready(act: Act, card: Card, holder: CardHolder) -> None:
    if card.state is not CardState.MADE:
        raise NotAllowed("the card is not waiting for its holder")
    if card.has_expired(act.today):
        raise NotAllowed("the card has expired")
    if card.holder != holder.id:
        raise NotAllowed("this is somebody else's card")
    check_holder(holder)
    if card.municipality != holder.municipality:
        raise NotAllowed("the holder has moved away from the municipality that delivers the card")
    if any(each.note in (CertificateNote.ORDERED, CertificateNote.ISSUED) for each in card.certificates):
        raise NotAllowed("its certificates are not on the card yet")


def _check_collector(
    act: Act, holder: CardHolder, collector: Collector, rules: CardRules, *, cannot_come: bool
) -> None:
    age = age_on(holder.attributes.birth_date.date, act.today)
    needs_guardian = age < rules.own_application_age or holder.ward
    if collector is Collector.GUARDIAN and not needs_guardian:
        raise NotAllowed("this person has no guardian")
    if collector is Collector.HOLDER and needs_guardian:
        raise NotAllowed("a guardian comes for this person")
    if collector is Collector.DELEGATE and not cannot_come:
        raise NotAllowed("nothing shows that the applicant cannot come")
