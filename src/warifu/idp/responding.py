"""How an authorization response reaches the client: in the query, or as a signed JWT in it (RFC 9207, JARM)."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from warifu.errors import CallbackRefused
from warifu.idp.id_token import IdTokenSigner
from warifu.idp.login import AuthorizationRequest
from warifu.idp.profile import Provider

__all__ = ["SIGNED_MODES", "callback_url", "refusal_url", "response_url"]

SIGNED_MODES = ("jwt", "query.jwt")
"""For a code both mean the same (JARM §2.3.4)."""


def response_url(
    asked: AuthorizationRequest, members: Mapping[str, str], provider: Provider, signer: IdTokenSigner, now: datetime
) -> str:
    """The redirect URI with the response, in the mode that was asked for."""
    return _url(asked.client_id, asked.redirect_uri, asked.response_mode, members, provider, signer, now)


def refusal_url(refusal: CallbackRefused, provider: Provider, signer: IdTokenSigner, now: datetime) -> str:
    """The redirect URI with the reason why no login could begin."""
    members = {"error": refusal.error, "error_description": refusal.description, "state": refusal.state}
    return _url(refusal.client_id, refusal.redirect_uri, refusal.response_mode, members, provider, signer, now)


def _url(
    client_id: str,
    redirect_uri: str,
    mode: str,
    members: Mapping[str, str],
    provider: Provider,
    signer: IdTokenSigner,
    now: datetime,
) -> str:
    if mode in SIGNED_MODES:
        return callback_url(redirect_uri, {"response": _signed(client_id, members, provider, signer, now)})
    named = {"iss": provider.issuer} if provider.profile.names_itself else {}
    return callback_url(redirect_uri, {**members, **named})


def _signed(
    client_id: str, members: Mapping[str, str], provider: Provider, signer: IdTokenSigner, now: datetime
) -> str:
    """The response as a JWT for this client, good as long as a code is (JARM §2.1)."""
    claims: dict[str, object] = {
        "iss": provider.issuer,
        "aud": client_id,
        "exp": int((now + provider.profile.code_lifetime).timestamp()),
    }
    return signer.sign(claims | {name: value for name, value in members.items() if value})


def callback_url(redirect_uri: str, members: Mapping[str, str]) -> str:
    """The redirect URI with `members` added to whatever query it has (RFC 6749 §4.1.2); empty members are left out."""
    query = urlencode({name: value for name, value in members.items() if value})
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{query}"
