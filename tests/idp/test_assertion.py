"""Client authentication by private_key_jwt: one test per refusal."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey

from tests.idp.world import CLIENT, EC, NOW, OTHER_CLIENT, OTHER_RSA, PROVIDER, RSA, SECOND, assertion, form
from warifu.errors import Malformed, OAuthRefused
from warifu.idp import Client, check_assertion, check_client, check_keys, client_assertion, unverified_issuer


def refused(text: str, client: Client | None = CLIENT) -> str:
    with pytest.raises(OAuthRefused) as caught:
        check_assertion(text, client, PROVIDER, NOW)
    assert caught.value.error == "invalid_client"
    return caught.value.description


def seconds(offset: timedelta) -> int:
    return int((NOW + offset).timestamp())


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (EC, "ES256")])
def test_a_good_assertion_is_accepted_and_may_be_used_once_until_it_expires(key: Any, algorithm: str) -> None:
    """RFC 7523 §3; RS256 and ES256."""
    text = assertion(key, algorithm)
    use = check_assertion(text, CLIENT, PROVIDER, NOW)
    assert unverified_issuer(text) == CLIENT.id
    assert (use.client_id, use.jti) == (CLIENT.id, "once")
    assert use.expires_at == NOW + 60 * SECOND + PROVIDER.profile.clock_skew


def test_a_key_id_is_not_required() -> None:
    """RFC 7515 §4.1.4: kid is optional."""
    assert check_assertion(assertion(RSA, "RS256", {}), CLIENT, PROVIDER, NOW).jti == "once"


@pytest.mark.parametrize("audience", [PROVIDER.issuer, [PROVIDER.token_endpoint, "https://other.example"]])
def test_the_issuer_and_a_list_are_audiences_too(audience: object) -> None:
    """RFC 7523 §3 no. 3; RFC 7519 §4.1.3."""
    assert check_assertion(assertion(aud=audience), CLIENT, PROVIDER, NOW).jti == "once"


@pytest.mark.parametrize(
    "audience", [None, "https://other.example/token", PROVIDER.origin, PROVIDER.token_endpoint + "/", [], {}, 1]
)
def test_another_audience_is_refused(audience: object) -> None:
    """RFC 7523 §3 no. 3."""
    assert refused(assertion(aud=audience)) == "aud of the assertion must be the token endpoint"


@pytest.mark.parametrize("claim", ["iss", "sub"])
@pytest.mark.parametrize("value", [None, OTHER_CLIENT.id, 7])
def test_issuer_and_subject_are_the_client(claim: str, value: object) -> None:
    """RFC 7523 §3 nos. 1 and 2."""
    assert refused(assertion(**{claim: value})) == "iss and sub of the assertion must be the client id"


@pytest.mark.parametrize("value", [None, seconds(-31 * SECOND), seconds(-timedelta(days=1))])
def test_an_expired_assertion_is_refused(value: int | None) -> None:
    """RFC 7523 §3 no. 4, with the clock skew of the profile."""
    assert refused(assertion(exp=value)) == "the assertion has expired or has no exp"


def test_a_clock_slightly_off_is_forgiven() -> None:
    """RFC 7519 §4.1.4: some leeway."""
    assert check_assertion(assertion(exp=seconds(-29 * SECOND)), CLIENT, PROVIDER, NOW).jti == "once"


def test_an_assertion_that_lives_too_long_is_refused() -> None:
    """RFC 7523 §3 no. 4: may reject an exp unreasonably far in the future."""
    longest = PROVIDER.profile.assertion_lifetime + PROVIDER.profile.clock_skew
    assert check_assertion(assertion(exp=seconds(longest)), CLIENT, PROVIDER, NOW).jti == "once"
    assert refused(assertion(exp=seconds(longest + SECOND))) == "exp of the assertion is too far in the future"


def test_a_clients_clock_may_be_seconds_ahead() -> None:
    """RFC 7519 §4.1.5: some leeway; FAPI 2.0 Security Profile §5.3.2.1: at least 10 seconds."""
    ahead = seconds(10 * SECOND)
    assert check_assertion(assertion(nbf=ahead, iat=ahead), CLIENT, PROVIDER, NOW).jti == "once"


@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_an_assertion_from_the_future_is_refused(claim: str) -> None:
    """RFC 7523 §3 nos. 5 and 6."""
    assert refused(assertion(**{claim: seconds(31 * SECOND)})) == f"{claim} of the assertion is in the future"


@pytest.mark.parametrize("value", ["soon", True, [1], 1e300, 253402300799])  # the last: a skew later the year is 10000
def test_times_are_numbers_in_range(value: object) -> None:
    """RFC 7519 §2 NumericDate."""
    assert refused(assertion(exp=value)).startswith("exp of the assertion is")


@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_the_end_of_time_is_in_the_future(claim: str) -> None:
    """RFC 7523 §3 nos. 5 and 6, at the last second of year 9999."""
    assert refused(assertion(**{claim: 253402300799})) == f"{claim} of the assertion is in the future"


@pytest.mark.parametrize("value", [None, "", "x" * 256, 7, "\ud800", "a\0b"])  # the last two: no text a store can keep
def test_an_assertion_needs_a_jti(value: object) -> None:
    """RFC 7523 §3 no. 7, required here so that a replay can be seen."""
    assert refused(assertion(jti=value)).startswith("the assertion needs a jti")


def test_an_assertion_by_another_key_is_refused() -> None:
    """RFC 7523 §3 no. 9."""
    assert "does not verify" in refused(assertion(OTHER_RSA))


def test_a_kid_of_another_key_is_refused() -> None:
    """RFC 7515 §4.1.4: the key id says which key."""
    assert "does not verify" in refused(assertion(RSA, "RS256", {"kid": "ec"}))


def test_a_kid_that_no_key_has_is_named() -> None:
    """RFC 7515 §4.1.4: a client that made its own name for its key does not look for the fault in its signature."""
    assert "has the kid" in refused(assertion(RSA, "RS256", {"kid": "mine"}))


def test_a_key_for_encryption_does_not_sign() -> None:
    """RFC 7517 §4.2."""
    key = RSA.as_dict(private=False) | {"use": "enc"}
    assert "does not verify" in refused(assertion(), replace(CLIENT, jwks={"keys": [key]}))


def test_a_key_registered_for_another_algorithm_does_not_sign() -> None:
    """RFC 7517 §4.4."""
    key = RSA.as_dict(private=False) | {"alg": "PS256"}
    assert "does not verify" in refused(assertion(), replace(CLIENT, jwks={"keys": [key]}))


@pytest.mark.parametrize("algorithm", ["PS256", "RS512"])
def test_algorithms_outside_the_list_are_refused(algorithm: str) -> None:
    """RFC 8725 §3.1."""
    assert refused(assertion(RSA, algorithm)) == "the assertion's algorithm is not accepted"


def test_no_algorithm_is_no_signature() -> None:
    """RFC 8725 §2.1."""
    payload = assertion().split(".")[1]
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    assert refused(f"{header}.{payload}.") == "the assertion's algorithm is not accepted"


def test_the_public_key_is_no_shared_secret() -> None:
    """RFC 8725 §2.1: HMAC keyed with the public key."""
    forged = assertion(OctKey.import_key(RSA.as_pem(private=False).hex()), "HS256", {"kid": "rsa"})
    assert refused(forged) == "the assertion's algorithm is not accepted"


def test_a_changed_payload_is_refused() -> None:
    """RFC 7515 §5.2."""
    header, _, signature = assertion().split(".")
    payload = assertion(jti="another").split(".")[1]
    assert "does not verify" in refused(f"{header}.{payload}.{signature}")


@pytest.mark.parametrize("header", [{"kid": "rsa", "crit": ["exp"], "exp": 1}, {"kid": "rsa", "b64": True}])
def test_header_extensions_are_refused(header: dict[str, Any]) -> None:
    """RFC 7515 §4.1.11: what is not understood is refused."""
    encoded = base64.urlsafe_b64encode(json.dumps({"alg": "RS256", **header}).encode()).rstrip(b"=").decode()
    _, payload, signature = assertion().split(".")
    assert refused(f"{encoded}.{payload}.{signature}") == "the assertion's header asks for an extension"


@pytest.mark.parametrize(
    "text", ["", "a.b", "a.b.c", "....", "é.e30.e30", "W10.e30.AA", "WyJhbGciXQ.e30.AA", "x" * 8193]
)
def test_what_is_no_jwt_is_refused(text: str) -> None:
    """RFC 7515 §7.1."""
    assert "the assertion" in refused(text)


@pytest.mark.parametrize("payload", [b"[]", b"7", b"{", b"\xff"])
def test_claims_that_are_no_json_object_are_refused(payload: bytes) -> None:
    """RFC 7519 §7.2."""
    header = base64.urlsafe_b64encode(b'{"alg":"RS256"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(payload).decode().rstrip("=")
    with pytest.raises(OAuthRefused, match="claims are not"):
        unverified_issuer(f"{header}.{body}.AA")


@pytest.mark.parametrize("issuer", ["\ud800", "RP\0", "", "x" * 256, "名前"])
def test_an_issuer_that_can_be_no_client_id_is_not_even_looked_up(issuer: str) -> None:
    """The client id's alphabet, as in the authorization request; no store has to bear anything else."""
    with pytest.raises(OAuthRefused, match="the assertion has no issuer") as caught:
        unverified_issuer(assertion(iss=issuer))
    assert caught.value.error == "invalid_client"


