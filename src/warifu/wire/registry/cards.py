"""A card's life at J-LIS and at the window, and certificates on phones. Every method is one act, as in `people`."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, select

from warifu.errors import NotAllowed, NotFound
from warifu.messages import OrderedKind
from warifu.registry import (
    Act,
    ActKind,
    Card,
    CardApplication,
    CardPin,
    CardStep,
    Change,
    Clerk,
    Collector,
    Desk,
    Handover,
    LogEntry,
    MakingOrder,
    Office,
    Phone,
    PinReset,
    PinsSet,
    Proof,
    Section,
    SignedByCard,
    apply_for_card,
    apply_for_phone,
    apply_for_phone_signing_again,
    ask_revocation,
    begin_delivery,
    complete_delivery,
    destroy_uncollected,
    give_back,
    give_up_phone,
    give_up_pins,
    keep_abroad,
    lift_phone_hold,
    note_found,
    note_invalidated,
    note_made,
    note_written,
    order_card,
    order_certificate,
    order_return,
    present_after_move,
    prolong_with_stay,
    report_lost,
    reserve_reset,
    reset_at_kiosk,
    reset_pins,
    take_up_pins,
    update_face,
    withdraw,
)
from warifu.wire.database import writing
from warifu.wire.registry import log
from warifu.wire.registry.doing import Doing, Done
from warifu.wire.registry.reading import card_holder, cards_of, phones_of
from warifu.wire.registry.tables import orders
from warifu.wire.registry.versions import CARDS, PHONES


class WindowStep(Enum):
    """What a window does to a card without further words."""

    WITHDRAW = "withdraw"
    """The applicant no longer wants it."""
    REPORT_LOST = "report_lost"
    NOTE_FOUND = "note_found"
    GIVE_BACK = "give_back"
    ORDER_RETURN = "order_return"
    """The mayor orders it back (返納命令)."""
    UPDATE_FACE = "update_face"
    GIVE_UP_PINS = "give_up_pins"
    """It becomes a face-verification card."""
    RETURN_NOT_NOTIFIED = "return_not_notified"
    """The law ended it: the holder came back from abroad and told nobody (施行令 第14条第7号)."""
    OUTSIDE_THE_ACT = "outside_the_act"
    """The law ended it: the register's law no longer applies to the holder (施行令 第14条第12号)."""


_MAKER: Final = Clerk("card-maker", Desk(Office.JLIS))
_Step: TypeAlias = Callable[[Act, Card], Change[Card]]
_STEPS: Final[Mapping[WindowStep, _Step]] = {
    WindowStep.WITHDRAW: withdraw,
    WindowStep.REPORT_LOST: report_lost,
    WindowStep.NOTE_FOUND: note_found,
    WindowStep.GIVE_BACK: give_back,
    WindowStep.ORDER_RETURN: order_return,
    WindowStep.UPDATE_FACE: update_face,
    WindowStep.GIVE_UP_PINS: give_up_pins,
    WindowStep.RETURN_NOT_NOTIFIED: lambda act, card: note_invalidated(act, card, CardStep.RETURN_NOT_NOTIFIED),
    WindowStep.OUTSIDE_THE_ACT: lambda act, card: note_invalidated(act, card, CardStep.OUTSIDE_THE_ACT),
}


