"""Making a card: what J-LIS is asked to make, and what it tells when the card is made.

J-LIS makes the chip's contents, the keys with them, and orders the certificates in the applicant's name, because the
first issue is delegated (公的個人認証法施行規則 第65条; カード命令 第23条の3). Then the card goes to the municipality,
or with an express card straight to the applicant (番号法 第16条の2第5項, 第17条第3項).

PINs are no matter of the register. Where the holder does not set them alone at a counter, they travel in an envelope
that only the machine which makes or prepares the card can open; the register hands it on and keeps nothing of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from warifu.errors import NotAllowed
from warifu.messages import OrderedKind
from warifu.person import BasicAttributes
from warifu.registry.card_certificates import place_order
from warifu.registry.card_change import JLIS, card_after, check_desk, join, take_step, was_done
from warifu.registry.card_record import CERTIFIED, Card, CardHolder, CardState, CardStep, Route
from warifu.registry.card_rules import CardRules, check_holder, check_kinds
from warifu.registry.card_validity import card_expiry
from warifu.registry.change import Act, Change


@dataclass(frozen=True, slots=True)
class MakingOrder:
    """What the card's maker is told; the numbers that go on the card it has itself (番号法 第16条の2).

    `sealed_pins` is for the maker's machine alone, opaque here; None where the holder sets the PINs at a counter.
    """

    card: str
    holder: str
    attributes: BasicAttributes = field(repr=False)
    municipality: str
    kinds: frozenset[OrderedKind]
    pins: bool
    sealed_pins: bytes | None = field(default=None, repr=False)


def order_card(card: Card, holder: CardHolder, sealed_pins: bytes | None = None) -> MakingOrder:
    """The order for a card that was applied for.

    Raises:
        NotAllowed: the card is made already or ended, or an express card's PINs are missing, or PINs come with a card
            whose holder sets them alone, or has none.
    """
    if card.state is not CardState.APPLIED:
        raise NotAllowed("the card is not waiting to be made")
    sealed = card.pins and card.route is Route.EXPRESS
    if sealed and sealed_pins is None:
        raise NotAllowed("an express card is made with PINs handed in sealed")
    if sealed_pins is not None and not sealed:
        raise NotAllowed("the maker sets no PINs on this card")
    return MakingOrder(card.id, holder.id, holder.attributes, card.municipality, card.kinds, card.pins, sealed_pins)


def note_made(
    act: Act,
    card: Card,
    holder: CardHolder,
    keys: Mapping[OrderedKind, bytes],
    rules: CardRules,
    *,
    old: Card | None = None,
) -> Change[Card]:
    """The card was made, with these public keys (DER SubjectPublicKeyInfo).

    It gets its last day, and its certificates are ordered, unless it will be exchanged for `old`, whose certificates
    live. What was wished for is checked again: between application and making a guardian may have been appointed.

    Raises:
        NotAllowed: the holder is dead or gone, the stay is over, or other keys than those applied for were made.
    """
    if was_done(act, [card]) or card.state is CardState.MADE:
        return Change()
    check_desk(act, JLIS)
    check_holder(holder)
    check_kinds(holder, card.kinds, pins=card.pins, rules=rules, today=act.today)
    if keys.keys() != card.kinds:
        raise NotAllowed("the card has a key for each certificate applied for, and no other")
    expires = card_expiry(holder.attributes.birth_date.date, act.today, holder.stay, early_renewal=card.early_renewal)
    step = take_step(act, card, CardStep.MADE)
    made = card_after(step, card).after(act.id, made=act.today, expires=expires)
    change = replace(step, records=(made,))
    if old is not None and old.state in CERTIFIED:
        return replace(change, records=(replace(made, waits_for_exchange=True),))
    return join(change, order_all(act, made, holder, keys, renewal=False))


def order_all(
    act: Act, card: Card, holder: CardHolder, keys: Mapping[OrderedKind, bytes], *, renewal: bool
) -> Change[Card]:
    """Order every certificate.

    First the authentication certificate: the signing one ends with it at the latest (公的個人認証法施行規則 第13条).
    """
    change: Change[Card] = Change()
    for kind in sorted(keys, key=lambda each: each.value):
        change = join(change, place_order(act, card_after(change, card), holder, kind, keys[kind], renewal=renewal))
    return change
