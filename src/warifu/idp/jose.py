"""Signed JWTs of others, before anything is believed about them: taking them apart, their keys, their signatures.

What a fault means is the caller's to say: an assertion's is `invalid_client`, a proof's `invalid_dpop_proof`.
"""

import json
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, JWKRegistry, Key, RSAKey

from warifu.errors import Malformed

__all__ = ["SignedJwt", "find_key", "read_key_for"]

_MIN_RSA_BITS = 2048
_KINDS: Mapping[str, type[Key]] = {"RS256": RSAKey, "PS256": RSAKey, "ES256": ECKey}
_REGISTRY = jws.JWSRegistry(algorithms=list(_KINDS))
# A proof's header holds a key: of RSA, more than the 512 bytes that joserfc allows.
_REGISTRY.max_header_length = 4096


@dataclass(frozen=True, slots=True, repr=False)
class SignedJwt:
    """A compact JWS with a JSON object in it; nothing of it has been verified."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    _parts: jws.CompactSignature

    @classmethod
    def decode(cls, text: str, longest: int, name: str) -> Self:
        """Take it apart; `name` is what messages call it.

        Raises:
            Malformed: too long, no such thing, or it asks for an extension.
        """
        if len(text) > longest or not text.isascii():
            raise Malformed(f"the {name} is too long or not ASCII")
        try:
            parts = jws.extract_compact(text.encode("ascii"), registry=_REGISTRY)
            header: Any = parts.headers()
        except (JoseError, ValueError, RecursionError):
            raise Malformed(f"the {name} is not a signed JWT") from None
        if not isinstance(header, dict) or "crit" in header or "b64" in header:
            raise Malformed(f"the {name}'s header asks for an extension")
        return cls(header, _object(parts.payload, name), parts)

    def find_signer(self, keys: Iterable[Key], algorithm: str) -> Key | None:
        """Which of these keys signed it with this algorithm; its header is not asked."""
        return next((key for key in keys if self._signed_by(key, algorithm)), None)

    def _signed_by(self, key: Key, algorithm: str) -> bool:
        try:
            return jws.validate_compact(self._parts, key, [algorithm], _REGISTRY)
        except (JoseError, ValueError):
            return False


def read_key_for(jwk: object, algorithm: str) -> Key:
    """A key that can verify signatures of this algorithm.

    Raises:
        Malformed: no key, one of another kind or curve, or too short; the message goes on from its subject.
    """
    key = find_key(jwk)
    if key is None:
        raise Malformed("is not a key")
    if not isinstance(key, _KINDS[algorithm]) or (isinstance(key, ECKey) and key.curve_name != "P-256"):
        raise Malformed("is of another kind than alg")
    if isinstance(key, RSAKey) and key.public_key.key_size < _MIN_RSA_BITS:
        raise Malformed("is too short")
    return key


def find_key(jwk: Any) -> Key | None:
    """The key, or None for one that is broken or of a kind that nobody knows."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)
            return JWKRegistry.import_key(jwk)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _object(payload: bytes, name: str) -> Mapping[str, Any]:
    try:
        claims = json.loads(payload.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Malformed(f"the {name}'s claims are not JSON") from None
    if not isinstance(claims, dict):
        raise Malformed(f"the {name}'s claims are not a JSON object")
    return claims
