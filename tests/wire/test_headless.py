"""A login without a browser: it ends with the callback that a browser would have followed, whatever happened."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.idp import world
from tests.idp.world import CLIENT, REQUEST, query
from tests.verifier.scene import MOVED
from tests.wire.provider_world import PIN, TEXT_PIN, Stage, card
from warifu.card import Card
from warifu.errors import (
    LastTry,
    Malformed,
    NotAllowed,
    OAuthRefused,
    PartyRefused,
    PinBlocked,
    Unavailable,
    WarifuError,
    WrongOrigin,
    WrongPin,
)
from warifu.idp import FAPI2, Provider
from warifu.pki import Standing
from warifu.ports import Connection
from warifu.reader import JpkiSession, Key
from warifu.wire.answers import application as answering
from warifu.wire.headless import CardInHand, Headless
from warifu.wire.provider import application
from warifu.wire.serving import Reserved, reserve, serve_in_thread

EVERYTHING = ("openid", "name", "address", "birthdate", "gender")


@pytest.fixture(scope="module")
def whole_stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(tmp_path_factory.mktemp("provider"))


@pytest.fixture
def stage(whole_stage: Stage) -> Iterator[Stage]:
    """The authority says again afterwards that all is well."""
    yield whole_stage
    whole_stage.authority.status = Standing.GOOD


@pytest.fixture(scope="module")
def provider(whole_stage: Stage) -> Iterator[str]:
    """The origin of a provider that answers all tests of this module."""
    at = reserve("localhost")
    with whole_stage.service(Provider(at.origin)) as service:
        service.register(CLIENT)
        with serve_in_thread([(at, application(service))]):
            yield at.origin


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[str]:
    """The origin of a provider that signs its responses if it is asked to."""
    at = reserve("localhost")
    with Stage(tmp_path).service(Provider(at.origin, FAPI2)) as service:
        service.register(CLIENT)
        with serve_in_thread([(at, application(service))]):
            yield at.origin


@pytest.fixture
def headless(provider: str) -> Iterator[Headless]:
    with Headless([provider]) as headless:
        yield headless


def request_to(provider: str, **changes: str) -> str:
    """What a client sends its browser to."""
    return str(httpx2.URL(Provider(provider).authorization_endpoint, params={**REQUEST, **changes}))


def in_hand(pin: str = PIN, text_pin: str | None = TEXT_PIN, held: Card | None = None) -> CardInHand:
    one = held or card()

    def hold() -> AbstractContextManager[Connection]:
        return nullcontext(one)

    return CardInHand(hold, pin, text_pin)


def test_it_ends_with_the_callback_and_does_not_visit_it(headless: Headless, provider: str) -> None:
    outcome = headless.log_in(request_to(provider), in_hand())
    assert outcome.callback.startswith(world.REDIRECT_URI)
    assert query(outcome.callback).keys() == {"code", "state", "session_state"}
    assert outcome.shares == EVERYTHING
    assert outcome.fault is None


def test_without_the_text_pin_it_shares_openid_alone(headless: Headless, provider: str) -> None:
    assert headless.log_in(request_to(provider), in_hand(text_pin=None)).shares == ("openid",)


def test_the_text_pin_is_not_used_when_no_attributes_are_asked_for(headless: Headless, provider: str) -> None:
    outcome = headless.log_in(request_to(provider, scope="openid"), in_hand(text_pin="0000"))
    assert outcome.fault is None


def test_cancelling_is_a_callback_too(headless: Headless, provider: str) -> None:
    outcome = headless.cancel(request_to(provider))
    assert query(outcome.callback)["error_description"] == "cancelled"
    assert outcome.fault is None


def test_a_refusal_of_the_provider_is_told(stage: Stage, headless: Headless, provider: str) -> None:
    stage.authority.status = MOVED
    outcome = headless.log_in(request_to(provider), in_hand())
    assert query(outcome.callback)["error_description"] == "certificate_revoked"
    assert isinstance(outcome.fault, PartyRefused)
    assert outcome.fault.error == "revoked"


def test_don_t_know_is_unavailable(stage: Stage, headless: Headless, provider: str) -> None:
    stage.authority.status = None
    outcome = headless.log_in(request_to(provider), in_hand())
    assert query(outcome.callback)["error"] == "temporarily_unavailable"
    assert isinstance(outcome.fault, Unavailable)


def wrong_pins(count: int) -> Card:
    """A card with that many wrong tries behind it."""
    held = card()
    for _ in range(count):
        with pytest.raises((WrongPin, PinBlocked)):
            JpkiSession(held).verify(Key.AUTHENTICATION, "9999", spend_last=True)
    return held


CARD_FAULTS = [
    (lambda: in_hand(pin="9999", text_pin=None), WrongPin, "wrong_pin"),
    (lambda: in_hand(held=wrong_pins(2), text_pin=None), LastTry, "last_try"),
    (lambda: in_hand(held=wrong_pins(3), text_pin=None), PinBlocked, "pin_blocked"),
    (lambda: in_hand(pin=""), PinBlocked, "pin_blocked"),
]


@pytest.mark.parametrize(("held", "fault", "word"), CARD_FAULTS)
def test_a_fault_of_the_card_is_told_to_the_client(
    headless: Headless, provider: str, held: Callable[[], CardInHand], fault: type[WarifuError], word: str
) -> None:
    outcome = headless.log_in(request_to(provider), held())
    assert isinstance(outcome.fault, fault)
    assert query(outcome.callback) == {"error": "access_denied", "error_description": word, "state": "a state"}


def test_the_last_try_is_spent_when_told_to(headless: Headless, provider: str) -> None:
    held = replace(in_hand(held=wrong_pins(2), text_pin=None), spend_last=True)
    assert headless.log_in(request_to(provider), held).fault is None


def test_a_request_the_provider_refuses_ends_at_the_client(headless: Headless, provider: str) -> None:
    outcome = headless.log_in(request_to(provider, scope="openid sign"), in_hand())
    assert query(outcome.callback)["error"] == "invalid_scope"
    assert isinstance(outcome.fault, OAuthRefused)
    assert outcome.fault.error == "invalid_scope"


def test_a_signed_refusal_ends_at_the_client_too(strict: str) -> None:
    """JARM §2.1: who the client is knows its key; the browser reads what is said as anybody can."""
    pushed = f"{Provider(strict, FAPI2).authorization_endpoint}?{urlencode({**REQUEST, 'response_mode': 'jwt'})}"
    with Headless([strict]) as headless:
        outcome = headless.log_in(pushed, in_hand())
    assert outcome.callback.startswith(f"{world.REDIRECT_URI}?response=")
    assert isinstance(outcome.fault, OAuthRefused)
    assert outcome.fault.error == "invalid_request"


def test_an_error_page_is_told(headless: Headless, provider: str) -> None:
    with pytest.raises(OAuthRefused, match="error page"):
        headless.log_in(request_to(provider, client_id="NOBODY"), in_hand())


def test_a_provider_that_was_not_allowed_is_not_answered(provider: str) -> None:
    with Headless(["http://localhost:1"]) as headless, pytest.raises(NotAllowed):
        headless.log_in(request_to(provider), in_hand())


@pytest.mark.parametrize(
    "address", ["http://[::1", "http://localhost:70000/", "http://localhost/\x01", "javascript:alert(1)", "/login", ""]
)
def test_what_is_no_address_is_malformed(headless: Headless, address: str) -> None:
    with pytest.raises(Malformed):
        headless.log_in(address, in_hand())


def test_a_redirect_to_no_address_is_malformed(headless: Headless) -> None:
    """Whoever answers there may write anything."""

    async def page(_request: Request) -> Response:
        return Response(status_code=302, headers={"location": "http://[::1"})

    site = reserve("localhost")
    with serve_in_thread([(site, Starlette(routes=[Route("/", page)]))]), pytest.raises(Malformed):
        headless.log_in(site.origin + "/", in_hand())


def test_nobody_there_is_unavailable(headless: Headless) -> None:
    with pytest.raises(Unavailable):
        headless.log_in("http://localhost:1/", in_hand())


def relayed(site: Reserved, provider: str) -> list[Route]:
    """A site of its own origin that shows another provider's login as if it were its own."""

    async def page(_request: Request) -> Response:
        return PlainTextResponse("log in here")

    async def invitation(request: Request) -> Response:
        address = f"{provider}{request.url.path}"
        async with httpx2.AsyncClient(trust_env=False) as client:
            return Response((await client.get(address)).content, media_type="application/json")

    async def decision(_request: Request) -> Response:
        return Response(status_code=204)

    async def go_back(_request: Request) -> Response:
        return RedirectResponse(world.REDIRECT_URI, 303)

    return [
        Route("/login/{transaction}", page),
        Route("/login/{transaction}/invitation", invitation),
        Route("/login/{transaction}/decision", decision, methods=["POST"]),
        Route("/login/{transaction}/continue", go_back),
    ]


