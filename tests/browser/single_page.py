"""A client that lives in the browser, on npm oidc-client-ts, and the small server behind it that has its key.

The library signs no assertions, for a page can keep no key, and the provider answers no other origin's scripts. So the
page's own server does both, as in life.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from tests.real.node import HOME, package
from warifu.services import ClientKey
from warifu.wire.clock import SystemEntropy

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def application(
    issuer: str, client_id: str, key: ClientKey, now: Callable[[], datetime], http: httpx2.Client
) -> Starlette:
    """The page, its scripts, and the three things that its server does for it."""
    known = http.get(f"{issuer}/.well-known/openid-configuration").json()

    async def metadata(request: Request) -> Response:
        own = str(request.base_url)
        told = {**known, "client_id": client_id, "token_endpoint": f"{own}token", "userinfo_endpoint": f"{own}userinfo"}
        return JSONResponse(told)

    async def token(request: Request) -> Response:
        assertion = key.assertion(client_id, known["token_endpoint"], now(), SystemEntropy())
        proof = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
        sent = dict(parse_qsl((await request.body()).decode())) | proof
        return _passed(http.post(known["token_endpoint"], data=sent))

    async def userinfo(request: Request) -> Response:
        return _passed(
            http.get(known["userinfo_endpoint"], headers={"authorization": request.headers["authorization"]})
        )

    library = package("oidc-client-ts", "dist/browser/oidc-client-ts.min.js")
    page = HOME / "single_page.html"
    return Starlette(
        routes=[
            Route("/", _file(page)),
            Route("/callback", _file(page)),
            Route("/oidc-client-ts.js", _file(library)),
            Route("/single_page.js", _file(HOME / "single_page.js")),
            Route("/metadata", metadata),
            Route("/token", token, methods=["POST"]),
            Route("/userinfo", userinfo),
        ]
    )


def _file(path: Path) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_request: Request) -> Response:
        return FileResponse(path)

    return answer


def _passed(response: httpx2.Response) -> Response:
    return Response(response.content, response.status_code, media_type=response.headers.get("content-type"))
