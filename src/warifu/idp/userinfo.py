"""UserInfo: the attributes, for who holds the access token (OpenID Connect Core 1.0 §5.3, RFC 6750, RFC 9449 §7)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from warifu.errors import OAuthRefused
from warifu.idp.proof import Proof
from warifu.idp.tokens import AccessToken

_TOKEN = re.compile(r"(bearer|dpop) +([0-9A-Za-z._~+/-]+=*)", re.IGNORECASE)


class NoToken(OAuthRefused):
    """The request carried no token at all: the answer names no error (RFC 6750 §3.1)."""

    def __init__(self) -> None:
        super().__init__("", "an access token is required")


@dataclass(frozen=True, slots=True)
class Presented:
    """An access token as it was presented: by whoever has it, or by whoever claims to hold its key (`bound`)."""

    token: str = field(repr=False)
    bound: bool


def read_presented(authorization: Sequence[str]) -> Presented:
    """The token in the Authorization header; the other two ways of RFC 6750 §2 are not offered.

    Raises:
        NoToken: no header, or another scheme.
        OAuthRefused: ``invalid_request``, several headers or not a token's syntax.
    """
    if not authorization or not authorization[0].lower().startswith(("bearer", "dpop")):
        raise NoToken
    match = _TOKEN.fullmatch(authorization[0].strip())
    if len(authorization) > 1 or match is None:
        raise OAuthRefused("invalid_request", "malformed Authorization header")
    return Presented(match.group(2), match.group(1).lower() == "dpop")


def read_bearer(authorization: Sequence[str]) -> Presented:
    """The token in the Authorization header, for whoever has it (RFC 6750 §2.1).

    Raises:
        NoToken: none, or one for the holder of a key.
        OAuthRefused: ``invalid_request``.
    """
    presented = read_presented(authorization)
    if presented.bound:
        raise NoToken
    return presented


def userinfo(token: AccessToken | None, presented: Presented, proof: Proof | None, now: datetime) -> dict[str, str]:
    """`sub` and the claims of the granted scopes.

    Raises:
        OAuthRefused: ``invalid_token``: unknown, expired, revoked, or for the holder of a key that was not proved;
            which of them is nobody's business.
    """
    token = check_usable(token, now)
    check_holder(token, presented, proof)
    return {"sub": token.subject, **token.claims}


def check_usable(token: AccessToken | None, now: datetime) -> AccessToken:
    """A token that was given out, and neither ended nor was taken back (RFC 6750 §3.1)."""
    if token is None or token.revoked or now >= token.expires_at:
        raise OAuthRefused("invalid_token", "the access token is unknown, expired or revoked")
    return token


def check_holder(token: AccessToken, presented: Presented, proof: Proof | None) -> None:
    """A token for the holder of a key is shown by that holder, another one by anybody (RFC 9449 §7)."""
    proved = None if proof is None else proof.key_thumbprint
    if token.key_thumbprint is not None and (not presented.bound or proved != token.key_thumbprint):
        raise OAuthRefused("invalid_token", "the access token is for the holder of its key")
    if token.key_thumbprint is None and presented.bound:
        raise OAuthRefused("invalid_token", "the access token is not bound to a key")
