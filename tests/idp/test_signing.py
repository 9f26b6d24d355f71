"""The signing API's rules: who may ask for a signature, with what, and what comes of it."""

from dataclasses import replace
from typing import Any

import pytest

from tests.idp import signing, world
from tests.idp.world import NOW, PROVIDER, SECOND, Counter
from warifu.errors import CallbackRefused, Malformed, OAuthRefused
from warifu.idp import (
    DA_COMPAT,
    FAPI2,
    AccessToken,
    Client,
    Provider,
    ServiceToken,
    SigningTransaction,
    asks_for_service,
    begin,
    begin_signing,
    check_operator_keys,
    discovery,
    grant_service_token,
    read_result,
    sealed,
    signing_reference,
)

CLIENT = signing.CLIENT
TOKEN = ServiceToken(b"h" * 32, CLIENT.id, NOW + SECOND)


def begun(
    kept: SigningTransaction | None, client: Client = CLIENT, provider: Provider = PROVIDER, **changes: str | None
) -> Any:
    asked: dict[str, str | None] = {"scope": signing.SCOPE, "sign_transaction_id": signing.ID, **changes}
    return begin(world.parameters(**asked), client, provider, NOW, Counter(), signing=kept)[0]


def refused(kept: SigningTransaction | None = None, client: Client = CLIENT, **changes: str | None) -> CallbackRefused:
    with pytest.raises(CallbackRefused) as caught:
        begun(kept, client, PROVIDER, **changes)
    return caught.value


def test_scope_and_transaction_come_together() -> None:
    """developers.digital.go.jp, authserver: sign_transaction_id only with `sign`."""
    assert begun(signing.transaction()).request.sign_transaction_id == signing.ID
    assert refused(sign_transaction_id=None).error == "invalid_request"
    assert refused(signing.transaction(), scope="openid").error == "invalid_request"


def test_upper_case_names_the_same_transaction() -> None:
    """RFC 9562 §4: hexadecimal digits of either case."""
    parameters = world.parameters(sign_transaction_id=signing.ID.upper())
    assert signing_reference(parameters, DA_COMPAT) == signing.ID
    assert (
        begun(signing.transaction(), sign_transaction_id=signing.ID.upper()).request.sign_transaction_id == signing.ID
    )


@pytest.mark.parametrize("name", ["1", signing.ID + "0", "x" * 36, signing.ID[:-1] + "ä"])
def test_what_is_no_uuid_is_not_looked_up(name: str) -> None:
    """And the client is told."""
    assert signing_reference(world.parameters(sign_transaction_id=name), DA_COMPAT) is None
    assert refused(sign_transaction_id=name).error == "invalid_request"


@pytest.mark.parametrize(
    "changes",
    [{"client_id": "RP00000002"}, {"expires_at": NOW}, {"login": "another login"}],
)
def test_another_s_a_late_and_a_used_transaction_are_refused(changes: dict[str, Any]) -> None:
    """And so is one that nobody knows, in the same words."""
    told = refused(replace(signing.transaction(), **changes))
    assert (told.error, told.description) == (refused(None).error, refused(None).description)


def test_a_client_without_the_scope_may_not() -> None:
    """Its contract does not say so."""
    client = replace(CLIENT, scopes=world.CLIENT.scopes)
    assert refused(signing.transaction(), client).error == "invalid_scope"
    with pytest.raises(OAuthRefused) as caught:
        grant_service_token(signing.service_form(), client, PROVIDER, NOW, Counter())
    assert caught.value.error == "unauthorized_client"


def test_a_client_without_an_operator_may_not() -> None:
    assert refused(signing.transaction(), replace(CLIENT, operator_jwks=None)).error == "unauthorized_client"


def test_a_service_token_has_no_refresh_token_and_no_id_token() -> None:
    """RFC 6749 §4.4.3."""
    answer, kept = grant_service_token(signing.service_form(), CLIENT, PROVIDER, NOW, Counter())
    assert answer.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert (kept.client_id, answer["scope"]) == (CLIENT.id, "sign")


