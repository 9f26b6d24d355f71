"""Sessions at clients end, their tokens are worth nothing then, and clients are told at registered addresses only."""

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.testclient import TestClient

from tests.idp import world
from tests.idp.world import CLIENT, OTHER_CLIENT, query
from tests.waiting import PATIENCE
from tests.wire.provider_negative.talk import spoiled
from tests.wire.provider_world import Stage, answer
from warifu import services
from warifu.errors import Malformed, OAuthRefused, Revoked
from warifu.idp import DA_COMPAT, LOGOUT_EVENT, Parameters, Presented, Provider, TokenKind
from warifu.wire.database import open_database, reading, writing
from warifu.wire.provider import ProviderService, application, audit_store

PROVIDER = Provider(world.PROVIDER.origin, replace(DA_COMPAT, ends_sessions=True))
BACK, TOLD = "https://shop.example/logged-out", "https://shop.example/backchannel"
SHOP = replace(CLIENT, post_logout_redirect_uris=(BACK,), backchannel_logout_uri=TOLD)
END = PROVIDER.issuer + PROVIDER.profile.end_session
NUMBERS = itertools.count()


class Shop:
    """The client's server as the courier meets it."""

    def __init__(self) -> None:
        self.status, self.heard = 200, list[httpx2.Request]()

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.heard.append(request)
        return httpx2.Response(self.status, headers={"location": "http://127.0.0.1/"})

    def tokens(self, service: ProviderService) -> list[dict[str, Any]]:
        """The logout tokens it got, verified as a client does."""
        keys = KeySet.import_key_set(service.jwks())  # type: ignore[arg-type]
        forms = [Parameters.decode(request.content).read("logout_token") for request in self.heard]
        opened = [jwt.decode(form, keys, algorithms=["ES256"]) for form in forms]
        assert {each.header["typ"] for each in opened} <= {"logout+jwt"}
        return [each.claims for each in opened]


@pytest.fixture
def service(stage: Stage) -> Iterator[ProviderService]:
    with stage.service(PROVIDER) as service:
        service.register(SHOP)
        service.register(OTHER_CLIENT)
        yield service


@pytest.fixture
def shop() -> Shop:
    return Shop()


def courier(service: ProviderService, shop: Callable[[httpx2.Request], httpx2.Response]) -> Callable[[], int]:
    return service.courier(httpx2.MockTransport(shop)).deliver


def form(**fields: str | None) -> Parameters:
    return world.form(client_assertion=world.assertion(jti=f"logout {next(NUMBERS)}"), **fields)


def log_in(service: ProviderService, name: str = SHOP.id) -> dict[str, Any]:
    begun = service.begin(world.parameters(client_id=name))
    shared = service.answer(begun.transaction, answer(service.invitation(begun.transaction)))
    service.allow(begun.transaction, shared.decision_token)
    back = query(service.go_back(begun.transaction, begun.cookie))
    tokens = service.token((form if name == SHOP.id else other)(code=back["code"]))
    return {**tokens, "session_state": back["session_state"]}


def claims(tokens: dict[str, Any]) -> dict[str, Any]:
    return dict(services.read_token(str(tokens["id_token"])).claims or {})


def log_out(service: ProviderService, **parameters: str) -> str | None:
    return service.ending.log_out(Parameters(parameters.items()))


def opens(service: ProviderService, tokens: dict[str, Any]) -> dict[str, str]:
    return service.userinfo(Presented(str(tokens["access_token"]), bound=False))


# --- RP-Initiated Logout 1.0 ---


def test_tokens_and_callback_name_the_session(service: ProviderService) -> None:
    tokens = log_in(service)
    again = service.token(form(grant_type="refresh_token", refresh_token=str(tokens["refresh_token"])))
    assert claims(tokens)["sid"] == tokens["session_state"] == claims(again)["sid"]


