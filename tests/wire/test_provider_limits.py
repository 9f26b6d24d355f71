"""Limits by address, client and card, in all processes together; and nobody is locked out by somebody else."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.testclient import TestClient

from tests.idp import world
from tests.idp.world import CLIENT
from tests.wire.provider_world import Stage, answer
from warifu.errors import Malformed, TooManyRequests, Unavailable, WrongSignature
from warifu.wire.database import open_database, reading
from warifu.wire.provider import Guard, Limiter, Limits, ProviderService, Proxies, application

ADDRESS = "192.0.2.7"
REALM = "/api/realms/main/protocol/openid-connect"


@contextmanager
def limiter(stage: Stage, **limits: int) -> Iterator[Limiter]:
    """As one process has it."""
    engine = open_database(stage.database, "provider")
    try:
        yield Limiter(engine, world.SECRET, stage.clock, replace(Limits(0, 0, 0, 0), **limits))
    finally:
        engine.dispose()


@contextmanager
def limited(
    stage: Stage, proxies: Proxies | None = None, **limits: int
) -> Iterator[tuple[ProviderService, TestClient]]:
    with limiter(stage, **limits) as guarding, stage.service(limiter=guarding) as service:
        service.register(CLIENT)
        guard = Guard(application(service), world.PROVIDER, guarding, proxies or Proxies())
        with TestClient(guard, base_url=world.PROVIDER.origin, client=(ADDRESS, 1), follow_redirects=False) as http:
            yield service, http


def begin(http: TestClient, language: str = "en", **headers: str) -> Any:
    return http.get(f"{REALM}/auth", params=world.REQUEST, headers={"accept-language": language, **headers})


# --- the limiter ---


def test_processes_share_an_account(stage: Stage) -> None:
    with limiter(stage, logins_by_address=10) as one, limiter(stage, logins_by_address=10) as other:
        for number in range(10):
            (one, other)[number % 2].login_begun(ADDRESS)
        for process in (one, other):
            with pytest.raises(TooManyRequests) as caught:
                process.login_begun(ADDRESS)
            assert 1 <= caught.value.retry_after <= 60
        one.login_begun("192.0.2.8")


def test_it_flows_back(stage: Stage) -> None:
    with limiter(stage, logins_by_address=10) as process:
        for _ in range(10):
            process.login_begun(ADDRESS)
        stage.clock.go_on(timedelta(seconds=6))
        process.login_begun(ADDRESS)
        with pytest.raises(TooManyRequests):
            process.login_begun(ADDRESS)


def test_a_process_takes_several_at_once_and_no_more_than_there_are(stage: Stage) -> None:
    """100 a minute are 5 at a time."""
    with limiter(stage, requests_by_client=100) as one, limiter(stage, requests_by_client=100) as other:
        granted = 0
        for number in range(130):
            try:
                (one, other)[number % 2].requested(CLIENT.id)
            except TooManyRequests:
                continue
            granted += 1
    assert granted == 100


def test_nought_is_without_limit(stage: Stage) -> None:
    with limiter(stage) as process:
        for _ in range(1000):
            process.login_begun(ADDRESS)
            process.check_failures(ADDRESS)


def test_the_store_names_nobody_and_forgets(stage: Stage) -> None:
    with limiter(stage, logins_by_address=10) as process, stage.service() as service:
        process.login_begun(ADDRESS)
        engine = open_database(stage.database, "provider")
        with reading(engine) as connection:
            (row,) = connection.execute(text("select * from pace_account")).all()
        assert ADDRESS.encode() not in bytes(row.asker)
        stage.clock.go_on(timedelta(minutes=2))
        service.forget()
        with reading(engine) as connection:
            assert connection.execute(text("select * from pace_account")).all() == []
        engine.dispose()


# --- in front of the provider ---


def test_a_browser_is_told_when_to_come_again_in_both_languages(stage: Stage) -> None:
    """RFC 6585 §4."""
    with limited(stage, logins_by_address=2) as (_, http):
        assert [begin(http).status_code for _ in range(3)] == [303, 303, 429]
        english, japanese = begin(http), begin(http, "ja")
        assert "Too many requests" in english.text
        assert "アクセスが集中しています" in japanese.text
        for page in (english, japanese):
            assert 1 <= int(page.headers["retry-after"]) <= 60
            assert "default-src" in page.headers["content-security-policy"]
        stage.clock.go_on(timedelta(minutes=1))
        assert begin(http).status_code == 303


def test_logins_to_the_residents_page_count_like_any(stage: Stage) -> None:
    with limited(stage, logins_by_address=2) as (_, http):
        own = {"origin": world.PROVIDER.origin}
        assert [http.post("/account/login", headers=own).status_code for _ in range(3)] == [303, 303, 429]
        assert begin(http).status_code == 429


def test_a_client_that_asks_too_often_is_told_in_the_words_of_oauth(stage: Stage) -> None:
    with limited(stage, requests_by_client=2) as (_, http):
        forms = (dict(world.form(client_assertion=world.assertion(jti=str(each))).pairs()) for each in range(3))
        *_, response = [http.post(f"{REALM}/token", data=form) for form in forms]
        assert (response.status_code, response.json()["error"]) == (429, "temporarily_unavailable")
        assert response.headers["retry-after"]


def test_whoever_only_names_a_client_costs_it_nothing(stage: Stage) -> None:
    with limited(stage, requests_by_client=2) as (_, http):
        for number in range(10):
            form = dict(world.form(client_assertion=world.assertion(world.OTHER_RSA, jti=str(number))).pairs())
            assert http.post(f"{REALM}/token", data=form).status_code == 401
        good = dict(world.form(client_assertion=world.assertion()).pairs())
        assert http.post(f"{REALM}/token", data=good).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(("method", "path"), [("POST", "token"), ("GET", "userinfo")])
def test_who_fails_again_and_again_waits(stage: Stage, method: str, path: str) -> None:
    """Before anything is looked at; requests that prove something cost an address nothing."""
    with limited(stage, failures_by_address=3) as (_, http):
        data = dict(world.form(client_assertion="not.a.good").pairs()) if method == "POST" else None
        headers = {"authorization": "Bearer nobodys"} if method == "GET" else {}
        statuses = [http.request(method, f"{REALM}/{path}", data=data, headers=headers).status_code for _ in range(5)]
        assert statuses == [401, 401, 401, 429, 429]
        assert begin(http).status_code == 303


def test_who_waits_waits_wherever_something_is_to_be_proved(stage: Stage) -> None:
    """A client, that it has a token, or that a card is here; whoever begins a login proves nothing yet."""
    with limited(stage, failures_by_address=1) as (_, http):
        assert http.get(f"{REALM}/userinfo").status_code == 401
        paths = [f"{REALM}/{path}" for path in ("token", "ext/par/request", "userinfo", "revoke", "token/introspect")]
        for path in (*paths, "/login/a-login/answer", "/login/a-login/passkey/answer"):
            assert http.post(path).status_code == 429, path
        assert begin(http).status_code == 303


@pytest.mark.parametrize(("method", "path"), [("POST", ""), ("GET", "/11111111-2222-4333-8444-555555555555/result")])
def test_who_fails_at_the_signing_api_waits_too(stage: Stage, method: str, path: str) -> None:
    with limited(stage, failures_by_address=3) as (_, http):
        headers = {"authorization": "Bearer nobodys"}
        address = f"/api/sign-transactions{path}"
        statuses = [http.request(method, address, headers=headers, json={}).status_code for _ in range(5)]
        assert statuses == [401, 401, 401, 429, 429]


# --- cards ---


def wrong(service: ProviderService, transaction: str) -> None:
    given = answer(service.invitation(transaction))
    service.answer(transaction, replace(given, signature=bytes(len(given.signature))))


def test_a_wrong_signature_asks_no_authority(stage: Stage) -> None:
    """A question costs money and tells that a card was used; anybody may have somebody's certificate."""
    with stage.service() as service:
        service.register(CLIENT)
        with pytest.raises(WrongSignature):
            wrong(service, service.begin(world.parameters()).transaction)
    assert stage.authority.asked == 0


