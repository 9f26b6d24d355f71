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

from warifu.messages import Cause, OrderedKind, ResidentEvent
from warifu.registry.card_change import join, take_step, was_done
from warifu.registry.card_record import Card, CardState, CardStep
from warifu.registry.change import Act, Change

PRESENTED_WITHIN: Final = timedelta(days=90)
"""After the day of the notice of moving in, which does not count itself (施行令 第14条第3号, 民法 第140条)."""

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


def follow_resident(
    act: Act, cards: Iterable[Card], event: ResidentEvent, *, kept_abroad: bool = False
) -> Change[Card]:
    """What the event does to the person's `cards`.

    `kept_abroad`: the card was shown with the notice of leaving, and stays in force (施行令 第14条第1号).
    """
    mine = [card for card in cards if card.holder == event.holder and card.state is not CardState.ENDED]
    return join(*(_follow(act, card, event, kept_abroad=kept_abroad) for card in mine))


def follow_number_change(act: Act, cards: Iterable[Card]) -> Change[Card]:
    """The holder has another individual number (番号法 第7条第2項)."""
    return join(*(_invalidate(act, card, CardStep.NUMBER_CHANGED) for card in cards))


def follow_code_change(act: Act, cards: Iterable[Card]) -> Change[Card]:
    """The holder has another resident record code (住民基本台帳法 第30条の4)."""
    return join(*(_invalidate(act, card, CardStep.CODE_CHANGED) for card in cards))


def turn_day(act: Act, cards: Iterable[Card]) -> Change[Card]:
    """End the cards whose last day is over, and those that were not shown after a move. Done once a day."""
    return join(*(_turn_day(act, card) for card in cards))


def _follow(act: Act, card: Card, event: ResidentEvent, *, kept_abroad: bool) -> Change[Card]:
    if was_done(act, [card]):
        return Change()
    if card.state in _UNDELIVERED:
        gone = event.cause in _GONE
        return take_step(act, card, CardStep.HOLDER_GONE, event.cause.value) if gone else Change()
    if card.present_by is not None and event.cause in (Cause.MOVE_OUT, Cause.MOVE_IN, Cause.LEAVING_COUNTRY):
        return take_step(act, card, CardStep.NOT_PRESENTED)
    if event.cause in _ENDING and not (kept_abroad and event.cause is Cause.LEAVING_COUNTRY):
        return take_step(act, card, _ENDING[event.cause])
    return _follow_living(act, card, event)


def _follow_living(act: Act, card: Card, event: ResidentEvent) -> Change[Card]:
    """The card stays in force; who moved in has to show it, and a signing certificate that says otherwise has ended."""
    left = card.certificates
    if event.cause is Cause.MOVE_OUT or (event.changed and event.minor is None):
        left = card.certificates_without(OrderedKind.SIGNING)
    if event.cause is Cause.MOVE_IN and not card.has_expired(act.today):
        change = take_step(act, card, CardStep.MOVED_IN)
        moved = card.after(act.id, certificates=left, present_by=act.today + PRESENTED_WITHIN)
        return replace(change, records=(moved,))
    return Change() if left == card.certificates else Change((card.after(act.id, certificates=left),))


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
