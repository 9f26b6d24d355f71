"""What a window does about cards: applications, the hand-over, loss and return, PINs set at the terminal.

No PIN is typed on these pages and none is in any form: the holder types them at a terminal beside the window, and a
clerk only says that the terminal reported them set. What needs a key that the card makes is the terminal's as well.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from warifu.errors import NotAllowed
from warifu.messages import OrderedKind
from warifu.registry import (
    ABROAD,
    Applicant,
    Card,
    CardApplication,
    CardPin,
    CardState,
    Collector,
    Ground,
    Proof,
    Route,
    pins_of,
    prolonged_expiry,
)
from warifu.wire.registry import Done, WindowStep
from warifu.wire.window.events import Desks, Event
from warifu.wire.window.fields import Field, Missing, Values, choice
from warifu.wire.window.subject import Subject

__all__ = ["APPLY", "CARD_EVENTS", "CardEvent"]


When: TypeAlias = Callable[[Card, Subject], bool]
"""Whether it can be done to this card of that person. The register decides again when it is done."""


@dataclass(frozen=True, slots=True)
class CardEvent:
    """One thing that a window does to a card."""

    name: str
    fields: tuple[Field, ...]
    do: Callable[[Desks, Card, Values], Done]
    when: When


def _apply(at: Desks, subject: Subject, given: Values) -> Done:
    application = CardApplication(
        ground=given.chosen("ground", Ground),
        applicant=given.chosen("applicant", Applicant),
        route=given.chosen("route", Route),
        kinds=frozenset(kind for kind in OrderedKind if given.checked(f"with_{kind.value}")),
        pins=not given.checked("without_pins"),
        photo=given.checked("photo"),
        old_card=given.checked("old_card"),
        proof_of_loss=given.checked("proof_of_loss"),
        in_person=given.checked("in_person"),
        urgent_since=given.maybe_day("urgent_since"),
    )
    return at.cards.apply(at.by, subject.holder, application, act=at.act)


APPLY: Final = Event(
    "apply_for_card",
    (
        choice("ground", Ground, prefilled="first"),
        choice("applicant", Applicant, prefilled="self"),
        choice("route", Route, prefilled="counter"),
        *(Field(f"with_{kind.value}", "check", False, prefilled="yes") for kind in OrderedKind),
        Field("without_pins", "check", required=False),
        Field("photo", "check", required=False, prefilled="yes"),
        Field("old_card", "check", required=False),
        Field("proof_of_loss", "check", required=False),
        Field("in_person", "check", required=False, prefilled="yes"),
        Field("urgent_since", "day", required=False),
    ),
    _apply,
    lambda subject: subject.is_here or (subject.life is not None and subject.life.abroad),
)


def _deliver(at: Desks, card: Card, given: Values) -> Done:
    collector, proof = given.chosen("collector", Collector), given.chosen("proof", Proof)
    cannot_come = given.checked("cannot_come")
    opened = at.cards.begin_delivery(at.by, card.id, collector, proof, cannot_come=cannot_come)
    if opened.pins and not given.checked("terminal_set"):
        raise Missing("terminal_set")
    return at.cards.deliver(at.by, card.id, collector, proof, opened.pins, cannot_come=cannot_come, act=at.act)


def _present(at: Desks, card: Card, given: Values) -> Done:
    return at.cards.present(at.by, card.id, pin_verified=given.checked("terminal_verified"), act=at.act)


def _reset_pins(at: Desks, card: Card, given: Values) -> Done:
    pins = frozenset(pin for pin in CardPin if given.checked(f"set_{pin.value}"))
    return at.cards.reset_pins(at.by, card.id, pins, act=at.act)


def _take_up_pins(at: Desks, card: Card, given: Values) -> Done:
    if not given.checked("terminal_set"):
        raise Missing("terminal_set")
    kinds = {CardPin(kind.value) for kind in card.kinds}
    return at.cards.take_up_pins(at.by, card.id, frozenset({CardPin.TEXT, CardPin.RESIDENT, *kinds}), act=at.act)


def _revoke(at: Desks, card: Card, given: Values) -> Done:
    return at.cards.ask_revocation(at.by, card.id, given.chosen("kind", OrderedKind), act=at.act)


def _step(step: WindowStep) -> Callable[[Desks, Card, Values], Done]:
    return lambda at, card, _given: at.cards.at_window(at.by, card.id, step, act=at.act)


def _in(*states: CardState) -> When:
    return lambda card, _subject: card.state in states


_IN_USE = _in(CardState.IN_FORCE)
_OUT = _in(CardState.IN_FORCE, CardState.HELD, CardState.LOST)


def _goes_abroad(card: Card, subject: Subject) -> bool:
    """A Japanese who told of leaving the country, before the day, and has not shown the card with that."""
    where = subject.seen.whereabouts
    if where is None or where.moving_out is None or not subject.leaves or card.abroad_under is not None:
        return False
    japanese = subject.life is not None and subject.life.japanese
    return _IN_USE(card, subject) and japanese and where.moving_out.destination == ABROAD


def _lives_longer(card: Card, subject: Subject) -> bool:
    """A foreign resident whose stay goes beyond the card's last day."""
    belonging, born = subject.seen.belonging, subject.seen.birth_date
    if not _IN_USE(card, subject) or belonging is None or born is None or card.made is None or card.expires is None:
        return False
    try:
        prolonged_expiry(born.date, card.made, card.expires, belonging.stay, early_renewal=card.early_renewal)
    except NotAllowed:
        return False
    return True