def test_logging_out_ends_the_session_and_goes_back(service: ProviderService) -> None:
    """§2, §3: with the state."""
    tokens = log_in(service)
    there = log_out(service, id_token_hint=tokens["id_token"], post_logout_redirect_uri=BACK, state="here & there")
    assert there == f"{BACK}?state=here+%26+there"
    with pytest.raises(OAuthRefused) as caught:
        opens(service, tokens)
    assert caught.value.error == "invalid_token"
    with pytest.raises(OAuthRefused):
        service.token(form(grant_type="refresh_token", refresh_token=str(tokens["refresh_token"])))


def test_another_session_of_the_same_person_goes_on(service: ProviderService) -> None:
    first, second = log_in(service), log_in(service)
    log_out(service, id_token_hint=first["id_token"])
    assert opens(service, second)["sub"] == claims(first)["sub"]


def test_an_old_id_token_still_says_who_is_meant(stage: Stage, service: ProviderService) -> None:
    """§2: also when it has expired."""
    tokens = log_in(service)
    stage.clock.go_on(timedelta(hours=2))
    assert log_out(service, id_token_hint=tokens["id_token"], post_logout_redirect_uri=BACK) == BACK
    stage.clock.go_on(timedelta(days=2))
    service.forget()
    assert log_out(service, id_token_hint=tokens["id_token"]) is None


def test_only_a_registered_address_is_gone_back_to(service: ProviderService) -> None:
    """§3: exactly; the session has ended all the same."""
    for number, there in enumerate((BACK + "/", "https://evil.example/", world.REDIRECT_URI)):
        tokens = log_in(service)
        with pytest.raises(OAuthRefused, match="not registered"):
            log_out(service, id_token_hint=tokens["id_token"], post_logout_redirect_uri=there, state=str(number))
        with pytest.raises(OAuthRefused):
            opens(service, tokens)


def test_nobody_is_logged_out_without_their_id_token(service: ProviderService) -> None:
    """Or any site could log anybody out."""
    tokens = log_in(service)
    forged = spoiled(str(tokens["id_token"]))
    others = Provider("https://another.example", PROVIDER.profile)
    foreign = world.SIGNER.sign({**claims(tokens), "iss": others.issuer})
    logout = world.SIGNER.sign(claims(tokens), "logout+jwt")
    for hint in (None, forged, foreign, logout, "nothing"):
        with pytest.raises(OAuthRefused):
            log_out(service, **({} if hint is None else {"id_token_hint": hint}))
    with pytest.raises(OAuthRefused):
        log_out(service, id_token_hint=tokens["id_token"], client_id=OTHER_CLIENT.id)
    for mixed in ({"aud": OTHER_CLIENT.id}, {"sub": "somebody else"}):
        log_out(service, id_token_hint=world.SIGNER.sign({**claims(tokens), **mixed}))
    assert opens(service, tokens)


def test_browsers_come_by_get_and_by_post(service: ProviderService) -> None:
    with TestClient(application(service), base_url=PROVIDER.origin, follow_redirects=False) as http:
        tokens = log_in(service)
        asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": BACK, "state": "s"}
        for response in (http.get(END, params=asked), http.post(END, data=asked)):
            assert (response.status_code, response.headers["location"]) == (303, f"{BACK}?state=s")
        stayed = http.get(END, params={"id_token_hint": tokens["id_token"]}, headers={"accept-language": "en"})
        assert (stayed.status_code, "You are logged out" in stayed.text) == (200, True)
        refused = http.get(END, params={**asked, "post_logout_redirect_uri": "https://evil.example/"})
        assert (refused.status_code, "location" in refused.headers) == (400, False)


# --- Back-Channel Logout 1.0 ---


def test_the_clients_server_is_told(service: ProviderService, shop: Shop) -> None:
    """§2.4: who, which session, the event; no nonce, and two minutes at most."""
    tokens = log_in(service)
    log_out(service, id_token_hint=tokens["id_token"])
    assert courier(service, shop)() == 1
    (told,) = shop.tokens(service)
    known = claims(tokens)
    assert {name: told[name] for name in ("iss", "sub", "aud", "sid")} == {
        name: known[name] for name in ("iss", "sub", "aud", "sid")
    }
    assert told["events"] == {LOGOUT_EVENT: {}}
    assert "nonce" not in told
    assert 0 < told["exp"] - told["iat"] <= 120
    assert [str(request.url) for request in shop.heard] == [TOLD]
    assert courier(service, shop)() == 0


