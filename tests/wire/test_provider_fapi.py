"""Refresh tokens, and the FAPI 2.0 profile: from the pushed request to the claims, by the holder of a key only."""

import base64
import hashlib
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc import jws
from starlette.testclient import TestClient

from tests.idp import world
from tests.idp.test_proof import KEY
from tests.idp.world import CLIENT, EC, OTHER_CLIENT, query
from tests.wire.provider_world import Stage, answer
from warifu.errors import OAuthRefused
from warifu.idp import ASSERTION_TYPE, FAPI2, Parameters, Presented, Provider
from warifu.wire.provider import ProviderService, application

PROVIDER = Provider("http://localhost:8700", FAPI2)
JTI = itertools.count()
OTHER_KEY = EC


@pytest.fixture
def strict(stage: Stage) -> Iterator[ProviderService]:
    with stage.service(PROVIDER) as service:
        service.register(CLIENT)
        service.register(OTHER_CLIENT)
        yield service


def form(service: ProviderService, **fields: str | None) -> Parameters:
    """A form of the client, with a fresh assertion."""
    provider = service.provider
    audience = provider.issuer if provider.profile.audience_is_issuer else provider.token_endpoint
    assertion = world.assertion(EC, "ES256", aud=audience, jti=f"fapi {next(JTI)}")
    told = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion, **fields}
    return Parameters([(name, value) for name, value in told.items() if value is not None])


def proof(address: str, method: str = "POST", token: str | None = None, key: Any = KEY) -> str:
    claims: dict[str, Any] = {"htm": method, "htu": address, "jti": f"p{next(JTI)}", "iat": int(world.NOW.timestamp())}
    if token is not None:
        claims["ath"] = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    return jws.serialize_compact(header, json.dumps(claims).encode(), key, ["ES256"])


def go_through(service: ProviderService, parameters: Parameters) -> str:
    """From the authorization request to the code."""
    begun = service.begin(parameters)
    shared = service.answer(begun.transaction, answer(service.invitation(begun.transaction)))
    service.allow(begun.transaction, shared.decision_token)
    return query(service.go_back(begun.transaction, begun.cookie))["code"]


def pushed_code(service: ProviderService) -> str:
    told = service.push(form(service, **world.REQUEST), [])
    return go_through(service, Parameters([("client_id", CLIENT.id), ("request_uri", str(told["request_uri"]))]))


def code_form(service: ProviderService, code: str) -> Parameters:
    return form(
        service,
        grant_type="authorization_code",
        code=code,
        redirect_uri=world.REDIRECT_URI,
        code_verifier=world.VERIFIER,
    )


def tokens(service: ProviderService, key: Any = KEY) -> dict[str, object]:
    return service.token(code_form(service, pushed_code(service)), [proof(service.provider.token_endpoint, key=key)])


def refused(service: ProviderService, sent: Parameters, *proofs: str) -> OAuthRefused:
    with pytest.raises(OAuthRefused) as caught:
        service.token(sent, proofs)
    return caught.value


def test_from_the_pushed_request_to_the_claims(strict: ProviderService) -> None:
    """RFC 9126, RFC 9449 §5, §7."""
    given = tokens(strict)
    token = str(given["access_token"])
    assert given["token_type"] == "DPoP"
    shown = proof(PROVIDER.userinfo_endpoint, "GET", token)
    assert strict.userinfo(Presented(token, bound=True), [shown])["name"] == "割符　花子"


def test_state_and_nonce_may_be_left_out(strict: ProviderService) -> None:
    """OpenID Connect Core 1.0 §3.1.2.1; FAPI 2.0 Security Profile §5.3.2.2: PKCE binds the code. Nothing is echoed."""
    told = strict.push(form(strict, **{**world.REQUEST, "state": None, "nonce": None}), [])
    begun = strict.begin(Parameters([("client_id", CLIENT.id), ("request_uri", str(told["request_uri"]))]))
    shared = strict.answer(begun.transaction, answer(strict.invitation(begun.transaction)))
    strict.allow(begun.transaction, shared.decision_token)
    callback = query(strict.go_back(begun.transaction, begun.cookie))
    assert callback.keys() == {"session_state", "code", "iss"}
    given = strict.token(code_form(strict, callback["code"]), [proof(PROVIDER.token_endpoint)])
    claims = json.loads(base64.urlsafe_b64decode(str(given["id_token"]).split(".")[1] + "=="))
    assert "nonce" not in claims