def test_wrong_signatures_are_put_off_and_right_ones_never(stage: Stage) -> None:
    """Whoever has somebody's certificate and not the card locks nobody out."""
    with limited(stage, wrong_signatures_by_card=2) as (service, http):
        for _ in range(2):
            with pytest.raises(WrongSignature):
                wrong(service, service.begin(world.parameters()).transaction)
        for _ in range(3):
            with pytest.raises(TooManyRequests):
                wrong(service, service.begin(world.parameters()).transaction)
        begun = service.begin(world.parameters())
        assert service.answer(begun.transaction, answer(service.invitation(begun.transaction))).decision_token
        transaction = service.begin(world.parameters()).transaction
        given = answer(service.invitation(transaction))
        body = replace(given, signature=bytes(len(given.signature))).encode()
        headers = {"content-type": "application/json"}
        response = http.post(f"/login/{transaction}/answer", content=body, headers=headers)
        assert (response.status_code, response.json()["error"]) == (429, "too_many_requests")
        assert response.headers["retry-after"]


def test_the_authority_is_asked_when_the_signature_is_right(stage: Stage) -> None:
    stage.authority.status = None
    with stage.service() as service:
        service.register(CLIENT)
        begun = service.begin(world.parameters())
        with pytest.raises(Unavailable):
            service.answer(begun.transaction, answer(service.invitation(begun.transaction)))
    assert stage.authority.asked == 1


