"""A login is handed over from the browser that began it to the phone that has the card.

::

                    ┌── the code is read ──> SCANNED ──six digits typed in the browser──> READY
    OPEN ───────────┤                           └── too many wrong digits ──> OVER
      ▲             └── the link is opened on the same device ──────────────────────> READY
      └── a new code: the one before is dead, and so is the phone that had read it

    Two ways lead to a phone, and each has its own secret in an address. The *code* (二次元コード) is read from another
    screen: the phone then shows six digits, which the person types where the code was. That ties the phone to *a*
    page, not to the page of this provider: who relays the page relays code and digits, too. The *link* opens the
    phone's app on the device with the browser. What is answered by that way ends in the browser that began and
    nowhere else: the app gives that device's browser a last token, and it counts with the login's cookie only. A
    *strong* login (`HandOver.strong`) has no code at all.

Secrets are derived from the login and its cookie, so that a page drawn again shows the same ones; what is stored are
hashes.

Modelled: that the code expires and can be renewed, and that six digits travel from the phone to the page, is public
(the steps that the University of Tokyo describes for its users); for how long, how often, and what happens at wrong
digits is not.
"""

import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from warifu.errors import AlreadyAnswered, HandOverEnded, NotAllowed
from warifu.idp.client import Client
from warifu.idp.encoding import base64url, random_token
from warifu.idp.hand_over_digits import Digits, Drawn, draw
from warifu.idp.login import AuthorizationRequest, Login
from warifu.idp.profile import Profile
from warifu.idp.secret import Secret, fingerprint
from warifu.ports import Entropy

__all__ = [
    "HandOver",
    "HandOverStage",
    "Taken",
    "Way",
    "begin_hand_over",
    "code_secret",
    "link_secret",
    "renew_code",
    "resists_phishing",
    "take",
    "way_of",
]


class Way(Enum):
    """How a phone came to a login. Wire: the value."""

    CODE = "code"
    SAME_DEVICE = "same_device"


class HandOverStage(Enum):
    """How far a hand-over is, for the page that waits. Wire: the value."""

    OPEN = "open"
    CODE_EXPIRED = "code_expired"
    SCANNED = "scanned"
    READY = "ready"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class HandOver:
    """The hand-over of one login; `codes` counts those shown so far, `wrong` the wrong digits under all of them.

    `phone_hash` is the SHA-256 of the token of the phone that has it, `ready` says that this phone may go on, and
    `answered` that the login's answer is its.
    """

    transaction: str = field(repr=False)
    strong: bool
    expires_at: datetime
    link_hash: bytes
    code_hash: bytes | None
    code_expires_at: datetime
    codes: int = 1
    way: Way | None = None
    phone_hash: bytes | None = None
    digits: Digits | None = None
    wrong: int = 0
    ready: bool = False
    answered: bool = False

    @property
    def has_code(self) -> bool:
        """Whether there may be a code to read from another screen: never in a strong login."""
        return not self.strong and self.code_hash is not None

    def stage_at(self, profile: Profile, now: datetime) -> HandOverStage:
        """How far it is at `now`."""
        if self.ready:
            return HandOverStage.READY
        if self.wrong >= profile.digits_tries:
            return HandOverStage.OVER
        if self.phone_hash is not None:
            return HandOverStage.SCANNED
        return HandOverStage.OPEN if now < self.code_expires_at else HandOverStage.CODE_EXPIRED

    def check_phone(self, token: str) -> None:
        """Refuse every phone but the one that has this hand-over.

        Raises:
            HandOverEnded: another code has been shown since, or another phone has it.
        """
        if self.phone_hash is None or not hmac.compare_digest(fingerprint(token), self.phone_hash):
            raise HandOverEnded("the login is no longer with this phone")

    @property
    def ends_on_same_device(self) -> bool:
        """Whether the browser needs the last token from the phone's app to finish."""
        return self.answered and self.way is Way.SAME_DEVICE


@dataclass(frozen=True, slots=True, repr=False)
class Taken:
    """What a phone is given that has taken a login over: its token, and the digits to show if it read a code."""

    token: str
    way: Way
    drawn: Drawn | None


def resists_phishing(request: AuthorizationRequest, client: Client, profile: Profile) -> bool:
    """Whether a login has to be one that cannot be relayed: the provider, the client or the request wants it."""
    asked = set(profile.phishing_resistant_acr) & set(request.acr_values)
    return profile.phishing_resistant or client.phishing_resistant or bool(asked)


