"""What stands in front of a town's provider: requests of clients are examined, answered as ever, and written down."""

import contextvars
import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from warifu.errors import Malformed
from warifu.idp import Finding, Parameters
from warifu.ports import Clock
from warifu.wire.answers import given_again
from warifu.wire.console.examining import Examining
from warifu.wire.console.exchanges import Answer, Examined, Kind, Sent, kind_of
from warifu.wire.console.masking import (
    assertion_parts,
    masked,
    masked_address,
    masked_header,
    masked_members,
    masked_pairs,
)
from warifu.wire.console.ring import Ring
from warifu.wire.provider import ProviderService

__all__ = ["AGAIN", "Recorder", "Replayed", "described"]

_MOST = 64 * 1024
_log = logging.getLogger("warifu.console")


class Replayed:
    """For a request that is sent again: of which it is, and under which number it is kept."""

    def __init__(self, of: int) -> None:
        self.of, self.number, self.client_id = of, 0, ""


AGAIN: contextvars.ContextVar[Replayed | None] = contextvars.ContextVar("again", default=None)
"""Set where a request is sent again, by who sends it; no header of a client can."""


class Recorder:
    """An ASGI application in front of a provider's; what goes wrong here never changes an answer."""

    def __init__(self, app: ASGIApp, service: ProviderService, ring: Ring, clock: Clock, place: str) -> None:
        self._app, self._ring, self._clock, self._place = app, ring, clock, place
        self._examining, self._profile = Examining.around(service), service.provider.profile

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at requests of clients, hand all on."""
        kind = None
        if scope["type"] == "http":
            kind = kind_of(self._profile, scope["method"], scope["path"])
        if kind is None:
            await self._app(scope, receive, send)
            return
        body, whole = await _body(receive)
        sent = _sent(kind, scope, body, self._clock)
        examined = await self._examine(sent)
        heard = _Heard(send)
        try:
            await self._app(scope, given_again(body, receive, whole=whole), heard)
            if examined is not None and heard.answer is not None:
                await self._keep(sent, examined, heard.answer)
        finally:
            await heard.let_go()

    async def _examine(self, sent: Sent) -> Examined | None:
        try:
            return await run_in_threadpool(self._examining.examine, sent)
        except Exception:  # noqa: BLE001 - whoever only looks must not stand in the way
            _log.exception("a request could not be examined")
            return None

    async def _keep(self, sent: Sent, examined: Examined, answer: Answer) -> None:
        again = AGAIN.get()
        try:
            told = described(sent, examined.findings, answer, self._place, None if again is None else again.of)
            number = await run_in_threadpool(self._ring.add, examined.client_id, told, sent)
        except Exception:  # noqa: BLE001 - as above
            _log.exception("a request could not be kept")
            return
        if again is not None:
            again.number, again.client_id = number, examined.client_id or ""


def described(
    sent: Sent, findings: Sequence[Finding], answer: Answer, place: str, of: int | None = None
) -> dict[str, Any]:
    """A request as it is kept and shown: secrets in part."""
    pairs, claims = _pairs(sent), {}
    for name, value in (*pairs, *sent.headers):
        if name in {"client_assertion", "dpop"}:
            claims[name] = dict(assertion_parts(value))
    return {
        "at": sent.at.isoformat(timespec="milliseconds"),
        "provider": place,
        "kind": sent.kind.value,
        "again": of,
        "method": sent.method,
        "path": sent.path,
        "parameters": masked_pairs(pairs),
        "headers": [(name, masked_header(name, value)) for name, value in sent.headers],
        "claims": claims,
        "body": masked_members(sent.body) if sent.kind is Kind.SUBMISSION else {},
        "findings": [_finding(finding, sent, pairs, claims) for finding in findings],
        "answer": _answer(answer),
    }


def _finding(
    finding: Finding, sent: Sent, pairs: Sequence[tuple[str, str]], claims: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    return {
        "rule": finding.rule.name,
        "standing": finding.standing.value,
        "error": finding.error,
        "description": finding.description,
        "sent": [(part, value) for part in finding.rule.looks_at for value in _values(part, sent, pairs, claims)],
    }


def _values(
    part: str, sent: Sent, pairs: Sequence[tuple[str, str]], claims: Mapping[str, Mapping[str, str]]
) -> list[str]:
    """What a request has for one part that a rule looks at."""
    outer, dot, inner = part.partition(".")
    if dot:
        value = claims.get(outer, {}).get(inner)
        return [] if value is None else [value]
    if part == "id" and sent.kind is Kind.RESULT:
        return [sent.path.rsplit("/", 2)[1]]
    if part == "body":
        members = [f"{name}: {value}" for name, value in masked_members(sent.body).items()]
        return members or [f"({len(sent.body)} bytes)"]
    headers = [masked_header(name, value) for name, value in sent.headers if name == part]
    return headers or [masked(name, value) for name, value in pairs if name == part]


def _pairs(sent: Sent) -> tuple[tuple[str, str], ...]:
    if sent.kind not in {Kind.AUTHORIZATION, Kind.PUSH, Kind.TOKEN}:
        return ()
    try:
        return Parameters.decode(sent.parameters).pairs()
    except Malformed:
        return ()


def _answer(answer: Answer) -> dict[str, Any]:
    told: dict[str, Any] = {"status": answer.status, "members": masked_members(answer.body)}
    if answer.location:
        told["location"] = masked_address(answer.location)
        pairs = dict(parse_qsl(urlsplit(answer.location).query))  # below an address that the client registered
        told["members"] = {name: pairs[name] for name in ("error", "error_description") if name in pairs}
    return told


def _sent(kind: Kind, scope: Scope, body: bytes, clock: Clock) -> Sent:
    headers = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"])
    kept = tuple((name, value) for name, value in headers if name in Sent.HEADERS)
    return Sent(kind, scope["method"], scope["path"], scope.get("query_string", b""), kept, body, clock.now())


async def _body(receive: Receive) -> tuple[bytes, bool]:
    """The body, or its beginning; whether it is whole."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body), True
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body), True
        if len(body) > _MOST:
            return bytes(body), False


class _Heard:
    """A `send` that listens: status, place and the beginning of a JSON body.

    Answers are small here, and held back until the request is written down: who has the answer finds it in the console.
    """

    def __init__(self, send: Send) -> None:
        self._send, self._json = send, False
        self.answer: Answer | None = None
        self._held: list[Message] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in message["headers"]}
            self._json = headers.get("content-type", "").startswith("application/json")
            self.answer = Answer(message["status"], headers.get("location", ""))
        elif message["type"] == "http.response.body" and self.answer is not None and self._json:
            body = (self.answer.body + message.get("body", b""))[:_MOST]
            self.answer = Answer(self.answer.status, self.answer.location, body)
        self._held.append(message)

    async def let_go(self) -> None:
        """Send it."""
        for message in self._held:
            await self._send(message)
