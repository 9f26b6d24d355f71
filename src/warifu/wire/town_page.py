"""A town's front page over HTTP: where everything is and who lives there; and new links for its desks."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from warifu.errors import TokenUnknown, Unavailable
from warifu.messages import json
from warifu.wire import answers, pages

__all__ = [
    "LINKS",
    "REGISTRATIONS",
    "Invitations",
    "Place",
    "Resident",
    "application",
    "ask_for_links",
    "ask_to_take_up",
]

LINKS = "/sign-in-links"
REGISTRATIONS = "/console/registrations"
_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Place:
    """One address of the town."""

    url: str
    name: str
    name_en: str
    note: str
    note_en: str


@dataclass(frozen=True, slots=True)
class Resident:
    """A row of the table: a card, or a person without one."""

    name: str
    holder: str
    note: str
    note_en: str
    pins: str


@dataclass(frozen=True, slots=True)
class Invitations:
    """New links to sign in with, each time, for whoever shows the key: it lies in the town's folder."""

    key: str = field(repr=False)
    make: Callable[[], Mapping[str, object]] = field(repr=False)

    def check(self, request: Request) -> None:
        """Check that whoever asks has the key.

        Raises:
            TokenUnknown: another one, or none.
        """
        shown = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(shown, f"Bearer {self.key}".encode()):
            raise TokenUnknown


def application(
    places: Sequence[Place],
    people: Callable[[], Sequence[Resident]],
    invitations: Invitations,
    *,
    origin: str,
    more: Sequence[BaseRoute] = (),
) -> ASGIApp:
    """The page's server, for this machine only, to be run under the host name of `origin`.

    `people` is asked for every page: their PINs change. `more` are further pages of the same site.
    """

    def index(request: Request) -> Response:
        return pages.render(request, "town.html", addresses=places, people=people())

    def links(request: Request) -> Response:
        invitations.check(request)
        return JSONResponse(invitations.make())

    routes = [Route("/", index), Route(LINKS, links, methods=["POST"]), *more, pages.static_files()]
    return pages.Guard(answers.application(routes, headers=pages.page_headers()), origin)


def ask_for_links(origin: str, key: str) -> dict[str, Any]:
    """New links from the town at this origin: `operator` and `hotline`, and `windows` by municipality.

    Raises:
        Unavailable: nobody answers there, or somebody else does.
    """
    response = _ask(origin, key, LINKS)
    if response.status_code != 200:
        raise Unavailable("the town gives no links", detail=f"status {response.status_code}")
    return json.load(response.content, {"operator": str, "hotline": str, "windows": dict})


def ask_to_take_up(origin: str, key: str) -> None:
    """Have the town at this origin read its clients' registrations again.

    Raises:
        Unavailable: nobody answers there, or it cannot.
    """
    response = _ask(origin, key, REGISTRATIONS)
    if response.status_code != 200:
        raise Unavailable("the town does not take up the registrations", detail=f"status {response.status_code}")


def _ask(origin: str, key: str, path: str) -> httpx2.Response:
    parts = urlsplit(origin)
    # Names under localhost are this machine, whatever the resolver thinks (RFC 6761 §6.3).
    address = f"http://127.0.0.1:{parts.port}{path}"
    headers = {"host": parts.netloc, "origin": origin, "authorization": f"Bearer {key}"}
    try:
        return httpx2.post(address, headers=headers, timeout=_SECONDS, trust_env=False)
    except httpx2.HTTPError as error:
        raise Unavailable("the town is not up", detail=type(error).__name__) from error
