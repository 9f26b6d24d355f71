"""The relying party's half of the code flow: what it sends, and what it refuses to go on with."""

import base64
import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.services.world import (
    ACCESS_TOKEN,
    JWKS,
    NOW,
    PARTY,
    PROVIDER,
    SCOPES,
    Counter,
    id_token,
    pending,
    token_response,
)
from warifu.errors import Malformed, OAuthRefused, TokenRefused, WrongIssuer, WrongState
from warifu.services import LoggedIn, ProviderMetadata, begin, complete, join, redeem


def sent(form_of: dict[str, str]) -> dict[str, str]:
    return redeem(pending(), form_of, PARTY, PROVIDER, NOW, Counter())


def completed(response: bytes) -> LoggedIn:
    return complete(pending(), response, JWKS, PARTY, PROVIDER, NOW)


def test_the_authorization_request_has_every_required_parameter() -> None:
    """OpenID Connect Core 1.0 §3.1.2.1, RFC 7636 §4.3; the official list requires state, nonce and S256."""
    url, remembered = begin(PARTY, PROVIDER, SCOPES, Counter(), acr_values=("aal3", "crl"))
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query, strict_parsing=True).items()}
    verifier_hash = hashlib.sha256(remembered.code_verifier.encode()).digest()
    assert url.startswith(PROVIDER.authorization_endpoint + "?")
    assert query == {
        "response_type": "code",
        "scope": "openid name address birthdate gender",
        "client_id": PARTY.client_id,
        "redirect_uri": PARTY.redirect_uri,
        "state": remembered.state,
        "nonce": remembered.nonce,
        "code_challenge": base64.urlsafe_b64encode(verifier_hash).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "acr_values": "aal3 crl",
    }


def test_state_nonce_and_verifier_differ_and_show_nowhere() -> None:
    """RFC 9700 §2.1: one-time values; a log of the pending login must not tell them."""
    remembered = pending()
    values = {remembered.state, remembered.nonce, remembered.code_verifier}
    assert len(values) == 3
    assert not any(value in repr(remembered) for value in values)
    assert 43 <= len(remembered.code_verifier) <= 128


def test_the_code_is_redeemed_with_verifier_and_assertion() -> None:
    """RFC 6749 §4.1.3, RFC 7636 §4.5, RFC 7523 §2.2."""
    form = sent({"code": "a-code", "state": pending().state, "session_state": "s"})
    assert form.pop("client_assertion").count(".") == 2
    assert form == {
        "grant_type": "authorization_code",
        "code": "a-code",
        "client_id": PARTY.client_id,
        "redirect_uri": PARTY.redirect_uri,
        "code_verifier": pending().code_verifier,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }


@pytest.mark.parametrize("state", [None, "", "another", "状態"])
def test_a_callback_with_another_state_is_refused(state: str | None) -> None:
    """RFC 6749 §10.12."""
    with pytest.raises(WrongState):
        sent({"code": "a-code"} if state is None else {"code": "a-code", "state": state})


def test_an_error_with_another_state_is_not_believed() -> None:
    with pytest.raises(WrongState):
        sent({"error": "access_denied", "error_description": "cancelled", "state": "another"})


def test_an_error_callback_says_why() -> None:
    """RFC 6749 §4.1.2.1: relying parties that forget it show "Bad Request" to whoever cancelled."""
    with pytest.raises(OAuthRefused) as refusal:
        sent({"error": "access_denied", "error_description": "cancelled", "state": pending().state})
    assert (refusal.value.error, refusal.value.description) == ("access_denied", "cancelled")


def test_a_callback_naming_another_issuer_is_refused() -> None:
    """RFC 9207 §2.4."""
    with pytest.raises(WrongIssuer):
        sent({"code": "a-code", "state": pending().state, "iss": "http://elsewhere.example"})


def test_a_provider_that_promises_to_name_itself_has_to() -> None:
    """RFC 9207 §2.4: absence is an error once the metadata promises `iss`."""
    document = {
        "issuer": PROVIDER.issuer,
        "authorization_endpoint": PROVIDER.authorization_endpoint,
        "token_endpoint": PROVIDER.token_endpoint,
        "userinfo_endpoint": PROVIDER.userinfo_endpoint,
        "jwks_uri": PROVIDER.jwks_uri,
        "authorization_response_iss_parameter_supported": True,
    }
    promising = ProviderMetadata.read(json.dumps(document).encode(), PROVIDER.issuer)
    with pytest.raises(WrongIssuer):
        redeem(pending(), {"code": "a-code", "state": pending().state}, PARTY, promising, NOW, Counter())


@pytest.mark.parametrize("callback", [{}, {"code": ""}])
def test_a_callback_without_code_is_refused(callback: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        sent({**callback, "state": pending().state})


def test_a_good_answer_logs_in() -> None:
    logged_in = completed(token_response())
    assert logged_in.subject == "5f0c2a6e-0000-4000-8000-000000000001"
    assert logged_in.access_token == ACCESS_TOKEN
    assert ACCESS_TOKEN not in repr(logged_in)


def test_the_token_endpoints_refusal_says_why() -> None:
    """RFC 6749 §5.2."""
    with pytest.raises(OAuthRefused) as refusal:
        completed(b'{"error": "invalid_grant", "error_description": "the code has been used"}')
    assert refusal.value.error == "invalid_grant"


@pytest.mark.parametrize("change", [{"id_token": None}, {"access_token": None}, {"access_token": 1}])
def test_an_answer_without_both_tokens_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        completed(token_response(id_token(), **change))


@pytest.mark.parametrize("token_type", [None, "MAC"])
def test_an_unknown_token_type_is_refused(token_type: str | None) -> None:
    """RFC 6749 §7.1: a client must not use a token of a type it does not understand."""
    with pytest.raises(Malformed):
        completed(token_response(id_token(), token_type=token_type))


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"\xff", b"[" * 100_000])
def test_an_answer_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        completed(body)


def test_userinfo_of_the_same_subject_is_taken() -> None:
    logged_in = completed(token_response())
    answer = json.dumps({"sub": logged_in.subject, "name": "割符　花子"}).encode()
    assert join(logged_in, answer)["name"] == "割符　花子"


@pytest.mark.parametrize("answer", [{"sub": "somebody else", "name": "x"}, {"name": "x"}])
def test_userinfo_about_somebody_else_is_refused(answer: dict[str, str]) -> None:
    """OpenID Connect Core 1.0 §5.3.2."""
    with pytest.raises(TokenRefused):
        join(completed(token_response()), json.dumps(answer).encode())
