"""UserInfo and what the provider says about itself."""

from dataclasses import replace
from datetime import date

import pytest

from tests.idp.world import NOW, PROVIDER, SECOND, SIGNER
from warifu.errors import OAuthRefused
from warifu.idp import (
    AccessToken,
    BirthDateFormat,
    GenderFormat,
    NoToken,
    Presented,
    Profile,
    claims_for,
    discovery,
    jwks,
    read_presented,
    shared_scopes,
    userinfo,
)
from warifu.person import Address, BasicAttributes, BirthDate, Name, Sex

TOKEN = AccessToken(
    b"h" * 32, "transaction", "RP00000001", "subject", ("openid", "name"), {"name": "割符　花子"}, NOW + SECOND
)
ATTRIBUTES = BasicAttributes(
    Name("割符　花子"), Address("東京都架空市一丁目1番1号"), BirthDate(date(1980, 2, 17)), Sex.FEMALE
)
EVERYTHING = ("openid", "name", "address", "birthdate", "gender")


def test_userinfo_gives_the_subject_and_the_claims() -> None:
    """OpenID Connect Core 1.0 §5.3.2."""
    assert userinfo(TOKEN, Presented("token", bound=False), None, NOW) == {"sub": "subject", "name": "割符　花子"}


@pytest.mark.parametrize("token", [None, replace(TOKEN, revoked=True), replace(TOKEN, expires_at=NOW)])
def test_unknown_revoked_and_expired_tokens_are_refused_alike(token: AccessToken | None) -> None:
    """RFC 6750 §3.1 invalid_token."""
    with pytest.raises(OAuthRefused) as caught:
        userinfo(token, Presented("token", bound=False), None, NOW)
    assert caught.value.error == "invalid_token"


@pytest.mark.parametrize(
    "header", ["Bearer abc.DEF-1~2_3+/==", "bearer abc.DEF-1~2_3+/==", "Bearer  abc.DEF-1~2_3+/=="]
)
def test_the_token_travels_in_the_authorization_header(header: str) -> None:
    """RFC 6750 §2.1; RFC 9110 §11.1: the scheme's case does not matter."""
    assert read_presented([header]) == Presented("abc.DEF-1~2_3+/==", bound=False)


@pytest.mark.parametrize("headers", [[], ["Basic dTpw"]])
def test_no_token_at_all_is_answered_without_an_error_code(headers: list[str]) -> None:
    """RFC 6750 §3.1: should not include an error code."""
    with pytest.raises(NoToken):
        read_presented(headers)


@pytest.mark.parametrize("headers", [["Bearer"], ["Bearer a b"], ["Bearer ä"], ["Bearer a", "Bearer b"]])
def test_a_malformed_header_is_an_invalid_request(headers: list[str]) -> None:
    """RFC 6750 §3.1 invalid_request."""
    with pytest.raises(OAuthRefused) as caught:
        read_presented(headers)
    assert caught.value.error == "invalid_request"


def test_each_scope_gives_its_claim_and_no_other() -> None:
    """Authserver, table of the request: each scope asks for one of the four."""
    everything = claims_for(EVERYTHING, ATTRIBUTES, PROVIDER.profile)
    assert everything == {
        "name": "割符　花子",
        "address": "東京都架空市一丁目1番1号",
        "birthdate": "19800217",
        "gender": "2",
    }
    for scope in EVERYTHING[1:]:
        assert claims_for(("openid", scope), ATTRIBUTES, PROVIDER.profile) == {scope: everything[scope]}
    assert claims_for(("openid",), ATTRIBUTES, PROVIDER.profile) == {}


def test_the_spelling_of_birth_date_and_gender_is_a_switch() -> None:
    """Two public clients disagree; OpenID Connect Core 1.0 §5.1 has the second spelling."""
    profile = Profile(birth_date_format=BirthDateFormat.ISO, gender_format=GenderFormat.WORD)
    assert claims_for(EVERYTHING, ATTRIBUTES, profile)["birthdate"] == "1980-02-17"
    words = [claims_for(("gender",), replace(ATTRIBUTES, sex=sex), profile)["gender"] for sex in Sex]
    assert sorted(set(words)) == ["female", "male", "other"]


def test_without_the_text_pin_openid_alone_is_shared() -> None:
    """The authentication certificate holds none of the four (公的個人認証法施行規則 第42条)."""
    assert shared_scopes(EVERYTHING, None) == ("openid",)
    assert shared_scopes(EVERYTHING, ATTRIBUTES) == EVERYTHING
    assert claims_for(EVERYTHING, None, PROVIDER.profile) == {}


def test_discovery_says_what_is_on() -> None:
    """OpenID Connect Discovery 1.0 §3."""
    base = "http://localhost:8700/api/realms/main"
    metadata = discovery(PROVIDER)
    assert metadata["issuer"] == base
    assert metadata["authorization_endpoint"] == f"{base}/protocol/openid-connect/auth"
    assert metadata["token_endpoint"] == f"{base}/protocol/openid-connect/token"
    assert metadata["userinfo_endpoint"] == f"{base}/protocol/openid-connect/userinfo"
    assert metadata["jwks_uri"] == f"{base}/protocol/openid-connect/certs"
    assert metadata["response_types_supported"] == ["code"]
    assert metadata["grant_types_supported"] == ["authorization_code", "refresh_token", "client_credentials"]
    assert metadata["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert metadata["token_endpoint_auth_signing_alg_values_supported"] == ["RS256", "ES256"]
    assert metadata["id_token_signing_alg_values_supported"] == ["ES256"]
    assert metadata["subject_types_supported"] == ["pairwise"]
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert "sign" in metadata["scopes_supported"]  # type: ignore[operator]
    assert "sign" not in metadata["claims_supported"]  # type: ignore[operator]
    assert metadata["sign_transactions_endpoint"] == "http://localhost:8700/api/sign-transactions"


def test_the_key_set_holds_the_public_key_only() -> None:
    """RFC 7517 §5, RFC 7518 §6.2."""
    [key] = jwks([SIGNER.public_key_info])["keys"]
    assert key == SIGNER.jwk
    assert key.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}
