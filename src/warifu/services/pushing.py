"""Logging somebody in at a provider of the FAPI 2.0 Security Profile: what is beyond the plain code flow.

::

    begin_pushed ──▶ pushed endpoint ──▶ pushed_address ──▶ the browser, there and back ──▶ redeem, complete, join

The request is pushed by the server first (RFC 9126); a signed response is opened with `read_response` (JARM) before
`redeem` sees it. Requests to the token endpoint and to UserInfo carry a proof of `HolderKey` (RFC 9449).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from warifu.errors import Malformed, OAuthRefused, TokenExpired, WrongAudience, WrongIssuer
from warifu.ports import Entropy
from warifu.services.client_key import ASSERTION_TYPE
from warifu.services.id_token import SKEW, read_verified
from warifu.services.login import PendingLogin, RelyingParty, begin
from warifu.services.provider import ProviderMetadata, read_object

__all__ = ["SIGNED_RESPONSE", "begin_pushed", "pushed_address", "read_response"]

SIGNED_RESPONSE: Final = "jwt"
"""The response mode of who wants a signed response (JARM §2.3.4)."""


def begin_pushed(
    party: RelyingParty,
    provider: ProviderMetadata,
    scopes: Sequence[str],
    now: datetime,
    entropy: Entropy,
    response_mode: str | None = None,
) -> tuple[dict[str, str], PendingLogin]:
    """The form to post to the pushed endpoint, and what to remember (RFC 9126 §2.1)."""
    address, pending = begin(party, provider, scopes, entropy)
    form = dict(parse_qsl(urlsplit(address).query, strict_parsing=True))
    if response_mode is not None:
        form["response_mode"] = response_mode
    form["client_assertion_type"] = ASSERTION_TYPE
    form["client_assertion"] = party.key.assertion(party.client_id, provider.audience, now, entropy)
    return form, pending


def pushed_address(answer: bytes, party: RelyingParty, provider: ProviderMetadata) -> str:
    """The address to send the browser to, once the request was pushed (RFC 9126 §4).

    Raises:
        OAuthRefused: the provider does not want this request.
        Malformed: no such answer.
    """
    members = read_object(answer)
    if isinstance(members.get("error"), str):
        raise OAuthRefused(members["error"], str(members.get("error_description", "")))
    reference = members.get("request_uri")
    if not isinstance(reference, str):
        raise Malformed("the answer to a pushed request has no request_uri")
    query = urlencode({"client_id": party.client_id, "request_uri": reference})
    return f"{provider.authorization_endpoint}?{query}"


def read_response(
    callback: Mapping[str, str], jwks: Mapping[str, Any], party: RelyingParty, provider: ProviderMetadata, now: datetime
) -> dict[str, str]:
    """The callback's parameters out of the signed response in it (JARM §2.4); nothing beside it is looked at.

    Raises:
        Malformed: there is no signed response.
        WrongTokenSignature, WrongIssuer, WrongAudience, TokenExpired: it may not be believed.
    """
    response = callback.get("response")
    if not response:
        raise Malformed("the callback has no signed response")
    claims = read_verified(response, jwks)
    if claims.get("iss") != provider.issuer:
        raise WrongIssuer
    if claims.get("aud") != party.client_id:
        raise WrongAudience
    expires_at = claims.get("exp")
    if isinstance(expires_at, bool) or not isinstance(expires_at, int | float) or now.timestamp() >= expires_at + _SKEW:
        raise TokenExpired
    return {name: value for name, value in claims.items() if isinstance(value, str) and name != "aud"}


_SKEW: Final = SKEW.total_seconds()
