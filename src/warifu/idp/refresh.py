"""Refresh tokens: an access token again, without the person (RFC 6749 §6, RFC 9700 §4.14).

What a refreshed access token opens is the subject alone: to keep the four attributes for as long as somebody might
refresh would be to store them. Modelled: what the official service's refreshed tokens open is not public.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from warifu.errors import OAuthRefused
from warifu.idp.assurance import Assurance
from warifu.idp.client import Client
from warifu.idp.encoding import random_token
from warifu.idp.id_token import Session
from warifu.idp.login import Login
from warifu.idp.parameters import Parameters
from warifu.idp.profile import Limit, Provider
from warifu.idp.secret import fingerprint
from warifu.ports import Entropy

__all__ = [
    "REFRESH_GRANT",
    "REFRESH_RULES",
    "RefreshRequest",
    "RefreshToken",
    "first_refresh_token",
    "known_refresh",
    "read_refresh",
    "refreshed_scopes",
    "renewed",
]

REFRESH_GRANT = "refresh_token"
_TOKEN = Limit(255, r"\x21-\x7E")
_SCOPE = Limit(255, r"\x20-\x7E")


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token as it is kept: its SHA-256, whose login it continues, and what was granted then.

    It holds no attributes: those end with the first access token. `spent` once it was used where each is good for one
    use; whoever uses it again shows that two have it.
    """

    hash: bytes = field(repr=False)
    transaction: str = field(repr=False)
    client_id: str
    subject: str
    scopes: tuple[str, ...]
    authenticated_at: datetime
    assurance: Assurance
    expires_at: datetime
    spent: bool = False

    @property
    def session(self) -> Session:
        """Of the login, what a later ID token says: the same, without the nonce (OpenID Connect Core 1.0 §12.2)."""
        return Session(self.subject, self.client_id, self.authenticated_at, None, self.assurance)


@dataclass(frozen=True, slots=True, repr=False)
class RefreshRequest:
    """What the client sends once it has been identified; without `scopes` it wants what it had."""

    token: str
    scopes: tuple[str, ...] | None

    @property
    def token_hash(self) -> bytes:
        """Under which the token is kept."""
        return fingerprint(self.token)


def read_refresh(form: Parameters) -> RefreshRequest:
    """Read the rest of the form.

    Raises:
        OAuthRefused: ``invalid_request`` for anything missing, repeated or malformed.
    """
    scope = form.find_within("scope", _SCOPE)
    return RefreshRequest(form.read_within("refresh_token", _TOKEN), None if scope is None else tuple(scope.split()))


def first_refresh_token(
    login: Login, provider: Provider, now: datetime, entropy: Entropy
) -> tuple[str, RefreshToken] | None:
    """The refresh token that comes with a code's tokens, and what is kept of it; None where there are none."""
    lifetime = provider.profile.refresh_token_lifetime
    if lifetime is None:
        return None
    assert login.answered is not None
    assert login.subject is not None
    token = random_token(entropy)
    kept = RefreshToken(
        fingerprint(token),
        login.transaction,
        login.request.client_id,
        login.subject,
        login.answered.scopes,
        login.answered.at,
        login.answered.assurance,
        now.replace(microsecond=0) + lifetime,
    )
    return token, kept


def renewed(kept: RefreshToken, provider: Provider, entropy: Entropy) -> tuple[str, RefreshToken] | None:
    """The token that replaces a used one, to the same end; None where a token stays good."""
    if not provider.profile.rotates_refresh_tokens:
        return None
    token = random_token(entropy)
    return token, replace(kept, hash=fingerprint(token), spent=False)


def known_refresh(kept: RefreshToken | None) -> RefreshToken:
    """The refresh token, if it is one that was given out."""
    if kept is None:
        raise OAuthRefused("invalid_grant", "the refresh token is unknown")
    return kept


def _check_once(kept: RefreshToken, _client: Client, _now: datetime) -> None:
    if kept.spent:
        raise OAuthRefused("invalid_grant", "the refresh token has been used before")


def _check_client(kept: RefreshToken, client: Client, _now: datetime) -> None:
    if kept.client_id != client.id:
        raise OAuthRefused("invalid_grant", "the refresh token belongs to another client")


def _check_expiry(kept: RefreshToken, _client: Client, now: datetime) -> None:
    if now >= kept.expires_at:
        raise OAuthRefused("invalid_grant", "the refresh token has expired")


REFRESH_RULES: tuple[tuple[str, Callable[[RefreshToken, Client, datetime], None]], ...] = (
    ("refresh_once", _check_once),
    ("refresh_client", _check_client),
    ("refresh_expiry", _check_expiry),
)
"""What a refresh token that is known must keep, in this order."""


def refreshed_scopes(request: RefreshRequest, kept: RefreshToken) -> tuple[str, ...]:
    """The scopes of the new access token: `openid`. The attributes were for the moment of the login and are gone.

    Raises:
        OAuthRefused: ``invalid_scope``, one that the person was not asked about (RFC 6749 §6).
    """
    if request.scopes is not None and ("openid" not in request.scopes or not set(request.scopes) <= set(kept.scopes)):
        raise OAuthRefused("invalid_scope", "a refreshed token opens nothing that was not granted before")
    return ("openid",)
