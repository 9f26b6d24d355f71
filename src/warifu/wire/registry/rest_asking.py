"""Who asks, which register, under which id: what every resource takes."""

from typing import Annotated

from fastapi import Depends, Header, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from warifu.errors import TokenUnknown
from warifu.wire.registry.service import Registry
from warifu.wire.registry.tokens import Bearer
from warifu.wire.rest import HexId

_scheme = HTTPBearer(auto_error=False, description="a clerk's or machine's token")


def _registry(request: Request) -> Registry:
    found: Registry = request.app.state.registry
    return found


def _bearer(
    request: Request,
    registry: Annotated[Registry, Depends(_registry)],
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_scheme)],
) -> Bearer:
    """Whose token the request has; the operator's own, where the application is the operator's own process.

    Raises:
        TokenUnknown: none, or one that does not count.
    """
    operator: Bearer | None = request.app.state.operator
    if operator is not None:
        return operator
    if given is None:
        raise TokenUnknown("a token is needed")
    return registry.tokens.bearer(given.credentials)


TheRegistry = Annotated[Registry, Depends(_registry)]
By = Annotated[Bearer, Depends(_bearer)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", pattern="^[0-9a-f]{32}$")]
Id = Annotated[HexId, Path()]
