"""Calling the register's REST interface: over HTTP with a token, or inside this process over a data directory."""

import asyncio
from typing import Any, Protocol

import httpx2

from warifu.errors import Malformed, PartyRefused, Unavailable, WarifuError
from warifu.messages import json
from warifu.wire.registry.rest import application
from warifu.wire.registry.service import Registry
from warifu.wire.registry.tokens import Bearer
from warifu.wire.replies import Asking

MAX_ANSWER = 4 * 1024 * 1024
_ERROR: dict[str, type | tuple[type, ...]] = {"error": str, "description": str}
_SECONDS = 60.0


class Calling(Protocol):
    """Whoever answers requests to the register."""

    def call(self, method: str, path: str, body: object = None, *, key: str | None = None) -> Any:
        """The answer's JSON. `path` is behind ``/v1``; `key` makes an act the same one when it is sent again.

        Raises:
            PartyRefused: the register said no.
            Malformed: it did not understand.
            Unavailable: it does not answer, or cannot now.
        """
        ...


class RemoteCalls(Asking):
    """A register at an address, under a token."""

    def __init__(self, address: str, token: str, *, transport: httpx2.BaseTransport | None = None) -> None:
        headers = {"authorization": f"Bearer {token}"}
        super().__init__(seconds=_SECONDS, transport=transport, address=address, headers=headers)

    def call(self, method: str, path: str, body: object = None, *, key: str | None = None) -> Any:
        """The answer's JSON."""
        try:
            answer = self._http.request(method, f"/v1{path}", json=body, headers=_headers(key))
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise Unavailable("the register does not answer", detail=type(error).__name__) from error
        return _read(answer)


class LocalCalls:
    """A register in this process; whoever holds its data acts as `operator` says."""

    def __init__(self, registry: Registry, operator: Bearer) -> None:
        self._application = application(registry, operator=operator)

    def call(self, method: str, path: str, body: object = None, *, key: str | None = None) -> Any:
        """The answer's JSON."""
        return _read(asyncio.run(self._ask(method, path, body, key)))

    async def _ask(self, method: str, path: str, body: object, key: str | None) -> httpx2.Response:
        transport = httpx2.ASGITransport(app=self._application)
        async with httpx2.AsyncClient(transport=transport, base_url="http://registry") as client:
            return await client.request(method, f"/v1{path}", json=body, headers=_headers(key))


def _headers(key: str | None) -> dict[str, str]:
    return {} if key is None else {"idempotency-key": key}


def _read(answer: httpx2.Response) -> Any:
    if answer.status_code != 200:
        raise _refusal(answer)
    try:
        return answer.json()
    except ValueError as error:
        raise Unavailable("the register answers something else") from error


def _refusal(answer: httpx2.Response) -> WarifuError:
    try:
        members = json.load(answer.content, _ERROR)
    except Malformed:
        return Unavailable("the register answers something else", detail=str(answer.status_code))
    if answer.status_code == Malformed.http_status:
        return Malformed(members["description"])
    if answer.status_code >= 500:
        return Unavailable(members["description"])
    return PartyRefused(members["error"], members["description"])
