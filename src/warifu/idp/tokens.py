"""The token endpoint: a code becomes an access token and an ID token (RFC 6749 §4.1.3, RFC 7636 §4.6)."""

import hashlib
import hmac
import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from warifu.errors import OAuthRefused
from warifu.idp.assertion import ASSERTION_TYPE
from warifu.idp.client import Client
from warifu.idp.encoding import base64url, random_token
from warifu.idp.id_token import IdTokenSigner
from warifu.idp.login import Code, Login
from warifu.idp.parameters import Parameters
from warifu.idp.profile import Limit, Provider
from warifu.idp.secret import fingerprint
from warifu.ports import Entropy

GRANT_TYPE = "authorization_code"
_VERIFIER = re.compile(r"[0-9A-Za-z._~-]{43,128}")
_REDIRECT_URI = Limit(255, r"\x21-\x7E")


@dataclass(frozen=True, slots=True, repr=False)
class TokenRequest:
    """What the client sends once it has been identified."""

    code: str
    redirect_uri: str
    code_verifier: str

    @property
    def code_hash(self) -> bytes:
        """Under which the code is kept."""
        return fingerprint(self.code)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token as it is kept: its SHA-256 and what it opens. The claims live no longer than the token."""

    hash: bytes = field(repr=False)
    transaction: str = field(repr=False)
    client_id: str
    subject: str
    scopes: tuple[str, ...]
    claims: dict[str, str] = field(repr=False)
    expires_at: datetime
    revoked: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Grant:
    """The code was good: what to answer, and the token to keep."""

    response: dict[str, object]
    access_token: AccessToken


@dataclass(frozen=True, slots=True)
class Denial:
    """The code was not good. `revoke` tells to revoke every token that was ever given for it."""

    refusal: OAuthRefused
    revoke: bool = False


def client_assertion(form: Parameters) -> str:
    """The client's assertion, after the first look at the form.

    Raises:
        OAuthRefused: ``invalid_request`` without a grant_type (in Keycloak's words, which clients have seen),
            ``invalid_client`` without an assertion or with another way to authenticate.
    """
    if form.find("grant_type") is None:
        raise OAuthRefused("invalid_request", "Missing form parameter: grant_type")
    if form.find("client_assertion_type") != ASSERTION_TYPE:
        raise OAuthRefused("invalid_client", f"client_assertion_type must be {ASSERTION_TYPE}")
    assertion = form.find("client_assertion")
    if assertion is None:
        raise OAuthRefused("invalid_client", "parameter missing: client_assertion")
    return assertion


def check_client(form: Parameters, client: Client) -> None:
    """The form may repeat the client id and must then mean the authenticated client (RFC 7521 §4.2).

    Raises:
        OAuthRefused: ``invalid_client`` another client id, ``unauthorized_client`` suspended.
    """
    if form.find("client_id") not in (None, client.id):
        raise OAuthRefused("invalid_client", "client_id is not the assertion's")
    if not client.active:
        raise OAuthRefused("unauthorized_client", "the client is suspended")


def read(form: Parameters) -> TokenRequest:
    """Read the rest of the form.

    Raises:
        OAuthRefused: ``unsupported_grant_type``, or ``invalid_request`` for anything missing, repeated or malformed.
    """
    if form.read("grant_type") != GRANT_TYPE:
        raise OAuthRefused("unsupported_grant_type", f"grant_type must be {GRANT_TYPE}")
    verifier = form.read("code_verifier")
    if not _VERIFIER.fullmatch(verifier):
        raise OAuthRefused("invalid_request", "parameter too long or malformed: code_verifier")
    code = form.read_within("code", Limit(255, r"\x21-\x7E"))
    return TokenRequest(code, form.read_within("redirect_uri", _REDIRECT_URI), verifier)


def redeem(
    request: TokenRequest,
    client: Client,
    login: Login | None,
    provider: Provider,
    signer: IdTokenSigner,
    now: datetime,
    entropy: Entropy,
) -> Grant | Denial:
    """Decide over a code. `login` is the one the code belongs to, if any, with `code.spent` as it was before.

    Whoever presents a code spends it, also when another check fails: a stolen code can be tried once.
    """
    if login is None or login.code is None:
        return _deny("the code is unknown")
    if login.code.spent:
        # A second use means that somebody else has the code: whatever the first use gave is taken back
        # (RFC 6749 §4.1.2).
        return Denial(OAuthRefused("invalid_grant", "the code has been used before"), revoke=True)
    fault = _find_fault(request, client, login, login.code, now)
    if fault is not None:
        return _deny(fault)
    return _grant(login, provider, signer, now, entropy)


def _find_fault(request: TokenRequest, client: Client, login: Login, code: Code, now: datetime) -> str | None:
    asked = login.request
    if asked.client_id != client.id:
        return "the code belongs to another client"
    if asked.redirect_uri != request.redirect_uri:
        return "redirect_uri is not that of the authorization request"
    challenge = base64url(hashlib.sha256(request.code_verifier.encode()).digest())
    if not hmac.compare_digest(challenge, asked.code_challenge):
        return "code_verifier does not match code_challenge"
    if now >= code.expires_at:
        return "the code has expired"
    return None


def _grant(login: Login, provider: Provider, signer: IdTokenSigner, now: datetime, entropy: Entropy) -> Grant:
    assert login.answered is not None
    assert login.subject is not None
    token = random_token(entropy)
    lifetime = provider.profile.access_token_lifetime
    kept = AccessToken(
        fingerprint(token),
        login.transaction,
        login.request.client_id,
        login.subject,
        login.answered.scopes,
        login.answered.claims,
        now.replace(microsecond=0) + lifetime,
    )
    response: dict[str, object] = {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": int(lifetime.total_seconds()),
        "scope": " ".join(kept.scopes),
        "id_token": signer.issue(login, token, provider, now),
    }
    return Grant(response, kept)


def without_claims(login: Login) -> Login:
    """The login after its code was presented: the claims have moved to the access token or are gone."""
    assert login.answered is not None
    assert login.code is not None
    return replace(login, answered=replace(login.answered, claims={}), code=replace(login.code, spent=True))


def _deny(description: str) -> Denial:
    return Denial(OAuthRefused("invalid_grant", description))