def test_a_pushed_request_is_used_once(strict: ProviderService) -> None:
    """FAPI 2.0 Security Profile §5.3.2.2."""
    told = strict.push(form(strict, **world.REQUEST), [])
    brought = Parameters([("client_id", CLIENT.id), ("request_uri", str(told["request_uri"]))])
    strict.begin(brought)
    with pytest.raises(OAuthRefused) as caught:
        strict.begin(brought)
    assert caught.value.error == "invalid_request_uri"


@pytest.mark.parametrize("what", ["push", "revoke", "introspect"])
def test_an_assertion_is_spent_by_what_is_refused_with_it(strict: ProviderService, what: str) -> None:
    """Whoever reads it in transit can't use it afterwards (OpenID Connect Core 1.0 §9: once)."""
    sent = form(strict, **{**world.REQUEST, "client_id": OTHER_CLIENT.id, "token": "any"})
    with pytest.raises(OAuthRefused, match="client_id is not"):
        strict.push(sent, []) if what == "push" else getattr(strict, what)(sent)
    again = Parameters([pair for pair in sent.pairs() if pair[0] != "client_id"])
    with pytest.raises(OAuthRefused, match="used before"):
        strict.introspect(again)


@pytest.mark.parametrize("path", [FAPI2.token, FAPI2.pushed, FAPI2.revocation, FAPI2.introspection])
def test_who_tried_another_way_is_told_which_one(strict: ProviderService, path: str) -> None:
    """RFC 6749 §5.2, which RFC 7009 §2.2.1, RFC 7662 §2.3 and RFC 9126 §2.3 refer to."""
    fields = {"grant_type": "authorization_code", "token": "any"}
    with TestClient(application(strict), base_url=PROVIDER.origin) as http:
        told = http.post(PROVIDER.issuer + path, data=fields, headers={"authorization": "Basic eDp5"})
    assert (told.status_code, told.json()["error"]) == (401, "invalid_client")
    assert told.headers["www-authenticate"].startswith("Basic ")


def test_a_code_needs_a_proof(strict: ProviderService) -> None:
    assert refused(strict, code_form(strict, pushed_code(strict))).error == "invalid_dpop_proof"


def test_a_proof_is_used_once(strict: ProviderService) -> None:
    """RFC 9449 §11.1."""
    once = proof(PROVIDER.token_endpoint)
    strict.token(code_form(strict, pushed_code(strict)), [once])
    refusal = refused(strict, code_form(strict, pushed_code(strict)), once)
    assert (refusal.error, refusal.description) == ("invalid_dpop_proof", "the proof has been used before")


@pytest.mark.parametrize("case", ["as bearer", "no proof", "another key", "another token"])
def test_a_stolen_token_opens_nothing(strict: ProviderService, case: str) -> None:
    """RFC 9449 §7.2."""
    token = str(tokens(strict)["access_token"])
    key = OTHER_KEY if case == "another key" else KEY
    about = "another token" if case == "another token" else token
    proofs = [] if case == "no proof" else [proof(PROVIDER.userinfo_endpoint, "GET", about, key)]
    with pytest.raises(OAuthRefused) as caught:
        strict.userinfo(Presented(token, bound=case != "as bearer"), proofs)
    assert caught.value.error in {"invalid_token", "invalid_dpop_proof"}


def test_a_code_bound_to_a_key_is_redeemed_with_that_key(strict: ProviderService) -> None:
    """RFC 9449 §10."""
    told = strict.push(form(strict, **world.REQUEST), [proof(PROVIDER.pushed_endpoint)])
    code = go_through(strict, Parameters([("client_id", CLIENT.id), ("request_uri", str(told["request_uri"]))]))
    refusal = refused(strict, code_form(strict, code), proof(PROVIDER.token_endpoint, key=OTHER_KEY))
    assert refusal.error == "invalid_grant"


def test_an_assertion_for_several_servers_is_refused(strict: ProviderService) -> None:
    """FAPI 2.0 Security Profile §5.3.2.1: the audience is the issuer, as a string."""
    for audience in (PROVIDER.token_endpoint, [PROVIDER.issuer], [PROVIDER.issuer, "https://other.example"]):
        assertion = world.assertion(EC, "ES256", aud=audience, jti=f"aud {next(JTI)}")
        sent = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion), ("grant_type", "x")]
        assert refused(strict, Parameters(sent)).error == "invalid_client"