def test_a_client_that_does_not_answer_is_told_later(stage: Stage, service: ProviderService, shop: Shop) -> None:
    """Also by another process after a restart; each time with a new token."""
    log_out(service, id_token_hint=log_in(service)["id_token"])
    shop.status = 503
    assert courier(service, shop)() == 0
    with stage.service(PROVIDER) as another:
        assert courier(another, shop)() == 0
        assert len(shop.heard) == 1
        stage.clock.go_on(timedelta(seconds=6))
        shop.status = 204
        assert courier(another, shop)() == 1
    first, second = shop.tokens(service)
    assert first["jti"] != second["jti"]


def test_a_client_that_never_answers_is_given_up(stage: Stage, service: ProviderService, shop: Shop) -> None:
    log_out(service, id_token_hint=log_in(service)["id_token"])
    shop.status = 500
    for _ in range(60):
        courier(service, shop)()
        stage.clock.go_on(timedelta(hours=1))
    assert 24 <= len(shop.heard) <= 36


def test_a_process_that_dies_with_a_message_leaves_it_to_another(stage: Stage, service: ProviderService) -> None:
    shop = Shop()
    log_out(service, id_token_hint=log_in(service)["id_token"])

    def died(_request: httpx2.Request) -> httpx2.Response:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        courier(service, died)()
    assert courier(service, shop)() == 0
    stage.clock.go_on(timedelta(seconds=31))
    assert courier(service, shop)() == 1


def test_a_slow_client_holds_up_nobody_else(service: ProviderService) -> None:
    service.register(replace(OTHER_CLIENT, backchannel_logout_uri="https://other.example/told"))
    for name in (SHOP.id, OTHER_CLIENT.id):
        log_out(service, id_token_hint=log_in(service, name)["id_token"])
    others_turn = threading.Event()

    def asked(request: httpx2.Request) -> httpx2.Response:
        if str(request.url) != TOLD:
            others_turn.set()
        return httpx2.Response(200 if others_turn.wait(PATIENCE) else 500)

    assert courier(service, asked)() == 2


def test_a_client_is_told_of_one_session_after_another_by_one_process(stage: Stage, service: ProviderService) -> None:
    """The first that ended first; also of one that ends meanwhile."""
    ended, meanwhile = [log_in(service) for _ in range(3)], log_in(service)
    for tokens in ended:
        log_out(service, id_token_hint=tokens["id_token"])
        stage.clock.go_on(timedelta(seconds=1))
    shop = Shop()

    def asked(request: httpx2.Request) -> httpx2.Response:
        log_out(service, id_token_hint=meanwhile["id_token"])
        with stage.service(PROVIDER) as another:
            assert courier(another, shop)() == 0
        return shop(request)

    assert courier(service, asked)() == 4
    expected = [claims(tokens)["sid"] for tokens in (*ended, meanwhile)]
    assert [told["sid"] for told in shop.tokens(service)] == expected


def test_a_client_that_cannot_be_reached_is_asked_once_and_not_for_each_session(
    stage: Stage, service: ProviderService, shop: Shop
) -> None:
    for _ in range(3):
        log_out(service, id_token_hint=log_in(service)["id_token"])
    tried = list[httpx2.Request]()

    def silent(request: httpx2.Request) -> httpx2.Response:
        tried.append(request)
        raise httpx2.ConnectTimeout("nobody answers")

    assert courier(service, silent)() == 0
    assert len(tried) == 1
    stage.clock.go_on(timedelta(seconds=6))
    assert courier(service, shop)() == 3


