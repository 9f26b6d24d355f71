"""Administrative REST interfaces: FastAPI for the published OpenAPI, everything else as in `answers`.

What does not fit the published description is `Malformed`, and the answer does not repeat it: it may hold a name or a
number. The description is at ``/openapi.json``; there is no page that loads scripts from elsewhere.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import Lifespan

import warifu
from warifu.wire.answers import error_handlers, middleware

__all__ = ["ERRORS", "Day", "ErrorAnswer", "Form", "HexId", "Text", "rest_application"]

_LONGEST = 64 * 1024
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(value: object) -> date:
    """A day as ISO 8601 writes it, and not as a number that happens to be one."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("a day is YYYY-MM-DD")
    return date.fromisoformat(value)


Day = Annotated[date, BeforeValidator(_day)]
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
    404: {"model": ErrorAnswer, "description": "there is no such person, card or call"},
    409: {"model": ErrorAnswer, "description": "it happened already, or something else did under this id"},
    503: {"model": ErrorAnswer, "description": "try again: the database is busy, or codes are on their way"},
}


def rest_application(
    title: str,
    description: str,
    routers: Iterable[APIRouter],
    *,
    routes: Sequence[BaseRoute] = (),
    lifespan: Lifespan[FastAPI] | None = None,
) -> FastAPI:
    """An application of these routers; `routes` are further ones that are not part of the published description."""
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
        max_body_size=_LONGEST,
        middleware=middleware(),
        exception_handlers=handlers,
        responses=ERRORS,
    )
    for router in routers:
        made.include_router(router)
    made.router.routes.extend(routes)
    return made


async def _on_malformed(_request: Request, error: Exception) -> Response:
    """Say where it does not fit, never what was sent."""
    assert isinstance(error, RequestValidationError)
    places = sorted({".".join(_place(each["loc"])) for each in error.errors()})
    return JSONResponse({"error": "malformed", "description": f"not as described: {', '.join(places)[:300]}"}, 400)


def _place(location: Sequence[object]) -> list[str]:
    """The place in the description; a name that was made up is somebody's words and is left out."""
    known = [str(each) for each in location if isinstance(each, int) or re.fullmatch(r"[a-z_-]{1,40}", str(each))]
    return known[:5]
