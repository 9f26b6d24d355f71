"""Setting one JPKI password anew without a window: an app and a kiosk, for who still knows the other one.

At home the app reads the card, has the other PIN verified by the card and compares the holder's face with the picture
on it; that is good for 24 hours. At a kiosk in a shop, between half past six and eleven at night, the card verifies the
other PIN once more and takes the new password. The certificates stay as they are. Who knows neither goes to the window,
and so does who wants a text or resident register PIN anew.

Source: J-LIS, JPKI暗証番号リセットサービス (利用規約, FAQ at jpki.go.jp); the hours and the 24 hours: municipalities'
pages. Modelled: the two steps as messages.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from warifu.errors import NotAllowed
from warifu.messages import OrderedKind
from warifu.registry.card_change import JLIS, check_desk, take_step, was_done
from warifu.registry.card_record import Card, CardState, CardStep, CertificateNote
from warifu.registry.card_validity import JST
from warifu.registry.change import Act, Change
from warifu.registry.delivery import CardPin

RESERVED_FOR: Final = timedelta(hours=24)
OPENS, CLOSES = time(6, 30), time(23)
_OTHER: Final = {CardPin.SIGNING: CardPin.AUTHENTICATION, CardPin.AUTHENTICATION: CardPin.SIGNING}


@dataclass(frozen=True, slots=True)
class PinReset:
    """What the app reserved: which PIN of which card, until when (UTC, aware)."""

    card: str
    pin: CardPin
    until: datetime


def reserve_reset(act: Act, card: Card, pin: CardPin, *, verified: CardPin, face_matches: bool) -> PinReset:
    """Reserve a reset with the app; `verified` is the PIN that the card has just verified.

    Raises:
        NotAllowed: not a PIN for which there is a kiosk, not the other PIN, another face, or a certificate or the card
            is not in use.
    """
    check_desk(act, JLIS)
    _check_pins(pin, verified)
    if not face_matches:
        raise NotAllowed("the face is not the one on the card")
    _check_usable(act, card)
    return PinReset(card.id, pin, act.at + RESERVED_FOR)


def reset_at_kiosk(act: Act, reset: PinReset, card: Card, *, verified: CardPin) -> Change[Card]:
    """Note that the holder set the reserved PIN at a kiosk.

    Raises:
        NotAllowed: another card, too late, outside of the hours, not the other PIN, or not in use any more.
    """
    if was_done(act, [card]):
        return Change()
    check_desk(act, JLIS)
    if reset.card != card.id:
        raise NotAllowed("the reset was reserved for another card")
    if act.at > reset.until:
        raise NotAllowed("the reset was reserved for twenty-four hours")
    if not OPENS <= act.at.astimezone(JST).time() < CLOSES:
        raise NotAllowed("kiosks work from half past six in the morning until eleven in the evening")
    _check_pins(reset.pin, verified)
    _check_usable(act, card)
    return take_step(act, card, CardStep.PIN_RESET_AT_KIOSK, reset.pin.value)


def _check_pins(pin: CardPin, verified: CardPin) -> None:
    if pin not in _OTHER:
        raise NotAllowed("this PIN is set anew at the window only")
    if verified is not _OTHER[pin]:
        raise NotAllowed("one password is set anew by who knows the other")


def _check_usable(act: Act, card: Card) -> None:
    if card.state is not CardState.IN_FORCE or card.has_expired(act.today):
        raise NotAllowed("the card is not in force")
    if not card.pins:
        raise NotAllowed("a face-verification card has no PINs")
    for kind in OrderedKind:
        known = card.certificate(kind)
        if known is None or known.note is not CertificateNote.ON_CARD or known.not_after is None:
            raise NotAllowed("both certificates are on the card")
        if known.not_after < act.at:
            raise NotAllowed("a certificate on the card has expired")
