"""Handing a login over to a phone, over HTTP: what the browser's forms and what phones' servers send.

Phones speak JSON and put their secrets into bodies and headers, never into addresses that end up in logs. The browser's
forms need its own origin and the login's cookie, and work without JavaScript.
"""

from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from warifu.errors import DigitsExpired, HandOverEnded, Malformed, NotAllowed, NotFound, WarifuError, WrongDigits
from warifu.idp import Drawn
from warifu.messages import json as messages_json
from warifu.wire import pages
from warifu.wire.answers import read_body
from warifu.wire.provider.cookie import cookie_of
from warifu.wire.provider.protocol import redirect
from warifu.wire.provider.service import ProviderService

__all__ = ["bearer_of", "routes"]

_SECRET: dict[str, type | tuple[type, ...]] = {"secret": str}
_SCHEME = "bearer"
# What the page says after a form, in its address: the page that was sent stays one that can be reloaded.
_NOTES: tuple[tuple[type[WarifuError], str], ...] = (
    (WrongDigits, "wrong_digits"),
    (DigitsExpired, "digits_expired"),
    (HandOverEnded, "hand_over_ended"),
    (Malformed, "six_digits"),
    (NotAllowed, "not_scanned"),
)


def routes(service: ProviderService, phone: str) -> list[Route]:
    """The routes; `phone` is where the phone's pages are."""
    handlers = _HandOver(service, phone)
    return [
        Route("/login/{transaction}/open", handlers.open, methods=["GET"]),
        Route("/login/{transaction}/code", handlers.renew_code, methods=["POST"]),
        Route("/login/{transaction}/digits", handlers.type_digits, methods=["POST"]),
        Route("/hand-over/offer", handlers.offer, methods=["POST"]),
        Route("/hand-over/take", handlers.take, methods=["POST"]),
        Route("/hand-over/state", handlers.state, methods=["GET"]),
        Route("/hand-over/digits", handlers.renew_digits, methods=["POST"]),
    ]


def phone_url(phone: str, provider: str, secret: str) -> str:
    """The phone's page for a code or a link."""
    return f"{phone}/?hand_over={secret}&provider={quote(provider, safe='')}"


def bearer_of(request: Request) -> str | None:
    """The phone's token that came with a request, if one did (RFC 6750 §2.1)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == _SCHEME and token else None


class _HandOver:
    """The handlers, over one service."""

    def __init__(self, service: ProviderService, phone: str) -> None:
        self._service = service
        self._phone = phone

    # --- the browser ---

    async def open(self, request: Request) -> Response:
        """To the app on this device at once.

        By a page and not by a redirect: where a client's page has sent a form, its own policy (`form-action`) would
        have to allow the app's address, too.
        """
        transaction = request.path_params["transaction"]
        try:
            shown = await run_in_threadpool(self._service.hand_overs.shown, transaction, cookie_of(request))
        except (NotFound, NotAllowed):
            return redirect(f"/login/{transaction}")  # whose page says what is wrong
        url = phone_url(self._phone, self._service.provider.origin, shown.link)
        return pages.render(request, "login_open.html", url=url, back=f"/login/{transaction}")

    async def renew_code(self, request: Request) -> Response:
        """The button 「二次元コードを更新」."""
        return await self._after(request, self._service.hand_overs.renew_code)

    async def type_digits(self, request: Request) -> Response:
        """The six digits, typed into the page."""
        self._check_own_form(request)
        digits = (await pages.read_form(request)).get("digits", "")
        return await self._after(request, self._service.hand_overs.type_digits, digits)

    async def _after(self, request: Request, action: Any, *values: str) -> Response:
        """Back to the page, which says how it went."""
        self._check_own_form(request)
        transaction = request.path_params["transaction"]
        try:
            await run_in_threadpool(action, transaction, cookie_of(request), *values)
        except WarifuError as error:
            note = next((note for kind, note in _NOTES if isinstance(error, kind)), None)
            return redirect(f"/login/{transaction}{f'?note={note}' if note else ''}")
        return redirect(f"/login/{transaction}")

    def _check_own_form(self, request: Request) -> None:
        """Cross-site request forgery (RFC 6454 §7.3): here the Origin has to be there."""
        if request.headers.get("origin") != self._service.provider.origin:
            raise NotAllowed("this form was not sent from the provider's own page")

    # --- the phone ---

    async def offer(self, request: Request) -> Response:
        """A phone has read a code or opened a link: who asks for what. Nothing is taken yet."""
        offered = await run_in_threadpool(self._service.hand_overs.offered, await _secret(request))
        content: dict[str, object] = {
            "client_name": offered.client_name,
            "scopes": list(offered.scopes),
            "way": offered.way.value,
        }
        if offered.signing is not None:
            content["signing"] = messages_json.to_base64(offered.signing.encode())
        return JSONResponse(content)

    async def take(self, request: Request) -> Response:
        """The phone takes the login over: its token, and the digits to show if it read a code."""
        taken = await run_in_threadpool(self._service.hand_overs.take, await _secret(request))
        drawn = {} if taken.drawn is None else _shown_on_phone(taken.drawn)
        return JSONResponse({"token": taken.token, "way": taken.way.value, **drawn})

    async def state(self, request: Request) -> Response:
        """Whether the digits were typed; then the transaction, at which the phone goes on."""
        hand_over = await run_in_threadpool(self._service.hand_overs.found, _token(request))
        return JSONResponse({"transaction": hand_over.transaction} if hand_over.ready else {})

    async def renew_digits(self, request: Request) -> Response:
        """Other digits."""
        return JSONResponse(
            _shown_on_phone(await run_in_threadpool(self._service.hand_overs.renew_digits, _token(request)))
        )


def _shown_on_phone(drawn: Drawn) -> dict[str, object]:
    return {"digits": drawn.digits, "digits_expire_at": int(drawn.expires_at.timestamp())}


async def _secret(request: Request) -> str:
    """The secret in a body that no other site's form can make."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Malformed("the body must be application/json")
    secret: str = messages_json.load(await read_body(request, messages_json.MAX_BYTES), _SECRET)["secret"]
    return secret


def _token(request: Request) -> str:
    token = bearer_of(request)
    if token is None:
        raise NotAllowed("this is for a phone that has a login")
    return token
