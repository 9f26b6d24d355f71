"""The authorization request: limits as documented, and who is told about a fault."""

from dataclasses import replace

import pytest

from tests.idp.world import CLIENT, NOW, PROVIDER, REDIRECT_URI, REQUEST, Counter, begun, parameters
from warifu.errors import CallbackRefused, Malformed, OAuthRefused
from warifu.idp import Client, Parameters, Status, begin, client_id, fingerprint

LONG = {"code_challenge": 128} | dict.fromkeys(("state", "nonce", "acr_values", "scope", "response_type"), 255)
REPORTED = ("response_type", "scope", "state", "nonce", "code_challenge", "code_challenge_method")


def refused(**changes: str | None) -> CallbackRefused:
    with pytest.raises(CallbackRefused) as caught:
        begun(**changes)
    return caught.value


def told_to_the_person(**changes: str | None) -> OAuthRefused:
    with pytest.raises(OAuthRefused) as caught:
        begun(**changes)
    assert not isinstance(caught.value, CallbackRefused)
    return caught.value


def test_a_complete_request_opens_a_login_bound_to_the_browser() -> None:
    """The documented example of a request."""
    login, cookie = begun()
    assert login.status is Status.WAITING
    assert login.browser_hash == fingerprint(cookie)
    assert login.request.scopes == ("openid", "name", "address", "birthdate", "gender")
    assert login.request.acr_values == ("aal3", "crl")
    assert len(login.nonce) == 32
    assert login.expires_at == NOW + PROVIDER.profile.login_lifetime


def test_transaction_cookie_and_nonce_are_unguessable_and_differ() -> None:
    """RFC 6749 §10.10: at least 128 bits of chance."""
    login, cookie = begun()
    assert len(login.transaction) == len(cookie) == 43
    assert len({login.transaction, cookie, login.nonce.hex()}) == 3


@pytest.mark.parametrize("name", REPORTED)
def test_every_required_parameter_is_required(name: str) -> None:
    """Authserver, table of the request; RFC 6749 §4.1.2.1."""
    refusal = refused(**{name: None})
    assert refusal.error == "invalid_request"
    assert refusal.description == f"parameter missing: {name}"


@pytest.mark.parametrize("name", REPORTED)
def test_an_empty_parameter_counts_as_missing(name: str) -> None:
    """RFC 6749 §3.1: sent without a value means omitted."""
    assert refused(**{name: ""}).description == f"parameter missing: {name}"


@pytest.mark.parametrize("name", REPORTED)
def test_a_parameter_given_twice_is_refused(name: str) -> None:
    """RFC 6749 §3.1."""
    twice = Parameters([*REQUEST.items(), (name, REQUEST[name])])
    with pytest.raises(CallbackRefused, match=f"given more than once: {name}") as caught:
        begin(twice, CLIENT, PROVIDER, NOW, Counter())
    assert caught.value.error == "invalid_request"


@pytest.mark.parametrize(("name", "longest"), LONG.items())
def test_one_character_too_many_is_refused(name: str, longest: int) -> None:
    """Authserver, table of the request: 1 to 255 characters, the challenge 1 to 128."""
    refusal = refused(**{name: "a" * (longest + 1)})
    assert refusal.error == "invalid_request"
    assert refusal.description == f"parameter too long or malformed: {name}"


@pytest.mark.parametrize("name", ["state", "nonce", "code_challenge"])
def test_the_longest_value_is_accepted(name: str) -> None:
    """Authserver, table of the request."""
    login, _ = begun(**{name: "a" * LONG[name]})
    assert getattr(login.request, name) == "a" * LONG[name]


@pytest.mark.parametrize("name", ["state", "nonce", "acr_values", "scope"])
@pytest.mark.parametrize("value", ["状態", "tab\there", "line\n", "\x7f"])
def test_characters_outside_printable_ascii_are_refused(name: str, value: str) -> None:
    r"""Authserver, table of the request: ``[\x20-\x7E]*``."""
    assert refused(**{name: value}).description == f"parameter too long or malformed: {name}"


