"""What else a window does for a card in force: showing it after a move, its face, a longer stay, its PINs.

Who moves takes the card along and shows it at the new municipality within 90 days (継続利用; 番号法 第17条第6項, 施行令
第14条第3号). The signing certificate has ended with the move and is ordered anew; the authentication certificate lives
on. Other changes are written on the face (第17条第8項). A foreign resident's card is prolonged with the stay
(カード命令 第27条第2項); its certificates are not, they keep the end that they say.

PINs stay between holder and card here too: the terminal only says which of them was set. A face-verification card has
none; any card can become one and back (カード命令 第33条第7項).
"""

from dataclasses import replace

from warifu.errors import NotAllowed
from warifu.messages import OrderedKind
from warifu.registry.card_certificates import give_up
from warifu.registry.card_change import card_after, check_desk, check_window, join, take_step, was_done, window_of
from warifu.registry.card_record import Card, CardHolder, CardState, CardStep
from warifu.registry.card_rules import check_holder
from warifu.registry.card_validity import prolonged_expiry
from warifu.registry.change import Act, Change
from warifu.registry.delivery import CardPin, PinsSet, pins_of


def present_after_move(act: Act, card: Card, holder: CardHolder, *, pin_verified: bool) -> Change[Card]:
    """Show the card at the municipality moved to (継続利用), with the resident register PIN, if the card has one.

    Raises:
        NotAllowed: another window, the PIN was not verified, nothing is to be shown, the time for it is over, or the
            card is not in use.
    """
    if was_done(act, [card]):
        return Change()
    check_desk(act, window_of(holder.municipality))
    check_holder(holder)
    if card.present_by is None:
        raise NotAllowed("the card's holder has not moved")
    if act.today > card.present_by:
        raise NotAllowed("the card was to be shown within ninety days")
    if card.pins and not pin_verified:
        raise NotAllowed("the holder enters the resident register PIN")
    return _with(
        act,
        take_step(act, card, CardStep.PRESENTED),
        municipality=holder.municipality,
        present_by=None,
    )


def keep_abroad(act: Act, card: Card, holder: CardHolder) -> Change[Card]:
    """Show the card with the notice of leaving the country, so that it lives on abroad (国外継続利用).

    From then on the municipality of the domicile, which keeps the annex, looks after it.

    Raises:
        NotAllowed: another window, a foreign resident, or the card is not in use.
    """
    if was_done(act, [card]):
        return Change()
    check_window(act, card)
    if holder.domicile is None:
        raise NotAllowed("abroad there are cards for Japanese only, whose family register has an annex")
    return _with(act, take_step(act, card, CardStep.LEFT_WITH_CARD), abroad_under=holder.domicile)


def update_face(act: Act, card: Card) -> Change[Card]:
    """Write a change on the card's face and into its chip (券面記載事項変更).

    Raises:
        NotAllowed: another window, or the card is not in use.
    """
    if was_done(act, [card]):
        return Change()
    check_window(act, card)
    return take_step(act, card, CardStep.FACE_UPDATED)


def prolong_with_stay(act: Act, card: Card, holder: CardHolder) -> Change[Card]:
    """Let a foreign resident's card live as long as the prolonged stay (有効期間の変更).

    Raises:
        NotAllowed: another window, no foreign resident, no longer stay, or the card is over or not in use.
    """
    if was_done(act, [card]):
        return Change()
    check_window(act, card)
    if card.made is None or card.expires is None:
        raise NotAllowed("the card was never made")
    born = holder.attributes.birth_date.date
    longer = prolonged_expiry(born, card.made, card.expires, holder.stay, early_renewal=card.early_renewal)
    return _with(act, take_step(act, card, CardStep.STAY_PROLONGED, str(longer)), expires=longer)


def reset_pins(act: Act, card: Card, pins: PinsSet) -> Change[Card]:
    """The holder sets PINs anew that were forgotten or blocked (カード命令 第33条第9項).

    Raises:
        NotAllowed: another window or card, a PIN that the card does not have, or the card is not in use.
    """
    if was_done(act, [card]):
        return Change()
    check_window(act, card)
    if pins.card != card.id or not pins.pins or not pins.pins <= pins_of(card):
        raise NotAllowed("the card has no such PIN")
    return take_step(act, card, CardStep.PIN_RESET, _listed(pins.pins))


def give_up_pins(act: Act, card: Card) -> Change[Card]:
    """Make it a face-verification card; its signing certificate, which is nothing without a PIN, is given up.

    Whoever collects a card can say so at the counter, before it is handed over.

    Raises:
        NotAllowed: another window, it is one already, it has no authentication certificate, or it is not in use.
    """
    if was_done(act, [card]):
        return Change()
    check_window(act, card)
    if not card.pins:
        raise NotAllowed("the card has no PINs")
    has = card.kinds if card.state is CardState.MADE else {each.kind for each in card.certificates}
    if OrderedKind.AUTHENTICATION not in has:
        raise NotAllowed("a face-verification card has an authentication certificate")
    kinds = frozenset({OrderedKind.AUTHENTICATION})
    change = _with(act, take_step(act, card, CardStep.PINS_GIVEN_UP), pins=False, kinds=kinds)
    if card.certificate(OrderedKind.SIGNING) is None:
        return change
    return join(change, give_up(act, card_after(change, card), OrderedKind.SIGNING))


def take_up_pins(act: Act, card: Card, pins: PinsSet) -> Change[Card]:
    """Make a face-verification card one with PINs again; the holder has set them.

    Raises:
        NotAllowed: another window or card, it has PINs, other PINs than it needs were set, or it is not in use.
    """
    if was_done(act, [card]):
        return Change()
    check_window(act, card)
    if card.pins:
        raise NotAllowed("the card has PINs")
    if pins.card != card.id or pins.pins != pins_of(replace(card, pins=True)):
        raise NotAllowed("the PINs are not set")
    return _with(act, take_step(act, card, CardStep.PINS_TAKEN_UP), pins=True)


def _with(act: Act, change: Change[Card], **changes: object) -> Change[Card]:
    return replace(change, records=tuple(card.after(act.id, **changes) for card in change.records))


def _listed(pins: frozenset[CardPin]) -> str:
    return ", ".join(sorted(pin.value for pin in pins))
