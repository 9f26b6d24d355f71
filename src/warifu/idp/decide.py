"""The person decides, and the browser goes back to the client."""

import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from warifu.errors import AlreadyAnswered, NotAllowed
from warifu.idp.answer import decision_token
from warifu.idp.encoding import base64url
from warifu.idp.id_token import IdTokenSigner
from warifu.idp.login import Code, Login, Refusal, Status
from warifu.idp.profile import Provider
from warifu.idp.refusals import EXPIRED, refusal_of_reason
from warifu.idp.responding import response_url
from warifu.idp.secret import Secret, fingerprint
from warifu.idp.session import session_id
from warifu.idp.step_up import find_unmet
from warifu.ports import Entropy


@dataclass(frozen=True, slots=True)
class Callback:
    """Where the browser is sent, and the login as it is afterwards (with the code's hash when a code is in the URL)."""

    url: str = field(repr=False)
    login: Login


def new_person(entropy: Entropy) -> str:
    """A random number for a person never seen before; what ties renewed certificates together. Never leaves."""
    return str(UUID(bytes=entropy.bytes(16), version=4))


def new_subject(entropy: Entropy) -> str:
    """A random `sub` for one person at one client (pairwise; OpenID Connect Core §8.1).

    Random and stored, not derived: it survives a change of keys and can be reset for one client alone.
    """
    return str(UUID(bytes=entropy.bytes(16), version=4))


def check_allowed(login: Login, token: str, secret: Secret, now: datetime) -> None:
    """Check that whoever says "allow" is who answered.

    Raises:
        ChallengeExpired: too late.
        AlreadyAnswered: the login has been refused.
        NotAllowed: not answered yet, or another token.
    """
    login.check_open(now)
    if login.status is Status.REFUSED:
        raise AlreadyAnswered("this login has been refused")
    if login.answered is None or not hmac.compare_digest(decision_token(login, secret).encode(), token.encode()):
        raise NotAllowed("only who answered may allow")


def allow(login: Login, subject: str) -> Login:
    """The person consented: from now on the login has its subject. Repeating changes nothing."""
    if login.status is Status.ALLOWED:
        return login
    return replace(login, status=Status.ALLOWED, subject=subject)


def deny(login: Login, reason: str, now: datetime) -> Login:
    """The person, or the card, said no before the end. Repeating changes nothing.

    Raises:
        Malformed: an unknown reason.
        ChallengeExpired: too late.
        AlreadyAnswered: it has been allowed.
    """
    refusal = refusal_of_reason(reason)
    login.check_open(now)
    if login.status is Status.ALLOWED:
        raise AlreadyAnswered("this login has been allowed")
    if login.status is Status.REFUSED:
        return login
    return replace(login, status=Status.REFUSED, refusal=refusal, answered=None)


def callback(
    login: Login, cookie: str | None, secret: Secret, provider: Provider, signer: IdTokenSigner, now: datetime
) -> Callback:
    """Send the browser that began back to the client, with a code or with the reason why there is none.

    The code is derived, not drawn: a browser that lost the answer asks again and gets the same one, as long as it is
    neither spent nor too old.

    Raises:
        NotAllowed: another browser, or nothing is decided yet.
        AlreadyAnswered: the code has been used, or nobody used it in time.
    """
    login.check_browser(cookie)
    assert cookie is not None
    status = login.status_at(now)
    if status is Status.EXPIRED:
        members, kept = _error(login, EXPIRED), login
    elif status is Status.REFUSED:
        assert login.refusal is not None
        members, kept = _error(login, login.refusal), login
    elif status is Status.ALLOWED and (unmet := find_unmet(login, provider.profile)) is not None:
        members, kept = _error(login, unmet), login
    elif status is Status.ALLOWED:
        members, kept = _with_code(login, cookie, secret, provider, now)
    else:
        raise NotAllowed("the login is not decided yet")
    return Callback(response_url(login.request, members, provider, signer, now), kept)


def _with_code(
    login: Login, cookie: str, secret: Secret, provider: Provider, now: datetime
) -> tuple[dict[str, str], Login]:
    parts = (login.transaction.encode(), cookie.encode())
    code = base64url(secret.derive("code", *parts))
    kept = login.code or Code(fingerprint(code), now.replace(microsecond=0) + provider.profile.code_lifetime)
    if kept.spent or now >= kept.expires_at:
        raise AlreadyAnswered("this login is finished")
    # Modelled: session_state is an opaque UUID, as Keycloak's is; nothing else is known about it.
    members = {"state": login.request.state, "session_state": session_id(login.transaction), "code": code}
    return members, replace(login, code=kept)


def _error(login: Login, refusal: Refusal) -> dict[str, str]:
    return {"error": refusal.error, "error_description": refusal.description, "state": login.request.state}
