"""RFC 9449, Demonstrating Proof of Possession."""

from typing import Any

from tests.idp.test_proof import KEY
from tests.idp.world import RSA
from tests.wire.provider_negative.must import COMPATIBLE, STRICT, Ask, Document, DoesNotApply, Must
from tests.wire.provider_negative.talk import OTHER_KEY, Talk, hashed, spoiled

_REFUSED = "400 invalid_dpop_proof"


def _with(key: Any = KEY, algorithm: str = "ES256", header: Any = None, /, **claims: Any) -> Ask:
    """Exchange a code with a proof that is wrong in this."""

    def ask(talk: Talk) -> str:
        return talk.exchange(proofs=[talk.proof(talk.provider.token_endpoint, key, algorithm, header, **claims)])

    return ask


def _two(talk: Talk) -> str:
    address = talk.provider.token_endpoint
    return talk.exchange(proofs=[talk.proof(address), talk.proof(address)])


def _private(talk: Talk) -> str:
    return _with(KEY, "ES256", {"jwk": KEY.as_dict(private=True)})(talk)


def _aged(seconds: int) -> Ask:
    def ask(talk: Talk) -> str:
        return talk.exchange(proofs=[talk.proof(talk.provider.token_endpoint, iat=talk.now + seconds)])

    return ask


def _again(talk: Talk) -> str:
    proof = talk.proof(talk.provider.token_endpoint)
    assert talk.exchange(proofs=[proof]) == "accepted"
    return talk.exchange(proofs=[proof])


def _spoiled(talk: Talk) -> str:
    return talk.exchange(proofs=[spoiled(talk.proof(talk.provider.token_endpoint))])


def _shown(key: Any = KEY, /, **claims: Any) -> Ask:
    """Show a good token with a proof that is wrong in this."""

    def ask(talk: Talk) -> str:
        token = talk.tokens()["access_token"]
        told = {"htm": "GET", "ath": hashed(token)} | claims
        return talk.show(token, [talk.proof(talk.provider.userinfo_endpoint, key, **told)])

    return ask


def _shown_without(talk: Talk) -> str:
    return talk.show(talk.tokens()["access_token"], [])


def _as_bearer(talk: Talk) -> str:
    token = talk.tokens()["access_token"]
    proof = talk.proof(talk.provider.userinfo_endpoint, htm="GET", ath=hashed(token))
    return f"{talk.show(token, [], 'Bearer')}; with its proof {talk.show(token, [proof], 'Bearer')}"


def _shown_twice(talk: Talk) -> str:
    token = talk.tokens()["access_token"]
    proof = talk.proof(talk.provider.userinfo_endpoint, htm="GET", ath=hashed(token))
    assert talk.show(token, [proof]) == "accepted"
    return talk.show(token, [proof])


def _two_tokens(talk: Talk) -> str:
    token = talk.tokens()["access_token"]
    headers = [("authorization", f"DPoP {token}"), ("authorization", f"Bearer {token}")]
    response = talk.http.get(talk.path(talk.provider.userinfo_endpoint), headers=headers)
    return f"{response.status_code} {response.json()['error']}"


def _challenge(talk: Talk) -> str:
    told = talk.http.get(talk.path(talk.provider.userinfo_endpoint)).headers["www-authenticate"]
    return str(told.partition(" ")[0]) + (", with algs" if "algs=" in told else "")


def _another_code_key(talk: Talk) -> str:
    code = talk.code(dpop_jkt=KEY.thumbprint())
    return talk.exchange(code=code, proofs=[talk.proof(talk.provider.token_endpoint, OTHER_KEY)])


def _another_pushed_key(talk: Talk) -> str:
    code = talk.code(proofs=[talk.proof(talk.provider.pushed_endpoint)])
    return talk.exchange(code=code, proofs=[talk.proof(talk.provider.token_endpoint, OTHER_KEY)])


def _bound_where_none_is(talk: Talk) -> str:
    return talk.show(talk.tokens()["access_token"], [], "DPoP")


def _metadata(talk: Talk) -> str:
    told = talk.http.get(talk.path(talk.provider.issuer) + talk.provider.profile.discovery).json()
    return ", ".join(told["dpop_signing_alg_values_supported"])