@pytest.mark.parametrize("value", ["with space", "plus+", "slash/", "pad="])
def test_the_challenge_is_base64url(value: str) -> None:
    """Authserver, table of the request: ``[0-9a-zA-Z_-]*``."""
    assert refused(code_challenge=value).error == "invalid_request"


@pytest.mark.parametrize("method", ["plain", "s256", "S512"])
def test_only_s256_is_accepted(method: str) -> None:
    """Authserver: S256; RFC 9700 §2.1.1."""
    assert refused(code_challenge_method=method).description == "code_challenge_method must be S256"


@pytest.mark.parametrize("value", ["token", "id_token", "code id_token", "CODE"])
def test_only_the_code_flow_is_offered(value: str) -> None:
    """Implement-guideline: no implicit flow."""
    assert refused(response_type=value).error == "unsupported_response_type"


@pytest.mark.parametrize("scope", ["name", "openid email", "openid  name", "openid sign", "openid offline_access"])
def test_scopes_outside_the_list_or_without_openid_are_refused(scope: str) -> None:
    """Authserver, table of the request; RFC 6749 §3.3: one space between scopes; `sign` is not offered."""
    assert refused(scope=scope).error == "invalid_scope"


def test_a_scope_not_permitted_to_the_client_is_refused() -> None:
    """RFC 6749 §4.1.2.1 invalid_scope."""
    client = replace(CLIENT, scopes=("openid",))
    with pytest.raises(CallbackRefused) as caught:
        begin(parameters(), client, PROVIDER, NOW, Counter())
    assert caught.value.error == "invalid_scope"


def test_a_suspended_client_is_told_so() -> None:
    """RFC 6749 §4.1.2.1 unauthorized_client."""
    with pytest.raises(CallbackRefused) as caught:
        begin(parameters(), replace(CLIENT, active=False), PROVIDER, NOW, Counter())
    assert caught.value.error == "unauthorized_client"


def test_a_refusal_goes_back_to_the_client_with_its_state() -> None:
    """RFC 6749 §4.1.2.1."""
    refusal = refused(nonce=None)
    assert (refusal.redirect_uri, refusal.state) == (REDIRECT_URI, "a state")


def test_a_state_that_can_not_be_used_is_not_sent_back() -> None:
    """RFC 6749 §4.1.2.1: the exact value received, and only then."""
    assert refused(state="x" * 256).state == ""


@pytest.mark.parametrize("value", [None, "", "RP-1", "株式会社", "R" * 256])
def test_a_client_id_that_is_missing_or_malformed_is_told_to_the_person(value: str | None) -> None:
    """Authserver: 1 to 255 letters and digits; RFC 6749 §4.1.2.1: never redirect."""
    with pytest.raises(OAuthRefused) as caught:
        client_id(parameters(client_id=value), PROVIDER.profile)
    assert not isinstance(caught.value, CallbackRefused)
    assert caught.value.error == "invalid_request"


def test_an_unknown_client_is_told_to_the_person() -> None:
    """RFC 6749 §4.1.2.1: never redirect to an address that nobody registered."""
    with pytest.raises(OAuthRefused) as caught:
        begin(parameters(), None, PROVIDER, NOW, Counter())
    assert not isinstance(caught.value, CallbackRefused)
    assert caught.value.error == "invalid_client"


@pytest.mark.parametrize(
    "value",
    [
        REDIRECT_URI + "/",
        REDIRECT_URI + "?a=b",
        REDIRECT_URI.upper(),
        REDIRECT_URI.replace("/callback", "/x/../callback"),
        "http://rp.localhost:8702.evil.example/callback",
        "https://evil.example/",
    ],
)
def test_a_redirect_uri_must_be_registered_character_by_character(value: str) -> None:
    """RFC 9700 §2.1."""
    assert told_to_the_person(redirect_uri=value).error == "invalid_redirect_uri"


