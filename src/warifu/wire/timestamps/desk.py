"""Where requests for timestamps arrive: ``POST /tsa`` (RFC 3161 §3.4).

The root's certificate is at ``/root.crt``, its revocation list at ``/root.crl``.

A clock that was set back stamps nothing until it has caught up: two tokens in the wrong order would be worse than none.
"""

import logging
import threading
from datetime import datetime

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from warifu.errors import Malformed, Unavailable
from warifu.pki.timestamps import TimestampFailure, build_timestamp_refusal
from warifu.ports import Clock, Entropy
from warifu.tsa import TimestampAuthority
from warifu.wire.answers import application as answering
from warifu.wire.answers import read_body

__all__ = ["QUERY", "REPLY", "application"]

QUERY = "application/timestamp-query"
REPLY = "application/timestamp-reply"
_CERTIFICATE = "application/pkix-cert"
_LIST = "application/pkix-crl"

_MAX_QUERY = 4096
"""Bytes; a request has about a hundred."""
_SERIAL_BYTES = 20

_log = logging.getLogger("warifu.timestamps")


def application(
    authority: TimestampAuthority,
    clock: Clock,
    entropy: Entropy,
    *,
    root: bytes | None = None,
    revoked: bytes | None = None,
) -> Starlette:
    """The application of one timestamp unit. `entropy` makes serial numbers, so it must never repeat.

    `root` is the certificate to give out, DER; whether it is believed, whoever fetches it has to find out otherwise.
    `revoked` is its revocation list, DER.
    """
    routes = [Route("/tsa", _Desk(authority, clock, entropy).ask, methods=["POST"])]
    given_out = {"/root.crt": (root, _CERTIFICATE), "/root.crl": (revoked, _LIST)}
    routes += [_file(path, content, kind) for path, (content, kind) in given_out.items() if content is not None]
    return answering(routes)


def _file(path: str, content: bytes, media_type: str) -> Route:
    return Route(path, lambda _request: Response(content, media_type=media_type))


class _Desk:
    def __init__(self, authority: TimestampAuthority, clock: Clock, entropy: Entropy) -> None:
        self._authority, self._clock, self._entropy = authority, clock, entropy
        self._latest: datetime | None = None
        self._turn = threading.Lock()

    async def ask(self, request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != QUERY:
            raise Malformed(f"a request for a timestamp has the content type {QUERY}")
        data = await read_body(request, _MAX_QUERY)
        return Response(await run_in_threadpool(self._answer, data), media_type=REPLY)

    def _answer(self, data: bytes) -> bytes:
        now = self._moment()
        if now is None:
            return build_timestamp_refusal(TimestampFailure.TIME_NOT_AVAILABLE, "the clock was set back")
        # The first bit is 0 and the last 1: positive, never 0, and 158 bits of chance.
        serial_number = int.from_bytes(self._entropy.bytes(_SERIAL_BYTES), "big") >> 1 | 1
        try:
            return self._authority.answer(data, now, serial_number)
        except Unavailable:
            _log.exception("no timestamp")
            return build_timestamp_refusal(TimestampFailure.SYSTEM_FAILURE, "the key does not answer")

    def _moment(self) -> datetime | None:
        with self._turn:
            now = self._clock.now()
            if self._latest is not None and now < self._latest - self._authority.terms.accuracy:
                return None
            self._latest = max(now, self._latest or now)
            return now