MUSTS = (
    Must("§4.3 (1)", "one DPoP header", "two good proofs", _REFUSED, _two, STRICT),
    Must("§4.3 (2)", "a proof is a JWT", "none", _REFUSED, lambda talk: talk.exchange(proofs=["not-a-jwt"]), STRICT),
    Must("§4.3 (3)", "jti is required", "no jti", _REFUSED, _with(jti=None), STRICT),
    Must("§4.3 (3)", "htm is required", "no htm", _REFUSED, _with(htm=None), STRICT),
    Must("§4.3 (3)", "htu is required", "no htu", _REFUSED, _with(htu=None), STRICT),
    Must("§4.3 (3)", "iat is required", "no iat", _REFUSED, _with(iat=None), STRICT),
    Must("§4.3 (4)", "typ is dpop+jwt", "typ JWT", _REFUSED, _with(KEY, "ES256", {"typ": "JWT"}), STRICT),
    Must("§4.3 (4)", "as before", "no typ", _REFUSED, _with(KEY, "ES256", {"typ": None}), STRICT),
    Must("§4.3 (5)", "alg is asymmetric and on", "alg none", _REFUSED, _with(KEY, "none"), STRICT),
    Must("§4.3 (5)", "as before", "HMAC under the public key", _REFUSED, _with(KEY, "HS256"), STRICT),
    Must("§4.3 (5)", "as before", "RS256, which is not on", _REFUSED, _with(RSA, "RS256"), STRICT),
    Must(
        "§4.3 (6)",
        "the key in it verifies it",
        "another key in the header",
        _REFUSED,
        _with(KEY, "ES256", {"jwk": OTHER_KEY.as_dict(private=False)}),
        STRICT,
    ),
    Must("§4.3 (6)", "as before", "a bit of the signature turned over", _REFUSED, _spoiled, STRICT),
    Must("§4.2", "jwk is there", "no jwk", _REFUSED, _with(KEY, "ES256", {"jwk": None}), STRICT),
    Must("§4.3 (7)", "jwk is no private key", "the private key", _REFUSED, _private, STRICT),
    Must("§4.3 (8)", "htm is the method", "GET", _REFUSED, _with(htm="GET"), STRICT),
    Must("§4.3 (9)", "htu is the address", "another path", _REFUSED, _with(htu="http://localhost:8700/other"), STRICT),
    Must(
        "§4.3 (9)",
        "as before",
        "another host",
        _REFUSED,
        lambda talk: _with(htu=talk.provider.token_endpoint.replace("localhost", "evil.example"))(talk),
        STRICT,
    ),
    Must("§4.3 (11)", "iat is of now", "two minutes old", _REFUSED, _aged(-120), STRICT),
    Must("§4.3 (11)", "as before", "of in two minutes", _REFUSED, _aged(120), STRICT),
    Must("§4.3 (12)", "with a token, ath is there", "no ath", "401 invalid_dpop_proof", _shown(ath=None), STRICT),
    Must(
        "§4.3 (12)",
        "ath is of this token",
        "another token's ath",
        "401 invalid_dpop_proof",
        _shown(ath=hashed("another")),
        STRICT,
    ),
    Must(
        "§4.3 (12)",
        "the token is bound to the proof's key",
        "another key's proof",
        "401 invalid_token",
        _shown(OTHER_KEY),
        STRICT,
    ),
    Must("§5", "a token request brings a proof", "none", _REFUSED, lambda talk: talk.exchange(proofs=[]), STRICT),
    Must("§5", "bound tokens say so", "a good exchange", "DPoP", lambda talk: str(talk.tokens()["token_type"]), STRICT),
    Must("§7.1", "a bound token is shown with a proof", "no proof", "401 invalid_token", _shown_without, STRICT),
    Must("§7.1", "the challenge says which scheme and algorithms", "no token", "DPoP, with algs", _challenge, STRICT),
    Must(
        "§7.2",
        "a bound token is no bearer token",
        "the Bearer scheme",
        "401 invalid_token; with its proof 401 invalid_token",
        _as_bearer,
        STRICT,
    ),
    Must("§7.2", "one token in one way", "both schemes at once", "400 invalid_request", _two_tokens, STRICT),
    Must(
        "§7.1",
        "a token that is not bound is not shown as if",
        "the DPoP scheme",
        "401 invalid_token",
        _bound_where_none_is,
        COMPATIBLE,
    ),
    Must(
        "§10",
        "a code for a key is redeemed with that key",
        "dpop_jkt of another key",
        "400 invalid_grant",
        _another_code_key,
        STRICT,
    ),
    Must(
        "§10.1",
        "as before, when the proof came with the pushed request",
        "another key's proof",
        "400 invalid_grant",
        _another_pushed_key,
        STRICT,
    ),
    Must(
        "§10.1",
        "dpop_jkt and the proof beside it name one key",
        "two keys",
        "400 invalid_dpop_proof",
        lambda talk: talk.pushed(dpop_jkt=OTHER_KEY.thumbprint(), proofs=[talk.proof(talk.provider.pushed_endpoint)]),
        STRICT,
    ),
    Must("§11.1", "a proof is used once", "a proof again, at the token endpoint", _REFUSED, _again, STRICT),
    Must("§11.1", "as before", "a proof again, at UserInfo", "401 invalid_dpop_proof", _shown_twice, STRICT),
    Must(
        "§11.6",
        "no algorithm `none`, and none for secrets, among those on",
        "the metadata",
        "ES256, PS256",
        _metadata,
        STRICT,
    ),
)

OTHERS = (
    DoesNotApply(
        "§5",
        "refresh tokens of clients without credentials are bound",
        "all clients have keys; a refresh token is the client's",
    ),
    DoesNotApply(
        "§4.3 (10), §8, §9",
        "nonces of the server",
        "none are given: `iat` and the memory of `jti` bound a proof's life",
    ),
    DoesNotApply("§6", "how a resource learns of the key", "the only resource is the provider itself"),
)

RFC9449 = Document("RFC 9449: Demonstrating Proof of Possession", MUSTS, OTHERS)
