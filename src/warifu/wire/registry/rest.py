"""The register over REST: one request an act, each under its clerk's token.

``Authorization: Bearer …`` names the clerk and the desk; the desk decides what is seen and done (住民基本台帳法,
番号法). ``Idempotency-Key`` (32 hexadecimal digits) makes an act the same one when it is sent again. Whatever names a
person travels in a body, never in an address. Individual numbers and record codes are shown one by one, to a token
that has the explicit right to ask for them.
"""

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.routing import BaseRoute
from starlette.types import Lifespan

from warifu.wire.registry import rest_calls, rest_cards, rest_looks, rest_people
from warifu.wire.registry.service import Registry
from warifu.wire.registry.tokens import Bearer
from warifu.wire.rest import rest_application


def application(
    registry: Registry,
    *,
    routes: Sequence[BaseRoute] = (),
    lifespan: Lifespan[FastAPI] | None = None,
    operator: Bearer | None = None,
) -> FastAPI:
    """The register's application; `routes` are the post's.

    With `operator` nobody needs a token: for an application that is called inside its own process and never served.
    """
    routers = [rest_people.router, rest_looks.router, rest_cards.router, rest_calls.router]
    made = rest_application("warifu register", __doc__ or "", routers, routes=routes, lifespan=lifespan)
    made.state.registry = registry
    made.state.operator = operator
    return made