def _can_do_without_pins(card: Card, subject: Subject) -> bool:
    """At the counter before the hand-over too; a face-verification card has an authentication certificate."""
    has = card.kinds if card.state is CardState.MADE else {each.kind for each in card.certificates}
    return _in(CardState.MADE, CardState.IN_FORCE)(card, subject) and card.pins and OrderedKind.AUTHENTICATION in has


_ALL: Final = (
    CardEvent(
        "deliver",
        (
            choice("collector", Collector),
            choice("proof", Proof),
            Field("cannot_come", "check", required=False),
            Field("terminal_set", "check", required=False),
        ),
        _deliver,
        _in(CardState.MADE),
    ),
    CardEvent("withdraw", (), _step(WindowStep.WITHDRAW), _in(CardState.APPLIED, CardState.MADE)),
    CardEvent(
        "destroy_uncollected",
        (),
        lambda at, card, _given: at.cards.destroy_uncollected(at.by, card.id, act=at.act),
        _in(CardState.MADE),
    ),
    CardEvent("report_lost", (), _step(WindowStep.REPORT_LOST), _in(CardState.IN_FORCE, CardState.HELD)),
    CardEvent("note_found", (), _step(WindowStep.NOTE_FOUND), _in(CardState.HELD, CardState.LOST)),
    CardEvent(
        "present",
        (Field("terminal_verified", "check", required=False),),
        _present,
        lambda card, subject: _IN_USE(card, subject) and card.present_by is not None,
    ),
    CardEvent(
        "keep_abroad",
        (),
        lambda at, card, _given: at.cards.keep_abroad(at.by, card.id, act=at.act),
        _goes_abroad,
    ),
    CardEvent("prolong", (), lambda at, card, _given: at.cards.prolong(at.by, card.id, act=at.act), _lives_longer),
    CardEvent("update_face", (), _step(WindowStep.UPDATE_FACE), _IN_USE),
    CardEvent(
        "reset_pins",
        tuple(Field(f"set_{pin.value}", "check", required=False) for pin in CardPin),
        _reset_pins,
        lambda card, subject: _IN_USE(card, subject) and bool(pins_of(card)),
    ),
    CardEvent("give_up_pins", (), _step(WindowStep.GIVE_UP_PINS), _can_do_without_pins),
    CardEvent(
        "take_up_pins",
        (Field("terminal_set", "check", required=False),),
        _take_up_pins,
        lambda card, subject: _IN_USE(card, subject) and not card.pins,
    ),
    CardEvent(
        "ask_revocation",
        (choice("kind", OrderedKind),),
        _revoke,
        lambda card, _subject: card.state in (CardState.IN_FORCE, CardState.HELD) and bool(card.certificates),
    ),
    CardEvent("give_back", (), _step(WindowStep.GIVE_BACK), _OUT),
    CardEvent("order_return", (), _step(WindowStep.ORDER_RETURN), _OUT),
    CardEvent(
        "return_not_notified",
        (),
        _step(WindowStep.RETURN_NOT_NOTIFIED),
        lambda card, subject: _OUT(card, subject) and card.abroad_under is not None,
    ),
    CardEvent("outside_the_act", (), _step(WindowStep.OUTSIDE_THE_ACT), _OUT),
)

CARD_EVENTS: Final[Mapping[str, CardEvent]] = {event.name: event for event in _ALL}
"""What can be done to a card, in the order in which a card comes by it."""
