"""The token endpoint: codes are good once, for one client, one redirect URI and one verifier, and not for long."""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from tests.idp.world import (
    CLIENT,
    NOW,
    OTHER_CLIENT,
    PROVIDER,
    REDIRECT_URI,
    SECOND,
    SIGNER,
    VERIFIER,
    Counter,
    form,
    with_code,
)
from warifu.errors import Malformed, OAuthRefused
from warifu.idp import (
    Denial,
    Grant,
    IdTokenSigner,
    Login,
    TokenRequest,
    fingerprint,
    jwks,
    read_token_request,
    redeem,
    without_claims,
)
from warifu.pki import KeySigner


def redeemed(login: Login | None, request: TokenRequest | None = None, client: object = CLIENT) -> Grant | Denial:
    request = request or TokenRequest("a-code", REDIRECT_URI, VERIFIER)
    return redeem(request, client, login, PROVIDER, SIGNER, NOW, Counter())  # type: ignore[arg-type]


def denied(login: Login | None, request: TokenRequest | None = None, client: object = CLIENT) -> Denial:
    result = redeemed(login, request, client)
    assert isinstance(result, Denial)
    assert result.refusal.error == "invalid_grant"
    return result


def granted(login: Login) -> Grant:
    result = redeemed(login)
    assert isinstance(result, Grant)
    return result


def test_a_code_becomes_tokens() -> None:
    """RFC 6749 §5.1; the scope says what was granted."""
    login, _ = with_code()
    grant = granted(login)
    assert grant.response["token_type"] == "Bearer"
    assert grant.response["expires_in"] == 300
    assert grant.response["scope"] == "openid name address birthdate gender"
    expected = {"access_token", "token_type", "expires_in", "scope", "id_token", "refresh_token"}
    assert grant.response.keys() == expected


def test_the_access_token_is_kept_as_a_hash_with_its_claims() -> None:
    """RFC 6749 §10.3; the attributes live as long as the token."""
    login, _ = with_code()
    grant = granted(login)
    assert grant.access_token.hash == fingerprint(str(grant.response["access_token"]))
    assert grant.access_token.claims == {"name": "割符　花子"}
    assert grant.access_token.expires_at == NOW + PROVIDER.profile.access_token_lifetime
    assert "割符" not in repr(grant)
    assert "割符" not in repr(grant.access_token)


def test_after_its_code_a_login_has_no_claims() -> None:
    """They moved to the access token."""
    login, _ = with_code()
    spent = without_claims(login)
    assert spent.answered is not None
    assert spent.answered.claims == {}
    assert spent.code is not None
    assert spent.code.spent


def test_an_unknown_code_is_refused() -> None:
    """RFC 6749 §5.2 invalid_grant."""
    assert not denied(None).revoke


def test_a_code_used_before_is_refused_and_its_tokens_are_revoked() -> None:
    """RFC 6749 §4.1.2, §10.5."""
    login, _ = with_code()
    assert denied(without_claims(login)).revoke


def test_a_code_used_before_takes_tokens_back_whoever_presents_it() -> None:
    """RFC 6749 §10.5: somebody else has it."""
    login, _ = with_code()
    assert denied(without_claims(login), client=OTHER_CLIENT).revoke


def test_a_code_of_another_client_is_refused() -> None:
    """RFC 6749 §4.1.3: issued to the authenticated client."""
    login, _ = with_code()
    assert denied(login, client=OTHER_CLIENT).refusal.description == "the code belongs to another client"


def test_another_redirect_uri_is_refused() -> None:
    """RFC 6749 §4.1.3."""
    login, _ = with_code()
    request = TokenRequest("a-code", REDIRECT_URI + "2", VERIFIER)
    assert denied(login, request).refusal.description.startswith("redirect_uri")


def test_a_wrong_verifier_is_refused() -> None:
    """RFC 7636 §4.6."""
    login, _ = with_code()
    request = TokenRequest("a-code", REDIRECT_URI, VERIFIER[:-1] + "8")
    assert denied(login, request).refusal.description == "code_verifier does not match code_challenge"


