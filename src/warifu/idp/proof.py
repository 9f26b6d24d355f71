"""Proofs of possession: that whoever uses a token holds the key it was given for (DPoP, RFC 9449)."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit

from joserfc.jwk import Key

from warifu.errors import Malformed, OAuthRefused
from warifu.idp.assertion import AssertionUse
from warifu.idp.encoding import base64url
from warifu.idp.jose import SignedJwt, read_key_for
from warifu.idp.profile import Profile

__all__ = ["Proof", "check_proof", "replayed_proof"]

_MAX_LENGTH = 4096
_MAX_JTI_LENGTH = 255
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


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
    if len(headers) > 1:
        _refuse("one DPoP header")
    token = _read(headers[0])
    algorithm, claims = token.header.get("alg"), token.claims
    if token.header.get("typ") != "dpop+jwt" or algorithm not in profile.proof_algorithms:
        _refuse("typ is dpop+jwt and alg one of those the metadata name")
    key = _key(token.header.get("jwk"), algorithm)
    if token.find_signer([key], algorithm) is None:
        _refuse("the proof is not signed by the key in it")
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


def _read(proof: str) -> SignedJwt:
    try:
        return SignedJwt.decode(proof, _MAX_LENGTH, "proof")
    except Malformed as fault:
        _refuse(str(fault))


def _key(jwk: object, algorithm: str) -> Key:
    """The key in the header: public, asymmetric, of the algorithm's kind (RFC 9449 §4.2)."""
    if not isinstance(jwk, dict) or _PRIVATE & jwk.keys():
        _refuse("jwk is a public key")
    try:
        return read_key_for(jwk, algorithm)
    except Malformed as fault:
        _refuse(f"jwk {fault}")


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
