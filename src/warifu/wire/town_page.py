"""A town's front page over HTTP: where everything is and who lives there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from warifu.wire import answers, pages

__all__ = ["Place", "Resident", "application"]


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


def application(places: Sequence[Place], people: Callable[[], Sequence[Resident]], *, origin: str) -> ASGIApp:
    """The page's server, for this machine only, to be run under the host name of `origin`.

    `people` is asked for every page: their PINs change.
    """

    def index(request: Request) -> Response:
        return pages.render(request, "town.html", addresses=places, people=people())

    routes = [Route("/", index), pages.static_files()]
    return pages.Guard(answers.application(routes, headers=pages.page_headers()), origin)