def test_an_address_that_is_none_is_like_one_where_nobody_answers(service: ProviderService, shop: Shop) -> None:
    """An error that the courier does not know would end its thread, and with it what all others are told."""
    tokens = log_in(service)
    service.register(replace(SHOP, backchannel_logout_uri="https://10.0.0.256/told"))
    log_out(service, id_token_hint=tokens["id_token"])
    assert courier(service, shop)() == 0
    assert shop.heard == []


def test_a_client_that_is_told_no_longer_leaves_no_word_that_it_was(service: ProviderService, shop: Shop) -> None:
    """The log says what was done; a message that was dropped was not sent."""
    log_out(service, id_token_hint=log_in(service)["id_token"])
    service.register(replace(SHOP, backchannel_logout_uri=None))
    assert courier(service, shop)() == 0
    with reading(service._engine) as connection:
        assert TokenKind.LOGOUT not in {entry.kind for entry, _ in audit_store.entries(connection)}


def test_a_redirect_is_not_followed_and_a_refusal_is_the_end(
    stage: Stage, service: ProviderService, shop: Shop
) -> None:
    """§2.8: 400 means that the client does not like the token."""
    log_out(service, id_token_hint=log_in(service)["id_token"])
    shop.status = 307
    assert courier(service, shop)() == 0
    assert [str(request.url) for request in shop.heard] == [TOLD]
    stage.clock.go_on(timedelta(minutes=1))
    shop.status = 400
    courier(service, shop)()
    stage.clock.go_on(timedelta(hours=2))
    assert courier(service, shop)() == 0
    assert len(shop.heard) == 2


def test_an_address_inside_our_network_is_not_asked(service: ProviderService) -> None:
    """The name is the client's, and where it leads is looked at: no request to what only we can reach."""
    inside = replace(SHOP, backchannel_logout_uri="https://localtest.invalid/backchannel")
    service.register(inside)
    log_out(service, id_token_hint=log_in(service)["id_token"])
    assert service.courier().deliver() == 0


@pytest.mark.parametrize(
    "address", ["http://shop.example/told", "file:///etc/passwd", "https://user@shop.example/", "https://a.example/#x"]
)
def test_only_https_addresses_are_registered(address: str) -> None:
    """§2.2; http stays on this machine. Whoever registers is told which of the addresses it is."""
    here = "http://localhost:3000/told"
    assert replace(SHOP, backchannel_logout_uri=here).backchannel_logout_uri == here
    with pytest.raises(Malformed, match="a backchannel logout URI"):
        replace(SHOP, backchannel_logout_uri=address)
    with pytest.raises(Malformed, match="a post logout redirect URI"):
        replace(SHOP, post_logout_redirect_uris=(address,))


# --- what else ends a session ---


def test_a_code_used_twice_ends_the_session(service: ProviderService, shop: Shop) -> None:
    begun = service.begin(world.parameters())
    shared = service.answer(begun.transaction, answer(service.invitation(begun.transaction)))
    service.allow(begun.transaction, shared.decision_token)
    code = query(service.go_back(begun.transaction, begun.cookie))["code"]
    service.token(form(code=code))
    with pytest.raises(OAuthRefused):
        service.token(form(code=code))
    assert courier(service, shop)() == 1


def test_a_revoked_certificate_ends_its_sessions(stage: Stage, service: ProviderService, shop: Shop) -> None:
    """Seen when somebody tries to log in with it again."""
    tokens = log_in(service)
    stage.authority.status = _revoked()
    begun = service.begin(world.parameters())
    with pytest.raises(Revoked):
        service.answer(begun.transaction, answer(service.invitation(begun.transaction)))
    with pytest.raises(OAuthRefused):
        opens(service, tokens)
    assert courier(service, shop)() == 1


def _revoked() -> Any:
    from tests.wire.test_provider_service import REFUSALS

    return next(status for status, error, *_ in REFUSALS if error is Revoked)


def test_a_person_takes_something_back(stage: Stage, service: ProviderService, shop: Shop) -> None:
    tokens = log_in(service)
    engine = open_database(stage.database, "provider")
    with writing(engine) as connection:
        service.ending.of_person(connection, [claims(tokens)["sub"]], SHOP.id)
    engine.dispose()
    with pytest.raises(OAuthRefused):
        opens(service, tokens)
    assert courier(service, shop)() == 1