def test_a_site_between_us_and_the_provider_gets_no_signature(headless: Headless, provider: str) -> None:
    """It signs for the origin it sees itself, and looks whether the invitation says the same."""
    login = httpx2.get(request_to(provider), trust_env=False).headers["location"]
    site = reserve("evil.localhost")
    with serve_in_thread([(site, answering(relayed(site, provider)))]), Headless([site.origin]) as victim:
        outcome = victim.log_in(f"{site.origin}{login}", in_hand())
    assert isinstance(outcome.fault, WrongOrigin)


def test_names_under_localhost_are_this_machine(provider: str) -> None:
    """RFC 6761 §6.3, also where the resolver does not know; the Host header keeps the name."""

    async def there(request: Request) -> Response:
        return RedirectResponse(request_to(provider, state=request.headers["host"]), 303)

    site = reserve("shop.localhost")
    shop = answering([Route("/", there)])
    with serve_in_thread([(site, shop)]), Headless([provider]) as headless:
        outcome = headless.cancel(f"{site.origin}/")
    assert query(outcome.callback)["state"] == f"shop.localhost:{site.port}"


def test_the_callback_can_be_followed(stage: Stage, provider: str) -> None:
    async def callback(request: Request) -> Response:
        return PlainTextResponse("welcome", 200 if "code" in request.query_params else 400)

    site = reserve("shop.localhost")
    address = f"{site.origin}/callback"
    with stage.service(Provider(provider)) as service:
        service.register(replace(CLIENT, redirect_uris=(world.REDIRECT_URI, address)))
    shop = answering([Route("/callback", callback)])
    with serve_in_thread([(site, shop)]), Headless([provider]) as headless:
        outcome = headless.log_in(request_to(provider, redirect_uri=address), in_hand())
        assert headless.follow(outcome) == 200
