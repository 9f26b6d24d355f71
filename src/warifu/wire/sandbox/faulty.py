"""The servers behind a good login, with the fault that was asked for."""

import asyncio

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from warifu.wire.sandbox.responses import Endpoint, Later
from warifu.wire.sandbox.service import SandboxService
from warifu.wire.verification import OPERATOR_PATH

__all__ = ["Faulty"]


class Faulty:
    """The provider and its platform operator, but for the faults that were asked for; each happens once."""

    def __init__(self, provider: ASGIApp, operator: ASGIApp, service: SandboxService) -> None:
        self._provider, self._operator, self._service = provider, operator, service
        profile = service.provider.profile
        self._endpoints = {
            profile.realm + profile.token: Endpoint.TOKEN,
            profile.realm + profile.userinfo: Endpoint.USERINFO,
            OPERATOR_PATH: Endpoint.OPERATOR,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the fault, or hand on."""
        endpoint = self._endpoint(scope.get("path", "")) if scope["type"] == "http" else None
        fault, seconds = (endpoint and self._service.take_fault(endpoint)) or (None, 0)
        if (fault is not None and fault.members) or (fault is not None and fault.status != 200):
            await _answer(fault)(scope, receive, send)
            return
        await asyncio.sleep(seconds)
        app = self._operator if endpoint is Endpoint.OPERATOR else self._provider
        await app(scope, receive, send)

    def _endpoint(self, path: str) -> Endpoint | None:
        signing = self._service.provider.profile.signing
        if signing is not None and path.startswith(signing.transactions) and path.endswith(signing.result):
            return Endpoint.RESULT
        return self._endpoints.get(path)


def _answer(fault: Later) -> JSONResponse:
    headers = {"cache-control": "no-store"}
    if fault.status in (401, 403):
        headers["www-authenticate"] = f'Bearer realm="main", error="{fault.error}"'
    return JSONResponse(fault.members, fault.status, headers)