def test_the_challenge_itself_is_no_verifier() -> None:
    """RFC 7636 §7.2: method plain is not supported."""
    login, _ = with_code()
    request = TokenRequest("a-code", REDIRECT_URI, login.request.code_challenge)
    assert denied(login, request).refusal.description == "code_verifier does not match code_challenge"


def test_an_expired_code_is_refused() -> None:
    """RFC 6749 §4.1.2."""
    login, _ = with_code()
    assert login.code is not None
    late = replace(login, code=replace(login.code, expires_at=NOW))
    assert denied(late).refusal.description == "the code has expired"
    in_time = replace(login, code=replace(login.code, expires_at=NOW + SECOND))
    assert isinstance(redeemed(in_time), Grant)


@pytest.mark.parametrize("name", ["code", "redirect_uri", "code_verifier"])
def test_every_parameter_of_the_token_request_is_required(name: str) -> None:
    """RFC 6749 §4.1.3, RFC 7636 §4.5."""
    with pytest.raises(OAuthRefused, match=f"parameter missing: {name}") as caught:
        read_token_request(form(**{name: None}), PROVIDER)
    assert caught.value.error == "invalid_request"


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "c" * 256},
        {"code": "符"},
        {"redirect_uri": "u" * 256},
        {"code_verifier": "v" * 42},
        {"code_verifier": "v" * 129},
        {"code_verifier": "v" * 42 + "="},
    ],
)
def test_parameters_too_long_or_malformed_are_refused(changes: dict[str, str]) -> None:
    """RFC 7636 §4.1; limits of the authorization request."""
    with pytest.raises(OAuthRefused, match="too long or malformed") as caught:
        read_token_request(form(**changes), PROVIDER)
    assert caught.value.error == "invalid_request"


@pytest.mark.parametrize("grant_type", ["password", "client_credentials", "AUTHORIZATION_CODE"])
def test_other_grants_are_not_offered(grant_type: str) -> None:
    """RFC 6749 §5.2 unsupported_grant_type."""
    with pytest.raises(OAuthRefused) as caught:
        read_token_request(form(grant_type=grant_type), PROVIDER)
    assert caught.value.error == "unsupported_grant_type"


def test_a_token_request_never_shows_its_code() -> None:
    """A code in a log is a login for whoever reads it."""
    request = read_token_request(form(code="seen-by-nobody"), PROVIDER)
    assert "seen-by-nobody" not in repr(request)
    assert VERIFIER not in repr(request)


def test_the_id_token_says_who_where_how_and_when() -> None:
    """OpenID Connect Core 1.0 §2, §3.1.3.6; ES256 verified with the published key."""
    login, _ = with_code()
    response = granted(login).response
    published = KeySet.import_key_set(jwks([SIGNER.public_key_info]))  # type: ignore[arg-type]
    token = jws.deserialize_compact(str(response["id_token"]), published, ["ES256"])
    digest = hashlib.sha256(str(response["access_token"]).encode()).digest()[:16]
    now = int(NOW.timestamp())
    assert token.headers() == {"alg": "ES256", "typ": "JWT", "kid": SIGNER.jwk["kid"]}
    assert json.loads(token.payload) == {
        "iss": "http://localhost:8700/api/realms/main",
        "sub": login.subject,
        "aud": CLIENT.id,
        "exp": now + 300,
        "iat": now,
        "auth_time": now,
        "nonce": "a nonce",
        "acr": "aal3",
        "amr": ["mfa", "sc", "pin"],
        "at_hash": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
    }


def test_the_id_token_is_signed_with_p256_only() -> None:
    """The profile: ES256."""
    with pytest.raises(Malformed):
        IdTokenSigner(KeySigner.generate("ES384"))


def test_the_attributes_are_not_in_the_id_token() -> None:
    """OpenID Connect Core 1.0 §5.4: with a code flow they come from UserInfo."""
    login, _ = with_code()
    payload = str(granted(login).response["id_token"]).split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert {"name", "address", "birthdate", "gender"}.isdisjoint(claims)


def test_codes_live_a_minute() -> None:
    """Keycloak's default; RFC 6749 §4.1.2: at most ten minutes."""
    login, _ = with_code()
    assert login.code is not None
    assert login.code.expires_at == NOW + timedelta(minutes=1)
