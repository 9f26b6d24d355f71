"""oidc-client-ts of npm in Chromium, with a small server behind it, at our provider and at the one that npm has."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.single_page import application as single_page
from tests.idp.world import CLIENT, EC
from tests.real.npm_clients import Ticking, Way, npm_provider
from tests.wire import provider_world
from warifu.idp import DA_COMPAT, Client, Provider
from warifu.messages import LoginInvitation
from warifu.reader import answer_login
from warifu.services import ClientKey
from warifu.wire.clock import SystemEntropy
from warifu.wire.provider import application
from warifu.wire.serving import Reserved, reserve, serve_in_thread

pytestmark = [pytest.mark.browser, pytest.mark.real]
KEY = ClientKey(EC)
JSON = {"content-type": "application/json"}


@dataclass
class Scene:
    """The page's address, and what a person does at the provider it leads to."""

    page: str
    authenticate: Callable[[Page], None]

    def seen(self, page: Page) -> dict[str, Any]:
        """What the page shows once something came of it."""
        expect(page.locator("#seen")).not_to_be_empty()
        told: dict[str, Any] = json.loads(page.locator("#seen").inner_text())
        return told

    def log_in(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.goto(self.page)
        page.locator("#log-in").click()
        self.authenticate(page)
        page.wait_for_url(f"{self.page}/callback?*")
        return page


def hold_card(page: Page) -> None:
    """The person has a phone and a card, and agrees."""
    page.wait_for_url("**/login/*")
    origin = page.evaluate("location.origin")
    with httpx2.Client(trust_env=False) as phone:
        invitation = LoginInvitation.decode(phone.get(f"{page.url}/invitation").content)
        pins = provider_world.PIN, provider_world.TEXT_PIN
        answer = answer_login(provider_world.card(), invitation.challenge(origin), *pins)
        shared = phone.post(f"{page.url}/answer", content=answer.encode(), headers=JSON).json()
        decision = {"decision": "allow", "decision_token": shared["decision_token"]}
        assert phone.post(f"{page.url}/decision", json=decision).status_code == 204


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    stage = provider_world.Stage(tmp_path_factory.mktemp("provider"))
    stage.entropy, stage.clock = SystemEntropy(), Ticking()
    own, page = reserve("localhost"), reserve("spa.localhost")
    provider = Provider(own.origin)
    with stage.service(provider) as service, serve_in_thread([(own, application(service))]):
        service.register(Client(CLIENT.id, "頁だけの店", (f"{page.origin}/callback",), KEY.public_jwks()))
        yield from standing(page, provider.issuer, stage.clock.now, hold_card)


@pytest.fixture(scope="module")
def theirs() -> Iterator[Scene]:
    page = reserve("spa.localhost")
    with npm_provider(Way("da-compat", "ES256"), f"{page.origin}/callback", KEY.public_jwks()) as issuer:
        yield from standing(page, issuer, lambda: datetime.now(UTC), lambda _page: None)


def standing(
    page: Reserved, issuer: str, now: Callable[[], datetime], authenticate: Callable[[Page], None]
) -> Iterator[Scene]:
    with httpx2.Client(trust_env=False, timeout=60) as http:
        made = single_page(issuer, CLIENT.id, KEY, now, http)
        with serve_in_thread([(page, made)]):
            yield Scene(page.origin, authenticate)


@pytest.fixture(params=["ours", "theirs"])
def scene(request: pytest.FixtureRequest) -> Scene:
    chosen: Scene = request.getfixturevalue(request.param)
    return chosen


def test_it_logs_people_in(scene: Scene, context: BrowserContext) -> None:
    """The code flow with PKCE, state and nonce, then UserInfo."""
    seen = scene.seen(scene.log_in(context))
    assert seen["profile"]["name"] == "割符　花子"
    assert {"sub", "address", "birthdate", "gender"} <= seen["profile"].keys()
    assert (seen["scope"], seen["token_type"], seen["refreshes"]) == (
        "openid name address birthdate gender", "Bearer", True
    )  # fmt: skip


def test_it_refreshes(scene: Scene, context: BrowserContext) -> None:
    """RFC 6749 §6: the subject is the same one."""
    page = scene.log_in(context)
    first = scene.seen(page)
    page.evaluate("document.querySelector('#seen').textContent = ''")
    page.locator("#refresh").click()
    assert scene.seen(page)["profile"]["sub"] == first["profile"]["sub"]


def test_it_is_told_of_a_login_that_was_given_up(ours: Scene, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(ours.page)
    page.locator("#log-in").click()
    page.get_by_role("button", name="ログインをやめる", exact=True).click()
    page.wait_for_url(f"{ours.page}/callback?*")
    assert ours.seen(page) == {"error": "access_denied", "description": "cancelled"}


def test_without_its_server_a_page_can_not_ask_for_tokens(ours: Scene, chromium: Browser) -> None:
    """The provider's token endpoint answers no other origin's scripts: a page is no place for a client's key."""
    with chromium.new_context() as unwatched:  # the browser complains of the attempt on its console
        page = unwatched.new_page()
        page.goto(ours.page)
        issuer = page.evaluate("fetch('/metadata').then(each => each.json())")["issuer"]
        asked = "address => fetch(address, {method: 'POST'}).then(() => 'read', () => 'blocked')"
        assert page.evaluate(asked, issuer + DA_COMPAT.token) == "blocked"
