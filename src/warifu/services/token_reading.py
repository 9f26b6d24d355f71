"""Taking a token apart to look at it: what people do with a JWT that somebody refused.

Nothing here believes a token, except `check_token`, which says which key of a set signed it.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from warifu.errors import Malformed, WrongTokenSignature

__all__ = ["TOKEN_TIMES", "UnverifiedToken", "check_token", "read_token"]

_MAX_LENGTH = 128 * 1024
_PARTS = {3: "JWS", 5: "JWE"}
_ALGORITHMS = ["ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA", "Ed25519"]

TOKEN_TIMES = ("iat", "nbf", "exp", "auth_time", "updated_at")
"""Claims that are a number of seconds (NumericDate, RFC 7519 §2)."""


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """What a compact token says of itself; `claims` is None where they are encrypted or not JSON."""

    kind: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any] | None

    def times(self) -> dict[str, datetime]:
        """Those claims that are moments, as such; what no calendar holds is left out."""
        return {name: at for name in TOKEN_TIMES if (at := _moment((self.claims or {}).get(name))) is not None}


def read_token(text: str) -> UnverifiedToken:
    """Take a compact JWS or JWE apart.

    Raises:
        Malformed: neither three nor five parts, not base64url, or a header that is no JSON object.

    Source: RFC 7515 §7.1, RFC 7516 §7.1.
    """
    parts = text.strip().split(".")
    kind = _PARTS.get(len(parts))
    if kind is None or len(text) > _MAX_LENGTH:
        raise Malformed("a token has three parts (signed) or five (encrypted), with dots between, 128 KiB at most")
    header = _object(parts[0])
    if header is None:
        raise Malformed("the first part of the token is not a JSON object")
    return UnverifiedToken(kind, header, _object(parts[1]) if kind == "JWS" else None)


def check_token(text: str, jwks: Mapping[str, Any]) -> str:
    """Check the signature with the keys of a JWK Set; the id of the one that made it.

    Raises:
        Malformed: not a JWK Set, or not a signed token.
        WrongTokenSignature: none of them made it.
    """
    try:
        keys = KeySet.import_key_set({"keys": list(jwks["keys"])})
        parts = jws.extract_compact(text.strip().encode("ascii"))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise Malformed("not a signed token and a JWK Set") from error
    for key in keys.keys:
        try:
            if jws.validate_compact(parts, key, _ALGORITHMS):
                return key.kid or "?"
        except (JoseError, ValueError, TypeError):
            continue
    raise WrongTokenSignature


def _object(part: str) -> dict[str, Any] | None:
    try:
        value = json.loads(base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _moment(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        return None
