"""One refusal per claim of the ID token (OpenID Connect Core 1.0 §3.1.3.7)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt

from tests.services.world import (
    ACCESS_TOKEN,
    ISSUER,
    JWKS,
    NOW,
    OTHER_KEY,
    PARTY,
    RSA_KEY,
    SECOND,
    id_token,
    pending,
)
from warifu.errors import (
    Malformed,
    TokenExpired,
    TokenRefused,
    WrongAudience,
    WrongIssuer,
    WrongTokenHash,
    WrongTokenNonce,
    WrongTokenSignature,
)
from warifu.services import check_id_token


def checked(token: str, *, jwks: Mapping[str, Any] = JWKS, later: timedelta = 0 * SECOND) -> Mapping[str, Any]:
    return check_id_token(
        token,
        ACCESS_TOKEN,
        jwks,
        issuer=ISSUER,
        client_id=PARTY.client_id,
        nonce=pending().nonce,
        now=NOW + later,
    )


def test_a_right_token_is_believed() -> None:
    assert checked(id_token())["sub"] == "5f0c2a6e-0000-4000-8000-000000000001"


def test_the_audience_may_be_a_list_of_us_alone() -> None:
    """OpenID Connect Core 1.0 §2: `aud` may be an array."""
    assert checked(id_token(aud=[PARTY.client_id]))["aud"] == [PARTY.client_id]


def test_a_token_signed_by_another_key_is_refused() -> None:
    with pytest.raises(WrongTokenSignature):
        checked(id_token(OTHER_KEY))


def test_a_token_of_a_key_that_is_not_published_is_refused() -> None:
    with pytest.raises(WrongTokenSignature):
        checked(id_token(), jwks={"keys": [dict(OTHER_KEY.as_dict(private=False)) | {"kid": "later"}]})


def test_a_token_with_another_algorithm_is_refused() -> None:
    """RFC 8725 §3.1: the algorithm is ours to say, even when the key set would allow another."""
    with pytest.raises(WrongTokenSignature):
        checked(id_token(RSA_KEY, "RS256"), jwks={"keys": [dict(RSA_KEY.as_dict(private=False))]})


def test_a_token_without_signature_is_refused() -> None:
    header, claims, _ = id_token().split(".")
    none = jwt.encode({"alg": "ES256"}, {}, OTHER_KEY).split(".")[0]
    for forged in (f"{header}.{claims}.", f"eyJhbGciOiJub25lIn0.{claims}.", f"{none}.{claims}.AAAA", header, ""):
        with pytest.raises(WrongTokenSignature):
            checked(forged)


def test_a_changed_token_is_refused() -> None:
    header, _, signature = id_token().split(".")
    with pytest.raises(WrongTokenSignature):
        checked(f"{header}.{id_token(sub='somebody else').split('.')[1]}.{signature}")


@pytest.mark.parametrize("jwks", [{}, {"keys": 1}, {"keys": [{"kty": "EC"}]}])
def test_keys_that_are_no_key_set_are_refused(jwks: Mapping[str, Any]) -> None:
    with pytest.raises(Malformed):
        checked(id_token(), jwks=jwks)


@pytest.mark.parametrize("issuer", [None, "http://localhost:8700", ISSUER + "/"])
def test_another_issuer_is_refused(issuer: str | None) -> None:
    with pytest.raises(WrongIssuer):
        checked(id_token(iss=issuer))


@pytest.mark.parametrize("audience", [None, "RP00000002", ["RP00000001", "RP00000002"], [], ""])
def test_another_audience_is_refused(audience: object) -> None:
    with pytest.raises(WrongAudience):
        checked(id_token(aud=audience))


def test_a_token_authorized_for_another_party_is_refused() -> None:
    with pytest.raises(WrongAudience):
        checked(id_token(azp="RP00000002"))


@pytest.mark.parametrize("nonce", [None, "another", 1])
def test_another_nonce_is_refused(nonce: object) -> None:
    with pytest.raises(WrongTokenNonce):
        checked(id_token(nonce=nonce))


@pytest.mark.parametrize("at_hash", [None, "another", ""])
def test_another_access_token_is_refused(at_hash: str | None) -> None:
    """OpenID Connect Core 1.0 §3.1.3.8; the official profile has at_hash always."""
    with pytest.raises(WrongTokenHash):
        checked(id_token(at_hash=at_hash))


def test_an_expired_token_is_refused_but_a_clock_may_be_thirty_seconds_off() -> None:
    assert checked(id_token(), later=329 * SECOND)
    with pytest.raises(TokenExpired):
        checked(id_token(), later=330 * SECOND)


def test_a_token_from_the_future_is_refused_but_a_clock_may_be_thirty_seconds_off() -> None:
    assert checked(id_token(), later=-30 * SECOND)
    with pytest.raises(TokenExpired):
        checked(id_token(), later=-31 * SECOND)


def test_an_old_token_is_refused_however_long_it_claims_to_live() -> None:
    with pytest.raises(TokenExpired):
        checked(id_token(exp=int(NOW.timestamp()) + 86400), later=601 * SECOND)


@pytest.mark.parametrize("change", [{"exp": None}, {"iat": None}, {"exp": "soon"}, {"iat": True}])
def test_a_token_without_times_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(TokenExpired):
        checked(id_token(**change))


@pytest.mark.parametrize("subject", [None, "", "x" * 256, 5])
def test_a_token_without_a_usable_subject_is_refused(subject: object) -> None:
    """OpenID Connect Core 1.0 §2: at most 255 ASCII characters."""
    with pytest.raises(TokenRefused):
        checked(id_token(sub=subject))
