"""The console's pages of one client's requests: every rule, once more, all of them for programs, none any more."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from warifu.errors import NotAllowed, WarifuError
from warifu.idp import RULES, Provider
from warifu.wire import pages
from warifu.wire.console.exchanges import Kind, Sent
from warifu.wire.console.replaying import Edited, replay
from warifu.wire.console.ring import STRANGERS, Ring
from warifu.wire.console.words import WORDS

__all__ = ["RequestPages", "Watched", "broken_rules", "is_broken"]


@dataclass(frozen=True, slots=True)
class Watched:
    """One provider of the town: its name on the page, and its application with what writes requests down."""

    name: str
    provider: Provider
    app: ASGIApp


class RequestPages:
    """The pages, below a client's; `name_of` finds the client's name in the ring."""

    def __init__(self, ring: Ring, watched: Sequence[Watched], name_of: Callable[[Request], str]) -> None:
        self._ring, self._name_of = ring, name_of
        self._watched = {each.name: each for each in watched}

    def routes(self, client: str) -> list[Route]:
        """Their routes; `client` is the path of the client's page."""
        return [
            Route(client + "/requests.json", self.told),
            Route(client + "/requests/clear", self.clear, methods=["POST"]),
            Route(client + "/requests/{number:int}", self.request),
            Route(client + "/requests/{number:int}/again", self.again, methods=["POST"]),
            Route(client + "/requests/{number:int}/again", self.request),
        ]

    async def request(self, request: Request) -> Response:
        """One request, rule by rule."""
        return await self._request_page(request)

    async def again(self, request: Request) -> Response:
        """Send it once more, as it was or as the form says; to the page of the new one."""
        client_id, number = _which(request)
        form = await pages.read_form(request)
        try:
            kept = self._ring.read(client_id, number)
            sent, where = self._ring.whole(client_id, number), self._watched[kept["provider"]]
            pairs = None if "parameters" not in form else Edited.read(form["parameters"]).filled(sent)
            made = await replay(where.app, sent or _rebuilt(kept, pairs), where.provider.origin, pairs, number)
        except WarifuError as fault:
            return await self._request_page(request, form.get("parameters"), str(fault), fault.http_status)
        return _to(f"/console/clients/{made.client_id or STRANGERS}/requests/{made.number}")

    async def told(self, request: Request) -> Response:
        """The same for programs: a test can ask whether its client broke a rule."""
        client_id = self._name_of(request)
        return JSONResponse({"requests": await run_in_threadpool(self._ring.all, client_id)})

    async def clear(self, request: Request) -> Response:
        """Forget a client's requests but the last."""
        client_id = self._name_of(request)
        await run_in_threadpool(self._ring.clear, client_id)
        return _to(f"/console/clients/{client_id}")

    async def _request_page(
        self, request: Request, parameters: str | None = None, fault: str = "", status: int = 200
    ) -> Response:
        client_id, number = _which(request)
        kept = self._ring.read(client_id, number)
        if parameters is None:
            parameters = "\n".join(f"{name}={value}" for name, value in kept["parameters"])
        return pages.render(
            request,
            "console/request.html",
            status=status,
            name=client_id,
            kept=kept,
            findings=[(each, RULES.get(each["rule"]), WORDS.get(each["rule"])) for each in kept["findings"]],
            broken=is_broken(kept),
            refused=kept["answer"]["status"] >= 400 or "error" in kept["answer"]["members"],
            remembered=self._ring.whole(client_id, number) is not None,
            parameters=parameters,
            fault=fault,
        )


def _which(request: Request) -> tuple[str, int]:
    return request.path_params["client_id"], request.path_params["number"]


def _rebuilt(kept: Mapping[str, Any], pairs: object) -> Sent:
    """A request that is not remembered in full: its parameters have to be given.

    Raises:
        NotAllowed: they were not.
    """
    if pairs is None:
        raise NotAllowed("this request is not remembered in full any more: edit it and send that")
    headers = tuple((name, value) for name, value in kept["headers"] if name == "content-type")
    return Sent(Kind(kept["kind"]), kept["method"], kept["path"], b"", headers, b"", datetime.fromisoformat(kept["at"]))


def broken_rules(kept: Mapping[str, Any]) -> list[str]:
    """The rules that it broke, in the engine's order."""
    return [each["rule"] for each in kept["findings"] if each["standing"] == "broken"]


def is_broken(kept: Mapping[str, Any]) -> bool:
    """Whether a request broke a rule."""
    return bool(broken_rules(kept))


def _to(path: str) -> Response:
    return RedirectResponse(path, 303)
