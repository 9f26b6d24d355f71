"""The hotline's page: what a caller says is compared, never shown; then what was lost is suspended."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from warifu.errors import NotFound, WarifuError
from warifu.registry import Claims, Medium
from warifu.wire import pages
from warifu.wire.registry import Bearer, Registry
from warifu.wire.window.notices import refusal

__all__ = ["Hotline"]


class Hotline:
    """Takes calls."""

    def __init__(self, registry: Registry) -> None:
        self._calls = registry.calls

    def home(self, request: Request, session: pages.Session[Bearer]) -> Response:
        """The form for a call."""
        return pages.render(request, "window/hotline.html", session=session, notice=session.take_notice())

    async def take(self, _request: Request, session: pages.Session[Bearer], form: dict[str, str]) -> Response:
        """Compare what the caller says; the call is kept either way."""
        born = form.get("born", "").replace("-", "")
        claims = Claims(form.get("name", ""), born, form.get("address", ""))
        done = await run_in_threadpool(self._calls.take, session.who.clerk, claims)
        if not done.holders:
            session.notice = ("unknown_caller",)
            return RedirectResponse("/", 303)
        return RedirectResponse(f"/calls/{done.act}", 303)

    async def show(self, request: Request, session: pages.Session[Bearer]) -> Response:
        """What of the caller's can be suspended."""
        return await self._call(request, session, None)

    async def suspend(self, request: Request, session: pages.Session[Bearer], form: dict[str, str]) -> Response:
        """Suspend what the caller lost."""
        call = request.path_params["call"]
        media = frozenset(medium for medium in Medium if form.get(medium.value) == "yes")
        try:
            await run_in_threadpool(self._calls.suspend, session.who.clerk, call, media)
        except NotFound:
            raise
        except WarifuError as error:
            return await self._call(request, session, error)
        session.notice = ("suspended",)
        return RedirectResponse(f"/calls/{call}", 303)

    async def _call(self, request: Request, session: pages.Session[Bearer], error: WarifuError | None) -> Response:
        call = request.path_params["call"]
        on_file = await run_in_threadpool(self._calls.on_file, session.who.clerk, call)
        return pages.render(
            request,
            "window/call.html",
            status=200 if error is None else error.http_status,
            session=session,
            notice=session.take_notice(),
            call=call,
            on_file=on_file,
            refusal=None if error is None else refusal(error),
        )
