"""The digits are typed in the browser, or shown anew on the phone."""

import hmac
from dataclasses import replace
from datetime import datetime

from warifu.errors import DigitsExpired, HandOverEnded, HandOverRefused, NotAllowed, WrongDigits
from warifu.idp.hand_over import HandOver, Way
from warifu.idp.hand_over_digits import Drawn, digits_hash, draw
from warifu.idp.profile import Profile
from warifu.idp.secret import Secret
from warifu.ports import Entropy

__all__ = ["renew_digits", "type_digits"]


def type_digits(
    hand_over: HandOver, typed: str, profile: Profile, secret: Secret, now: datetime
) -> tuple[HandOver, HandOverRefused | None]:
    """The hand-over after somebody typed digits in the browser that began; the second value is to be raised.

    It is not raised here, because a wrong try has to be kept first. Digits whose time is over are not compared and
    count as no try; typing the right ones again changes nothing.

    Raises:
        HandOverEnded: too many were wrong.
        NotAllowed: no phone has read the code.
        DigitsExpired: the phone has to ask for others.
    """
    if hand_over.wrong >= profile.digits_tries:
        raise HandOverEnded("too many wrong digits")
    kept = hand_over.digits
    if hand_over.way is not Way.CODE or kept is None:
        raise NotAllowed("no phone has read the code yet")
    if not hand_over.ready and now >= kept.expires_at:
        raise DigitsExpired
    if hmac.compare_digest(kept.hash, digits_hash(hand_over.transaction, typed, secret)):
        return replace(hand_over, ready=True), None
    if hand_over.ready:
        raise NotAllowed("the digits have been typed")
    return _after_wrong(hand_over, profile)


def _after_wrong(hand_over: HandOver, profile: Profile) -> tuple[HandOver, HandOverRefused]:
    wrong = hand_over.wrong + 1
    left = profile.digits_tries - wrong
    if left > 0:
        return replace(hand_over, wrong=wrong), WrongDigits(left)
    ended = replace(hand_over, wrong=wrong, way=None, phone_hash=None, digits=None)
    return ended, HandOverEnded("too many wrong digits")


def renew_digits(
    hand_over: HandOver, token: str, profile: Profile, secret: Secret, entropy: Entropy, now: datetime
) -> tuple[HandOver, Drawn]:
    """Other digits for the phone that has the login; those before are out.

    Raises:
        HandOverEnded: the login is no longer with this phone, or it has been shown as many as it may.
        NotAllowed: they have been typed already, or this phone needs none.
    """
    hand_over.check_phone(token)
    if hand_over.ready or hand_over.digits is None:
        raise NotAllowed("no digits are waited for")
    digits, drawn = draw(hand_over.transaction, hand_over.digits.drawn, profile, secret, entropy, now)
    return replace(hand_over, digits=digits), drawn
