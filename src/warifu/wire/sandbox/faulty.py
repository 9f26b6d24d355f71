"""The servers behind a good login, with the fault that was asked for."""

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from warifu.errors import Malformed, OAuthRefused
from warifu.idp import Parameters, read_presented
from warifu.messages import json
from warifu.wire.answers import error_answer, given_again, read_body
from warifu.wire.sandbox.responses import Endpoint, Later
from warifu.wire.sandbox.service import SandboxService
from warifu.wire.verification import OPERATOR_PATH

__all__ = ["Faulty"]

_MAX_BODY = 64 * 1024


class Faulty:
    """The provider and its platform operator, but for faults: each happens once, behind the login it was asked for."""

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
        app = self._operator if endpoint is Endpoint.OPERATOR else self._provider
        if endpoint is not None and self._service.awaits(endpoint):
            request = Request(scope, receive)
            try:
                body = await read_body(request, _MAX_BODY)
            except Malformed as fault:
                await error_answer(fault)(scope, receive, send)
                return
            receive = given_again(body, receive)
            app = await self._failing(endpoint, request, body) or app
        await app(scope, receive, send)

    async def _failing(self, endpoint: Endpoint, request: Request, body: bytes) -> ASGIApp | None:
        """What answers instead, as late as it is to be; None if nothing else does."""
        try:
            shown = _shown(endpoint, request, body)
            found = None if shown is None else await run_in_threadpool(self._service.take_fault, endpoint, shown)
        except (OAuthRefused, Malformed):  # whoever is asked in earnest says so
            return None
        if found is None:
            return None
        fault, seconds = found
        await asyncio.sleep(seconds)
        return _answer(fault) if fault.members or fault.status != 200 else None

    def _endpoint(self, path: str) -> Endpoint | None:
        signing = self._service.provider.profile.signing
        if signing is not None and path.startswith(signing.transactions) and path.endswith(signing.result):
            return Endpoint.RESULT
        return self._endpoints.get(path)


def _shown(endpoint: Endpoint, request: Request, body: bytes) -> str | None:
    """What tells whose login a request is about."""
    if endpoint is Endpoint.TOKEN:
        return Parameters.decode(body).find("code")
    if endpoint is Endpoint.OPERATOR:
        data: str = json.load(body, {"data": str, "sign_certificate_jwe": str})["data"]
        return data
    return read_presented(request.headers.getlist("authorization")).token


def _answer(fault: Later) -> JSONResponse:
    headers = {"cache-control": "no-store"}
    if fault.status in (401, 403):
        headers["www-authenticate"] = f'Bearer realm="main", error="{fault.error}"'
    return JSONResponse(fault.members, fault.status, headers)
