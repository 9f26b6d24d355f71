"""What a client of the FAPI 2.0 profile makes and believes: pushed requests, proofs, signed responses."""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.services.world import ACCESS_TOKEN, ISSUER, JWKS, KEY, NOW, OTHER_KEY, PARTY, PROVIDER, Counter, pending
from warifu.errors import (
    Malformed,
    OAuthRefused,
    TokenExpired,
    WarifuError,
    WrongAudience,
    WrongIssuer,
    WrongState,
    WrongTokenSignature,
)
from warifu.services import HolderKey, ProviderMetadata, begin_pushed, pushed_address, read_response, redeem

STRICT = replace(PROVIDER, pushed_endpoint=f"{ISSUER}/par", requires_pushed=True, names_itself=True)


def response(key: ECKey = KEY, **changes: Any) -> dict[str, str]:
    """A callback with a signed response that is right but for `changes`."""
    expires_at = int((NOW + timedelta(minutes=1)).timestamp())
    claims = {"iss": ISSUER, "aud": PARTY.client_id, "exp": expires_at, "code": "c", "state": pending().state}
    claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return {"response": jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key, algorithms=["ES256"])}


def assertion_audience(form: dict[str, str]) -> object:
    return json.loads(base64.urlsafe_b64decode(form["client_assertion"].split(".")[1] + "=="))["aud"]


def test_the_pushed_form_is_the_request_and_the_clients_proof() -> None:
    """RFC 9126 §2.1; FAPI 2.0 Security Profile §5.3.3.1: the audience is the issuer."""
    form, made = begin_pushed(PARTY, STRICT, ("openid", "name"), NOW, Counter(), "jwt")
    assert (form["scope"], form["state"], form["response_mode"]) == ("openid name", made.state, "jwt")
    assert assertion_audience(form) == ISSUER
    assert made.code_verifier not in form.values()


def test_elsewhere_the_assertion_is_for_the_token_endpoint() -> None:
    form = redeem(pending(), {"code": "c", "state": pending().state}, PARTY, PROVIDER, NOW, Counter())
    assert assertion_audience(form) == PROVIDER.token_endpoint


def test_the_browser_brings_the_reference_alone() -> None:
    """RFC 9126 §4."""
    address = pushed_address(b'{"request_uri": "urn:x:1", "expires_in": 90}', PARTY, STRICT)
    assert address == f"{STRICT.authorization_endpoint}?client_id={PARTY.client_id}&request_uri=urn%3Ax%3A1"


@pytest.mark.parametrize(
    ("answer", "error"), [(b'{"error": "invalid_scope"}', OAuthRefused), (b"{}", Malformed), (b"<p>", Malformed)]
)
def test_a_refused_push_is_told(answer: bytes, error: type[WarifuError]) -> None:
    """RFC 9126 §2.3."""
    with pytest.raises(error):
        pushed_address(answer, PARTY, STRICT)


def test_the_metadata_say_whether_requests_are_pushed() -> None:
    """RFC 9126 §5."""
    members = {
        "issuer": ISSUER,
        **{f"{name}_endpoint": f"{ISSUER}/{name}" for name in ("authorization", "token", "userinfo")},
        "jwks_uri": f"{ISSUER}/certs",
    }
    assert ProviderMetadata.read(json.dumps(members).encode(), ISSUER).audience == f"{ISSUER}/token"
    members["pushed_authorization_request_endpoint"] = f"{ISSUER}/par"
    read = ProviderMetadata.read(json.dumps(members | {"require_pushed_authorization_requests": True}).encode(), ISSUER)
    assert (read.pushed_endpoint, read.requires_pushed, read.audience) == (f"{ISSUER}/par", True, ISSUER)


def test_a_signed_response_is_opened() -> None:
    """JARM §2.4; then it is checked as a plain one: RFC 9207's `iss` is in it."""
    callback = read_response(response(), JWKS, PARTY, STRICT, NOW)
    assert callback == {"iss": ISSUER, "code": "c", "state": pending().state}
    assert redeem(pending(), callback, PARTY, STRICT, NOW, Counter())["code"] == "c"


def test_a_signed_response_to_another_login_is_refused() -> None:
    """JARM §2.4 step 2 leaves the state to the client."""
    callback = read_response(response(state="another"), JWKS, PARTY, STRICT, NOW)
    with pytest.raises(WrongState):
        redeem(pending(), callback, PARTY, STRICT, NOW, Counter())


@pytest.mark.parametrize(
    ("callback", "error"),
    [
        (response(OTHER_KEY), WrongTokenSignature),
        (response(iss="https://other.example"), WrongIssuer),
        (response(iss=None), WrongIssuer),
        (response(aud="RP00000002"), WrongAudience),
        (response(aud=[PARTY.client_id, "RP00000002"]), WrongAudience),
        (response(exp=int((NOW - timedelta(minutes=5)).timestamp())), TokenExpired),
        (response(exp=None), TokenExpired),
        (response(exp="soon"), TokenExpired),
        ({"code": "c", "state": pending().state}, Malformed),
        ({"response": "a.b.c"}, WrongTokenSignature),
    ],
)
def test_a_response_that_may_not_be_believed(callback: dict[str, str], error: type[WarifuError]) -> None:
    """JARM §2.4, each step."""
    with pytest.raises(error):
        read_response(callback, JWKS, PARTY, STRICT, NOW)


def test_a_response_without_signature_is_refused() -> None:
    """JARM §2.4 step 5: `none` is never an algorithm."""
    body = response()["response"].split(".")[1]
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    with pytest.raises(WrongTokenSignature):
        read_response({"response": f"{head}.{body}."}, JWKS, PARTY, STRICT, NOW)


def test_a_proof_is_for_one_request_and_one_token() -> None:
    """RFC 9449 §4.2."""
    key = HolderKey.generate()
    proof = key.proof("GET", f"{ISSUER}/userinfo?x=1", NOW, Counter(), ACCESS_TOKEN)
    head = json.loads(base64.urlsafe_b64decode(proof.split(".")[0] + "=="))
    public = ECKey.import_key(head["jwk"])
    assert (head["typ"], head["alg"], public.thumbprint()) == ("dpop+jwt", "ES256", key.thumbprint)
    assert head["jwk"].keys() == {"kty", "crv", "x", "y"}
    claims = jwt.decode(proof, public, algorithms=["ES256"]).claims
    told = base64.urlsafe_b64encode(hashlib.sha256(ACCESS_TOKEN.encode()).digest()).rstrip(b"=").decode()
    assert (claims["htm"], claims["htu"], claims["ath"]) == ("GET", f"{ISSUER}/userinfo", told)
    assert claims["iat"] == int(NOW.timestamp())


def test_no_two_proofs_are_the_same_and_none_shows_the_key() -> None:
    key, entropy = HolderKey.generate(), Counter()
    made = [key.proof("POST", f"{ISSUER}/token", NOW, entropy) for _ in range(2)]
    jtis = {json.loads(base64.urlsafe_b64decode(proof.split(".")[1] + "=="))["jti"] for proof in made}
    assert len(jtis) == 2
    assert repr(key) == "HolderKey()"
