"""The cookie that ties a login to the browser that began it."""

from starlette.requests import Request
from starlette.responses import Response

from warifu.idp import Provider
from warifu.wire.provider.service import Begun

NAME = "login"
_LONGER = 600
"""Seconds that the cookie outlives its login, so that a late browser can still be sent back to its client."""


def set_cookie(response: Response, begun: Begun, provider: Provider) -> None:
    """Set it for this login's pages alone, out of reach of scripts and of requests that other sites cause.

    `Lax` and not `Strict`: the first request with it follows a redirect that the client's site caused.
    """
    response.set_cookie(
        NAME,
        begun.cookie,
        max_age=int(provider.profile.login_lifetime.total_seconds()) + _LONGER,
        path=f"/login/{begun.transaction}",
        secure=provider.origin.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


def cookie_of(request: Request) -> str | None:
    """The cookie that came with a request."""
    return request.cookies.get(NAME)
