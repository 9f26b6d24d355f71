"""How a session of somebody at a client ends, and how the client is told.

Each login at a client is one session there: the provider keeps none of its own, for every login asks for the card. It
ends when the client sends the browser to be logged out (OpenID Connect RP-Initiated Logout 1.0), when the person takes
their consent back or is given another subject, when the certificate of the login turns out to be revoked, and when a
code or refresh token was used twice. Then its tokens are worth nothing, and a client that registered an address for it
is told by the provider's server (OpenID Connect Back-Channel Logout 1.0).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.serialization import load_der_public_key
from joserfc.jwk import ECKey

from warifu.errors import Malformed, OAuthRefused
from warifu.idp.client import Client
from warifu.idp.encoding import random_token
from warifu.idp.id_token import IdTokenSigner
from warifu.idp.jose import SignedJwt
from warifu.idp.key_schedule import LOGOUT_TOKEN_LIFETIME
from warifu.idp.login import Login
from warifu.idp.parameters import Parameters
from warifu.idp.profile import Limit, Provider
from warifu.idp.session import session_id
from warifu.ports import Entropy

__all__ = [
    "LOGOUT_EVENT",
    "ClientSession",
    "LogoutRequest",
    "check_return",
    "logout_token",
    "read_logout",
    "session_of",
]

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LONGEST_HINT = 8192
_URI = Limit(255, r"\x21-\x7E")
_STATE = Limit(255, r"\x20-\x7E")


@dataclass(frozen=True, slots=True)
class ClientSession:
    """Somebody's session at a client. Wire: `sid` in ID and logout tokens, `session_state` in the callback."""

    sid: str
    transaction: str = field(repr=False)
    client_id: str
    subject: str
    certificate_hash: bytes | None = field(repr=False)
    authenticated_at: datetime
    acr: str
    ended: bool = False


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """Who is to be logged out where, and where the browser goes then (None: it stays with us)."""

    client_id: str
    subject: str
    sid: str
    return_to: str | None
    state: str | None


def session_of(login: Login) -> ClientSession:
    """The session that a login, whose code is being redeemed, begins."""
    answered, asked = login.answered, login.request
    assert answered is not None
    assert login.subject is not None
    sid, by = session_id(login.transaction), answered.certificate_hash
    return ClientSession(
        sid, login.transaction, asked.client_id, login.subject, by, answered.at, answered.assurance.acr
    )


def logout_token(
    session: ClientSession, provider: Provider, signer: IdTokenSigner, now: datetime, entropy: Entropy
) -> str:
    """What the client's server is told: this session is over (Back-Channel Logout 1.0 §2.4). Never with a nonce."""
    issued_at = int(now.timestamp())
    claims: dict[str, object] = {
        "iss": provider.issuer,
        "sub": session.subject,
        "aud": session.client_id,
        "iat": issued_at,
        "exp": issued_at + int(LOGOUT_TOKEN_LIFETIME.total_seconds()),
        "jti": random_token(entropy),
        "events": {LOGOUT_EVENT: {}},
        "sid": session.sid,
    }
    return signer.sign(claims, "logout+jwt")


def read_logout(parameters: Parameters, keys: Iterable[bytes], provider: Provider) -> LogoutRequest:
    """Read what a browser brings to be logged out; `keys` are all that ever signed and were not withdrawn.

    The ID token shows who is asking: whoever has it is the client or the person. It may have expired (RP-Initiated
    Logout 1.0 §2), and none is taken on the word of a cookie alone.

    Raises:
        OAuthRefused: ``invalid_request``: no ID token of ours, another client's, or a parameter malformed.
    """
    hint = parameters.find("id_token_hint")
    if hint is None:
        raise OAuthRefused("invalid_request", "id_token_hint is required: there is no session to end without it")
    try:
        token = SignedJwt.decode(hint, _LONGEST_HINT, "ID token")
    except Malformed as fault:
        raise OAuthRefused("invalid_request", str(fault)) from None
    good = token.header.get("typ") in (None, "JWT") and token.claims.get("iss") == provider.issuer
    names = [token.claims.get(name) for name in ("aud", "sub", "sid")]
    if not good or token.find_signer(map(_key, keys), provider.profile.id_token_algorithm) is None:
        raise OAuthRefused("invalid_request", "id_token_hint is no ID token of this provider")
    if not all(isinstance(name, str) for name in names):
        raise OAuthRefused("invalid_request", "id_token_hint names no session")
    client_id, subject, sid = map(str, names)
    if parameters.find("client_id") not in (None, client_id):
        raise OAuthRefused("invalid_request", "client_id is not that of the ID token")
    return_to = parameters.find_within("post_logout_redirect_uri", _URI)
    return LogoutRequest(client_id, subject, sid, return_to, parameters.find_within("state", _STATE))


def check_return(request: LogoutRequest, client: Client | None) -> None:
    """Check where the browser wants to go afterwards: nowhere, or to a registered address, to the letter.

    Raises:
        OAuthRefused: ``invalid_request``; the browser stays with us (RP-Initiated Logout 1.0 §3).
    """
    registered = () if client is None else client.post_logout_redirect_uris
    if request.return_to is not None and request.return_to not in registered:
        raise OAuthRefused("invalid_request", "post_logout_redirect_uri is not registered for this client")


def _key(public_key_info: bytes) -> ECKey:
    return ECKey.import_key(load_der_public_key(public_key_info))  # type: ignore[arg-type]
