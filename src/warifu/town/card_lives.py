"""What happened to the cards of the town's people, as the register has it: applied for, made, delivered, lost, ended.

Modelled: how long before its issue a card was applied for, and that it was handed over minutes after it was made; the
authorities' record has issue and delivery at one moment.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeAlias

from warifu.ca import Event
from warifu.messages import CertificateIssued, OrderedKind
from warifu.pki import CertificateKind
from warifu.registry import (
    STANDARD_RULES,
    Act,
    Applicant,
    Call,
    Card,
    CardApplication,
    CardHolder,
    CardState,
    Collector,
    Ground,
    Household,
    Medium,
    PinsSet,
    Proof,
    SignedByCard,
    age_on,
    apply_for_card,
    apply_for_phone,
    begin_delivery,
    change_name,
    complete_delivery,
    move_within,
    note_issued,
    note_made,
    note_phone_answer,
    note_written,
    order_certificate,
    register_death,
    report_lost,
    suspend,
)
from warifu.town.history import IssuedCard, OnPhone
from warifu.town.lives import HOTLINE, JLIS, Life, act_id, recorded_name

__all__ = ["Deed", "live_through"]

_APPLIED_BEFORE: Final = timedelta(days=14)
_MINUTE: Final = timedelta(minutes=1)


Deed: TypeAlias = tuple[datetime, Callable[[], None]]
"""When something happened, and what lets it happen."""


def live_through(life: Life, cards: list[IssuedCard], others: Iterable[Deed] = ()) -> None:
    """Let everything happen to a person and the person's cards, in order of time; `others` is what no card tells."""
    deeds = [*others, *(deed for card in cards for deed in _CardLife(life, card).deeds())]
    for _, do in sorted(deeds, key=lambda deed: deed[0]):
        do()


