"""The hotline: one calls it day and night, and what was lost is out of use before anybody can use it.

J-LIS takes the calls (番号法 第17条第9項; カード命令 第23条の2第4号: a report of loss by telephone, as far as it is
about suspending). The caller says a name, a birth date and an address; the clerk types them, and the machine says
whether they are somebody's, never what they should have been. Then the clerk chooses what was lost, card or phone or
both, of what the person has; nothing else of the person is shown there. A suspension is never refused because a
certificate has ended, and asked for twice it is one.

The hotline only suspends. A card comes back at its municipality's window (`card_loss.note_found`), a phone by its
holder in the app (`phone_certificates.lift_phone_hold`), neither by another call. Every call is an entry of the log,
also one by somebody nobody knew.

Sources: www2.jpki.go.jp/procedure/lost.html (365 days, 24 hours; card and phone), municipalities' pages (not lifted by
telephone). Modelled: what callers are asked for; nothing public says it.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from warifu.errors import NotAllowed
from warifu.person import BasicAttributes
from warifu.registry.card_change import HOTLINE, check_desk, take_step
from warifu.registry.card_record import Card, CardHolder, CardState, CardStep
from warifu.registry.change import Act, ActKind, Change, LogEntry
from warifu.registry.phone_certificates import Phone, PhoneState, hold_phone
from warifu.registry.roles import Sight

_COMPARED = frozenset({Sight.NAME, Sight.BIRTH_DATE, Sight.ADDRESS})


class Medium(Enum):
    """What the caller lost; both may be said."""

    CARD = "card"
    PHONE = "phone"


@dataclass(frozen=True, slots=True, repr=False)
class Claims:
    """What a caller says: name, address and birth date (YYYYMMDD), as the clerk typed them."""

    name: str
    birth_date: str
    address: str

    def __repr__(self) -> str:
        return "Claims(not shown)"


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it is kept: its act's id, and whom the claims fitted; None if nobody, or more than one."""

    id: str
    holder: str | None


@dataclass(frozen=True, slots=True)
class OnFile:
    """All that the hotline's clerk sees of a person: what there is to suspend, and whether that is done already."""

    cards: dict[str, CardState] = field(default_factory=dict)
    phones: dict[str, PhoneState] = field(default_factory=dict)


Media: TypeAlias = Card | Phone


def take_call(act: Act, claims: Claims, candidates: Iterable[CardHolder]) -> tuple[Call, Change[Media]]:
    """Compare what the caller says with `candidates`, who may be any number of people; keep the call either way.

    Twins and namesakes are told apart by the three together; where two remain, nobody is suspended by guessing.

    Raises:
        NotAllowed: this is not the hotline's desk.
    """
    check_desk(act, HOTLINE)
    fitting = [each.id for each in candidates if _fits(claims, each.attributes)]
    holder = fitting[0] if len(fitting) == 1 else None
    what = ActKind.LOOK if holder else ActKind.REFUSED_LOOK
    who = (holder,) if holder else ()
    seen = _COMPARED if holder else frozenset()
    entry = LogEntry(act.id, act.at, act.clerk, what, who, seen, "hotline: call")
    return Call(act.id, holder), Change((), (), (entry,))


def show_on_file(call: Call, cards: Iterable[Card], phones: Iterable[Phone]) -> OnFile:
    """What of the caller's can be suspended or is so already; ended cards and phones are nobody's business here.

    Raises:
        NotAllowed: the caller is not known.
    """
    holder = _known(call)
    living = {card.id: card.state for card in cards if card.holder == holder and card.state in _IN_HANDS}
    ringing = {phone.id: phone.state for phone in phones if phone.holder == holder and phone.state is not _GONE}
    return OnFile(living, ringing)


def suspend(
    act: Act, call: Call, media: frozenset[Medium], cards: Iterable[Card], phones: Iterable[Phone]
) -> Change[Media]:
    """Suspend what the caller lost (一時停止).

    Raises:
        NotAllowed: another desk, an unknown caller, nothing was said to be lost, or there is nothing of that kind.
    """
    check_desk(act, HOTLINE)
    holder = _known(call)
    mine = [card for card in cards if card.holder == holder and card.state in _IN_HANDS]
    ringing = [phone for phone in phones if phone.holder == holder and phone.state is not _GONE]
    if not media:
        raise NotAllowed("the caller says what was lost")
    if (Medium.CARD in media and not mine) or (Medium.PHONE in media and not ringing):
        raise NotAllowed("there is nothing of that kind to suspend")
    held = [take_step(act, card, CardStep.SUSPENDED, f"call {call.id}") for card in mine if Medium.CARD in media]
    silent = [hold_phone(act, phone) for phone in ringing if Medium.PHONE in media]
    changes: list[Change[Media]] = [*held, *silent]
    return Change(
        tuple(record for change in changes for record in change.records),
        tuple(message for change in changes for message in change.messages),
        tuple(entry for change in changes for entry in change.entries) or (_nothing_new(act, call, holder),),
    )


_IN_HANDS = frozenset({CardState.IN_FORCE, CardState.HELD, CardState.LOST})
_GONE = PhoneState.ENDED


def _known(call: Call) -> str:
    if call.holder is None:
        raise NotAllowed("the caller is not known")
    return call.holder


def _nothing_new(act: Act, call: Call, holder: str) -> LogEntry:
    purpose = f"hotline: suspended already, call {call.id}"
    return LogEntry(act.id, act.at, act.clerk, ActKind.CARD, (holder,), frozenset(), purpose)


def _fits(claims: Claims, known: BasicAttributes) -> bool:
    """Whether all three fit; widths of letters and spaces, which nobody hears on a telephone, do not count."""
    said = (claims.name, claims.birth_date, claims.address)
    return [_heard(each) for each in said] == [
        _heard(each) for each in (known.name.text, known.birth_date.digits, known.address.text)
    ]


def _heard(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
