"""Proofs of possession: one test for each thing that RFC 9449 §4.3 tells the server to check."""

import base64
import hashlib
import json
import warnings
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, RSAKey

from tests.idp.world import NOW, OTHER_RSA, RSA, SECOND
from warifu.errors import OAuthRefused
from warifu.idp import FAPI2, Proof, Provider, check_proof

PROVIDER = Provider("http://localhost:8700", FAPI2)
ADDRESS = PROVIDER.token_endpoint
KEY = ECKey.import_key(ec.derive_private_key(9449, ec.SECP256R1()))
TOKEN = "an-access-token"


def proof(key: Any = KEY, algorithm: str = "ES256", header: dict[str, Any] | None = None, /, **changes: Any) -> str:
    """A proof that is right but for `changes`; None leaves a claim out."""
    told = {"htm": "POST", "htu": ADDRESS, "jti": "once", "iat": int(NOW.timestamp())} | changes
    claims = {name: value for name, value in told.items() if value is not None}
    protected = {"typ": "dpop+jwt", "alg": algorithm, "jwk": key.as_dict(private=False)} | (header or {})
    return jws.serialize_compact(protected, json.dumps(claims).encode(), key, [algorithm])


def checked(*headers: str, token: str | None = None, method: str = "POST") -> Proof | None:
    return check_proof(headers, method, ADDRESS, FAPI2, NOW, token)


def refused(*headers: str, token: str | None = None) -> str:
    with pytest.raises(OAuthRefused) as caught:
        checked(*headers, token=token)
    assert caught.value.error == "invalid_dpop_proof"
    return caught.value.description


def test_a_proof_names_its_key() -> None:
    found = checked(proof())
    assert found is not None
    assert found.key_thumbprint == KEY.thumbprint()
    assert found.jti == "once"


def test_a_proof_by_rsa_is_as_good() -> None:
    found = checked(proof(RSA, "PS256"))
    assert found is not None
    assert found.key_thumbprint == RSA.thumbprint()


def test_no_proof_is_no_error_by_itself() -> None:
    assert checked() is None


def test_there_is_one_proof_at_most() -> None:
    refused(proof(), proof(jti="twice"))


@pytest.mark.parametrize("header", [{"typ": "JWT"}, {"typ": None}, {"crit": ["x"], "x": 1}])
def test_the_header_says_what_it_is(header: dict[str, Any]) -> None:
    forged = proof().split(".")
    read = json.loads(base64.urlsafe_b64decode(forged[0] + "=="))
    forged[0] = base64.urlsafe_b64encode(json.dumps(read | header).encode()).rstrip(b"=").decode()
    refused(".".join(forged))


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256", "ES384", None])
def test_other_algorithms_are_refused(algorithm: str | None) -> None:
    """RFC 9449 §4.3: asymmetric, supported, and acceptable."""
    head = {"typ": "dpop+jwt", "alg": algorithm, "jwk": KEY.as_dict(private=False)}
    first = base64.urlsafe_b64encode(json.dumps(head).encode()).rstrip(b"=").decode()
    refused(f"{first}.{proof().split('.')[1]}.")


def test_a_private_key_in_the_header_is_refused() -> None:
    """RFC 9449 §4.3: the jwk must not contain a private key."""
    refused(proof(KEY, "ES256", {"jwk": KEY.as_dict(private=True)}))


def test_another_keys_signature_is_refused() -> None:
    refused(proof(RSA, "PS256", {"jwk": OTHER_RSA.as_dict(private=False)}))


def test_a_short_key_is_refused() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        short = proof(RSAKey.generate_key(1024), "PS256")
    assert refused(short) == "jwk is too short"


@pytest.mark.parametrize(
    "change",
    [
        {"htm": "GET"},
        {"htm": None},
        {"htu": ADDRESS + "/"},
        {"htu": "http://localhost:8701" + ADDRESS[len("http://localhost:8700") :]},
        {"htu": ADDRESS.replace("http:", "https:")},
        {"htu": None},
        {"htu": 7},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 256},
        {"iat": None},
        {"iat": True},
        {"iat": "now"},
        {"iat": 10**20},
    ],
)
def test_each_claim_is_checked(change: dict[str, Any]) -> None:
    refused(proof(**change))


@pytest.mark.parametrize("address", [ADDRESS + "?a=b", ADDRESS + "#c", ADDRESS.replace("localhost", "LOCALHOST")])
def test_the_address_is_compared_without_what_does_not_matter(address: str) -> None:
    """RFC 9449 §4.3: ignoring query and fragment; RFC 3986 §6.2.2."""
    assert checked(proof(htu=address)) is not None


@pytest.mark.parametrize(("seconds", "good"), [(-91, False), (-89, True), (0, True), (30, True), (31, False)])
def test_a_proof_is_of_now(seconds: int, good: bool) -> None:
    made = proof(iat=int((NOW + seconds * SECOND).timestamp()))
    if good:
        assert checked(made) is not None
    else:
        refused(made)


def test_other_claims_are_left_alone() -> None:
    """RFC 9449 §4.2: a proof may contain others."""
    now = int(NOW.timestamp())
    assert checked(proof(nbf=now, exp=now + 300, note="hello")) is not None


def test_with_a_token_the_proof_is_for_that_token() -> None:
    """RFC 9449 §4.3 no. 12."""
    ath = base64.urlsafe_b64encode(hashlib.sha256(TOKEN.encode()).digest()).rstrip(b"=").decode()
    assert checked(proof(ath=ath), token=TOKEN) is not None
    refused(proof(), token=TOKEN)
    refused(proof(ath=ath[:-1] + ("A" if ath[-1] != "A" else "B")), token=TOKEN)


@given(st.text(max_size=60))
def test_any_text_is_refused(text: str) -> None:
    if text:
        refused(text)
