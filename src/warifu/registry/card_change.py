"""What an act does to cards: the step of the table, who hears of it, the line in the log.

The shapes are the register's own (`Change`, `Act`): records after, messages out, entries. An act that comes again, and
a step that only repeats what is so already, lead to nothing at all.
"""

from collections.abc import Iterable

from warifu.errors import NotAllowed
from warifu.messages import CardEvent, CardHappening
from warifu.registry.card_record import Card, CardStep
from warifu.registry.card_table import card_edge, follow_card
from warifu.registry.change import Act, ActKind, Change, LogEntry, Message
from warifu.registry.roles import Desk, Office, Section

JLIS = Desk(Office.JLIS)
HOTLINE = Desk(Office.HOTLINE)


def take_step(act: Act, card: Card, step: CardStep, remark: str = "") -> Change[Card]:
    """Follow the table, and tell whom it concerns.

    Raises:
        NotAllowed: the table does not allow it.
    """
    after = follow_card(card, step, act)
    if after is card:
        return Change()
    told = card_edge(step).told
    events = () if told is None else (card_event(act, after, told),)
    return card_change(act, after, f"{step.value}: {remark}" if remark else step.value, *events)


def card_change(act: Act, after: Card, what: str, *messages: Message) -> Change[Card]:
    """One card after an act, with a line in the log that says what was done."""
    purpose = f"card {after.id}: {what}"
    entry = LogEntry(act.id, act.at, act.clerk, ActKind.CARD, (after.holder,), frozenset(), purpose)
    return Change((after,), messages, (entry,))


def card_event(act: Act, card: Card, what: CardHappening) -> CardEvent:
    """The message that tells the authorities of it; the same one again if the act is sent again."""
    return CardEvent(act.id_for(f"{card.id} {what.value}"), card.holder, card.id, what, act.at)


def join(*changes: Change[Card]) -> Change[Card]:
    """All of them in one; of a card that is in several, the last record counts."""
    cards = {card.id: card for change in changes for card in change.records}
    messages = tuple(message for change in changes for message in change.messages)
    return Change(tuple(cards.values()), messages, tuple(entry for change in changes for entry in change.entries))


def card_after(change: Change[Card], card: Card) -> Card:
    """The card as the change leaves it."""
    return next((each for each in change.records if each.id == card.id), card)


def was_done(act: Act, cards: Iterable[Card]) -> bool:
    """Whether one of the cards was last written by this very act, which has come again."""
    return any(card.last_act == act.id for card in cards)


def check_window(act: Act, card: Card) -> None:
    """Check that this is the window at which the card is in use.

    Raises:
        NotAllowed: it is another desk.
    """
    act.clerk.desk.check_keeps(card.municipality)


def check_desk(act: Act, *desks: Desk) -> None:
    """Check that the act is done at one of these desks.

    Raises:
        NotAllowed: it is another desk.
    """
    if act.clerk.desk not in desks:
        raise NotAllowed("this is not done at this desk")


def window_of(municipality: str) -> Desk:
    """The residents' section of a municipality."""
    return Desk(Office.MUNICIPALITY, municipality, Section.RESIDENTS)
