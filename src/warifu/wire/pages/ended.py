"""The page after logging out, for who did not come with an address to go on to."""

from starlette.requests import Request
from starlette.responses import HTMLResponse

from warifu.wire.pages.rendering import render

__all__ = ["logged_out"]


def logged_out(request: Request) -> HTMLResponse:
    """The page."""
    return render(request, "logged_out.html")
