"""Certificates on a phone (スマホ用電子証明書), as the register knows them: which phone, on top of which card.

The holder signs the application with the signing key of the card, in an app; so there is a card in force with a signing
certificate, and the phone's certificates stand on the card's (公的個人認証法 第16条の2, 第35条の2). The keys are made
inside the phone. A person has one of a kind on one phone: another phone takes the place of the one before, which is
given up first (第16条の5, 第35条の5). What falls with the card's certificates is the authority's to follow (第16条の13,
第35条の13).

A phone that was lost is suspended by the hotline. Who finds it lifts that in the app: its authentication certificate
can be used again, the signing certificate has ended and is applied for anew, signed by the card again.

Sources: the articles; www2.jpki.go.jp/procedure/lost.html; digital.go.jp, スマホ用電子証明書. Modelled: the states.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final, Self

from warifu.errors import Malformed, NotAllowed, NotFound
from warifu.messages import (
    CardEvent,
    CardHappening,
    CertificateIssued,
    CertificateOrder,
    OrderedKind,
    OrderedMedium,
    OrderRefused,
    PhoneApplication,
    SignedApplication,
)
from warifu.registry.card_change import JLIS, check_desk
from warifu.registry.card_record import Card, CardCertificate, CardHolder, CardState, CertificateNote
from warifu.registry.card_rules import check_holder
from warifu.registry.card_validity import end_of
from warifu.registry.change import Act, ActKind, Change, LogEntry, Message

SIGNED_WITHIN: Final = timedelta(minutes=15)
"""How fresh an application's signature is. Modelled."""


