"""The companion's HTTP door on loopback.

``POST /login`` takes a `LoginInvitation` and gives a `LoginAnswer`; ``GET /status`` tells whether a card is there and
nothing about it. Errors are JSON as everywhere (`warifu.wire.answers`).
"""

from collections.abc import Callable, Collection

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from warifu.errors import Malformed, NotAllowed, Unavailable, WarifuError
from warifu.messages import LoginAnswer, LoginInvitation
from warifu.wire import answers

_LONGEST_BODY = 16 * 1024
_JSON = "application/json"


def application(
    port: int,
    origins: Collection[str],
    answer: Callable[[LoginInvitation, str], LoginAnswer],
    card_present: Callable[[], bool],
) -> ASGIApp:
    """The application that listens on loopback at `port`.

    `answer` gets an invitation and the origin that the browser reported; it and `card_present` may block, and run in
    worker threads.
    """

    async def login(request: Request) -> Response:
        origin = request.headers.get("origin")
        if origin is None:
            raise NotAllowed("a login comes from a page, and a page has an origin")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
            raise Malformed("an invitation is JSON")
        invitation = LoginInvitation.decode(await answers.read_body(request, _LONGEST_BODY))
        result = await run_in_threadpool(answer, invitation, origin)
        return Response(result.encode(), media_type=_JSON)

    async def status(_request: Request) -> Response:
        try:
            reader, card = True, await run_in_threadpool(card_present)
        except Unavailable:
            reader, card = False, False
        return JSONResponse({"reader": reader, "card": card})

    routes = [Route("/login", login, methods=["POST"]), Route("/status", status, methods=["GET"])]
    return Gate(answers.application(routes), port, origins)


class Gate:
    """ASGI middleware that lets in only what came to our own name from a page of an allowed origin.

    A foreign Host means that some other name was made to resolve to us (DNS rebinding). A request without Origin is no
    cross-origin request of a browser; it gets no further than ``GET /status``. The headers for other origins (CORS,
    https://fetch.spec.whatwg.org/#http-cors-protocol) go to allowed origins only, with the permission to reach from a
    public page into the loopback network (https://wicg.github.io/private-network-access/).
    """

    def __init__(self, app: ASGIApp, port: int, origins: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset({f"localhost:{port}", f"127.0.0.1:{port}"})
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, answer a preflight, or pass on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            origin = self._check(headers)
        except WarifuError as error:
            await answers.error_answer(error)(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and origin:
            await _preflight(headers, origin)(scope, receive, send)
        else:
            await self._app(scope, receive, _allowing(send, origin))

    def _check(self, headers: Headers) -> str | None:
        if headers.getlist("host") != [headers.get("host")] or headers["host"].lower() not in self._hosts:
            raise NotAllowed("this is not the host the companion answers for")
        origins = headers.getlist("origin")
        if len(origins) > 1 or not self._origins.issuperset(origins):
            raise NotAllowed("pages of this origin may not ask for a login")
        return origins[0] if origins else None


def _preflight(headers: Headers, origin: str) -> Response:
    permission = {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": "content-type",
        "vary": "Origin",
    }
    if headers.get("access-control-request-private-network") == "true":
        permission["access-control-allow-private-network"] = "true"
    return Response(status_code=204, headers=permission)


def _allowing(send: Send, origin: str | None) -> Send:
    """Let the page of `origin` read the answer."""

    async def with_permission(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer = MutableHeaders(scope=message)
            answer["vary"] = "Origin"
            if origin:
                answer["access-control-allow-origin"] = origin
        await send(message)

    return with_permission
