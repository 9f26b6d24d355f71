"""UserInfo: the attributes, for who holds the access token (OpenID Connect Core 1.0 §5.3, RFC 6750)."""

import re
from collections.abc import Sequence
from datetime import datetime

from warifu.errors import OAuthRefused
from warifu.idp.tokens import AccessToken

_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([0-9A-Za-z._~+/-]+=*)")


class NoToken(OAuthRefused):
    """The request carried no token at all: the answer names no error (RFC 6750 §3.1)."""

    def __init__(self) -> None:
        super().__init__("", "a bearer token is required")


def read_bearer(authorization: Sequence[str]) -> str:
    """The token in the Authorization header; the other two ways of RFC 6750 §2 are not offered.

    Raises:
        NoToken: no header, or another scheme.
        OAuthRefused: ``invalid_request``, several headers or not a bearer token's syntax.
    """
    if not authorization or not authorization[0].lower().startswith("bearer"):
        raise NoToken
    match = _BEARER.fullmatch(authorization[0].strip())
    if len(authorization) > 1 or match is None:
        raise OAuthRefused("invalid_request", "malformed Authorization header")
    return match.group(1)


def userinfo(token: AccessToken | None, now: datetime) -> dict[str, str]:
    """`sub` and the claims of the granted scopes.

    Raises:
        OAuthRefused: ``invalid_token``: unknown, expired or revoked; which of them is nobody's business.
    """
    if token is None or token.revoked or now >= token.expires_at:
        raise OAuthRefused("invalid_token", "the access token is unknown, expired or revoked")
    return {"sub": token.subject, **token.claims}