@pytest.mark.parametrize("value", [None, "http://a.example/" + "a" * 239, "http://rp.localhost/空"])
def test_a_redirect_uri_missing_or_malformed_is_told_to_the_person(value: str | None) -> None:
    """Authserver: 1 to 255 characters of a URI."""
    assert told_to_the_person(redirect_uri=value).error == "invalid_request"


def test_a_redirect_uri_given_twice_is_told_to_the_person() -> None:
    """RFC 6749 §3.1: which of the two was meant?"""
    twice = Parameters([*REQUEST.items(), ("redirect_uri", "https://evil.example/")])
    with pytest.raises(OAuthRefused) as caught:
        begin(twice, CLIENT, PROVIDER, NOW, Counter())
    assert not isinstance(caught.value, CallbackRefused)


def test_scopes_come_in_any_order() -> None:
    """RFC 6749 §3.3."""
    login, _ = begun(scope="gender name openid")
    assert login.request.scopes == ("gender", "name", "openid")


def test_unknown_parameters_are_ignored() -> None:
    """RFC 6749 §3.1."""
    login, _ = begun(ui_locales="ja", max_age="0", prompt="consent")
    assert login.status is Status.WAITING


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("request", "e30.e30.", "request_not_supported"),
        ("request_uri", "https://a.example/r", "request_uri_not_supported"),
        ("registration", "{}", "registration_not_supported"),
        ("id_token_hint", "e30.e30.e30", "invalid_request"),
        ("response_mode", "fragment", "invalid_request"),
        ("prompt", "none", "login_required"),
    ],
)
def test_what_can_not_be_ignored_is_refused(name: str, value: str, error: str) -> None:
    """OpenID Connect Core 1.0 §3.1.2.1, §3.1.2.6."""
    assert refused(**{name: value}).error == error


def test_who_asks_without_showing_anything_is_told_to_log_in_whatever_else_is_asked() -> None:
    """Clients that renew silently send an ID token along, and go on with a login when they hear this."""
    assert refused(prompt="none", id_token_hint="e30.e30.e30").error == "login_required"


@pytest.mark.parametrize("text", [b"state=%FF%FE", b"state=\xe3\x81\x82", b"a=1&" * 65 + b"b=2"])
def test_bytes_that_are_not_form_encoded_are_malformed(text: bytes) -> None:
    """WHATWG URL §5; at most 64 parameters."""
    with pytest.raises(Malformed):
        Parameters.decode(text)


def test_parameters_never_show_their_values() -> None:
    """Codes and assertions travel here."""
    assert "a state" not in repr(parameters())


@pytest.mark.parametrize(
    "change",
    [
        {"id": "RP 1"},
        {"id": ""},
        {"name": ""},
        {"redirect_uris": ()},
        {"redirect_uris": ("http://shop.example/cb",)},
        {"redirect_uris": ("https://shop.example/cb#top",)},
        {"redirect_uris": ("https://user@shop.example/cb",)},
        {"redirect_uris": ("/cb",)},
        {"redirect_uris": ("javascript:alert(1)",)},
        {"redirect_uris": ("http://[::1/cb",)},
        {"redirect_uris": ("http://localhost:70000/cb",)},
        {"jwks": {}},
        {"jwks": {"keys": []}},
        {"jwks": {"keys": ["key"]}},
        {"jwks": {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB", "d": "AQAB"}]}},
        {"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}},
    ],
)
def test_a_client_that_could_never_be_served_safely_is_not_registered(change: dict[str, object]) -> None:
    """RFC 6749 §3.1.2, RFC 9700 §2.6, RFC 7517 §9.2."""
    values = {name: getattr(CLIENT, name) for name in Client.__slots__}
    with pytest.raises(Malformed):
        Client(**{**values, **change})
