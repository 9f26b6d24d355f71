"""The certificates of a card, as its window sees them: ordered, issued, written on the card, given up.

For a new card J-LIS makes the keys with the card and orders the certificates, because the first issue is delegated to
it (公的個人認証法施行規則 第65条). At the window the key is made on the card and leaves nothing behind (第6条第3項).
What the register sees is a public key and, later, that a certificate is there; it never opens one.

Nobody has two valid ones of a kind (公的個人認証法 第6条, 第25条). So one that is still good is renewed in its last
three months only, and a card that takes the place of one in force gets its certificates at the exchange.
"""

from dataclasses import replace
from datetime import datetime

from warifu.errors import NotAllowed, NotFound
from warifu.messages import (
    CardHappening,
    CertificateIssued,
    CertificateOrder,
    OrderedKind,
    OrderedMedium,
    OrderRefused,
)
from warifu.registry.card_change import JLIS, card_change, card_event, check_desk, check_window, was_done, window_of
from warifu.registry.card_record import Card, CardCertificate, CardHolder, CardState, CertificateNote
from warifu.registry.card_rules import CardRules, check_holder, check_kinds, is_soon_over
from warifu.registry.card_validity import day_of, end_of
from warifu.registry.change import Act, Change

_REVOCATION_ASKED = {
    OrderedKind.SIGNING: CardHappening.SIGNING_REVOCATION_ASKED,
    OrderedKind.AUTHENTICATION: CardHappening.AUTHENTICATION_REVOCATION_ASKED,
}


def order_certificate(
    act: Act, card: Card, holder: CardHolder, kind: OrderedKind, public_key_info: bytes, rules: CardRules
) -> Change[Card]:
    """Order a certificate at the window for the key that the card just made.

    Raises:
        NotAllowed: the card is not in use or over, or was not shown after a move, the holder may not have one, one is
            on its way, or the one on the card is good for longer than three months.
    """
    if was_done(act, [card]):
        return Change()
    check_window(act, card)
    check_holder(holder)
    if card.holder != holder.id:
        raise NotAllowed("this is somebody else's card")
    if card.state is not CardState.IN_FORCE or card.has_expired(act.today):
        raise NotAllowed("the card is not in force")
    if card.present_by is not None or card.municipality != holder.municipality:
        raise NotAllowed("the card is first shown where its holder lives now")
    kinds = frozenset({kind, OrderedKind.AUTHENTICATION})
    check_kinds(holder, kinds, pins=card.pins, rules=rules, today=act.today)
    return place_order(act, card, holder, kind, public_key_info, renewal=_renews(card, kind, act))


def place_order(
    act: Act, card: Card, holder: CardHolder, kind: OrderedKind, public_key_info: bytes, *, renewal: bool
) -> Change[Card]:
    """The order itself, for whoever checked that it may be placed.

    Raises:
        NotAllowed: the card was never made.
    """
    if card.expires is None:
        raise NotAllowed("the card was never made")
    order = CertificateOrder(
        id=act.id_for(f"{card.id} order {kind.value}"),
        holder=holder.id,
        kind=kind,
        medium=OrderedMedium.CARD,
        card=card.id,
        municipality=holder.municipality,
        public_key_info=public_key_info,
        attributes=holder.certified if kind is OrderedKind.SIGNING else None,
        birth_date=holder.attributes.birth_date,
        card_not_after=end_of(card.expires),
        renewal=renewal,
        at=act.at,
    )
    note = CardCertificate(
        kind, order.id, CertificateNote.ORDERED, abroad=holder.abroad or holder.leaves_on is not None
    )
    after = card.after(act.id, certificates=card.certificates_with(note))
    return card_change(act, after, f"ordered: {kind.value}", order)


def note_issued(act: Act, card: Card, answer: CertificateIssued, not_after: datetime) -> Change[Card]:
    """The authority issued it; `not_after` was read from the certificate by whoever can.

    Raises:
        NotFound: no such order of this card is known.
    """
    known = _ordered(card, answer.order_id)
    if known.note is not CertificateNote.ORDERED:
        return Change()
    return _noted(act, card, replace(known, note=CertificateNote.ISSUED, not_after=not_after), "issued")


def note_refused(act: Act, card: Card, answer: OrderRefused) -> Change[Card]:
    """The authority refused it.

    Raises:
        NotFound: no such order of this card is known.
    """
    known = _ordered(card, answer.order_id)
    if known.note is not CertificateNote.ORDERED:
        return Change()
    return _noted(act, card, replace(known, note=CertificateNote.REFUSED), f"refused, {answer.error}")


def note_written(act: Act, card: Card, kind: OrderedKind) -> Change[Card]:
    """It is on the card. On a card in force the holder has it with that, and the authority hears so.

    Raises:
        NotAllowed: none was issued that could be written.
    """
    known = card.certificate(kind)
    if known is not None and known.note is CertificateNote.ON_CARD:
        return Change()
    if known is None or known.note is not CertificateNote.ISSUED:
        raise NotAllowed("there is no certificate to be written")
    check_desk(act, JLIS, window_of(card.municipality))
    written = _noted(act, card, replace(known, note=CertificateNote.ON_CARD), "written")
    if card.state is not CardState.IN_FORCE:
        return written
    return replace(written, messages=(card_event(act, card, CardHappening.DELIVERED),))


def ask_revocation(act: Act, card: Card, kind: OrderedKind) -> Change[Card]:
    """The holder gives up a certificate at the window (失効申請; 公的個人認証法 第9条, 第28条).

    Raises:
        NotAllowed: the card was never delivered or has none of that kind.
    """
    if was_done(act, [card]):
        return Change()
    check_window(act, card)
    if card.state in (CardState.APPLIED, CardState.MADE, CardState.ENDED):
        raise NotAllowed("the card is not its holder's to give up certificates of")
    if card.certificate(kind) is None:
        raise NotAllowed(f"the card has no {kind.value} certificate")
    return give_up(act, card, kind)


def give_up(act: Act, card: Card, kind: OrderedKind) -> Change[Card]:
    """Tell the authority that the holder wants it no longer, and forget it."""
    after = card.after(act.id, certificates=card.certificates_without(kind))
    event = card_event(act, card, _REVOCATION_ASKED[kind])
    return card_change(act, after, f"revocation asked: {kind.value}", event)


def _noted(act: Act, card: Card, certificate: CardCertificate, what: str) -> Change[Card]:
    after = card.after(act.id, certificates=card.certificates_with(certificate))
    return card_change(act, after, f"{what}: {certificate.kind.value}")


def _renews(card: Card, kind: OrderedKind, act: Act) -> bool:
    known = card.certificate(kind)
    if known is None or known.note is CertificateNote.REFUSED:
        return False
    if known.not_after is None or known.note is not CertificateNote.ON_CARD:
        raise NotAllowed("a certificate is on its way to this card")
    if known.not_after < act.at:
        return False
    if not is_soon_over(day_of(known.not_after), act.today):
        raise NotAllowed("the certificate on the card is good for three months or longer")
    return True


def _ordered(card: Card, order: str) -> CardCertificate:
    for each in card.certificates:
        if each.order == order:
            return each
    raise NotFound("no such order")
