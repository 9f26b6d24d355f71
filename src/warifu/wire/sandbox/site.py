"""The sandbox over HTTP: the provider's own paths, with the test-response page where the login page would be."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.responses import Response as HttpResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from warifu.errors import Malformed, NotAllowed, NotFound, WarifuError
from warifu.wire import answers, pages, provider
from warifu.wire.answers import read_body
from warifu.wire.headless import CardInHand
from warifu.wire.provider import ProviderService, begin_login, cookie_of, problem_page, redirect, set_cookie
from warifu.wire.sandbox.faulty import Faulty
from warifu.wire.sandbox.responses import CARD, HEADER, LATER, OUTCOMES, PLAYED, REFUSALS, Response, Responses, Rule
from warifu.wire.sandbox.service import SandboxService

__all__ = ["Cards", "application"]

_MAX_BODY = 16 * 1024


@dataclass(frozen=True, slots=True)
class Cards:
    """The personas: `people` are name, holder and what is special in Japanese and English; `hold` takes a card.

    `hold` raises NotFound for nobody's name.
    """

    people: Callable[[], Sequence[tuple[str, str, str, str]]]
    hold: Callable[[str], CardInHand]


def application(service: ProviderService, operator: ASGIApp, cards: Cards, responses: Responses) -> ASGIApp:
    """The sandbox: everything else of it is the provider as it is, and at its path the platform operator."""
    played = SandboxService.around(service)
    site, profile = _Site(played, cards, responses), service.provider.profile
    routes = [
        Route(profile.realm + profile.authorization, site.authorize, methods=["GET", "POST"]),
        Route("/test-responses", site.told, methods=["GET"]),
        Route("/test-responses", site.queue, methods=["POST"]),
        Route("/test-responses", site.clear, methods=["DELETE"]),
        Route("/login/{transaction}/response", site.page, methods=["GET"]),
        Route("/login/{transaction}/response", site.chosen, methods=["POST"]),
        Mount("/", Faulty(provider.application(played), operator, played)),
    ]
    return answers.application(routes)


class _Site:
    """The handlers."""

    def __init__(self, service: SandboxService, cards: Cards, responses: Responses) -> None:
        self._service, self._cards, self._responses = service, cards, responses

    async def authorize(self, request: Request) -> HttpResponse:
        """Checked as in earnest; then played at once if somebody said how, else the page asks."""
        begun = await begin_login(self._service, request)
        if isinstance(begun, HttpResponse):
            return begun
        try:
            response = await run_in_threadpool(self._said, request, begun.transaction)
            if response is None:
                asking = redirect(f"/login/{begun.transaction}/response")
                set_cookie(asking, begun, self._service.provider)
                return asking
            response = self._responses.drawn(response)
            back = redirect(await self._play(begun.transaction, begun.cookie, response))
            back.headers[PLAYED] = response.outcome
            return back
        except (Malformed, NotFound) as fault:
            return JSONResponse({"error": "invalid_test_response", "error_description": str(fault)}, 400)

    def _said(self, request: Request, transaction: str) -> Response | None:
        """The header of this request, else the first rule that fits its client."""
        header = request.headers.get(HEADER)
        if header is not None:
            return Response.parse(header)
        return self._responses.take(self._service.client_of(transaction).id)

    async def _play(self, transaction: str, cookie: str | None, response: Response) -> str:
        """Where the browser goes back to."""
        self._cards.hold(response.persona)  # a persona that nobody is, is told before anything happens
        if response.outcome not in LATER:
            await asyncio.sleep(response.seconds)
        await run_in_threadpool(self._service.play, transaction, response, self._cards.hold)
        return await run_in_threadpool(self._service.go_back, transaction, cookie)

    async def page(self, request: Request) -> HttpResponse:
        """Whose card, and how it ends."""
        transaction = request.path_params["transaction"]
        try:
            login, client, _ = await run_in_threadpool(self._service.watch, transaction, cookie_of(request))
        except WarifuError as error:
            return problem_page(request, error)
        back = urlsplit(login.request.redirect_uri)
        return pages.render(
            request,
            "sandbox.html",
            client_name=client.name,
            scopes=login.request.scopes,
            people=self._cards.people(),
            card=CARD,
            groups=_groups(),
            action=f"/login/{transaction}/response",
            form_action=[f"{back.scheme}://{back.netloc}"],
        )

    async def chosen(self, request: Request) -> HttpResponse:
        """Play what was picked on the page."""
        transaction, cookie = request.path_params["transaction"], cookie_of(request)
        if request.headers.get("origin") != self._service.provider.origin:
            return JSONResponse({"error": "not_allowed", "description": "not sent from this page"}, 403)
        try:
            await run_in_threadpool(self._service.watch, transaction, cookie)
            fields = await pages.read_form(request)
            response = Response(
                fields.get("outcome", ""), fields.get("persona", ""), _seconds(fields.get("seconds", ""))
            )
            return redirect(await self._play(transaction, cookie, response))
        except WarifuError as error:
            return problem_page(request, error)

    async def told(self, _request: Request) -> HttpResponse:
        """What can be asked for, for programs."""
        people = [name for name, *_ in self._cards.people()]
        return JSONResponse({"header": HEADER, "outcomes": list(OUTCOMES), "personas": people})

    async def queue(self, request: Request) -> HttpResponse:
        """Say what is to happen at the next login."""
        self._check_site(request)
        rule = Rule.decode(await read_body(request, _MAX_BODY))
        self._cards.hold(rule.response.persona)
        if rule.client_id is not None:
            await run_in_threadpool(self._service.check_registered, rule.client_id)
        self._responses.queue(rule)
        return HttpResponse(status_code=204)

    async def clear(self, request: Request) -> HttpResponse:
        """Forget what was queued."""
        self._check_site(request)
        self._responses.clear()
        return HttpResponse(status_code=204)

    def _check_site(self, request: Request) -> None:
        """A program names no origin, a page its own (RFC 6454 §7).

        Raises:
            NotAllowed: another site's page.
        """
        if request.headers.get("origin", self._service.provider.origin) != self._service.provider.origin:
            raise NotAllowed("this request comes from another site")


def _groups() -> dict[str, list[str]]:
    """The outcomes, by where the client meets them."""
    groups = {"callback": list(REFUSALS)}
    for word, later in LATER.items():
        groups.setdefault(later.endpoint.value, []).append(word)
    return groups


def _seconds(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise Malformed("seconds is a number")
    return int(text)
