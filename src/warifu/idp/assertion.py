"""How a client proves who it is: a signed assertion, `private_key_jwt` (RFC 7521 §4.2, RFC 7523 §2.2 and §3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from joserfc.jwk import Key

from warifu.errors import Malformed, OAuthRefused
from warifu.idp.client import Client
from warifu.idp.jose import SignedJwt, read_key_for
from warifu.idp.profile import AUTHORIZATION_LIMITS, Provider

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MAX_LENGTH = 8192
MAX_JTI_LENGTH = 255
_ALGORITHMS = ("RS256", "PS256", "ES256")


@dataclass(frozen=True, slots=True)
class AssertionUse:
    """One use of an assertion: it may not be used again until it has expired."""

    client_id: str
    jti: str
    expires_at: datetime


def unverified_issuer(assertion: str) -> str:
    """Who the assertion says it is from, only to look up the keys to check it with.

    Raises:
        OAuthRefused: ``invalid_client``, not a signed JWT with an issuer that could be a client id.
    """
    return issuer_of(extract(assertion).claims)


def issuer_of(claims: Mapping[str, Any]) -> str:
    """The claim `iss`, if it could be a client id."""
    issuer = claims.get("iss")
    # What can't be a client id is not looked up: JSON can spell half a surrogate pair, which no store can take.
    if not isinstance(issuer, str) or not AUTHORIZATION_LIMITS["client_id"].fits(issuer):
        _refuse("the assertion has no issuer")
    return issuer


def check(assertion: str, client: Client | None, provider: Provider, now: datetime) -> AssertionUse:
    """Check signature and claims; the caller then makes sure that this `jti` was not used before.

    Raises:
        OAuthRefused: ``invalid_client``: unknown client, signature, algorithm, key, or a claim.
    """
    if client is None:
        _refuse("the client is not registered")
    claims = verified(assertion, client, provider).claims
    check_parties(claims, client)
    check_audience(claims.get("aud"), provider)
    expires_at = check_expiry(claims, provider, now)
    check_begun(claims, provider, now)
    return AssertionUse(client.id, check_jti(claims), expires_at)


# --- one rule each, in the order in which `check` has them (`hearing` asks them all) ---


def check_parties(claims: Mapping[str, Any], client: Client) -> None:
    """Who speaks is whom it is about (RFC 7523 §3 no. 1 and 2)."""
    if claims.get("iss") != client.id or claims.get("sub") != client.id:
        _refuse("iss and sub of the assertion must be the client id")


def check_jti(claims: Mapping[str, Any]) -> str:
    """What makes each assertion good for one use (RFC 7523 §3 no. 7)."""
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= MAX_JTI_LENGTH or not jti.isprintable():
        _refuse("the assertion needs a jti of 1 to 255 printable characters")
    return jti


def check_keys(jwks: Mapping[str, Any]) -> None:
    """Check, when a client is registered, that one of its keys can ever verify an assertion.

    Raises:
        Malformed: none can: another kind, curve, use or algorithm, too short, or broken.
    """
    if not any(_find_key(jwk, algorithm) for jwk in jwks["keys"] for algorithm in _ALGORITHMS):
        raise Malformed("the JWK Set has no key that can sign with RS256 (RSA, 2048 bits or more) or ES256 (P-256)")


def replayed() -> OAuthRefused:
    """The refusal of an assertion that came before."""
    return OAuthRefused("invalid_client", "the assertion has been used before")


def extract(assertion: str) -> SignedJwt:
    """Take it apart without believing anything.

    Raises:
        OAuthRefused: ``invalid_client``, it is no signed JWT with claims, or its header asks for an extension.
    """
    try:
        return SignedJwt.decode(assertion, MAX_LENGTH, "assertion")
    except Malformed as fault:
        _refuse(str(fault))


def verified(assertion: str, client: Client, provider: Provider) -> SignedJwt:
    """The assertion taken apart, signed by one of the client's keys."""
    token = extract(assertion)
    check_algorithm(token, provider)
    check_signature(token, client)
    return token


def check_algorithm(token: SignedJwt, provider: Provider) -> None:
    """The list decides, never the header alone.

    `none` and HMAC under the public key are the classic forgeries (RFC 8725 §2.1, §3.1).
    """
    if token.header.get("alg") not in provider.profile.assertion_algorithms:
        _refuse("the assertion's algorithm is not accepted")


def check_signature(token: SignedJwt, client: Client) -> None:
    """Signed by one of the registered keys, by an algorithm that was accepted before (RFC 7523 §3 no. 9)."""
    algorithm, keys = token.header.get("alg"), client.jwks["keys"]
    if algorithm in _ALGORITHMS and token.find_signer(_candidates(client, token.header), algorithm) is not None:
        return
    named = token.header.get("kid")
    if named is not None and all(key.get("kid") != named for key in keys):
        _refuse("none of the client's keys has the kid that the assertion names")
    _refuse("the assertion's signature does not verify under the client's keys")


def _candidates(client: Client, header: Mapping[str, Any]) -> list[Key]:
    """The client's keys that this header can mean: kind, `use`, `alg`, and `kid` if the header names one."""
    found = (_find_key(jwk, header["alg"]) for jwk in client.jwks["keys"])
    return [key for key in found if key is not None and header.get("kid") in (None, key.kid)]


def _find_key(jwk: object, algorithm: str) -> Key | None:
    """The key, if it is for signatures by this algorithm."""
    try:
        key = read_key_for(jwk, algorithm)
    except Malformed:
        return None
    return key if key.get("use") in (None, "sig") and key.alg in (None, algorithm) else None


def check_audience(audience: object, provider: Provider) -> None:
    """Seen: public clients send the token endpoint's URL. Newer profiles ask for the issuer alone, as one string.

    Source: FAPI 2.0 Security Profile §5.3.2.1; an audience of several lets one server use the assertion at another.
    """
    if provider.profile.audience_is_issuer:
        if audience != provider.issuer:
            _refuse("aud of the assertion must be the issuer, as a string")
        return
    values = audience if isinstance(audience, list) else [audience]
    if not {provider.token_endpoint, provider.issuer} & {value for value in values if isinstance(value, str)}:
        _refuse("aud of the assertion must be the token endpoint")


def check_expiry(claims: Mapping[str, Any], provider: Provider, now: datetime) -> datetime:
    """Require an `exp` that is near (RFC 7523 §3 no. 4); until when the assertion is to be remembered."""
    skew = provider.profile.clock_skew
    expires_at = _moment(claims, "exp")
    if expires_at is None or expires_at <= now - skew:
        _refuse("the assertion has expired or has no exp")
    if expires_at > now + provider.profile.assertion_lifetime + skew:
        _refuse("exp of the assertion is too far in the future")
    return expires_at + skew


def check_begun(claims: Mapping[str, Any], provider: Provider, now: datetime) -> None:
    """`nbf` and `iat`, if given, are not in the future (RFC 7523 §3 no. 5 and 6)."""
    skew = provider.profile.clock_skew
    for name in ("nbf", "iat"):
        moment = _moment(claims, name)
        if moment is not None and moment > now + skew:
            _refuse(f"{name} of the assertion is in the future")


def _moment(claims: Mapping[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(f"{name} of the assertion is not a number")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        _refuse(f"{name} of the assertion is out of range")


def _refuse(description: str) -> NoReturn:
    raise OAuthRefused("invalid_client", description)
