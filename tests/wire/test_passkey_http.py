"""Passkeys over loopback HTTP: whose requests are heard, what the pages offer, and where there are none."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from tests.idp import world
from tests.idp.authenticator import Device
from tests.idp.world import CLIENT, PROVIDER
from tests.wire.passkey_world import ByCard, by_card, enrol
from tests.wire.provider_world import Stage
from warifu.idp import Provider
from warifu.wire.clock import SystemEntropy
from warifu.wire.provider import ProviderService, application
from warifu.wire.serving import reserve, serve_in_thread

JSON = {"content-type": "application/json", "origin": PROVIDER.origin}
FORM = {"content-type": "application/x-www-form-urlencoded", "origin": PROVIDER.origin}


@contextmanager
def serving(directory: Path, provider: Provider = PROVIDER) -> Iterator[tuple[ProviderService, httpx2.Client]]:
    """A provider, and a browser that is shown no redirects."""
    stage = Stage(directory, entropy=SystemEntropy())
    with stage.service(provider) as service:
        service.register(CLIENT)
        at = reserve("localhost")
        with (
            serve_in_thread([(at, application(service))]),
            httpx2.Client(base_url=at.origin, trust_env=False) as browser,
        ):
            yield service, browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ProviderService, httpx2.Client]]:
    with serving(tmp_path_factory.mktemp("provider")) as both:
        yield both


@pytest.fixture
def service(served: tuple[ProviderService, httpx2.Client]) -> ProviderService:
    return served[0]


@pytest.fixture
def browser(served: tuple[ProviderService, httpx2.Client]) -> httpx2.Client:
    return served[1]


def cookie(login: ByCard) -> dict[str, str]:
    return {"cookie": f"login={login.cookie}"}


def test_only_our_own_pages_are_heard(service: ProviderService, browser: httpx2.Client) -> None:
    """There is no program that speaks for a passkey: without the page's own Origin nothing is done."""
    card = by_card(service)
    for way in ("wanted", "options", "answer", "enrol/options", "enrol", "renew/options", "renew", "remove"):
        place = f"/login/{card.transaction}/passkey/{way}"
        for origin in ({}, {"origin": "https://evil.example"}, {"origin": "null"}):
            sent = {"content-type": "application/json", **origin, **cookie(card)}
            assert browser.post(place, content=b"{}", headers=sent).status_code == 403, (way, origin)
    place = f"/login/{card.transaction}/passkey/enrol/options"
    form = {**FORM, **cookie(card)}
    assert browser.post(place, content=b"", headers=form).status_code == 400, "a plain form cannot make this"
    assert browser.post(place, content=b"{}", headers=JSON).status_code == 403, "without the login's cookie"
    made = browser.post(place, content=b"{}", headers={**JSON, **cookie(card)})
    assert (made.status_code, made.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"id":1}', b"\xff", b'{"wanted":1}'])
def test_what_cannot_be_read_is_refused(service: ProviderService, browser: httpx2.Client, body: bytes) -> None:
    card = by_card(service)
    for way in ("wanted", "answer", "enrol", "renew"):
        place = f"/login/{card.transaction}/passkey/{way}"
        refused = browser.post(place, content=body, headers={**JSON, **cookie(card)})
        assert (refused.status_code, refused.json()["error"]) == (400, "malformed"), way


def test_a_refusal_has_its_name(service: ProviderService, browser: httpx2.Client) -> None:
    begun, device = service.begin(world.parameters(acr_values=None)), Device()
    enrol(service, device)
    place, sent = f"/login/{begun.transaction}/passkey", {**JSON, "cookie": f"login={begun.cookie}"}
    options = browser.post(f"{place}/options", content=b"{}", headers=sent).json()
    body = device.get(options, "https://evil.example")
    refused = browser.post(f"{place}/answer", content=body, headers=sent)
    assert (refused.status_code, refused.json()["error"]) == (403, "wrong_origin")
    options = browser.post(f"{place}/options", content=b"{}", headers=sent).json()
    told = browser.post(f"{place}/answer", content=device.get(options, PROVIDER.origin), headers=sent).json()
    assert (told["shares"], told["by"]) == (["openid"], "passkey")


def test_the_page_after_the_card_and_the_way_back(service: ProviderService, browser: httpx2.Client) -> None:
    card = by_card(service, wanted=False)
    place = f"/login/{card.transaction}"
    assert browser.get(f"{place}/passkey").status_code == 403
    shown = browser.get(f"{place}/passkey", headers=cookie(card))
    assert shown.status_code == 200
    assert "script-src 'self'" in shown.headers["content-security-policy"]
    wanted = json.dumps({"wanted": True}).encode()
    assert browser.post(f"{place}/passkey/wanted", content=wanted, headers={**JSON, **cookie(card)}).status_code == 204
    there = browser.get(f"{place}/continue", headers=cookie(card)).headers["location"]
    assert there == f"{place}/passkey"
    back = browser.get(f"{place}/continue?passkeys=done", headers=cookie(card)).headers["location"]
    assert world.query(back)["code"]
    assert browser.get(f"{place}/passkey", headers=cookie(card)).status_code == 403, "back at the client"


def test_where_there_are_none_nothing_is_offered(tmp_path: Path) -> None:
    """By the operator's word, and at an address that browsers make none for."""
    without = replace(PROVIDER, profile=replace(PROVIDER.profile, passkeys=None))
    for number, provider in enumerate((without, Provider("http://127.0.0.1:8700"))):
        with serving(tmp_path / str(number), provider) as (service, browser):
            begun = service.begin(world.parameters(acr_values=None))
            page = browser.get(f"/login/{begun.transaction}", headers={"cookie": f"login={begun.cookie}"})
            assert page.status_code == 200
            assert "data-passkeys" not in page.text
            assert "passkey.js" not in page.text
            metadata = browser.get("/api/realms/main/.well-known/openid-configuration").json()
            assert "aal2" not in metadata["acr_values_supported"]
            assert "proofed" not in metadata["claims_supported"]
            place = f"/login/{begun.transaction}/passkey/options"
            assert browser.post(place, content=b"{}", headers=JSON).status_code in (404, 405)


def test_the_metadata_say_what_a_passkey_reaches(browser: httpx2.Client) -> None:
    metadata = browser.get("/api/realms/main/.well-known/openid-configuration").json()
    assert {"aal2", "aal3", "phr"} <= set(metadata["acr_values_supported"])
    assert "proofed" in metadata["claims_supported"]
