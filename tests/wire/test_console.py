"""What stands in front of a provider for developers: it keeps every request, however odd, and changes no answer."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.responses import JSONResponse

from tests.idp.world import CLIENT, OTHER_CLIENT, PROVIDER, REQUEST, assertion, form
from tests.wire.provider_world import Stage
from warifu.wire.console import STRANGERS, Recorder, Ring
from warifu.wire.provider import ProviderService, application

AUTHORIZATION, TOKEN, USERINFO = PROVIDER.authorization_endpoint, PROVIDER.token_endpoint, PROVIDER.userinfo_endpoint
SUBMISSION = f"{PROVIDER.origin}/api/sign-transactions"
ODD = "http://rp.localhost:8702/callback?was=%ff"
"""A redirect URI may have a query of its own, in whatever encoding (RFC 6749 §3.1.2)."""


@dataclass
class Watched:
    """A provider with a recorder in front of it."""

    service: ProviderService
    ring: Ring
    clock: Any

    def send(self, method: str, address: str, **sent: Any) -> tuple[httpx2.Response, dict[str, Any]]:
        """The answer, and what was kept of the request, as programs are told it."""

        async def ask() -> httpx2.Response:
            app = Recorder(application(self.service), self.service, self.ring, self.clock, "provider")
            async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), trust_env=False) as client:
                return await client.request(method, address, **sent)

        before, answer, after = self._kept(), asyncio.run(ask()), self._kept()
        (new,) = [each for each in after if each not in before]
        JSONResponse(new)
        return answer, new

    def _kept(self) -> list[dict[str, Any]]:
        return [each for name in (STRANGERS, CLIENT.id, OTHER_CLIENT.id) for each in self.ring.all(name)]


@pytest.fixture
def watched(tmp_path: Path) -> Any:
    stage = Stage(tmp_path)
    with stage.service() as service:
        service.register(CLIENT)
        service.register(replace(OTHER_CLIENT, redirect_uris=(ODD,)))
        yield Watched(service, Ring(tmp_path / "console"), stage.clock)


def broken(kept: Mapping[str, Any]) -> list[str]:
    return [each["rule"] for each in kept["findings"] if each["standing"] == "broken"]


def first(kept: Mapping[str, Any]) -> dict[str, str]:
    """The provider's words for the first broken rule."""
    told = next(each for each in kept["findings"] if each["standing"] == "broken")
    return {"error": told["error"], "error_description": told["description"]}


def token_form(**claims: Any) -> dict[str, str]:
    return dict(form(client_assertion=assertion(**claims)).pairs())


@pytest.mark.parametrize(
    "claims", [{"jti": "\ud800"}, {"iss": "\ud800"}, {"\ud800": 1}, {"exp": float("nan")}, {"jti": ["x"]}]
)
def test_an_assertion_that_no_file_could_hold_is_kept_and_answered(watched: Watched, claims: dict[str, Any]) -> None:
    """JSON can spell half a surrogate pair (RFC 8259 §8.2); Python's reads NaN, too."""
    answer, kept = watched.send("POST", TOKEN, data=token_form(**claims))
    assert answer.json() == first(kept) if broken(kept) else answer.json()["error_description"] == "the code is unknown"


@pytest.mark.parametrize("value", ["NaN", "1e999", '"\\ud800"', '{"a": {}}'])
def test_a_submission_that_no_file_could_hold_is_kept(watched: Watched, value: str) -> None:
    headers = {"content-type": "application/json", "authorization": "Bearer nobodys"}
    answer, kept = watched.send("POST", SUBMISSION, content=f'{{"digest": {value}}}', headers=headers)
    assert (answer.status_code, broken(kept)) == (401, ["service_token", "digest"])


def test_a_redirect_uri_with_a_query_in_another_encoding_is_kept(watched: Watched) -> None:
    told = {**REQUEST, "client_id": OTHER_CLIENT.id, "redirect_uri": ODD, "scope": "name"}
    answer, kept = watched.send("GET", AUTHORIZATION, params=told)
    assert answer.headers["location"].startswith(ODD)
    assert kept["answer"]["members"] == first(kept)


def test_an_assertion_is_recognised_again_whatever_its_jti_is(watched: Watched) -> None:
    """RFC 7519 §4.1.7: any string."""
    sent = token_form(jti='a "quoted\\" one')
    watched.send("POST", TOKEN, data=sent)
    answer, kept = watched.send("POST", TOKEN, data=sent)
    assert answer.json() == first(kept)
    assert "assertion_once" in broken(kept)


def test_a_browser_that_asks_for_the_head_alone_brings_a_query(watched: Watched) -> None:
    """RFC 9110 §9.3.2: HEAD is answered as GET is."""
    answer, kept = watched.send("HEAD", AUTHORIZATION, params=REQUEST)
    assert (answer.status_code, broken(kept)) == (303, [])


def test_a_token_request_in_the_query_has_nothing_in_its_body(watched: Watched) -> None:
    """RFC 6749 §3.2: the client uses POST."""
    answer, kept = watched.send("GET", TOKEN, params=token_form())
    assert answer.status_code == 405
    assert broken(kept)[0] == "grant_named"
    assert kept["parameters"] == []


def test_a_client_that_authenticates_in_two_ways_is_told_so(watched: Watched) -> None:
    """RFC 6749 §2.3."""
    answer, kept = watched.send("POST", TOKEN, data=token_form(), auth=("RP00000001", "a secret"))
    assert answer.json() == first(kept)
    assert broken(kept)[0] == "one_way"
    assert dict(kept["headers"])["authorization"].startswith("Basic ")
    assert "a secret" not in str(kept)


def test_a_request_that_is_pushed_where_nobody_takes_it_is_told_so(watched: Watched) -> None:
    """RFC 9126 §5: the metadata name no such endpoint."""
    answer, kept = watched.send("POST", PROVIDER.pushed_endpoint, data={**REQUEST, **token_form()})
    assert (answer.status_code, broken(kept)[0]) == (404, "push_offered")


def test_a_form_that_is_too_long_is_told_so(watched: Watched) -> None:
    answer, kept = watched.send("POST", TOKEN, data=token_form() | {"more": "x" * 16 * 1024})
    assert answer.json() == first(kept)
    assert broken(kept) == ["form"]
