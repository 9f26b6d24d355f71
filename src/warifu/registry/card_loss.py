"""A card that is lost, found, or given back.

Who misses a card calls the hotline at once (`hotline`) and reports the loss at the window (番号法 第17条第9項). Who
finds it again brings it there, before another was asked for (カード命令 第30条): the clerk sees card and person, and
the card is in force again. Its certificates are not: those held are never released and those of a lost card have ended,
so both kinds are ordered anew if the holder wishes. A card found after another was issued is given back (第28条第5項),
and who no longer wants a card gives it back at any time (施行令 第15条第4項).
"""

from dataclasses import replace

from warifu.registry.card_change import check_window, take_step, was_done
from warifu.registry.card_record import Card, CardStep
from warifu.registry.change import Act, Change


def report_lost(act: Act, card: Card) -> Change[Card]:
    """The holder reports at the window that the card is lost (紛失届).

    Raises:
        NotAllowed: it is not this window's, or was never delivered, or has ended.
    """
    return _at_window(act, card, CardStep.REPORTED_LOST)


def note_found(act: Act, card: Card) -> Change[Card]:
    """The holder brings the card that was suspended or lost, and the clerk knows both (一時停止解除, 発見届).

    Raises:
        NotAllowed: it is not this window's, or has ended, because another was asked for or its time is over.
    """
    change = _at_window(act, card, CardStep.FOUND)
    return replace(change, records=tuple(each.after(act.id, certificates=()) for each in change.records))


def give_back(act: Act, card: Card) -> Change[Card]:
    """The holder gives the card back (返納); it is destroyed (施行令 第17条).

    Raises:
        NotAllowed: it is not this window's, or was never delivered.
    """
    return _at_window(act, card, CardStep.RETURNED)


def order_return(act: Act, card: Card) -> Change[Card]:
    """The mayor orders back a card given out by mistake (返納命令); it ends with the notice (施行令 第16条).

    Raises:
        NotAllowed: it is not this mayor's, or was never delivered.
    """
    return _at_window(act, card, CardStep.RETURN_ORDERED)


def _at_window(act: Act, card: Card, step: CardStep) -> Change[Card]:
    if was_done(act, [card]):
        return Change()
    check_window(act, card)
    return take_step(act, card, step)
