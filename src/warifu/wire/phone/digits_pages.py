"""The page with six digits: drawn, asked after by its script, given other digits, left."""

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from warifu.ports import Clock
from warifu.wire import pages
from warifu.wire.phone.digits import Waiting, WaitingRoom
from warifu.wire.phone.kept import secret_of
from warifu.wire.phone.visit import Visits

__all__ = ["DigitsPages"]


class DigitsPages:
    """The pages of phones that show digits; once they have been typed, a visit begins."""

    def __init__(self, waiting: WaitingRoom, visits: Visits, clock: Clock) -> None:
        self._waiting, self._visits, self._clock = waiting, visits, clock

    def routes(self) -> list[Route]:
        """Their paths."""
        return [
            Route("/digits", self._show),
            Route("/digits/state", self._state),
            Route("/digits/renew", self._renew, methods=["POST"]),
            Route("/digits/leave", self._leave, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        """The digits, until they have been typed."""
        waiting = self._found(request)
        if waiting is None or await self._looked(request, waiting):
            return RedirectResponse("/visit", 303)
        if waiting.closed:
            return pages.render(request, "phone/closed.html", status=410, error=waiting.closed)
        expired = waiting.expired(self._clock.now())
        return pages.render(request, "phone/digits.html", waiting=waiting, expired=expired)

    async def _state(self, request: Request) -> Response:
        """For the page's script: stay, show them as expired, or load again."""
        waiting = self._found(request)
        if waiting is None or await self._looked(request, waiting) or waiting.closed:
            return JSONResponse({"state": "over"})
        return JSONResponse({"state": "expired" if waiting.expired(self._clock.now()) else "waiting"})

    async def _renew(self, request: Request) -> Response:
        waiting = self._found(request)
        if waiting is not None:
            await self._waiting.renew(waiting)
        return RedirectResponse("/digits", 303)

    async def _leave(self, request: Request) -> Response:
        """The phone forgets; the page on the other device can show another code."""
        self._waiting.drop(secret_of(request))
        return RedirectResponse("/", 303)

    async def _looked(self, request: Request, waiting: Waiting) -> bool:
        """Whether the visit has begun."""
        visit = await self._waiting.look(secret_of(request), waiting)
        if visit is not None:
            self._visits.add(secret_of(request), visit)
        return visit is not None

    def _found(self, request: Request) -> Waiting | None:
        return self._waiting.find(secret_of(request), self._clock.now())
