"""Pushed authorization requests, signed responses, and the profile that asks for both."""

from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.idp.world import CLIENT, NOW, OTHER_CLIENT, REQUEST, SIGNER, Counter, parameters, query
from warifu.errors import CallbackRefused, OAuthRefused
from warifu.idp import (
    FAPI2,
    Parameters,
    Proof,
    Provider,
    PushedRequest,
    begin,
    discovery,
    push,
    pushed_reference,
    refusal_url,
    take_pushed,
)

PROVIDER = Provider("http://localhost:8700", FAPI2)
COMPATIBLE = Provider("http://localhost:8700")


def pushed(proof: Proof | None = None, **changes: str | None) -> tuple[PushedRequest, Parameters]:
    """A request that was pushed, and what the browser then brings."""
    kept, answer = push(parameters(**changes), CLIENT, PROVIDER, proof, NOW, Counter())
    assert answer["expires_in"] == 90
    return kept, Parameters([("client_id", CLIENT.id), ("request_uri", str(answer["request_uri"]))])


def error_of(changes: dict[str, str | None], proof: Proof | None = None) -> str:
    with pytest.raises(OAuthRefused) as caught:
        pushed(proof, **changes)
    return caught.value.error


def test_what_was_pushed_is_what_is_asked() -> None:
    """RFC 9126 §4: the browser brings the reference only."""
    kept, brought = pushed()
    assert pushed_reference(brought, FAPI2) == kept.hash
    login, _ = begin(take_pushed(kept, CLIENT.id, NOW), CLIENT, PROVIDER, NOW, Counter(), pushed=True)
    assert login.request.state == REQUEST["state"]
    assert login.request.code_challenge == REQUEST["code_challenge"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": "http://rp.localhost:8702/other"}, "invalid_redirect_uri"),
        ({"scope": "openid sign"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"request": "a.b.c"}, "request_not_supported"),
        ({"code_challenge": None}, "invalid_request"),
        ({"nonce": "x" * 256}, "invalid_request"),
    ],
)
def test_everything_is_checked_when_it_is_pushed(changes: dict[str, str | None], error: str) -> None:
    """RFC 9126 §2.1: as at the authorization endpoint."""
    assert error_of(changes) == error


@pytest.mark.parametrize("client_id", [OTHER_CLIENT.id, "RP1"])
def test_another_clients_request_is_unknown(client_id: str) -> None:
    """RFC 9126 §7.3: bound to the client that pushed it."""
    kept, _ = pushed()
    with pytest.raises(OAuthRefused, match="unknown, used before") as caught:
        take_pushed(kept, client_id, NOW)
    assert caught.value.error == "invalid_request_uri"


def test_a_request_is_good_for_its_time_and_once() -> None:
    """RFC 9126 §4; what was taken is no longer in the store."""
    kept, _ = pushed()
    assert take_pushed(kept, CLIENT.id, kept.expires_at - timedelta(seconds=1)).find("state") == REQUEST["state"]
    for late in (kept, None):
        with pytest.raises(OAuthRefused):
            take_pushed(late, CLIENT.id, kept.expires_at)


def test_only_references_of_ours_are_followed() -> None:
    """RFC 9126 §7.1: no request is fetched from anywhere."""
    with pytest.raises(OAuthRefused) as caught:
        pushed_reference(Parameters([("request_uri", "https://rp.example/request.jwt")]), FAPI2)
    assert caught.value.error == "invalid_request_uri"


def test_a_request_that_was_not_pushed_goes_back() -> None:
    """FAPI 2.0 Security Profile §5.3.2.2 no. 4."""
    with pytest.raises(CallbackRefused, match="pushed first") as caught:
        begin(parameters(), CLIENT, PROVIDER, NOW, Counter())
    assert caught.value.error == "invalid_request"


def test_a_proof_beside_it_binds_the_code_to_the_key() -> None:
    """RFC 9449 §10.1."""
    kept, _ = pushed(Proof("dpop:" + "k" * 43, "once", NOW))
    login, _ = begin(take_pushed(kept, CLIENT.id, NOW), CLIENT, PROVIDER, NOW, Counter(), pushed=True)
    assert login.request.key_thumbprint == "k" * 43
    assert error_of({"dpop_jkt": "o" * 43}, Proof("dpop:" + "k" * 43, "once", NOW)) == "invalid_dpop_proof"


def test_where_nothing_is_pushed_a_reference_is_not_supported() -> None:
    """OpenID Connect Core 1.0 §3.1.2.6."""
    with pytest.raises(OAuthRefused, match="cannot be pushed"):
        push(parameters(), CLIENT, COMPATIBLE, None, NOW, Counter())
    with pytest.raises(CallbackRefused) as caught:
        begin(parameters(request_uri="urn:x"), CLIENT, COMPATIBLE, NOW, Counter())
    assert caught.value.error == "request_uri_not_supported"


def refusal(**changes: str | None) -> CallbackRefused:
    with pytest.raises(CallbackRefused) as caught:
        begin(parameters(scope="openid sign", **changes), CLIENT, PROVIDER, NOW, Counter(), pushed=True)
    return caught.value


@pytest.mark.parametrize("mode", ["jwt", "query.jwt"])
def test_a_signed_response_is_for_one_client_and_short(mode: str) -> None:
    """JARM §2.1, §2.3.1."""
    told = query(refusal_url(refusal(response_mode=mode), PROVIDER, SIGNER, NOW))
    assert told.keys() == {"response"}
    claims = jwt.decode(told["response"], ECKey.import_key(dict(SIGNER.jwk)), algorithms=["ES256"]).claims
    assert (claims["iss"], claims["aud"]) == (PROVIDER.issuer, CLIENT.id)
    assert claims["exp"] == int((NOW + FAPI2.code_lifetime).timestamp())
    assert (claims["error"], claims["state"]) == ("invalid_scope", REQUEST["state"])


def test_a_plain_response_names_the_provider() -> None:
    """RFC 9207 §2."""
    told = query(refusal_url(refusal(), PROVIDER, SIGNER, NOW))
    assert (told["iss"], told["error"]) == (PROVIDER.issuer, "invalid_scope")


@pytest.mark.parametrize("mode", ["fragment", "form_post", "fragment.jwt"])
def test_other_modes_are_refused(mode: str) -> None:
    assert error_of({"response_mode": mode}) == "invalid_request"


def test_the_metadata_say_exactly_what_is_on() -> None:
    """RFC 9126 §5, RFC 9449 §5.1, RFC 9207 §3, JARM §3."""
    told, compatible = discovery(PROVIDER), discovery(COMPATIBLE)
    assert told["pushed_authorization_request_endpoint"] == PROVIDER.pushed_endpoint
    assert told["require_pushed_authorization_requests"] is True
    assert told["dpop_signing_alg_values_supported"] == ["ES256", "PS256"]
    assert told["authorization_response_iss_parameter_supported"] is True
    assert told["authorization_signing_alg_values_supported"] == ["ES256"]
    assert "RS256" not in str(told["token_endpoint_auth_signing_alg_values_supported"])
    assert compatible.keys() - told.keys() == {"sign_transactions_endpoint"}
    assert not {"pushed_authorization_request_endpoint", "dpop_signing_alg_values_supported"} & compatible.keys()
