"""Errors as HTTP answers."""

import logging

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from warifu.errors import AnswerLost, Malformed, NeverIssued, WarifuError, WrongPin
from warifu.wire.answers import application, page_headers, read_body
from warifu.wire.logs import JsonLines

SECRET = "12345678"


def raising(error: Exception) -> httpx2.Response:
    async def answer(_request: Request) -> Response:
        raise error

    return ask(application([Route("/", answer)]))


def ask(app: object, method: str = "GET", path: str = "/", content: bytes | None = None) -> httpx2.Response:
    import anyio

    async def send() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=app)  # type: ignore[arg-type]
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, content=content)

    return anyio.run(send)


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [
        (WrongPin(2), 403, "wrong_pin"),
        (Malformed("too short"), 400, "malformed"),
        (AnswerLost(), 503, "answer_lost"),
        (NeverIssued(), 403, "never_issued"),
    ],
)
def test_an_error_answers_with_its_family(error: WarifuError, status: int, name: str) -> None:
    answer = raising(error)
    assert answer.status_code == status
    assert answer.json() == {"error": name, "description": str(error)}


def test_a_slash_too_many_is_not_found() -> None:
    """A redirect would be built from the Host header, which is the sender's own word."""

    async def here(_request: Request) -> Response:
        return PlainTextResponse("here")

    assert ask(application([Route("/here", here)]), path="/here/").status_code == 404


def test_an_unavailable_answer_says_when_to_try_again() -> None:
    assert raising(AnswerLost()).headers["retry-after"] == "5"


def test_an_unexpected_exception_says_nothing_and_is_logged_without_its_values(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = raising(KeyError(SECRET))
    assert answer.status_code == 500
    assert answer.json()["error"] == "internal_error"
    [record] = [record for record in caplog.records if record.name == "warifu.answers"]
    line = JsonLines().format(record)
    assert "KeyError" in line
    assert "test_answers.py" in line
    assert SECRET not in line


def test_http_refusals_are_json_too() -> None:
    app = application([Route("/", lambda request: PlainTextResponse(""), methods=["GET"])])
    assert ask(app, path="/nowhere").json()["error"] == "not_found"
    refused = ask(app, "POST")
    assert refused.status_code == 405
    assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD"}


async def echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await read_body(request, 10))))


@pytest.mark.parametrize(("length", "status"), [(0, 200), (10, 200), (11, 413), (100_000, 413)])
def test_a_body_over_the_limit_is_refused(length: int, status: int) -> None:
    app = application([Route("/", echo, methods=["POST"])])
    assert ask(app, "POST", content=bytes(length)).status_code == status


def test_answers_carry_security_headers_unless_they_set_their_own() -> None:
    async def answer(_request: Request) -> Response:
        return PlainTextResponse("x", headers={"cache-control": "max-age=60"})

    headers = ask(application([Route("/", answer)])).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["cache-control"] == "max-age=60"


def test_pages_may_name_where_they_connect_and_lead() -> None:
    policy = page_headers(connect=["http://localhost:8710"], forms=["http://rp.localhost:8702"])
    assert "connect-src 'self' http://localhost:8710;" in policy["content-security-policy"]
    assert "form-action 'self' http://rp.localhost:8702;" in policy["content-security-policy"]


def test_the_request_log_has_the_template_and_never_the_path_or_query(caplog: pytest.LogCaptureFixture) -> None:
    async def answer(_request: Request) -> Response:
        return PlainTextResponse("x")

    with caplog.at_level(logging.INFO, "warifu.requests"):
        ask(application([Route("/login/{transaction}", answer)]), path=f"/login/{SECRET}?pin={SECRET}")
    [record] = [record for record in caplog.records if record.name == "warifu.requests"]
    line = JsonLines().format(record)
    assert '"path": "/login/{transaction}"' in line
    assert '"status": 200' in line
    assert SECRET not in line