def refreshed(service: ProviderService, token: object, scope: str | None = None) -> dict[str, object]:
    proofs = [proof(service.provider.token_endpoint)] if service.provider.profile is FAPI2 else []
    return service.token(form(service, grant_type="refresh_token", refresh_token=str(token), scope=scope), proofs)


def compatible_tokens(service: ProviderService) -> dict[str, object]:
    return service.token(code_form(service, go_through(service, world.parameters())))


def test_a_refresh_token_gives_the_subject_again(service: ProviderService) -> None:
    """RFC 6749 §6; OpenID Connect Core 1.0 §12.2: the same subject, no nonce."""
    first = compatible_tokens(service)
    second = refreshed(service, first["refresh_token"])
    claims = [service.userinfo(Presented(str(given["access_token"]), bound=False)) for given in (first, second)]
    assert claims[1] == {"sub": claims[0]["sub"]}
    told = json.loads(base64.urlsafe_b64decode(str(second["id_token"]).split(".")[1] + "=="))
    assert told["sub"] == claims[0]["sub"]
    assert (told["acr"], told["amr"]) == ("aal3", ["mfa", "sc", "pin"]), "of the login, not of the moment"
    assert "nonce" not in told


def test_a_used_refresh_token_ends_all_of_its_login(service: ProviderService) -> None:
    """RFC 9700 §4.14.2: whoever comes second shows that two have it."""
    first = compatible_tokens(service)
    second = refreshed(service, first["refresh_token"])
    with pytest.raises(OAuthRefused, match="used before"):
        refreshed(service, first["refresh_token"])
    with pytest.raises(OAuthRefused) as caught:
        service.userinfo(Presented(str(second["access_token"]), bound=False))
    assert caught.value.error == "invalid_token"
    with pytest.raises(OAuthRefused, match="unknown"):
        refreshed(service, second["refresh_token"])


def test_a_code_used_twice_ends_its_refresh_token(service: ProviderService) -> None:
    """RFC 6749 §4.1.2."""
    code = go_through(service, world.parameters())
    given = service.token(code_form(service, code))
    assert refused(service, code_form(service, code)).error == "invalid_grant"
    with pytest.raises(OAuthRefused, match="unknown"):
        refreshed(service, given["refresh_token"])


def test_a_refreshed_token_opens_the_subject_and_nothing_new(service: ProviderService) -> None:
    """RFC 6749 §6."""
    first = service.token(code_form(service, go_through(service, world.parameters(scope="openid name"))))
    with pytest.raises(OAuthRefused) as caught:
        refreshed(service, first["refresh_token"], "openid address")
    assert caught.value.error == "invalid_scope"
    again = refreshed(service, first["refresh_token"], "openid name")
    assert again["scope"] == "openid"


def test_another_client_cannot_use_it(service: ProviderService) -> None:
    given = compatible_tokens(service)
    assertion = world.assertion(EC, "ES256", iss=OTHER_CLIENT.id, sub=OTHER_CLIENT.id, jti=f"o{next(JTI)}")
    sent = Parameters(
        [
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion),
            ("grant_type", "refresh_token"),
            ("refresh_token", str(given["refresh_token"])),
        ]
    )
    assert refused(service, sent).error == "invalid_grant"


def test_refresh_ends_with_its_time(service: ProviderService, stage: Stage) -> None:
    given = compatible_tokens(service)
    stage.clock.go_on(service.provider.profile.longest_token)
    sent = form(service, grant_type="refresh_token", refresh_token=str(given["refresh_token"]))
    assert refused(service, sent).error in {"invalid_grant", "invalid_client"}
    service.forget()
    with service._engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from refresh_token").scalar() == 0


def test_under_fapi_a_refresh_token_stays_good(strict: ProviderService) -> None:
    """FAPI 2.0 Security Profile §5.3.2.1: no rotation; the client's key protects it."""
    given = tokens(strict)
    assert "refresh_token" not in refreshed(strict, given["refresh_token"])
    assert refreshed(strict, given["refresh_token"])["token_type"] == "DPoP"


def test_what_is_exchanged_is_looked_at_before_the_proof(strict: ProviderService) -> None:
    """RFC 6749 §5.2: a client that asks for what nobody offers is told that, proof or no proof."""
    assert refused(strict, form(strict, grant_type="password")).error == "unsupported_grant_type"
