"""Errors as HTTP answers, the same for every party.

A `WarifuError` answers with its family's status and its class name and public message as JSON:
``{"error": "wrong_pin", "description": "wrong PIN, 2 tries left"}``. Anything else is our own mistake: 500 with a fixed
text, and the log has the frames. `application` puts it together with the request log and the security headers.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, ExceptionHandler, Lifespan, Message, Receive, Scope, Send

from warifu.errors import ContentTooLarge, TooManyRequests, WarifuError
from warifu.wire.logs import RequestLog

__all__ = [
    "API_HEADERS",
    "SecurityHeaders",
    "application",
    "error_answer",
    "error_handlers",
    "error_name",
    "given_again",
    "middleware",
    "on_error",
    "page_headers",
    "read_body",
]

API_HEADERS: Mapping[str, str] = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""For answers that are not pages."""

_ERROR_HEADERS = {401: {"www-authenticate": "Bearer"}, 503: {"retry-after": "5"}}
_log = logging.getLogger("warifu.answers")


def application(
    routes: Sequence[BaseRoute],
    *,
    headers: Mapping[str, str] = API_HEADERS,
    handlers: Mapping[Any, ExceptionHandler] | None = None,
    lifespan: Lifespan[Starlette] | None = None,
) -> Starlette:
    """An application whose every answer is logged, carries `headers`, and says what was wrong.

    `handlers` come before ours: a party can answer some errors with a page. The handlers run on the event loop.
    """
    made = Starlette(
        routes=routes,
        middleware=middleware(headers),
        exception_handlers={**error_handlers(), **(handlers or {})},
        lifespan=lifespan,
    )
    # Starlette's redirect to the path without its last slash names the host that the request named, whoever sent it.
    made.router.redirect_slashes = False
    return made


def middleware(headers: Mapping[str, str] = API_HEADERS) -> list[Middleware]:
    """What stands around every application: the request log, the headers, and a fixed answer to our own mistakes."""
    return [Middleware(RequestLog), Middleware(SecurityHeaders, headers=headers), Middleware(_OwnMistakes)]


def error_handlers() -> dict[Any, ExceptionHandler]:
    """How an application answers our errors and the framework's."""
    return {WarifuError: on_error, HTTPException: _on_http_error}


def error_name(error: WarifuError) -> str:
    """The class name in snake case: ``wrong_pin``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(error).__name__).lower()


def error_answer(error: WarifuError) -> Response:
    """The error as JSON with its family's status."""
    headers = _ERROR_HEADERS.get(error.http_status)
    if isinstance(error, TooManyRequests):
        headers = {"retry-after": str(error.retry_after)}
    content = {"error": error_name(error), "description": str(error)}
    return JSONResponse(content, error.http_status, headers)


async def read_body(request: Request, limit: int) -> bytes:
    """The request's body, at most `limit` bytes; no more than that is ever held.

    Raises:
        ContentTooLarge: it is longer.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise ContentTooLarge(limit)
    return bytes(body)


def given_again(body: bytes, receive: Receive, *, whole: bool = True) -> Receive:
    """What was taken off the line, once more, and then the rest."""
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": not whole}

    return once


def page_headers(*, connect: Sequence[str] = (), forms: Sequence[str] = ()) -> Mapping[str, str]:
    """Headers for pages: only our own scripts, styles and images, never inside a frame.

    `connect` names further origins that scripts may call, `forms` further origins that forms may lead to (browsers
    count the redirect that follows).
    """
    policy = [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        " ".join(["connect-src 'self'", *connect]),
        " ".join(["form-action 'self'", *forms]),
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
    return {**API_HEADERS, "content-security-policy": "; ".join(policy)}


class SecurityHeaders:
    """ASGI middleware that adds `headers` to every answer that does not set them itself."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str] = API_HEADERS) -> None:
        self._app = app
        # As the server takes them, lower case (RFC 9113 §8.2): it is done for every answer, so it is done by hand.
        self._headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; complete the answer's headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", ())
                names = {name.lower() for name, _ in given}
                message["headers"] = [*given, *(header for header in self._headers if header[0] not in names)]
            await send(message)

        await self._app(scope, receive, with_headers)


class _OwnMistakes:
    """ASGI middleware: an exception nobody expected becomes a fixed 500 and a log line, and goes no further."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception:
            if scope["type"] != "http" or started:
                raise
            _log.exception("a request failed by our own mistake")
            answer = {"error": "internal_error", "description": "an internal error; the log has it"}
            await JSONResponse(answer, 500)(scope, receive, send)


async def on_error(_request: Request, error: Exception) -> Response:
    """Answer one of our errors, and tell the log what the answer does not say."""
    assert isinstance(error, WarifuError)
    if error.http_status >= 500 or error.detail:
        _log.warning("answered with an error", extra={"error": error_name(error), "detail": error.detail})
    return error_answer(error)


async def _on_http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    name = re.sub(r"[^a-z]+", "_", error.detail.lower())
    return JSONResponse({"error": name, "description": error.detail.lower()}, error.status_code, error.headers)