def test_a_store_that_can_not_count_is_unavailable_and_no_mistake(stage: Stage) -> None:
    """503 for whoever is to be counted before; who failed is told so although nobody counts it."""
    silent: list[bool] = []

    def fall_silent(*_: object) -> None:
        if silent and silent.pop(0):
            raise PoolTimeout

    engine = open_database(stage.database, "provider")
    event.listen(engine, "checkout", fall_silent)
    guarding = Limiter(engine, world.SECRET, stage.clock, Limits(10, 10, 0, 0))
    with stage.service() as service:
        guard = Guard(application(service), world.PROVIDER, guarding, Proxies())
        with TestClient(guard, base_url=world.PROVIDER.origin) as http:
            for path in (f"{REALM}/auth", f"{REALM}/userinfo"):
                silent[:] = [True]
                told = http.get(path)
                assert (told.status_code, told.json()["error"], silent) == (503, "unavailable", [])
                assert told.headers["retry-after"]
            silent[:] = [True]
            shown = http.get(f"{REALM}/auth", headers={"accept": "text/html,*/*;q=0.8"})
            assert (shown.status_code, shown.headers["retry-after"]) == (503, "5")
            assert "ただいまログインできません" in shown.text
            silent[:] = [False, True]
            assert (http.get(f"{REALM}/userinfo").status_code, silent) == (401, [])
    engine.dispose()


# --- who asked ---


def scope(peer: str | None, *forwarded: str) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return {"type": "http", "client": None if peer is None else (peer, 1), "headers": headers}


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", ["198.51.100.9"], "192.0.2.1"),  # no proxy of ours: whatever it says
        ("10.0.0.1", ["198.51.100.9"], "198.51.100.9"),
        ("10.0.0.1", ["6.6.6.6, 198.51.100.9"], "198.51.100.9"),  # the first was written by the asker
        ("10.0.0.1", ["6.6.6.6", "198.51.100.9, 10.0.0.2"], "198.51.100.9"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["nonsense"], ""),
        (None, ["198.51.100.9"], "198.51.100.9"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", [], "192.0.2.1"),
    ],
)
def test_only_known_proxies_are_believed(peer: str | None, forwarded: list[str], address: str) -> None:
    assert Proxies(["10.0.0.0/8"]).address(scope(peer, *forwarded)) == address


def test_without_proxies_nothing_forwarded_is_read() -> None:
    assert Proxies().address(scope("127.0.0.1", "198.51.100.9")) == "127.0.0.1"
    assert Proxies().address(scope(None, "198.51.100.9")) == ""


def test_a_proxy_that_is_not_named_is_told_once_and_no_address_is(caplog: pytest.LogCaptureFixture) -> None:
    """Anybody may write these headers: nothing of them is repeated."""
    named, unnamed = Proxies([ADDRESS]), Proxies(["10.0.0.1"])

    def said() -> list[logging.LogRecord]:
        return [record for record in caplog.records if record.name == "warifu.provider"]

    for peer in (None, ADDRESS):
        named.address(scope(peer, "198.51.100.9"))
    unnamed.address(scope(ADDRESS))
    assert not said()
    forwarded = {"type": "http", "client": (ADDRESS, 1), "headers": [(b"forwarded", b"for=198.51.100.9")]}
    for request in (forwarded, scope(ADDRESS, "198.51.100.9")):
        unnamed.address(request)
    (record,) = said()
    assert (record.levelname, "proxies" in record.getMessage()) == ("WARNING", True)
    assert not any(address in record.getMessage() for address in (ADDRESS, "198.51.100"))


def test_a_proxy_is_an_address_or_a_network() -> None:
    with pytest.raises(Malformed):
        Proxies(["proxy.example"])


def test_behind_a_proxy_each_asker_has_an_account(stage: Stage) -> None:
    with limited(stage, Proxies([ADDRESS]), logins_by_address=1) as (_, http):
        first, second = {"x-forwarded-for": "198.51.100.1"}, {"x-forwarded-for": "198.51.100.2"}
        assert [begin(http, **each).status_code for each in (first, first, second)] == [303, 429, 303]