def test_a_service_token_is_for_signing_only() -> None:
    """RFC 6749 §4.4.2: a scope may be named."""
    grant_service_token(signing.service_form(scope="sign"), CLIENT, PROVIDER, NOW, Counter())
    with pytest.raises(OAuthRefused) as caught:
        grant_service_token(signing.service_form(scope="openid"), CLIENT, PROVIDER, NOW, Counter())
    assert caught.value.error == "invalid_scope"


@pytest.mark.parametrize("data", [signing.DATA, signing.BARE])
def test_both_spellings_are_taken(data: Any) -> None:
    """docs.p8n.app: the SHA-256 value, or its DER DigestInfo, in standard base64."""
    kept, answer = begin_signing(signing.body(data), TOKEN, CLIENT, PROVIDER, NOW, Counter())
    assert kept.data == data
    assert answer == {"id": kept.id, "expires_in": 600}


@pytest.mark.parametrize("token", [None, replace(TOKEN, expires_at=NOW)])
def test_an_unknown_and_an_expired_token_begin_nothing(token: ServiceToken | None) -> None:
    with pytest.raises(OAuthRefused) as caught:
        begin_signing(signing.body(), token, CLIENT, PROVIDER, NOW, Counter())
    assert caught.value.error == "invalid_token"


def test_a_suspended_client_begins_nothing() -> None:
    with pytest.raises(OAuthRefused) as caught:
        begin_signing(signing.body(), TOKEN, replace(CLIENT, active=False), PROVIDER, NOW, Counter())
    assert caught.value.error == "invalid_token"


def token(**changes: Any) -> AccessToken:
    """The person's."""
    login = begun(signing.transaction())
    kept = AccessToken(b"h" * 32, login.transaction, CLIENT.id, "sub", ("openid", "sign"), {}, NOW + SECOND)
    return replace(kept, **changes)


def result(**changes: Any) -> SigningTransaction:
    """One that was signed."""
    login = begun(signing.transaction())
    return replace(sealed(signing.transaction(), login, "a.b.c.d.e", DA_COMPAT, NOW), **changes)


def test_a_result_is_for_the_login_it_was_signed_in() -> None:
    assert read_result(token(), result(), DA_COMPAT, NOW) == {"sign_certificate_jwe": "a.b.c.d.e"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"revoked": True}, "invalid_token"),
        ({"expires_at": NOW}, "invalid_token"),
        ({"scopes": ("openid",)}, "insufficient_scope"),
        ({"key_thumbprint": "for the holder of this key"}, "invalid_token"),
        ({"transaction": "another"}, "invalid_request"),
        ({"client_id": "RP00000002"}, "invalid_request"),
    ],
)
def test_no_other_token_opens_it(changes: dict[str, Any], error: str) -> None:
    """RFC 6750 §3.1."""
    with pytest.raises(OAuthRefused) as caught:
        read_result(token(**changes), result(), DA_COMPAT, NOW)
    assert caught.value.error == error


@pytest.mark.parametrize("kept", [None, result(result=None), result(expires_at=NOW)])
def test_what_is_gone_is_gone(kept: SigningTransaction | None) -> None:
    with pytest.raises(OAuthRefused) as caught:
        read_result(token(), kept, DA_COMPAT, NOW)
    assert caught.value.error == "invalid_request"


def test_an_operator_needs_a_key_to_encrypt_for() -> None:
    """A key for signatures is none."""
    check_operator_keys(signing.OPERATOR.public_jwks(), DA_COMPAT)
    with pytest.raises(Malformed):
        check_operator_keys({"keys": [world.RSA.as_dict(private=False)]}, DA_COMPAT)


def test_a_profile_without_signing_has_none_of_it() -> None:
    """FAPI 2.0 here offers no signing API, and says so."""
    provider = Provider(PROVIDER.origin, FAPI2)
    assert "sign" not in str(discovery(provider)["scopes_supported"])
    assert asks_for_service(signing.service_form(), provider) is None
    with pytest.raises(OAuthRefused):
        begin_signing(signing.body(), TOKEN, CLIENT, provider, NOW, Counter())
