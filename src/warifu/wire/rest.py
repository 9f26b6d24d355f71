"""Administrative REST interfaces: FastAPI for the published OpenAPI, everything else as in `answers`.

What does not fit the published description is `Malformed`, and the answer does not repeat it: it may hold a name or a
number, and a name that is not in the description is its sender's too. The description is at ``/openapi.json``; there is
no page that loads scripts from elsewhere.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

import warifu
from warifu.wire.answers import error_handlers, middleware

__all__ = ["ERRORS", "Day", "ErrorAnswer", "Form", "HexId", "Moment", "Text", "rest_application"]

_LONGEST = 64 * 1024
"""Bytes of a body, where nothing else is said: it is read before anybody asks whose token it is."""
_DEEPEST = 5
"""Names of a place that are told."""
_PARTS = ("body", "path", "query", "header")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(value: object) -> date:
    """A day as ISO 8601 writes it, and not as a number that happens to be one."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("a day is YYYY-MM-DD")
    return date.fromisoformat(value)


def _moment(value: object) -> datetime:
    """A moment as RFC 3339 writes it, with its offset, and within what calendars bear."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError("a moment is YYYY-MM-DDTHH:MM:SS with an offset")
    moment = datetime.fromisoformat(value.upper())
    if not 1 < moment.year < date.max.year:
        raise ValueError("a moment has a year that calendars bear")
    return moment


Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
HexId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A text without control characters, of which databases refuse one altogether."""


class Form(BaseModel):
    """What is sent: exactly the declared members."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ErrorAnswer(BaseModel):
    """What went wrong: `error` is the name of the refusal, `description` a sentence for whoever reads logs."""

    error: str
    description: str


ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorAnswer, "description": "not as described here, or against a rule of the message"},
    401: {"model": ErrorAnswer, "description": "no token, or one that does not count"},
    403: {"model": ErrorAnswer, "description": "the rules forbid it, or this desk may not"},
    404: {"model": ErrorAnswer, "description": "there is no such person or thing"},
    409: {"model": ErrorAnswer, "description": "it happened already, or something else did under this id"},
    503: {"model": ErrorAnswer, "description": "try again: the database, a key or another party does not answer"},
}


def _too_long(longest: int | None) -> dict[str, Any]:
    told = "the body is too long" if longest is None else f"the body is longer than {longest} bytes"
    return {"model": ErrorAnswer, "description": told}


def rest_application(
    title: str,
    description: str,
    routers: Iterable[APIRouter],
    *,
    routes: Sequence[BaseRoute] = (),
    lifespan: Lifespan[FastAPI] | None = None,
    mounted: bool = False,
    longest: int | None = _LONGEST,
) -> FastAPI:
    """An application of these routers; `routes` are further ones that are not part of the published description.

    `mounted`: it will be a part of an application that has log and headers already. `longest` is how many bytes a body
    may have; None leaves it to the routes, which then read bodies piece by piece and after they know whose they are.
    """
    bounded = [] if longest is None else [Middleware(_Bounded, longest=longest)]
    handlers: dict[Any, Any] = {**error_handlers(), RequestValidationError: _on_malformed}
    made = FastAPI(
        title=title,
        description=description,
        version=warifu.__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        middleware=[*([] if mounted else middleware()), *bounded],
        exception_handlers=handlers,
        responses={**ERRORS, 413: _too_long(longest)},
    )
    for router in routers:
        made.include_router(router)
    made.router.routes.extend(routes)
    return made


class _Bounded:
    """ASGI middleware that ends a body which is too long with the error that the description has for it.

    The framework's own limit answers with plain text, and past our headers and our log.
    """

    def __init__(self, app: ASGIApp, longest: int) -> None:
        self._app, self._longest = app, longest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, piece by piece."""
        length = 0

        async def bounded() -> Message:
            nonlocal length
            message = await receive()
            length += len(message.get("body", b""))
            if length > self._longest:
                # Of all that is raised while a body is read, the framework leaves only this as it is.
                raise HTTPException(413, "content too large")
            return message

        await self._app(scope, bounded, send)


async def _on_malformed(request: Request, error: Exception) -> Response:
    """Say where it does not fit, never what was sent."""
    assert isinstance(error, RequestValidationError)
    known = _names(request.app)
    places = sorted({".".join(_place(each["loc"], known)) for each in error.errors()})
    return JSONResponse({"error": "malformed", "description": f"not as described: {', '.join(places)[:300]}"}, 400)


def _place(location: Sequence[object], known: frozenset[str]) -> list[str]:
    """The place in the description."""
    return [str(each) for each in location[:_DEEPEST] if isinstance(each, int) or each in known]


def _names(application: FastAPI) -> frozenset[str]:
    """What the published description calls things; worked out when somebody first sends something else."""
    known: frozenset[str] | None = getattr(application.state, "described_names", None)
    if known is None:
        known = application.state.described_names = frozenset({*_PARTS, *_described(application.openapi())})
    return known


def _described(part: Any) -> Iterator[str]:
    """The names of members, and of parameters, anywhere in a description."""
    if isinstance(part, dict):
        members = part.get("properties")
        yield from members if isinstance(members, dict) else ()
        if "in" in part and isinstance(part.get("name"), str):
            yield part["name"]
        part = list(part.values())
    for each in part if isinstance(part, list) else ():
        yield from _described(each)
