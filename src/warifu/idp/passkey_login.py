"""A login is answered by a passkey: what it becomes, and what is said of it."""

from dataclasses import replace
from datetime import datetime

from warifu.idp.answer import decision_again
from warifu.idp.assurance import Proofed
from warifu.idp.login import Answered, Login, Status
from warifu.idp.passkey import Passkey, told
from warifu.idp.passkey_answer import PasskeyAnswer
from warifu.idp.profile import Provider
from warifu.idp.secret import Secret


def find_passkey_decision(
    login: Login, answer: PasskeyAnswer, cookie: str | None, secret: Secret, now: datetime
) -> str | None:
    """None if this answer is yet to be checked; the decision token given before if it is a repetition.

    A passkey answers in the browser that began, and in no other: there is nothing to hand over.

    Raises:
        NotAllowed: another browser.
        ChallengeExpired: too late.
        AlreadyAnswered: another answer came before, or the login has ended.
    """
    login.check_browser(cookie)
    return decision_again(login, answer.hash, secret, now)


def complete_by_passkey(
    login: Login, answer: PasskeyAnswer, passkey: Passkey, proofed: Proofed | None, provider: Provider, now: datetime
) -> Login:
    """The login after a good answer: the person is known, and `openid` alone is shared.

    Raises:
        ChallengeExpired: too late.
        AlreadyAnswered: an answer came before.
        CardNeeded: it is not enough for what the client asks.
    """
    login.check_waits(now)
    assert provider.profile.passkeys is not None
    answered = Answered(
        answer.hash,
        None,
        now.replace(microsecond=0),
        ("openid",),
        {},
        told(login.request, passkey, provider.profile.passkeys),
        passkey.person,
        proofed,
    )
    return replace(login, status=Status.ANSWERED, answered=answered)
