"""What an event of a person's life does to the person's cards, and what the turn of a day does.

The resident section writes the event (`messages.ResidentEvent`); in the same transaction the person's cards follow it.
Death, deletion, leaving the country and an unfinished move end a card (施行令 第14条). Moving in somewhere starts the
90 days in which the card is shown there. A change of name or address leaves the card in force, and ends the signing
certificate: the authority does that, here the note of it goes. A card that was not delivered yet is destroyed where its
holder is gone, whether dead, abroad or in another municipality (Modelled: the last; a new application is made there).

Numbers are printed on the card and stored in it, so another number or another code ends it (第5号, 第6号).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from warifu.errors import NotAllowed
from warifu.messages import CardHappening, Cause, OrderedKind, ResidentEvent
from warifu.registry.card_change import card_after, check_window, join, take_step, was_done
from warifu.registry.card_record import Card, CardState, CardStep
from warifu.registry.card_table import CARD_EDGES
from warifu.registry.change import Act, Change

PRESENTED_WITHIN: Final = timedelta(days=90)
"""After the day of the notice of moving in, which does not count itself (施行令 第14条第3号, 民法 第140条)."""

_BY_LAW: Final = frozenset(
    edge.step
    for edge in CARD_EDGES
    if edge.told is CardHappening.INVALIDATED and edge.step not in (CardStep.REISSUE_ASKED, CardStep.RETURN_ORDERED)
)
_UNDELIVERED: Final = frozenset({CardState.APPLIED, CardState.MADE})
_ENDING: Final = MappingProxyType(
    {
        Cause.DEATH: CardStep.DIED,
        Cause.DELETION: CardStep.RECORD_DELETED,
        Cause.ANNEX_DELETED: CardStep.ANNEX_DELETED,
        Cause.MOVE_NOT_COMPLETED: CardStep.MOVE_NOT_COMPLETED,
        Cause.LEAVING_COUNTRY: CardStep.LEFT_COUNTRY,
    }
)
_GONE: Final = frozenset({*_ENDING, Cause.MOVE_OUT})


def follow_resident(act: Act, cards: Iterable[Card], events: Iterable[ResidentEvent]) -> Change[Card]:
    """What the events do, one after the other, to those of `cards` whose holders they are about."""
    events = tuple(events)
    new = [card for card in cards if not was_done(act, [card])]
    return join(*(_follow_all(act, card, events) for card in new))


def follow_number_change(act: Act, cards: Iterable[Card]) -> Change[Card]:
    """The holder has another individual number (番号法 第7条第2項)."""
    return join(*(_invalidate(act, card, CardStep.NUMBER_CHANGED) for card in cards))


def follow_code_change(act: Act, cards: Iterable[Card]) -> Change[Card]:
    """The holder has another resident record code (住民基本台帳法 第30条の4)."""
    return join(*(_invalidate(act, card, CardStep.CODE_CHANGED) for card in cards))


def note_invalidated(act: Act, card: Card, step: CardStep) -> Change[Card]:
    """The window learns that the law has ended the card by itself, in a case of which no event of the register tells.

    So it is with a holder who came back from abroad without telling (施行令 第14条第7号), or to whom the register's law
    no longer applies (第12号).

    Raises:
        NotAllowed: another window, the card was never delivered, or this is no such case.
    """
    if was_done(act, [card]):
        return Change()
    check_window(act, card)
    if step not in _BY_LAW:
        raise NotAllowed("the law does not end a card by itself for that")
    return take_step(act, card, step)


def turn_day(act: Act, cards: Iterable[Card]) -> Change[Card]:
    """End the cards whose last day is over, and those that were not shown after a move. Done once a day."""
    return join(*(_turn_day(act, card) for card in cards))


def _follow_all(act: Act, card: Card, events: tuple[ResidentEvent, ...]) -> Change[Card]:
    change: Change[Card] = Change()
    for event in events:
        if event.holder == card.holder:
            change = join(change, _follow(act, card_after(change, card), event))
    return change


def _follow(act: Act, card: Card, event: ResidentEvent) -> Change[Card]:
    cause = event.cause
    if card.state is CardState.ENDED:
        return Change()
    if card.state in _UNDELIVERED:
        return take_step(act, card, CardStep.HOLDER_GONE, cause.value) if cause in _GONE else _forget(act, card, event)
    if card.present_by is not None and cause in (Cause.MOVE_OUT, Cause.MOVE_IN, Cause.LEAVING_COUNTRY):
        return take_step(act, card, CardStep.NOT_PRESENTED)
    if cause is Cause.LEAVING_COUNTRY and card.abroad_under is not None:
        # One that says so already, because it was ordered after the notice, lives on (公的個人認証法 第12条第2号).
        left = tuple(each for each in card.certificates if each.abroad or each.kind is not OrderedKind.SIGNING)
        return Change((card.after(act.id, municipality=card.abroad_under, abroad_under=None, certificates=left),))
    if cause in _ENDING:
        return take_step(act, card, _ENDING[cause])
    return _follow_living(act, card, event)


def _follow_living(act: Act, card: Card, event: ResidentEvent) -> Change[Card]:
    """The card stays in force; who moved in has to show it."""
    change = _forget(act, card, event)
    if event.cause is not Cause.MOVE_IN or card.has_expired(act.today):
        return change
    change = join(change, take_step(act, card_after(change, card), CardStep.MOVED_IN))
    moved = card_after(change, card).after(act.id, present_by=act.today + PRESENTED_WITHIN)
    return replace(change, records=(moved,))


def _forget(act: Act, card: Card, event: ResidentEvent) -> Change[Card]:
    """A signing certificate that says what is no longer so has ended, and both if they were recorded wrongly.

    Source: 公的個人認証法 第12条第1項; 第13条, 第32条.
    """
    wrong = event.cause is Cause.RECORDING_ERROR
    left = card.certificates_without(*OrderedKind) if wrong else card.certificates_without(OrderedKind.SIGNING)
    ended = wrong or event.cause is Cause.MOVE_OUT or (event.changed and event.minor is None)
    if not ended or left == card.certificates:
        return Change()
    return Change((card.after(act.id, certificates=left),))


def _invalidate(act: Act, card: Card, step: CardStep) -> Change[Card]:
    if was_done(act, [card]):
        return Change()
    return take_step(act, card, CardStep.HOLDER_GONE if card.state in _UNDELIVERED else step, step.value)


def _turn_day(act: Act, card: Card) -> Change[Card]:
    if was_done(act, [card]) or card.state in (CardState.APPLIED, CardState.ENDED):
        return Change()
    if card.has_expired(act.today):
        return take_step(act, card, CardStep.EXPIRED)
    if card.present_by is not None and act.today > card.present_by:
        return take_step(act, card, CardStep.NOT_PRESENTED)
    return Change()