class PhoneState(Enum):
    """Where a phone is in its life."""

    IN_USE = "in_use"
    HELD = "held"
    """Suspended by the hotline (一時利用停止)."""
    ENDED = "ended"
    """Given up, or taken the place of."""


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone with certificates; `id` is 32 hexadecimal digits, `card` the one that signed its application."""

    id: str
    holder: str
    card: str
    state: PhoneState = PhoneState.IN_USE
    certificates: tuple[CardCertificate, ...] = ()
    version: int = 1
    last_act: str = ""

    def after(self, act: str, **changes: Any) -> Self:
        """The phone as that act leaves it."""
        version = self.version if self.last_act == act else self.version + 1
        return replace(self, **changes, version=version, last_act=act)

    def without(self, kind: OrderedKind) -> tuple[CardCertificate, ...]:
        """The notes of the other kind."""
        return tuple(each for each in self.certificates if each.kind is not kind)


@dataclass(frozen=True, slots=True)
class SignedByCard:
    """What the app hands in: applications that the holder signed with this card, one for each certificate.

    That the card's signing key made the signatures is the authority's to check, which has the certificate: each order
    takes its application there.

    Raises:
        Malformed: something else than applications, or two for one kind.
    """

    card: str
    applications: tuple[SignedApplication, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.read()) != len(self.applications):
            raise Malformed("two applications for one certificate")

    def read(self) -> dict[OrderedKind, tuple[PhoneApplication, SignedApplication]]:
        """What was applied for, by kind, and how it was signed."""
        both = [(signed.read(), signed) for signed in self.applications]
        return {each[0].kind: each for each in sorted(both, key=lambda each: each[0].kind.value)}


def apply_for_phone(
    act: Act, signed: SignedByCard, card: Card, holder: CardHolder, phones: Iterable[Phone]
) -> Change[Phone]:
    """Accept an application for certificates on a phone; a phone in use before is given up for it.

    The new phone is the last of the change's records.

    Raises:
        NotAllowed: the signature is another card's or too old, the card or its signing certificate is not in use, or
            nothing was applied for.
    """
    phones = tuple(phones)
    if any(phone.last_act == act.id for phone in phones):
        return Change()
    check_desk(act, JLIS)
    check_holder(holder)
    _check_signed(act, signed, card, holder)
    if not signed.applications:
        raise NotAllowed("nothing was applied for")
    before = [give_up_phone(act, phone) for phone in phones if phone.state is not PhoneState.ENDED]
    phone = Phone(id=act.id_for("phone"), holder=holder.id, card=card.id, last_act=act.id)
    return _join(*before, _order(act, phone, signed, card, holder, "applied"))


def apply_for_phone_signing_again(
    act: Act, signed: SignedByCard, phone: Phone, card: Card, holder: CardHolder
) -> Change[Phone]:
    """Apply for a new signing certificate on the same phone, after its hold was lifted or a move ended the one before.

    Raises:
        NotAllowed: as with a new phone; the phone is not in use, has one, or another kind was applied for.
    """
    if phone.last_act == act.id:
        return Change()
    check_desk(act, JLIS)
    check_holder(holder)
    _check_signed(act, signed, card, holder)
    if phone.holder != holder.id or phone.state is not PhoneState.IN_USE:
        raise NotAllowed("the phone is not in use")
    if signed.read().keys() != {OrderedKind.SIGNING}:
        raise NotAllowed("only the signing certificate is applied for again")
    if any(_still_stands(each, card) for each in phone.certificates if each.kind is OrderedKind.SIGNING):
        raise NotAllowed("the phone has a signing certificate")
    return _order(act, phone, signed, card, holder, "applied again")


def note_phone_answer(
    act: Act, phone: Phone, answer: CertificateIssued | OrderRefused, not_after: datetime | None = None
) -> Change[Phone]:
    """The authority's answer to an order; an issued certificate goes to the phone that waits for it.

    Raises:
        NotFound: no such order of this phone is known.
    """
    known = next((each for each in phone.certificates if each.order == answer.order_id), None)
    if known is None:
        raise NotFound("no such order")
    if known.note is not CertificateNote.ORDERED:
        return Change()
    issued = isinstance(answer, CertificateIssued)
    note = CertificateNote.ON_CARD if issued else CertificateNote.REFUSED
    certificates = (*phone.without(known.kind), replace(known, note=note, not_after=not_after))
    return _change(act, phone, {"certificates": certificates}, f"{note.value}: {known.kind.value}")


def hold_phone(act: Act, phone: Phone) -> Change[Phone]:
    """Suspend the phone's certificates; the hotline does this (`hotline.suspend`).

    Raises:
        NotAllowed: the phone was given up.
    """
    if phone.state is PhoneState.HELD:
        return Change()
    if phone.state is PhoneState.ENDED:
        raise NotAllowed("the phone has no certificates any more")
    return _change(act, phone, {"state": PhoneState.HELD}, "held", CardHappening.PHONE_HELD)


def lift_phone_hold(act: Act, phone: Phone) -> Change[Phone]:
    """The holder found the phone and lifts the hold in the app.

    Raises:
        NotAllowed: another desk, or the phone was given up.
    """
    if phone.state is PhoneState.IN_USE:
        return Change()
    check_desk(act, JLIS)
    if phone.state is PhoneState.ENDED:
        raise NotAllowed("the phone has no certificates any more")
    left = phone.without(OrderedKind.SIGNING)
    changes = {"state": PhoneState.IN_USE, "certificates": left}
    return _change(act, phone, changes, "hold lifted", CardHappening.PHONE_HOLD_LIFTED)


def give_up_phone(act: Act, phone: Phone) -> Change[Phone]:
    """The holder stops using the phone (第16条の8第3項).

    Raises:
        NotAllowed: another desk.
    """
    if phone.state is PhoneState.ENDED:
        return Change()
    check_desk(act, JLIS)
    return _change(act, phone, {"state": PhoneState.ENDED}, "given up", CardHappening.PHONE_GIVEN_UP)


def _check_signed(act: Act, signed: SignedByCard, card: Card, holder: CardHolder) -> None:
    if not signed.card == card.id or card.holder != holder.id:
        raise NotAllowed("another card signed the application")
    if not all(timedelta(0) <= act.at - applied.at <= SIGNED_WITHIN for applied, _ in signed.read().values()):
        raise NotAllowed("the application was not signed just now")
    if card.state is not CardState.IN_FORCE or card.has_expired(act.today):
        raise NotAllowed("the card is not in force")
    known = card.certificate(OrderedKind.SIGNING)
    if known is None or known.note is not CertificateNote.ON_CARD:
        raise NotAllowed("the card has no signing certificate")
    if known.not_after is not None and known.not_after < act.at:
        raise NotAllowed("the card's signing certificate has expired")


def _order(act: Act, phone: Phone, signed: SignedByCard, card: Card, holder: CardHolder, what: str) -> Change[Phone]:
    orders = [
        CertificateOrder(
            id=applied.id,
            holder=holder.id,
            kind=kind,
            medium=OrderedMedium.PHONE,
            card=card.id,
            municipality=holder.municipality,
            public_key_info=applied.public_key_info,
            attributes=holder.certified if kind is OrderedKind.SIGNING else None,
            birth_date=holder.attributes.birth_date,
            card_not_after=end_of(card.expires or act.today),
            renewal=False,
            at=act.at,
            application=signature,
        )
        for kind, (applied, signature) in signed.read().items()
    ]
    notes = tuple(
        CardCertificate(order.kind, order.id, CertificateNote.ORDERED, stands_on=_below(card, order.kind))
        for order in orders
    )
    kept = tuple(each for each in phone.certificates if each.kind not in signed.read())
    after = phone.after(act.id, card=card.id, certificates=(*kept, *notes))
    return Change((after,), tuple(orders), (_entry(act, phone, what),))


def _still_stands(certificate: CardCertificate, card: Card) -> bool:
    """Whether the card's certificate that it stands on is still the one on the card."""
    return certificate.note is not CertificateNote.REFUSED and certificate.stands_on == _below(card, certificate.kind)


def _below(card: Card, kind: OrderedKind) -> str:
    known = card.certificate(kind)
    return known.order if known else ""


def _change(
    act: Act, phone: Phone, changes: Mapping[str, Any], what: str, told: CardHappening | None = None
) -> Change[Phone]:
    messages: tuple[Message, ...] = ()
    if told is not None:
        event_id = act.id_for(f"{phone.id} {told.value}")
        messages = (CardEvent(event_id, phone.holder, phone.card, told, act.at),)
    return Change((phone.after(act.id, **changes),), messages, (_entry(act, phone, what),))


def _entry(act: Act, phone: Phone, what: str) -> LogEntry:
    purpose = f"phone {phone.id}: {what}"
    return LogEntry(act.id, act.at, act.clerk, ActKind.CARD, (phone.holder,), frozenset(), purpose)


def _join(*changes: Change[Phone]) -> Change[Phone]:
    return Change(
        tuple(record for change in changes for record in change.records),
        tuple(message for change in changes for message in change.messages),
        tuple(entry for change in changes for entry in change.entries),
    )