class Cards:
    """What is done to cards and phones."""

    def __init__(self, doing: Doing) -> None:
        self._doing = doing

    # --- from the application to the hand-over ---

    def apply(self, by: Clerk, holder: str, application: CardApplication, *, act: str | None = None) -> Done:
        """Accept an application; the new card is the first of the answer's cards.

        Raises:
            NotAllowed: the person cannot have this card, or not now.
            NotFound: there is no such person.
        """

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            mine = cards_of(connection, [holder])
            return apply_for_card(doing, application, card_holder(connection, holder), mine, self._doing.rules)

        return self._doing.do("apply_for_card", by, act, (holder, application), decide)

    def making_order(self, card_id: str, sealed_pins: bytes | None = None) -> MakingOrder:
        """What the maker of cards is told about a card that was applied for.

        Raises:
            NotAllowed: it is made already, or PINs are missing or too many.
        """
        with self._looking(_MAKER, "card making order") as (connection, about):
            card = CARDS.read(connection, card_id)
            about.append(card.holder)
            return order_card(card, card_holder(connection, card.holder), sealed_pins)

    def note_made(self, by: Clerk, card_id: str, keys: Mapping[OrderedKind, bytes], *, act: str | None = None) -> Done:
        """The card was made, with these public keys; its certificates are ordered."""

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            card = CARDS.read(connection, card_id)
            holder, old = card_holder(connection, card.holder), _replaced(connection, card)
            return note_made(doing, card, holder, keys, self._doing.rules, old=old)

        return self._doing.do("note_made", by, act, (card_id, _listed(keys)), decide)

    def note_written(self, by: Clerk, card_id: str, kind: OrderedKind, *, act: str | None = None) -> Done:
        """A certificate is on the card now."""
        return self._on_card("note_written", by, act, card_id, (kind,), lambda doing, it: note_written(doing, it, kind))

    def certificate(self, by: Clerk, order_id: str) -> bytes:
        """The authority's answer to an order, for writing the certificate: a `CertificateIssued` or an `OrderRefused`.

        A signing certificate has the four basic attributes in it, so it is looked at.

        Raises:
            NotAllowed: the desk writes no certificates on this card.
            NotFound: nothing was ordered under this id, or it has not been answered.
        """
        _check_writes_certificates(by)
        with self._looking(by, "certificate to be written") as (connection, about):
            query = select(orders.c.answer, orders.c.holder, orders.c.card).where(orders.c.id == order_id)
            row = connection.execute(query).one_or_none()
            if row is None or row.answer is None:
                raise NotFound("the order has no answer yet")
            if by.desk.office is not Office.JLIS:
                by.desk.check_keeps(CARDS.read(connection, row.card).municipality)
            about.append(row.holder)
            return bytes(row.answer)

    def begin_delivery(
        self, by: Clerk, card_id: str, collector: Collector, proof: Proof, *, cannot_come: bool = False
    ) -> Handover:
        """Open the hand-over: which PINs the terminal has to set. Nothing is written but that it was looked at."""
        with self._looking(by, "hand-over") as (connection, about):
            doing = Act(self._doing.entropy.bytes(16).hex(), by, self._doing.clock.now())
            about.append(CARDS.read(connection, card_id).holder)
            return self._handover(connection, doing, card_id, collector, proof, cannot_come=cannot_come)

    def deliver(
        self,
        by: Clerk,
        card_id: str,
        collector: Collector,
        proof: Proof,
        pins: frozenset[CardPin],
        *,
        cannot_come: bool = False,
        keys: Mapping[OrderedKind, bytes] | None = None,
        act: str | None = None,
    ) -> Done:
        """Give the card out: the terminal has set `pins`. One that it replaces is handed in; `keys` are its own."""

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            card = CARDS.read(connection, card_id)
            opened = self._handover(connection, doing, card_id, collector, proof, cannot_come=cannot_come)
            holder, old = card_holder(connection, card.holder), _replaced(connection, card)
            told = PinsSet(card_id, pins)
            return complete_delivery(doing, opened, card, holder, told, old=old, keys=keys)

        asked = (card_id, collector, proof, pins, cannot_come, _listed(keys or {}))
        return self._doing.do("deliver", by, act, asked, decide)

    def destroy_uncollected(self, by: Clerk, card_id: str, *, act: str | None = None) -> Done:
        """Destroy a card that nobody collected."""
        rules = self._doing.rules
        return self._on_card(
            "destroy_uncollected", by, act, card_id, (), lambda doing, it: destroy_uncollected(doing, it, rules)
        )

    # --- at the window ---

    def at_window(self, by: Clerk, card_id: str, step: WindowStep, *, act: str | None = None) -> Done:
        """Do one of the things that need no further words."""
        return self._on_card(step.value, by, act, card_id, (), _STEPS[step])

    def order_certificate(
        self, by: Clerk, card_id: str, kind: OrderedKind, public_key_info: bytes, *, act: str | None = None
    ) -> Done:
        """Order a certificate for the key that the card just made."""

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            card = CARDS.read(connection, card_id)
            holder = card_holder(connection, card.holder)
            return order_certificate(doing, card, holder, kind, public_key_info, self._doing.rules)

        return self._doing.do("order_certificate", by, act, (card_id, kind, public_key_info), decide)

    def ask_revocation(self, by: Clerk, card_id: str, kind: OrderedKind, *, act: str | None = None) -> Done:
        """The holder gives up a certificate (失効申請)."""
        return self._on_card(
            "ask_revocation", by, act, card_id, (kind,), lambda doing, it: ask_revocation(doing, it, kind)
        )

    def present(self, by: Clerk, card_id: str, *, pin_verified: bool, act: str | None = None) -> Done:
        """The card is shown where its holder moved to (継続利用)."""

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            card = CARDS.read(connection, card_id)
            return present_after_move(doing, card, card_holder(connection, card.holder), pin_verified=pin_verified)

        return self._doing.do("present", by, act, (card_id, pin_verified), decide)

    def keep_abroad(self, by: Clerk, card_id: str, *, act: str | None = None) -> Done:
        """The card is shown with the notice of leaving the country, and stays in force abroad."""

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            card = CARDS.read(connection, card_id)
            return keep_abroad(doing, card, card_holder(connection, card.holder))

        return self._doing.do("keep_abroad", by, act, (card_id,), decide)

    def prolong(self, by: Clerk, card_id: str, *, act: str | None = None) -> Done:
        """Let a foreign resident's card live as long as the prolonged stay."""

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            card = CARDS.read(connection, card_id)
            return prolong_with_stay(doing, card, card_holder(connection, card.holder))

        return self._doing.do("prolong", by, act, (card_id,), decide)

    def reset_pins(self, by: Clerk, card_id: str, pins: frozenset[CardPin], *, act: str | None = None) -> Done:
        """The holder set these PINs anew at the window."""
        told = PinsSet(card_id, pins)
        return self._on_card("reset_pins", by, act, card_id, (pins,), lambda doing, it: reset_pins(doing, it, told))

    def take_up_pins(self, by: Clerk, card_id: str, pins: frozenset[CardPin], *, act: str | None = None) -> Done:
        """Make a face-verification card one with PINs again."""
        told = PinsSet(card_id, pins)
        return self._on_card("take_up_pins", by, act, card_id, (pins,), lambda doing, it: take_up_pins(doing, it, told))

    # --- without a window ---

    def reserve_reset(
        self, by: Clerk, card_id: str, pin: CardPin, *, verified: CardPin, face_matches: bool
    ) -> PinReset:
        """Reserve a reset of one password with the app; the kiosk presents what this gives.

        Nothing is written but that the card was looked at.
        """
        with self._looking(by, "reset reserved") as (connection, about):
            doing = Act(self._doing.entropy.bytes(16).hex(), by, self._doing.clock.now())
            card = CARDS.read(connection, card_id)
            about.append(card.holder)
            return reserve_reset(doing, card, pin, verified=verified, face_matches=face_matches)

    def reset_at_kiosk(self, by: Clerk, reset: PinReset, *, verified: CardPin, act: str | None = None) -> Done:
        """The holder set the reserved PIN at a kiosk."""
        return self._on_card(
            "reset_at_kiosk",
            by,
            act,
            reset.card,
            (reset, verified),
            lambda doing, it: reset_at_kiosk(doing, reset, it, verified=verified),
        )

    # --- phones ---

    def apply_for_phone(self, by: Clerk, signed: SignedByCard, *, act: str | None = None) -> Done:
        """Accept an application for certificates on a phone; the new phone is the last of the answer's phones."""

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            card = CARDS.read(connection, signed.card)
            mine = phones_of(connection, card.holder)
            return apply_for_phone(doing, signed, card, card_holder(connection, card.holder), mine)

        return self._doing.do("apply_for_phone", by, act, (signed.card, _handed_in(signed)), decide)

    def apply_for_phone_signing_again(
        self, by: Clerk, phone_id: str, signed: SignedByCard, *, act: str | None = None
    ) -> Done:
        """Accept an application for another signing certificate on the same phone."""

        def decide(connection: Connection, doing: Act) -> Change[Any]:
            phone, card = PHONES.read(connection, phone_id), CARDS.read(connection, signed.card)
            return apply_for_phone_signing_again(doing, signed, phone, card, card_holder(connection, card.holder))

        asked = (phone_id, signed.card, _handed_in(signed))
        return self._doing.do("apply_for_phone_signing_again", by, act, asked, decide)

    def lift_phone_hold(self, by: Clerk, phone_id: str, *, act: str | None = None) -> Done:
        """The holder found the phone and lifts the hold in the app."""
        return self._on_phone("lift_phone_hold", by, act, phone_id, lift_phone_hold)

    def give_up_phone(self, by: Clerk, phone_id: str, *, act: str | None = None) -> Done:
        """The holder stops using the phone."""
        return self._on_phone("give_up_phone", by, act, phone_id, give_up_phone)

    # --- how ---

    @contextmanager
    def _looking(self, by: Clerk, purpose: str) -> Iterator[tuple[Connection, list[str]]]:
        """A transaction in which something is shown of the holders that are put into the list: each an entry.

        Nothing is shown, and nothing written, if the block raises.
        """
        about: list[str] = []
        with writing(self._doing.engine) as connection:
            yield connection, about
            at, id_ = self._doing.clock.now(), self._doing.entropy.bytes(16).hex()
            log.append(connection, [LogEntry(id_, at, by, ActKind.LOOK, tuple(about), frozenset(), purpose)])

    def _handover(
        self, connection: Connection, doing: Act, card_id: str, collector: Collector, proof: Proof, *, cannot_come: bool
    ) -> Handover:
        card = CARDS.read(connection, card_id)
        holder = card_holder(connection, card.holder)
        return begin_delivery(doing, card, holder, collector, proof, self._doing.rules, cannot_come=cannot_come)

    def _on_card(
        self, what: str, by: Clerk, act: str | None, card_id: str, asked: tuple[Any, ...], decide: _Step
    ) -> Done:
        def on_card(connection: Connection, doing: Act) -> Change[Any]:
            return decide(doing, CARDS.read(connection, card_id))

        return self._doing.do(what, by, act, (card_id, *asked), on_card)

    def _on_phone(
        self, what: str, by: Clerk, act: str | None, phone_id: str, decide: Callable[[Act, Phone], Change[Phone]]
    ) -> Done:
        def on_phone(connection: Connection, doing: Act) -> Change[Any]:
            return decide(doing, PHONES.read(connection, phone_id))

        return self._doing.do(what, by, act, (phone_id,), on_phone)


def _check_writes_certificates(by: Clerk) -> None:
    if by.desk.office is not Office.JLIS and by.desk.section is not Section.RESIDENTS:
        raise NotAllowed("only who writes certificates on cards gets them")


def _replaced(connection: Connection, card: Card) -> Card | None:
    return CARDS.find(connection, card.replaces) if card.replaces else None


def _listed(keys: Mapping[OrderedKind, bytes]) -> tuple[tuple[str, bytes], ...]:
    return tuple(sorted((kind.value, key) for kind, key in keys.items()))


def _handed_in(signed: SignedByCard) -> tuple[bytes, ...]:
    return tuple(sorted(each.encode() for each in signed.applications))
