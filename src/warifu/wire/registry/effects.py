"""What an act did to a person's cards and certificates, seen by comparing the records before and after it.

As far as the register knows it: which certificate ends is the authorities' to decide (`ca.consequences`), and the
room's notes on a card follow the same articles. A phone's certificate falls with the card's of the same kind
(公的個人認証法 第16条の13, 第35条の13); the register has no note of that, and it is told here all the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

from warifu.messages import OrderedKind
from warifu.registry import Card, CardState, CertificateNote, Phone, PhoneState

__all__ = ["Effect", "What", "effects_on"]


class What(Enum):
    """One effect."""

    CARD_APPLIED = "card_applied"
    CARD_MADE = "card_made"
    CARD_IN_FORCE = "card_in_force"
    CARD_HELD = "card_held"
    CARD_LOST = "card_lost"
    CARD_ENDED = "card_ended"
    CARD_TO_BE_SHOWN = "card_to_be_shown"
    CARD_PROLONGED = "card_prolonged"
    PINS_GIVEN_UP = "pins_given_up"
    PINS_TAKEN_UP = "pins_taken_up"
    CERTIFICATE_ISSUED = "certificate_issued"
    CERTIFICATE_HELD = "certificate_held"
    CERTIFICATE_ENDED = "certificate_ended"
    PHONE_APPLIED = "phone_applied"
    PHONE_HELD = "phone_held"
    PHONE_RESUMED = "phone_resumed"
    PHONE_ENDED = "phone_ended"
    PHONE_CERTIFICATE_ISSUED = "phone_certificate_issued"
    PHONE_CERTIFICATE_ENDED = "phone_certificate_ended"


LOSSES = frozenset(
    {
        What.CARD_HELD,
        What.CARD_LOST,
        What.CARD_ENDED,
        What.PINS_GIVEN_UP,
        What.CERTIFICATE_HELD,
        What.CERTIFICATE_ENDED,
        What.PHONE_HELD,
        What.PHONE_ENDED,
        What.PHONE_CERTIFICATE_ENDED,
    }
)


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect on a card or phone of a holder; `kind` of a certificate, `until` the day that goes with it."""

    what: What
    holder: str
    kind: OrderedKind | None = None
    until: date | None = None

    @property
    def is_loss(self) -> bool:
        """Whether somebody has less afterwards."""
        return self.what in LOSSES


def effects_on(
    cards: Iterable[tuple[Card | None, Card]], phones: Iterable[tuple[Phone | None, Phone]]
) -> tuple[Effect, ...]:
    """The effects of one act, by the records before (None: there was none) and after it."""
    of_cards = [effect for before, after in cards for effect in _on_card(before, after)]
    pairs = list(phones)
    fallen = {(each.holder, each.kind) for each in of_cards if each.what is What.CERTIFICATE_ENDED}
    of_phones = [effect for before, after in pairs for effect in _on_phone(before, after, fallen)]
    return tuple(dict.fromkeys([*of_cards, *of_phones]))


_HAVE = frozenset({CertificateNote.ISSUED, CertificateNote.ON_CARD})
_CERTIFIED = frozenset({CardState.MADE, CardState.IN_FORCE, CardState.HELD})


def _on_card(before: Card | None, after: Card) -> Iterator[Effect]:
    if before is None or before.state is not after.state:
        yield Effect(What(f"card_{after.state.value}"), after.holder)
    had, has = _kinds(before), _kinds(after)
    for kind in OrderedKind:
        if kind in had - has:
            yield Effect(What.CERTIFICATE_ENDED, after.holder, kind)
        elif kind in has - had:
            yield Effect(What.CERTIFICATE_ISSUED, after.holder, kind)
        elif kind in has and after.state is CardState.HELD and before is not None and before.state is not after.state:
            yield Effect(What.CERTIFICATE_HELD, after.holder, kind)
    if before is not None and after.state is not CardState.ENDED:
        yield from _on_living(before, after)


def _on_living(before: Card, after: Card) -> Iterator[Effect]:
    if after.present_by is not None and after.present_by != before.present_by:
        yield Effect(What.CARD_TO_BE_SHOWN, after.holder, until=after.present_by)
    if before.expires is not None and after.expires != before.expires:
        yield Effect(What.CARD_PROLONGED, after.holder, until=after.expires)
    if before.pins is not after.pins:
        yield Effect(What.PINS_TAKEN_UP if after.pins else What.PINS_GIVEN_UP, after.holder)


def _kinds(card: Card | None) -> frozenset[OrderedKind]:
    """The certificates that are good on a card, as far as the window knows."""
    if card is None or card.state not in _CERTIFIED:
        return frozenset()
    return frozenset(each.kind for each in card.certificates if each.note in _HAVE)


_PHONES = {
    PhoneState.IN_USE: What.PHONE_RESUMED,
    PhoneState.HELD: What.PHONE_HELD,
    PhoneState.ENDED: What.PHONE_ENDED,
}


def _on_phone(before: Phone | None, after: Phone, fallen: set[tuple[str, OrderedKind | None]]) -> Iterator[Effect]:
    if before is None:
        yield Effect(What.PHONE_APPLIED, after.holder)
    elif before.state is not after.state:
        yield Effect(_PHONES[after.state], after.holder)
    had, has = _on(before), _on(after)
    for kind in OrderedKind:
        if kind in had and (kind not in has or (after.holder, kind) in fallen):
            yield Effect(What.PHONE_CERTIFICATE_ENDED, after.holder, kind)
        elif kind in has - had:
            yield Effect(What.PHONE_CERTIFICATE_ISSUED, after.holder, kind)


def _on(phone: Phone | None) -> frozenset[OrderedKind]:
    if phone is None or phone.state is PhoneState.ENDED:
        return frozenset()
    return frozenset(each.kind for each in phone.certificates if each.note in _HAVE)
