"""RFC 7523 and RFC 7521, signed assertions for client authentication; RFC 8725 says how such forgeries are made."""

from typing import Any

from tests.idp.world import CLIENT, EC, OTHER_CLIENT, RSA
from tests.wire.provider_negative.must import COMPATIBLE, STRICT, Ask, Document, DoesNotApply, Must
from tests.wire.provider_negative.talk import OTHER_KEY, Talk, spoiled

_REFUSED = "401 invalid_client"


def _with(key: Any = EC, algorithm: str = "ES256", header: Any = None, /, **claims: Any) -> Ask:
    """Exchange a code with an assertion that is wrong in this."""

    def ask(talk: Talk) -> str:
        return talk.exchange(client_assertion=talk.assertion(key, algorithm, header, **claims))

    return ask


def _twice(talk: Talk) -> str:
    assertion = talk.assertion()
    assert talk.exchange(client_assertion=assertion) == "accepted"
    return talk.exchange(client_assertion=assertion)


def _after_a_refusal(talk: Talk) -> str:
    once = talk.assertion()
    assert talk.pushed(client_assertion=once, scope="name") == "400 invalid_scope"
    return talk.pushed(client_assertion=once)


def _at_both_endpoints(talk: Talk) -> str:
    assertion = talk.assertion()
    assert talk.pushed(client_assertion=assertion) == "pushed"
    return talk.exchange(client_assertion=assertion)


def _in_time(**offsets: int) -> Ask:
    """An assertion whose moments are so many seconds from now."""

    def ask(talk: Talk) -> str:
        moments = {name: talk.now + seconds for name, seconds in offsets.items()}
        return talk.exchange(client_assertion=talk.assertion(**moments))

    return ask


DAY = 86_400
MUSTS = (
    Must(
        "§2.2",
        "client_assertion_type is the one for JWT",
        "the one for SAML",
        _REFUSED,
        lambda talk: talk.exchange(client_assertion_type="urn:ietf:params:oauth:client-assertion-type:saml2-bearer"),
    ),
    Must(
        "§2.2",
        "client_assertion is there",
        "the type alone",
        _REFUSED,
        lambda talk: talk.exchange(client_assertion=None),
    ),
    Must(
        "§2.2",
        "client_assertion is one JWT",
        "two assertions",
        "400 invalid_request",
        lambda talk: talk.exchange(f"&client_assertion={talk.assertion()}"),
    ),
    Must(
        "RFC 7521 §4.2",
        "client_id, if there, is the assertion's",
        "another client_id",
        _REFUSED,
        lambda talk: talk.exchange(client_id=OTHER_CLIENT.id),
    ),
    Must("§3 (1)", "iss is required", "no iss", _REFUSED, _with(iss=None)),
    Must("§3 (1)", "iss is who made it", "another client's iss", _REFUSED, _with(iss=OTHER_CLIENT.id)),
    Must("§3 (2)", "sub is required", "no sub", _REFUSED, _with(sub=None)),
    Must("§3 (2)", "sub is the client", "another client's sub", _REFUSED, _with(sub=OTHER_CLIENT.id)),
    Must("§3 (3)", "aud is required", "no aud", _REFUSED, _with(aud=None)),
    Must(
        "§3 (3)",
        "aud is this provider",
        "another provider's token endpoint",
        _REFUSED,
        _with(aud="https://other.example/token"),
    ),
    Must(
        "§3 (3)",
        "as before; strings are compared as they stand",
        "a slash more",
        _REFUSED,
        lambda talk: talk.exchange(client_assertion=talk.assertion(aud=talk.audience + "/")),
    ),
    Must(
        "FAPI 2.0 §5.3.2.1",
        "aud is the issuer, as one string",
        "the issuer in a list",
        _REFUSED,
        lambda talk: talk.exchange(client_assertion=talk.assertion(aud=[talk.audience])),
        STRICT,
    ),
    Must("§3 (4)", "exp is required", "no exp", _REFUSED, _with(exp=None)),
    Must("§3 (4)", "an assertion that has ended is refused", "ended a minute ago", _REFUSED, _in_time(exp=-60)),
    Must("§3 (4)", "an end too far away may be refused", "two days", _REFUSED, _in_time(exp=2 * DAY)),
    Must("§3 (5)", "not before nbf", "nbf in a minute", _REFUSED, _in_time(nbf=60)),
    Must("§3 (6)", "iat is no moment to come", "iat in a minute", _REFUSED, _in_time(iat=60)),
    Must(
        "§3 (7)",
        "jti is what makes it good once (OpenID Connect Core §9: required)",
        "no jti",
        _REFUSED,
        _with(jti=None),
    ),
    Must("§3 (7)", "as before", "the same assertion again", _REFUSED, _twice),
    Must("§3 (7)", "as before", "the same assertion at another endpoint", _REFUSED, _at_both_endpoints, STRICT),
    Must("§3 (7)", "as before", "the assertion of a request that was refused", _REFUSED, _after_a_refusal, STRICT),
    Must("§3 (9)", "it is signed", "alg none", _REFUSED, _with(EC, "none")),
    Must("§3 (9)", "it is signed by the client", "another key under the same kid", _REFUSED, _with(OTHER_KEY)),
    Must(
        "§3 (9)",
        "as before",
        "a bit of the signature turned over",
        _REFUSED,
        lambda talk: talk.exchange(client_assertion=spoiled(talk.assertion())),
    ),
    Must(
        "RFC 8725 §3.1", "the verifier says which algorithms", "HMAC under the public key", _REFUSED, _with(EC, "HS256")
    ),
    Must(
        "RFC 8725 §3.1", "as before", "RS256 where it is not on", _REFUSED, _with(RSA, "RS256", {"kid": "rsa"}), STRICT
    ),
    Must(
        "RFC 8725 §3.1",
        "as before",
        "PS256 where it is not on",
        _REFUSED,
        _with(RSA, "PS256", {"kid": "rsa"}),
        COMPATIBLE,
    ),
    Must(
        "RFC 7515 §4.1.11",
        "an extension that must be understood and is not",
        "crit",
        _REFUSED,
        _with(EC, "ES256", {"crit": ["b64"], "b64": True}),
    ),
    Must(
        "RFC 7515 §4.1.4", "kid names the key", "the kid of another key", _REFUSED, _with(EC, "ES256", {"kid": "rsa"})
    ),
    Must(
        "§3 (10)",
        "it is a valid JWT",
        "no JWT at all",
        _REFUSED,
        lambda talk: talk.exchange(client_assertion="not.a.jwt"),
    ),
    Must("§3 (1)", "the client is known", "a client nobody registered", _REFUSED, _with(iss="NOBODY", sub="NOBODY")),
    Must(
        "§3.2",
        "each of these is invalid_client",
        "all at once",
        _REFUSED,
        _with(OTHER_KEY, "ES256", None, iss=CLIENT.id, sub=None, aud=None, exp=None, jti=None),
    ),
)

OTHERS = (
    DoesNotApply("§2.1, §3.1", "assertions as grants", "not offered: `unsupported_grant_type`"),
    DoesNotApply(
        "§5", "agreement on names and keys beforehand", "made when a client is registered (`warifu client new`)"
    ),
)

RFC7523 = Document("RFC 7523: JWT for client authentication", MUSTS, OTHERS)
