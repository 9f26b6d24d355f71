"""Proofs of possession: that whoever uses a token holds the key it was given for (DPoP, RFC 9449)."""

import hashlib
import json
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, JWKRegistry, Key, RSAKey

from warifu.errors import OAuthRefused
from warifu.idp.assertion import AssertionUse
from warifu.idp.encoding import base64url
from warifu.idp.profile import Profile

__all__ = ["Proof", "check_proof", "replayed_proof"]

_MAX_LENGTH = 4096
_MAX_JTI_LENGTH = 255
_MIN_RSA_BITS = 2048
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_REGISTRY = jws.JWSRegistry(algorithms=["ES256", "PS256"])
# The header holds a key: of RSA, more than the 512 bytes that joserfc allows.
_REGISTRY.max_header_length = _MAX_LENGTH
_KEY_KINDS: Mapping[str, type[Key]] = {"ES256": ECKey, "PS256": RSAKey}


class Proof(AssertionUse):
    """A proof that verified: one use of its `jti`, by the key of this thumbprint (`client_id` names the key)."""

    @property
    def key_thumbprint(self) -> str:
        """RFC 7638, SHA-256, base64url."""
        return self.client_id.removeprefix(_PREFIX)


_PREFIX = "dpop:"


def check_proof(
    headers: Sequence[str], method: str, address: str, profile: Profile, now: datetime, access_token: str | None = None
) -> Proof | None:
    """Check the proof that came with a request to `address`, None if none came; its `jti` is then to be spent.

    `access_token` is the token that the request uses, if any: the proof must be for it.

    Raises:
        OAuthRefused: ``invalid_dpop_proof``, anything that RFC 9449 §4.3 asks and the proof lacks.
    """
    if not headers:
        return None
    if len(headers) > 1 or len(headers[0]) > _MAX_LENGTH or not headers[0].isascii():
        _refuse("one DPoP header, of at most 4096 ASCII characters")
    parts, header = _extract(headers[0])
    algorithm = header.get("alg")
    if header.get("typ") != "dpop+jwt" or algorithm not in profile.proof_algorithms:
        _refuse("typ is dpop+jwt and alg one of those the metadata name")
    key = _key(header.get("jwk"), algorithm)
    if not _verifies(parts, key):
        _refuse("the proof is not signed by the key in it")
    claims = _claims(parts.payload)
    if claims.get("htm") != method or not _same_address(claims.get("htu"), address):
        _refuse("htm and htu name another request")
    if access_token is not None and claims.get("ath") != base64url(hashlib.sha256(access_token.encode()).digest()):
        _refuse("ath is not of this access token")
    return _use(claims, key.thumbprint(), profile, now)


def replayed_proof() -> OAuthRefused:
    """The refusal of a proof that came before (RFC 9449 §11.1)."""
    return OAuthRefused("invalid_dpop_proof", "the proof has been used before")


def _use(claims: Mapping[str, Any], thumbprint: str, profile: Profile, now: datetime) -> Proof:
    issued_at, jti = claims.get("iat"), claims.get("jti")
    if isinstance(issued_at, bool) or not isinstance(issued_at, int | float):
        _refuse("iat is missing")
    if not isinstance(jti, str) or not 0 < len(jti) <= _MAX_JTI_LENGTH or not jti.isprintable():
        _refuse("jti has 1 to 255 printable characters")
    try:
        at = datetime.fromtimestamp(issued_at, UTC)
        oldest, newest = now - profile.proof_lifetime - profile.clock_skew, now + profile.clock_skew
        expires_at = at + profile.proof_lifetime + profile.clock_skew
    except (OverflowError, OSError, ValueError):
        _refuse("iat is out of range")
    if not oldest < at <= newest:
        _refuse("the proof is too old, or from the future")
    return Proof(_PREFIX + thumbprint, jti, expires_at)


def _extract(proof: str) -> tuple[jws.CompactSignature, Mapping[str, Any]]:
    try:
        parts = jws.extract_compact(proof.encode("ascii"), registry=_REGISTRY)
        header: Any = parts.headers()
    except (JoseError, ValueError, RecursionError):
        _refuse("the proof is not a signed JWT")
    if not isinstance(header, dict) or "crit" in header or "b64" in header:
        _refuse("the proof's header asks for an extension")
    return parts, header


def _key(jwk: object, algorithm: str) -> Key:
    """The key in the header: public, asymmetric, of the algorithm's kind (RFC 9449 §4.2)."""
    if not isinstance(jwk, dict) or _PRIVATE & jwk.keys():
        _refuse("jwk is a public key")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)
            key = JWKRegistry.import_key(jwk)
    except (JoseError, ValueError, TypeError, KeyError):
        _refuse("jwk is not a key")
    if not isinstance(key, _KEY_KINDS[algorithm]) or (isinstance(key, ECKey) and key.curve_name != "P-256"):
        _refuse("jwk is of another kind than alg")
    if isinstance(key, RSAKey) and key.public_key.key_size < _MIN_RSA_BITS:
        _refuse("jwk is too short")
    return key


def _verifies(parts: jws.CompactSignature, key: Key) -> bool:
    try:
        return jws.validate_compact(parts, key, registry=_REGISTRY)
    except (JoseError, ValueError):
        return False


def _claims(payload: bytes) -> Mapping[str, Any]:
    try:
        claims = json.loads(payload.decode("utf-8"))
    except (ValueError, RecursionError):
        _refuse("the proof's claims are not JSON")
    return claims if isinstance(claims, dict) else _refuse("the proof's claims are not a JSON object")


def _same_address(told: object, address: str) -> bool:
    """Without query and fragment, scheme and host in any case, default ports left out (RFC 3986 §6.2.2, §6.2.3)."""
    return isinstance(told, str) and _normal(told) is not None and _normal(told) == _normal(address)


def _normal(address: str) -> tuple[str, str, int | None, str] | None:
    try:
        parts = urlsplit(address)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return None
    return parts.scheme, parts.hostname or "", port, parts.path or "/"


def _refuse(description: str) -> NoReturn:
    raise OAuthRefused("invalid_dpop_proof", description)
