"""Whatever comes in, the provider answers with one of its own refusals."""

import base64
import json
from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.idp.world import CLIENT, NOW, PROVIDER, REQUEST, Counter, form
from warifu.errors import Malformed, OAuthRefused
from warifu.idp import (
    Parameters,
    Presented,
    begin,
    check_assertion,
    client_id,
    read_presented,
    read_token_request,
    unverified_issuer,
)

T = TypeVar("T")

TEXT = st.text(max_size=300)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
CLAIMS = st.fixed_dictionaries({}, optional=dict.fromkeys(("iss", "sub", "aud", "exp", "iat", "nbf", "jti"), JSON))
HEADERS = st.fixed_dictionaries({}, optional=dict.fromkeys(("alg", "kid", "crit", "b64", "typ", "jwk", "x5c"), JSON))


def segment(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def outcome(call: Callable[[], T]) -> T | OAuthRefused:
    """What comes of a call: its value, or the provider's refusal; anything else that it raises fails the test."""
    try:
        return call()
    except OAuthRefused as refusal:
        return refusal


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_bytes_are_parameters_or_malformed(data: bytes) -> None:
    """Nothing else is ever raised."""
    try:
        parameters = Parameters.decode(data)
    except Malformed:
        return
    found = outcome(lambda: client_id(parameters, PROVIDER.profile))
    assert isinstance(found, str) or found.error == "invalid_request"


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from([*REQUEST, "prompt", "request", "response_mode"]), TEXT, max_size=6))
def test_a_request_is_begun_or_refused(changes: dict[str, str]) -> None:
    """RFC 6749 §4.1.2.1; descriptions are plain ASCII."""
    pairs = {**REQUEST, **changes}
    found = outcome(lambda: begin(Parameters(pairs.items()), CLIENT, PROVIDER, NOW, Counter()))
    if isinstance(found, OAuthRefused):
        assert found.description.isascii()
        assert '"' not in found.description
    else:
        assert found[0].request.redirect_uri in CLIENT.redirect_uris


@settings(max_examples=200, deadline=None)
@given(HEADERS, JSON | CLAIMS, st.binary(max_size=40))
def test_an_assertion_nobody_signed_is_refused(header: Any, claims: Any, signature: bytes) -> None:
    """RFC 6749 §5.2 invalid_client."""
    tail = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
    text = f"{segment(header)}.{segment(claims)}.{tail}"
    checked = outcome(lambda: check_assertion(text, CLIENT, PROVIDER, NOW))
    named = outcome(lambda: unverified_issuer(text))
    assert isinstance(checked, OAuthRefused)
    assert checked.error == "invalid_client"
    assert named.error == "invalid_client" if isinstance(named, OAuthRefused) else named == claims["iss"]


@settings(max_examples=100, deadline=None)
@given(TEXT)
def test_any_text_is_no_assertion(text: str) -> None:
    """RFC 6749 §5.2 invalid_client."""
    found = outcome(lambda: check_assertion(text, CLIENT, PROVIDER, NOW))
    assert isinstance(found, OAuthRefused)
    assert found.error == "invalid_client"


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(["grant_type", "code", "redirect_uri", "code_verifier"]), TEXT))
def test_a_token_request_is_read_or_refused(changes: dict[str, str]) -> None:
    """RFC 6749 §5.2."""
    found = outcome(lambda: read_token_request(form(**changes), PROVIDER))
    assert not isinstance(found, OAuthRefused) or found.error in {"invalid_request", "unsupported_grant_type"}


@settings(max_examples=100, deadline=None)
@given(st.lists(TEXT, max_size=2))
def test_an_authorization_header_is_a_token_or_refused(headers: list[str]) -> None:
    """RFC 6750 §3.1."""
    found = outcome(lambda: read_presented(headers))
    assert found.token in headers[0] if isinstance(found, Presented) else found.error in {"", "invalid_request"}
