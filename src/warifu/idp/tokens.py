"""The token endpoint: a code or a refresh token becomes an access token and an ID token.

Source: RFC 6749 §4.1.3 and §6, RFC 7636 §4.6, RFC 9449 §5.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from warifu.errors import OAuthRefused
from warifu.idp.assertion import ASSERTION_TYPE
from warifu.idp.client import Client
from warifu.idp.encoding import base64url, random_token
from warifu.idp.id_token import IdTokenSigner, Session
from warifu.idp.login import Code, Login
from warifu.idp.parameters import Parameters
from warifu.idp.profile import Limit, Offer, Provider
from warifu.idp.proof import Proof
from warifu.idp.refresh import (
    REFRESH_GRANT,
    RefreshRequest,
    RefreshToken,
    find_fault,
    first_refresh_token,
    read_refresh,
    refreshed_scopes,
    renewed,
)
from warifu.idp.secret import fingerprint
from warifu.ports import Entropy

GRANT_TYPE = "authorization_code"
CLIENT_CREDENTIALS = "client_credentials"
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
    """An access token as it is kept: its SHA-256 and what it opens. The claims live no longer than the token.

    With a `key_thumbprint` only the holder of that key may use it (RFC 9449 §6).
    """

    hash: bytes = field(repr=False)
    transaction: str = field(repr=False)
    client_id: str
    subject: str
    scopes: tuple[str, ...]
    claims: dict[str, str] = field(repr=False)
    expires_at: datetime
    revoked: bool = False
    key_thumbprint: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Grant:
    """The code or refresh token was good: what to answer, and the tokens to keep."""

    response: dict[str, object]
    access_token: AccessToken
    refresh_token: RefreshToken | None = None


@dataclass(frozen=True, slots=True)
class Denial:
    """It was not good. `revoke` tells to revoke every token that ever came from the same login."""

    refusal: OAuthRefused
    revoke: bool = False


def client_assertion(form: Parameters, *, grant: bool = True) -> str:
    """The client's assertion, after the first look at the form; `grant` where it must ask for one.

    Raises:
        OAuthRefused: ``invalid_request`` without a grant_type (in Keycloak's words, which clients have seen),
            ``invalid_client`` without an assertion or with another way to authenticate.
    """
    if grant and form.find("grant_type") is None:
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


def check_proved(proof: Proof | None, provider: Provider) -> str | None:
    """The thumbprint of the key that the tokens will be for; None where they are for whoever has them.

    Raises:
        OAuthRefused: ``invalid_dpop_proof``, no proof where tokens are for holders of keys only.
    """
    offered = provider.profile.sender_constrained
    if offered is Offer.REQUIRED and proof is None:
        raise OAuthRefused("invalid_dpop_proof", "a DPoP proof is required")
    return None if proof is None or offered is Offer.NONE else proof.key_thumbprint


def read(form: Parameters, provider: Provider) -> TokenRequest | RefreshRequest:
    """Read the rest of the form.

    Raises:
        OAuthRefused: ``unsupported_grant_type``, or ``invalid_request`` for anything missing, repeated or malformed.
    """
    granted = form.read("grant_type")
    if granted == REFRESH_GRANT and provider.profile.refresh_token_lifetime is not None:
        return read_refresh(form)
    if granted != GRANT_TYPE:
        raise OAuthRefused("unsupported_grant_type", f"grant_type must be {' or '.join(grant_types(provider))}")
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
    *,
    key_thumbprint: str | None = None,
) -> Grant | Denial:
    """Decide over a code. `login` is the one the code belongs to, if any, with `code.spent` as it was before.

    Whoever presents a code spends it, also when another check fails: a stolen code can be tried once.
    `key_thumbprint` names the key that the client proved to hold, for which the tokens will be.
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
    if login.request.key_thumbprint not in (None, key_thumbprint):
        return _deny("the code was asked for by the holder of another key")
    return _grant(login, provider, signer, now, entropy, key_thumbprint)


def redeem_refresh(
    request: RefreshRequest,
    client: Client,
    kept: RefreshToken | None,
    provider: Provider,
    signer: IdTokenSigner,
    now: datetime,
    entropy: Entropy,
    *,
    key_thumbprint: str | None = None,
) -> Grant | Denial:
    """Decide over a refresh token; `kept` is what is known of it, with `spent` as it was before."""
    if kept is None:
        return _deny("the refresh token is unknown")
    if kept.spent:
        return Denial(OAuthRefused("invalid_grant", "the refresh token has been used before"), revoke=True)
    fault = find_fault(kept, client, now)
    if fault is not None:
        return _deny(fault)
    try:
        scopes = refreshed_scopes(request, kept)
    except OAuthRefused as refusal:
        return Denial(refusal)
    opened = _Opened(kept.transaction, kept.client_id, kept.subject, scopes, {})
    refresh = renewed(kept, provider, entropy)
    return _opened(opened, kept.session, refresh, provider, signer, now, entropy, key_thumbprint)


def asks_for_service(form: Parameters, provider: Provider) -> str | None:
    """The grant type, where the client asks for a token of its own and such are given; else None (RFC 6749 §4.4)."""
    granted = form.read("grant_type")
    return granted if granted == CLIENT_CREDENTIALS and provider.profile.signing is not None else None


def grant_types(provider: Provider) -> tuple[str, ...]:
    """What may be exchanged for tokens."""
    refreshed = () if provider.profile.refresh_token_lifetime is None else (REFRESH_GRANT,)
    own = () if provider.profile.signing is None else (CLIENT_CREDENTIALS,)
    return (GRANT_TYPE, *refreshed, *own)


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


def _grant(
    login: Login,
    provider: Provider,
    signer: IdTokenSigner,
    now: datetime,
    entropy: Entropy,
    key_thumbprint: str | None,
) -> Grant:
    assert login.answered is not None
    assert login.subject is not None
    opened = _Opened(
        login.transaction, login.request.client_id, login.subject, login.answered.scopes, login.answered.claims
    )
    answered, nonce = login.answered, login.request.nonce or None
    session = Session(login.subject, login.request.client_id, answered.at, nonce, answered.assurance)
    refresh = first_refresh_token(login, provider, now, entropy)
    return _opened(opened, session, refresh, provider, signer, now, entropy, key_thumbprint)


@dataclass(frozen=True, slots=True)
class _Opened:
    """What an access token opens, and for whom."""

    transaction: str = field(repr=False)
    client_id: str
    subject: str
    scopes: tuple[str, ...]
    claims: dict[str, str] = field(repr=False)


def _opened(
    opened: _Opened,
    session: Session,
    refresh: tuple[str, RefreshToken] | None,
    provider: Provider,
    signer: IdTokenSigner,
    now: datetime,
    entropy: Entropy,
    key_thumbprint: str | None,
) -> Grant:
    """A new access token that opens this, with its ID token and its refresh token."""
    token = random_token(entropy)
    lifetime = provider.profile.access_token_lifetime
    kept = AccessToken(
        fingerprint(token),
        opened.transaction,
        opened.client_id,
        opened.subject,
        opened.scopes,
        opened.claims,
        now.replace(microsecond=0) + lifetime,
        key_thumbprint=key_thumbprint,
    )
    response: dict[str, object] = {
        "access_token": token,
        "token_type": "Bearer" if key_thumbprint is None else "DPoP",
        "expires_in": int(lifetime.total_seconds()),
        "scope": " ".join(kept.scopes),
        "id_token": signer.issue(session, token, provider, now),
    }
    if refresh is None:
        return Grant(response, kept)
    return Grant(response | {"refresh_token": refresh[0]}, kept, refresh[1])


def without_claims(login: Login) -> Login:
    """The login after its code was presented: the claims have moved to the access token or are gone."""
    assert login.answered is not None
    assert login.code is not None
    return replace(login, answered=replace(login.answered, claims={}), code=replace(login.code, spent=True))


def _deny(description: str) -> Denial:
    return Denial(OAuthRefused("invalid_grant", description))