# --- RFC 7009 and RFC 7662 ---


def test_a_client_takes_its_tokens_back(service: ProviderService) -> None:
    """An access token alone, or with the refresh token everything (RFC 7009 §2.1); unknown ones are gone already."""
    tokens = log_in(service)
    service.revoke(form(token=str(tokens["access_token"]), token_type_hint="access_token"))
    with pytest.raises(OAuthRefused):
        opens(service, tokens)
    again = service.token(form(grant_type="refresh_token", refresh_token=str(tokens["refresh_token"])))
    service.revoke(form(token=str(again["refresh_token"])))
    with pytest.raises(OAuthRefused):
        opens(service, again)
    service.revoke(form(token="nobody's"))


def other(**fields: str) -> Parameters:
    name = OTHER_CLIENT.id
    signed = world.assertion(iss=name, sub=name, jti=f"other {next(NUMBERS)}")
    return world.form(client_assertion=signed, client_id=name, **fields)


def test_nobody_takes_back_what_is_anothers(service: ProviderService) -> None:
    tokens = log_in(service)
    with pytest.raises(OAuthRefused) as caught:
        service.revoke(other(token=str(tokens["access_token"])))
    assert caught.value.error == "unauthorized_client"
    assert opens(service, tokens)


def test_a_token_is_told_about_to_its_client_alone(stage: Stage, service: ProviderService) -> None:
    """RFC 7662 §2.2, RFC 9470 §6.2: with the login's level and moment."""
    tokens = log_in(service)
    told = service.introspect(form(token=str(tokens["access_token"])))
    known = claims(tokens)
    assert {name: told[name] for name in ("sub", "iss", "acr", "auth_time", "sid")} == {
        name: known[name] for name in ("sub", "iss", "acr", "auth_time", "sid")
    }
    assert (told["active"], told["token_type"], told["scope"]) == (True, "Bearer", tokens["scope"])
    assert service.introspect(form(token=str(tokens["refresh_token"])))["active"] is True
    for asked in (other(token=str(tokens["access_token"])), form(token="nobody's")):
        assert service.introspect(asked) == {"active": False}
    stage.clock.go_on(timedelta(minutes=6))
    now = int(stage.clock.now().timestamp())
    late = world.assertion(jti="late", iat=now, exp=now + 60)
    assert service.introspect(world.form(client_assertion=late, token=str(tokens["access_token"]))) == {"active": False}


def test_who_does_not_prove_itself_is_told_nothing(service: ProviderService) -> None:
    profile = PROVIDER.profile
    with TestClient(application(service), base_url=PROVIDER.origin) as http:
        for path in (profile.revocation, profile.introspection):
            response = http.post(PROVIDER.issuer + path, data={"token": "t", "client_id": SHOP.id})
            assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
        tokens = log_in(service)
        good = dict(form(token=str(tokens["access_token"])).pairs())
        told = http.post(PROVIDER.issuer + profile.introspection, data=good)
        assert (told.json()["active"], told.headers["cache-control"]) == (True, "no-store")
        good = dict(form(token=str(tokens["access_token"])).pairs())
        assert http.post(PROVIDER.issuer + profile.revocation, data=good).content == b""


def test_where_it_is_off_nothing_of_it_is_there(stage: Stage, shop: Shop) -> None:
    profile = DA_COMPAT
    with stage.service() as service:
        service.register(SHOP)
        tokens = log_in(service)
        assert "sid" not in claims(tokens)
        engine = open_database(stage.database, "provider")
        with writing(engine) as connection:
            service.ending.of_person(connection, [claims(tokens)["sub"]])
        engine.dispose()
        assert courier(service, shop)() == 0
        with TestClient(application(service), base_url=PROVIDER.origin) as http:
            for path in (profile.end_session, profile.revocation, profile.introspection):
                assert http.post(PROVIDER.issuer + path).status_code == 404