@pytest.mark.parametrize(
    "key",
    [
        {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        ECKey.generate_key("P-384").as_dict(private=False),
        {"kty": "RSA", "n": base64.urlsafe_b64encode(b"\xff" * 128).rstrip(b"=").decode(), "e": "AQAB"},  # 1024 bits
        RSA.as_dict(private=False) | {"use": "enc"},
        RSA.as_dict(private=False) | {"alg": "PS384"},
        {"kty": "RSA", "n": "!", "e": "AQAB"},
        {"kty": "?"},
    ],
)
def test_a_key_set_in_which_no_key_can_ever_verify_is_malformed(key: dict[str, Any]) -> None:
    """Told when it is registered: the later refusal could not say which side is wrong."""
    with pytest.raises(Malformed, match="RS256"):
        check_keys({"keys": [key]})
    check_keys({"keys": [key, EC.as_dict(private=False)]})
    check_keys({"keys": [key, RSA.as_dict(private=False)]})


def test_an_unknown_client_is_refused() -> None:
    """RFC 6749 §5.2 invalid_client."""
    assert refused(assertion(), None) == "the client is not registered"


def test_without_a_grant_type_the_client_reads_keycloaks_words() -> None:
    """What a client sees that put its parameters into the query (a documented pain of the official service)."""
    with pytest.raises(OAuthRefused, match="Missing form parameter: grant_type") as caught:
        client_assertion(form(grant_type=None))
    assert caught.value.error == "invalid_request"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_assertion_type": None},
        {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
        {"client_assertion": None},
    ],
)
def test_only_private_key_jwt_authenticates_a_client(changes: dict[str, str | None]) -> None:
    """RFC 7521 §4.2; implement-guideline: private_key_jwt only."""
    with pytest.raises(OAuthRefused) as caught:
        client_assertion(form(**changes))
    assert caught.value.error == "invalid_client"


def test_the_form_may_not_name_another_client() -> None:
    """RFC 7521 §4.2."""
    with pytest.raises(OAuthRefused) as caught:
        check_client(form(client_id=OTHER_CLIENT.id), CLIENT)
    assert caught.value.error == "invalid_client"


def test_a_suspended_client_gets_no_token() -> None:
    """RFC 6749 §5.2 unauthorized_client."""
    with pytest.raises(OAuthRefused) as caught:
        check_client(form(), replace(CLIENT, active=False))
    assert caught.value.error == "unauthorized_client"
