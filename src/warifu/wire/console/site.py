"""The developers' console: pages of the town's own site, for this machine only.

Nobody signs in: whoever can use this machine can use the town, and nothing here is anybody's. `Guard` stands in front,
so that no other site's page can send these forms. A private key that is made here is shown once, in the answer to the
form, and kept nowhere.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from warifu.errors import Malformed, NotAllowed, NotFound
from warifu.idp import Client
from warifu.services import ClientKey, Environment
from warifu.wire import pages
from warifu.wire.console.code import STACKS, Stack, program, settings_file
from warifu.wire.console.request_pages import RequestPages, Watched, broken_rules, is_broken
from warifu.wire.console.ring import STRANGERS, Ring

__all__ = ["Console", "Registrations"]

_ALGORITHMS = ("ES256", "RS256")
_STRONG = "phishing_resistant"
"""The box in the forms: sent when it is ticked."""
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Registrations:
    """The clients: all there are, those that may be changed, and how one is added or changed.

    `keep` takes the name, the redirect URIs, the JWK Set, and whether all its logins are strong ones.
    """

    all: Callable[[], Sequence[Client]]
    added: Callable[[], Sequence[Client]]
    keep: Callable[[str, Sequence[str], Mapping[str, Any], bool], Client]


class Console:
    """The pages, below ``/console``."""

    def __init__(
        self,
        ring: Ring,
        watched: Sequence[Watched],
        registrations: Registrations,
        environments: Mapping[str, Environment],
        check_caller: Callable[[Request], None],
    ) -> None:
        self._ring, self._registrations, self._check_caller = ring, registrations, check_caller
        self._watched = tuple(watched)
        self._requests = RequestPages(ring, watched, self._name)
        self._environments = environments

    def routes(self) -> list[Route]:
        """The console's routes."""
        client = "/console/clients/{client_id}"
        return [
            Route("/console", self.overview),
            Route("/console/clients", self.register, methods=["POST"]),
            # Where a form led, the links to the other language lead, too.
            Route("/console/clients", self.overview),
            Route("/console/registrations", self.take_up, methods=["POST"]),
            Route(client, self.client),
            Route(client, self.change, methods=["POST"]),
            *self._requests.routes(client),
            Route(client + "/code/{stack}", self.code),
            Route(client + "/code/{stack}/{file}", self.file),
        ]

    # --- clients ---

    async def overview(self, request: Request) -> Response:
        """Every client, and a form for a new one."""
        return await self._overview(request)

    async def register(self, request: Request) -> Response:
        """A new client with a key that is made for it; the page with the private key is the only place it is at."""
        form = await pages.read_form(request)
        try:
            algorithm, name = _algorithm(form), self._new_name(form)
            key = await run_in_threadpool(ClientKey.generate, algorithm)
            redirect_uris, strong = form.get("redirect_uris", "").split(), _STRONG in form
            made = await run_in_threadpool(self._registrations.keep, name, redirect_uris, key.public_jwks(), strong)
        except (Malformed, NotAllowed) as fault:
            return await self._overview(request, form, str(fault), fault.http_status)
        return self._registered(request, made, key)

    async def take_up(self, request: Request) -> Response:
        """Clients that were added beside this process are registered, too; only for who may read the town's folder."""
        self._check_caller(request)
        found = await run_in_threadpool(self._registrations.all)
        return JSONResponse({"clients": [each.id for each in found]})

    async def client(self, request: Request) -> Response:
        """One client: redirect URIs, requests, code."""
        return await self._client_page(request)

    async def change(self, request: Request) -> Response:
        """Other redirect URIs, or other logins, for the same keys."""
        client, form = self._find(request, added=True), await pages.read_form(request)
        redirect_uris = form.get("redirect_uris", "").split()
        try:
            await run_in_threadpool(self._registrations.keep, client.name, redirect_uris, client.jwks, _STRONG in form)
        except Malformed as fault:
            return await self._client_page(request, form, str(fault), fault.http_status)
        return _to(f"/console/clients/{client.id}")

    # --- code ---

    async def code(self, request: Request) -> Response:
        """A working program for one stack, with this client's settings."""
        client, stack = self._find(request), _stack(request)
        return pages.render(
            request,
            "console/code.html",
            client=client,
            stack=stack,
            stacks=STACKS.values(),
            files={**self._settings(client), stack.file: program(stack)},
        )

    async def file(self, request: Request) -> Response:
        """One of its files, to be downloaded."""
        client, stack, name = self._find(request), _stack(request), request.path_params["file"]
        files = {**self._settings(client), stack.file: program(stack)}
        if name not in files:
            raise NotFound("there is no such file")
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(files[name], media_type="text/plain", headers=headers)

    def _settings(self, client: Client) -> dict[str, str]:
        return {"login.json": settings_file(client, self._environments)}

    def _new_name(self, form: Mapping[str, str]) -> str:
        name = form.get("name", "").strip()
        if any(each.name == name for each in self._registrations.added()):
            raise NotAllowed("there is a client of this name already")
        return name

    # --- pages ---

    def _registered(self, request: Request, made: Client, key: ClientKey) -> Response:
        return pages.render(
            request,
            "console/registered.html",
            client=made,
            private_key=key.private_pem().decode("ascii"),
            key_address="data:application/x-pem-file;base64," + base64.b64encode(key.private_pem()).decode("ascii"),
            jwks=key.public_jwks(),
            key_file=f"{made.name}.key.pem",
            issuers={each.name: each.provider.issuer for each in self._watched},
        )

    async def _overview(
        self, request: Request, form: Mapping[str, str] | None = None, fault: str = "", status: int = 200
    ) -> Response:
        rows, strangers = await run_in_threadpool(self._counts)
        return pages.render(
            request,
            "console/overview.html",
            status=status,
            rows=rows,
            strangers=strangers,
            form=form or {},
            algorithms=_ALGORITHMS,
            fault=fault,
        )

    def _counts(self) -> tuple[list[tuple[Client, int, int]], int]:
        """Each client, how many requests of it are kept and how many broke a rule; and how many are nobody's.

        Each is a file: for a worker thread, for the whole town is served by one event loop.
        """
        rows = [(each, self._ring.all(each.id)) for each in self._registrations.all()]
        counted = [(each, len(found), sum(map(is_broken, found))) for each, found in rows]
        return counted, len(self._ring.all(STRANGERS))

    async def _client_page(
        self, request: Request, form: Mapping[str, str] | None = None, fault: str = "", status: int = 200
    ) -> Response:
        """A refused form is shown as it was sent."""
        name = self._name(request)
        client = None if name == STRANGERS else self._find(request)
        added = client is not None and any(each.id == client.id for each in self._registrations.added())
        found = await run_in_threadpool(self._ring.all, name)
        redirect_uris, strong = ((), False) if client is None else (client.redirect_uris, client.phishing_resistant)
        if form is not None:
            redirect_uris, strong = tuple(form.get("redirect_uris", "").split()), _STRONG in form
        return pages.render(
            request,
            "console/client.html",
            status=status,
            client=client,
            name=name,
            added=added,
            redirect_uris="\n".join(redirect_uris),
            strong=strong,
            requests=[(each, broken_rules(each)) for each in found[:_SHOWN]],
            stacks=STACKS.values(),
            fault=fault,
        )

    def _find(self, request: Request, *, added: bool = False) -> Client:
        client_id = request.path_params["client_id"]
        for client in (self._registrations.added if added else self._registrations.all)():
            if client.id == client_id:
                return client
        raise NotFound("there is no such client")

    def _name(self, request: Request) -> str:
        name: str = request.path_params["client_id"]
        return name if name == STRANGERS else self._find(request).id


def _algorithm(form: Mapping[str, str]) -> str:
    algorithm = form.get("algorithm", "")
    if algorithm not in _ALGORITHMS:
        raise Malformed("the algorithm is ES256 or RS256")
    return algorithm


def _stack(request: Request) -> Stack:
    try:
        return STACKS[request.path_params["stack"]]
    except KeyError:
        raise NotFound("there is no code for such a stack") from None


def _to(path: str) -> Response:
    return RedirectResponse(path, 303)