class _CardLife:
    """One card, and what its holder did on its account."""

    def __init__(self, life: Life, issued: IssuedCard) -> None:
        self._life, self._issued, self._name = life, issued, issued.plan.name
        self._id = ""
        self._answers = iter(issued.issued)

    def deeds(self) -> Iterator[Deed]:
        """What happened, and when."""
        issued = self._issued
        yield issued.issued_at - _APPLIED_BEFORE, self._apply
        yield issued.issued_at, self._make
        for moment, happening in issued.reports:
            yield moment, partial(_REPORTS[happening.event], self, moment)
        if issued.renewed_at is not None:
            yield issued.renewed_at, self._renew
        if issued.phone is not None:
            yield issued.phone.at, partial(self._phone, issued.phone)

    @property
    def _card(self) -> Card:
        return self._life.cards[self._id]

    @property
    def _holder(self) -> CardHolder:
        return CardHolder.of(self._life.record)

    def _apply(self) -> None:
        life, at = self._life, self._issued.issued_at - _APPLIED_BEFORE
        act, profile = life.act(f"{self._name} applied", at, JLIS), self._issued.plan.profile
        lost = any(card.state is CardState.LOST for card in life.cards.values())
        application = CardApplication(
            ground=Ground.LOST if lost else Ground.FIRST,
            applicant=Applicant.GUARDIAN if self._is_child(act) else Applicant.SELF,
            kinds=frozenset(OrderedKind) if profile.signing else frozenset({OrderedKind.AUTHENTICATION}),
            pins=profile.pins,
            proof_of_loss=lost,
        )
        change = apply_for_card(act, application, self._holder, life.cards.values(), STANDARD_RULES)
        self._id = change.records[0].id
        life.happen(act, "apply_for_card", change)

    def _make(self) -> None:
        """Made, its certificates ordered, issued and written, and given out."""
        life, at = self._life, self._issued.issued_at
        act = life.act(f"{self._name} made", at, JLIS)
        keys = {kind: self._issued.signers[CertificateKind(kind.value)].public_key_info for kind in self._card.kinds}
        life.happen(act, "note_made", note_made(act, self._card, self._holder, keys, STANDARD_RULES))
        for place, kind in enumerate(sorted(keys, key=lambda each: each.value)):
            self._receive(kind, at + (1 + 2 * place) * _MINUTE, "first")
        self._deliver(at + 5 * _MINUTE)

    def _receive(self, kind: OrderedKind, at: datetime, which: str) -> None:
        """The certificate that was ordered comes, and is written on the card."""
        life, answer = self._life, next(self._answers)
        known = self._card.certificate(kind)
        assert known is not None, "it was ordered"
        act = life.act(f"{self._name} {which} {kind.value} issued", at, JLIS)
        told = CertificateIssued(known.order, answer.certificate, b"")
        life.happen(act, "", note_issued(act, self._card, told, answer.entry.not_after))
        act = life.act(f"{self._name} {which} {kind.value} written", at + _MINUTE, JLIS)
        life.happen(act, "note_written", note_written(act, self._card, kind))

    def _deliver(self, at: datetime) -> None:
        life, act = self._life, self._life.act(f"{self._name} delivered", at)
        who = Collector.GUARDIAN if self._is_child(act) else Collector.HOLDER
        opened = begin_delivery(act, self._card, self._holder, who, Proof.PHOTO_DOCUMENT, STANDARD_RULES)
        old = life.cards.get(self._card.replaces or "")
        pins = PinsSet(self._id, opened.pins)
        life.happen(act, "deliver", complete_delivery(act, opened, self._card, self._holder, pins, old=old))

    def _renew(self) -> None:
        """A new signing certificate at the window."""
        life, at, kind = self._life, self._issued.renewed_at, OrderedKind.SIGNING
        assert at is not None
        act = life.act(f"{self._name} renewed", at - 2 * _MINUTE)
        key = self._issued.signers[CertificateKind.SIGNING].public_key_info
        ordered = order_certificate(act, self._card, self._holder, kind, key, STANDARD_RULES)
        life.happen(act, "order_certificate", ordered)
        self._receive(kind, at, "second")

    def _phone(self, phone: OnPhone) -> None:
        """Certificates on a phone, applied for in an app with the card."""
        life, act = self._life, self._life.act(f"{self._name} phone", phone.at, JLIS)
        signed = SignedByCard(self._id, phone.signed)
        applied = apply_for_phone(act, signed, self._card, self._holder, ())
        life.happen(act, "apply_for_phone", applied)
        on_it = applied.records[-1]
        for place, (each, issued) in enumerate(zip(phone.signed, phone.issued, strict=True), 1):
            act = life.act(f"{self._name} phone {issued.entry.kind.value}", phone.at + place * _MINUTE, JLIS)
            told = CertificateIssued(each.read().id, issued.certificate, b"")
            noted = note_phone_answer(act, on_it, told, issued.entry.not_after)
            [on_it] = noted.records
            life.happen(act, "", noted)

    def _is_child(self, act: Act) -> bool:
        return age_on(self._life.record.birth_date.date, act.today) < STANDARD_RULES.own_application_age

    def _change(self, at: datetime) -> None:
        """Another address or another name: what is true at the founding."""
        life, now = self._life, self._life.person.attributes
        if self._issued.plan.former == "name":
            act = life.act("renamed", at)
            life.happen(act, "change_name", change_name(act, life.record, recorded_name(now.name)))
            return
        act = life.act("moved", at)
        movers = {life.record.holder: life.record.relationship}
        moved = move_within(act, Household.of([life.record]), movers, now.address, act.today)
        life.happen(act, "move_within", moved)

    def _renumber(self, at: datetime) -> None:
        self._life.renumber(at)

    def _suspend(self, at: datetime) -> None:
        life, call = self._life, act_id(self._life.seed, f"{self._name} call")
        act = life.act(f"{self._name} suspended", at, HOTLINE)
        said = suspend(act, Call(call, life.record.holder), frozenset({Medium.CARD}), life.cards.values(), ())
        life.happen(act, "suspend", said)

    def _lose(self, at: datetime) -> None:
        act = self._life.act(f"{self._name} lost", at)
        self._life.happen(act, "report_lost", report_lost(act, self._card))

    def _die(self, at: datetime) -> None:
        life, act = self._life, self._life.act("died", at)
        died = act.today - timedelta(days=1)
        death = register_death(act, life.record, Household.of([life.record]), died)
        life.happen(act, "register_death", death)


_REPORTS: Final = {
    Event.ATTRIBUTES_CHANGED: _CardLife._change,
    Event.CARD_INVALIDATED: _CardLife._renumber,
    Event.HELD: _CardLife._suspend,
    Event.KEY_COMPROMISED: _CardLife._lose,
    Event.RECORD_DELETED: _CardLife._die,
}
