"""Logging somebody in with OpenID Connect, the relying party's side: the code flow with PKCE and `private_key_jwt`.

::

    begin ──▶ the browser, there and back ──▶ redeem ──▶ token endpoint ──▶ complete ──▶ UserInfo ──▶ join

Nothing here talks to anybody: the caller carries the messages, and keeps the `PendingLogin` in the browser's session.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from warifu.errors import Malformed, OAuthRefused, TokenRefused, WrongIssuer, WrongState
from warifu.ports import Entropy
from warifu.services.chance import base64url, random_token
from warifu.services.client_key import ASSERTION_TYPE, ClientKey
from warifu.services.id_token import check_id_token
from warifu.services.possession import HolderKey
from warifu.services.provider import ProviderMetadata, read_object
from warifu.services.step_up import Demand


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """A client as it registered: its id, where the browser comes back to, its key."""

    client_id: str
    redirect_uri: str
    key: ClientKey


@dataclass(frozen=True, slots=True, repr=False)
class PendingLogin:
    """What must be remembered between sending the browser away and its return, in that browser's session only."""

    state: str
    nonce: str
    code_verifier: str
    holder: HolderKey | None = None
    """The key that the tokens are to be bound to, if the provider binds them (RFC 9449)."""


@dataclass(frozen=True, slots=True, repr=False)
class LoggedIn:
    """Who came: the pairwise identifier, the ID token's claims and the token that opens UserInfo."""

    subject: str
    claims: Mapping[str, Any]
    access_token: str


def begin(
    party: RelyingParty,
    provider: ProviderMetadata,
    scopes: Sequence[str],
    entropy: Entropy,
    acr_values: Sequence[str] = (),
    max_age: timedelta | None = None,
) -> tuple[str, PendingLogin]:
    """The address to send the browser to, and what to remember (OpenID Connect Core 1.0 §3.1.2.1, RFC 7636 §4.3)."""
    pending = PendingLogin(random_token(entropy), random_token(entropy), random_token(entropy))
    parameters = {
        "response_type": "code",
        "scope": " ".join(scopes),
        "client_id": party.client_id,
        "redirect_uri": party.redirect_uri,
        "state": pending.state,
        "nonce": pending.nonce,
        "code_challenge": base64url(hashlib.sha256(pending.code_verifier.encode()).digest()),
        "code_challenge_method": "S256",
    } | Demand(tuple(acr_values), max_age).parameters()
    return f"{provider.authorization_endpoint}?{urlencode(parameters)}", pending


def redeem(
    pending: PendingLogin,
    callback: Mapping[str, str],
    party: RelyingParty,
    provider: ProviderMetadata,
    now: datetime,
    entropy: Entropy,
) -> dict[str, str]:
    """Check the callback; the form to post to the token endpoint.

    Raises:
        WrongState: not the answer to this login; even an error is then not believed.
        WrongIssuer: another provider answers (RFC 9207 §2.4).
        OAuthRefused: the provider says why there is no login, `access_denied` for a person who said no.
        Malformed: neither a code nor an error.
    """
    check_callback(pending, callback, provider)
    if not callback.get("code"):
        raise Malformed("the callback has no code")
    return {
        "grant_type": "authorization_code",
        "code": callback["code"],
        "client_id": party.client_id,
        "redirect_uri": party.redirect_uri,
        "code_verifier": pending.code_verifier,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": party.key.assertion(party.client_id, provider.audience, now, entropy),
    }


def check_callback(pending: PendingLogin, callback: Mapping[str, str], provider: ProviderMetadata) -> None:
    """Check that the callback answers this login, and that it brings no error.

    Raises: as `redeem`.
    """
    if not hmac.compare_digest(callback.get("state", "").encode(), pending.state.encode()):
        raise WrongState
    issuer = callback.get("iss")
    if issuer not in ((provider.issuer,) if provider.names_itself else (None, provider.issuer)):
        raise WrongIssuer
    if "error" in callback:
        raise OAuthRefused(callback["error"], callback.get("error_description", ""))


def complete(
    pending: PendingLogin,
    token_response: bytes,
    jwks: Mapping[str, Any],
    party: RelyingParty,
    provider: ProviderMetadata,
    now: datetime,
    token_type: str = "bearer",  # noqa: S107 - a type's name
) -> LoggedIn:
    """Check the token endpoint's answer: who logged in. `token_type` is ``dpop`` where a proof was sent along.

    Raises:
        OAuthRefused: the provider refused the code or us.
        TokenRefused: the ID token may not be believed; its subclasses say why.
        Malformed: no such answer at all.
    """
    members = read_object(token_response)
    if isinstance(members.get("error"), str):
        raise OAuthRefused(members["error"], str(members.get("error_description", "")))
    id_token, access_token = members.get("id_token"), members.get("access_token")
    if not isinstance(id_token, str) or not isinstance(access_token, str):
        raise Malformed("the token endpoint's answer lacks a token")
    if str(members.get("token_type", "")).lower() != token_type:
        raise Malformed("the access token is of an unknown type")
    claims = check_id_token(
        id_token, access_token, jwks, issuer=provider.issuer, client_id=party.client_id, nonce=pending.nonce, now=now
    )
    return LoggedIn(claims["sub"], claims, access_token)


def join(logged_in: LoggedIn, userinfo: bytes) -> Mapping[str, Any]:
    """UserInfo's claims, once it is certain that they are about the same person (OpenID Connect Core 1.0 §5.3.2).

    Raises:
        TokenRefused: they are about somebody else.
    """
    claims = read_object(userinfo)
    if claims.get("sub") != logged_in.subject:
        raise TokenRefused("UserInfo is about another subject than the ID token")
    return claims
