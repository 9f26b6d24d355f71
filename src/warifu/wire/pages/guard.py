"""Who may talk to a page's server: this machine only, under its own name, and forms from its own pages only."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from warifu.errors import Malformed
from warifu.wire.answers import read_body

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_FORM: Final = 8 * 1024


class Guard:
    """An ASGI application in front of another, for pages that serve this machine only.

    The Host header must name our own origin, or a foreign name that resolves here could read our pages (DNS
    rebinding); the caller must be on the loopback; and what changes something must come from our own origin, whatever
    cookies come with it (cross-site request forgery; the Origin header of RFC 6454 §7).
    """

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self.app = app
        self.origin = origin
        self.host = origin.partition("://")[2]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse with a plain sentence or hand on."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (refusal or self.app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        if headers.getlist("host") != [self.host]:
            return PlainTextResponse("this server answers under its own name only\n", 421)
        if not _on_loopback(scope):
            return PlainTextResponse("this server answers its own machine only\n", 403)
        if scope["method"] not in SAFE_METHODS and headers.getlist("origin") != [self.origin]:
            return PlainTextResponse("this request does not come from this page\n", 403)
        return None


def _on_loopback(scope: Scope) -> bool:
    client = scope.get("client")
    try:
        return client is None or ip_address(client[0]).is_loopback
    except ValueError:  # not an address at all: a transport in the same process
        return True


async def read_form(request: Request) -> dict[str, str]:
    """The fields of an application/x-www-form-urlencoded body, each once.

    Raises:
        Malformed: another media type, over 8 KiB, not UTF-8, or a field twice.
    """
    if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        raise Malformed("not a form")
    body = await read_body(request, MAX_FORM)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError as error:
        raise Malformed("form is not readable") from error
    if len(dict(pairs)) != len(pairs):
        raise Malformed("a field twice")
    return dict(pairs)
