"""Who may answer a login, and where it ends.

Answers come from the browser that began, with a companion beside it, or from the phone that has been handed the login.
The companion has the browser's Origin header signed; the phone knows of no page and signs for the provider it trusts.
So what a phone answers says nothing about the page that its holder looks at; that is why it has to end in that
device's own browser wherever relaying is to be shut out.
"""

import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from warifu.errors import DigitsAwaited, NotAllowed, OtherBrowser
from warifu.idp.encoding import base64url
from warifu.idp.hand_over import HandOver
from warifu.idp.login import Login, Status
from warifu.idp.profile import Profile
from warifu.idp.secret import Secret, fingerprint

__all__ = ["Answering", "Side", "answering_side", "assured", "check_end", "finish_token"]


class Side(Enum):
    """Who answers."""

    BROWSER = "browser"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Answering:
    """What whoever answers shows of themselves: the login's cookie, or the token of a phone."""

    cookie: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)


def answering_side(login: Login, hand_over: HandOver | None, shown: Answering) -> Side:
    """Who this is, if they may see and answer this login.

    In a login that is not strong whoever knows the transaction counts as the browser's side: it is told to nobody but
    the browser that began and a phone whose digits were typed. `hand_over` is missing in logins of an earlier version.

    Raises:
        HandOverEnded: a phone from which the login was taken away.
        DigitsAwaited: a phone whose digits have not been typed.
        NotAllowed: a strong login, and neither its browser nor its phone.
    """
    if shown.token is not None and hand_over is not None:
        hand_over.check_phone(shown.token)
        if not hand_over.ready:
            raise DigitsAwaited
        return Side.PHONE
    if hand_over is not None and hand_over.strong:
        login.check_browser(shown.cookie)
    return Side.BROWSER


def assured(login: Login, hand_over: HandOver | None, profile: Profile) -> Login:
    """The answered login, saying of itself that it could not be relayed if it was a strong one and that was asked for.

    `acr` names the first such value of the request; a client that did not ask sees the level it always sees.
    """
    asked = [value for value in login.request.acr_values if value in profile.phishing_resistant_acr]
    if login.answered is None or hand_over is None or not hand_over.strong or not asked:
        return login
    answered = login.answered
    return replace(login, answered=replace(answered, assurance=replace(answered.assurance, acr=asked[0])))


def finish_token(login: Login, secret: Secret) -> str:
    """What the phone's app gives to the browser of its device when the person has agreed."""
    assert login.answered is not None
    return base64url(secret.derive("finish", login.transaction.encode(), login.answered.answer_hash))


def check_end(
    login: Login, hand_over: HandOver | None, cookie: str | None, token: str | None, secret: Secret, now: datetime
) -> None:
    """Check that a login with a code to give ends where it should: in the browser that began, on the phone's device.

    Raises:
        OtherBrowser: the right token in a browser that did not begin this login: it was relayed.
        NotAllowed: another browser, or the one that began before the phone's app sent it here.
    """
    if hand_over is None or not hand_over.ends_on_same_device or login.status_at(now) is not Status.ALLOWED:
        return
    presented = fingerprint(token or "")
    right = hmac.compare_digest(presented, fingerprint(finish_token(login, secret)))
    try:
        login.check_browser(cookie)
    except NotAllowed:
        if right:
            raise OtherBrowser from None
        raise
    if not right:
        raise NotAllowed("this login ends where the phone leads to")