def begin_hand_over(
    login: Login, cookie: str, client: Client, profile: Profile, secret: Secret, now: datetime
) -> HandOver:
    """The hand-over of a login that has just begun."""
    strong = resists_phishing(login.request, client, profile)
    return HandOver(
        login.transaction,
        strong,
        login.expires_at,
        fingerprint(link_secret(login.transaction, cookie, secret)),
        None if strong else fingerprint(_code(login.transaction, cookie, 1, secret)),
        _code_ends(login.expires_at, profile, now),
    )


def link_secret(transaction: str, cookie: str, secret: Secret) -> str:
    """What opens the phone's app on the device of the browser with this cookie."""
    return base64url(secret.derive("hand-over link", transaction.encode(), cookie.encode()))


def code_secret(hand_over: HandOver, cookie: str, secret: Secret, now: datetime) -> str | None:
    """What the code shows now, or None where there is none: it has expired, was read, or the login is a strong one."""
    if not hand_over.has_code or hand_over.phone_hash is not None or now >= hand_over.code_expires_at:
        return None
    return _code(hand_over.transaction, cookie, hand_over.codes, secret)


def renew_code(hand_over: HandOver, cookie: str, profile: Profile, secret: Secret, now: datetime) -> HandOver:
    """Show another code; the one before, and the phone that had read it, are out.

    Raises:
        NotAllowed: a strong login has no code.
        AlreadyAnswered: a phone's answer was taken.
        HandOverEnded: too many wrong digits, or too many codes.
    """
    if not hand_over.has_code:
        raise NotAllowed("this login is not handed over by a code")
    if hand_over.answered:
        raise AlreadyAnswered("this login has been answered")
    if hand_over.wrong >= profile.digits_tries or hand_over.codes >= profile.codes:
        raise HandOverEnded("this login has no more codes")
    count = hand_over.codes + 1
    return replace(
        hand_over,
        code_hash=fingerprint(_code(hand_over.transaction, cookie, count, secret)),
        code_expires_at=_code_ends(hand_over.expires_at, profile, now),
        codes=count,
        way=None,
        phone_hash=None,
        digits=None,
        ready=False,
    )


def take(
    hand_over: HandOver, presented: str, profile: Profile, secret: Secret, entropy: Entropy, now: datetime
) -> tuple[HandOver, Taken]:
    """Give the login to the phone that presents the secret of a code or link.

    A code is good for one phone. A link may be opened again, for it was shown on the same device; the last one has it.

    Raises:
        HandOverEnded: the code has expired, another one was shown, or a phone has read it.
        AlreadyAnswered: a phone's answer was taken.
    """
    way = way_of(hand_over, presented)
    if hand_over.answered:
        raise AlreadyAnswered("this login has been answered")
    token = random_token(entropy)
    held = replace(hand_over, way=way, phone_hash=fingerprint(token), digits=None, ready=way is Way.SAME_DEVICE)
    if way is Way.SAME_DEVICE:
        return held, Taken(token, way, None)
    _check_unread(hand_over, profile, now)
    digits, drawn = draw(held.transaction, 0, profile, secret, entropy, now)
    return replace(held, digits=digits), Taken(token, way, drawn)


def way_of(hand_over: HandOver, presented: str) -> Way:
    """Which of the two secrets this is.

    Raises:
        HandOverEnded: neither; another code was shown since.
    """
    if hmac.compare_digest(fingerprint(presented), hand_over.link_hash):
        return Way.SAME_DEVICE
    if hand_over.has_code and hmac.compare_digest(fingerprint(presented), hand_over.code_hash or b""):
        return Way.CODE
    raise HandOverEnded("this code is an old one")


def _check_unread(hand_over: HandOver, profile: Profile, now: datetime) -> None:
    if hand_over.phone_hash is not None:
        raise HandOverEnded("a phone has read this code already")
    if now >= hand_over.code_expires_at or hand_over.wrong >= profile.digits_tries:
        raise HandOverEnded("this code has expired")


def _code(transaction: str, cookie: str, count: int, secret: Secret) -> str:
    return base64url(secret.derive("hand-over code", transaction.encode(), cookie.encode(), str(count).encode()))


def _code_ends(login_ends: datetime, profile: Profile, now: datetime) -> datetime:
    return min(login_ends, now.replace(microsecond=0) + profile.code_shown_lifetime)
