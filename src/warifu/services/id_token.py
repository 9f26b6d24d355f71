"""Believing an ID token, or not (OpenID Connect Core 1.0 §3.1.3.7)."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from warifu.errors import (
    Malformed,
    TokenExpired,
    TokenRefused,
    WrongAudience,
    WrongIssuer,
    WrongTokenHash,
    WrongTokenNonce,
    WrongTokenSignature,
)
from warifu.services.chance import base64url

ALGORITHM: Final = "ES256"
"""The one that the provider promised; the token's own header is not asked (RFC 8725 §3.1)."""
SKEW: Final = timedelta(seconds=30)
"""How far two clocks may be apart."""
OLDEST: Final = timedelta(minutes=10)
"""A token that answers a login is fresh."""


def check_id_token(
    token: str,
    access_token: str,
    jwks: Mapping[str, Any],
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    now: datetime,
) -> Mapping[str, Any]:
    """The claims of an ID token that came with `access_token`, every one of them checked.

    Raises:
        WrongTokenSignature, WrongIssuer, WrongAudience, TokenExpired, WrongTokenNonce, WrongTokenHash: one each.
        TokenRefused: no subject.
    """
    claims = read_verified(token, jwks)
    if claims.get("iss") != issuer:
        raise WrongIssuer
    if claims.get("aud") not in (client_id, [client_id]) or claims.get("azp", client_id) != client_id:
        raise WrongAudience
    _check_times(claims, now)
    if not _same(claims.get("nonce"), nonce):
        raise WrongTokenNonce
    if not _same(claims.get("at_hash"), token_hash(access_token)):
        raise WrongTokenHash
    if not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= 255:
        raise TokenRefused("the ID token has no subject")
    return claims


def token_hash(access_token: str) -> str:
    """The left half of the SHA-256, base64url (OpenID Connect Core 1.0 §3.1.3.6)."""
    return base64url(hashlib.sha256(access_token.encode("ascii", "replace")).digest()[:16])


def read_verified(token: str, jwks: Mapping[str, Any]) -> Mapping[str, Any]:
    """The claims of a JWT that one of these keys signed with ES256; nothing else is checked.

    Raises:
        WrongTokenSignature: signed by somebody else, otherwise, or not at all.
        Malformed: not a JWK Set.
    """
    try:
        keys = KeySet.import_key_set(jwks)  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise Malformed("the provider's keys are not a JWK Set") from error
    try:
        return jwt.decode(token, keys, algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError, TypeError) as error:
        raise WrongTokenSignature(detail=type(error).__name__) from error


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    """Not expired, not from the future, not an old one."""
    expires_at, issued_at = _moment(claims.get("exp")), _moment(claims.get("iat"))
    moment, skew = now.timestamp(), SKEW.total_seconds()
    if not (issued_at - skew <= moment < expires_at + skew and moment <= issued_at + OLDEST.total_seconds()):
        raise TokenExpired


def _moment(value: object) -> float:
    """A NumericDate (RFC 7519 §2)."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TokenExpired("the token does not say when it was issued or when it expires")
    return float(value)


def _same(value: object, expected: str) -> bool:
    return isinstance(value, str) and hmac.compare_digest(value.encode(), expected.encode())
