"""Asking a timestamp authority over HTTP."""

import time

import httpx2

from warifu.errors import Malformed, Unavailable
from warifu.wire.timestamps.desk import QUERY, REPLY

__all__ = ["TimestampClient"]

_MAX_REPLY = 64 * 1024
"""Bytes; a token with its certificates has a few thousand."""


class TimestampClient:
    """Asks the service at one address, which the operator chose."""

    def __init__(self, address: str, *, seconds: float = 10.0, transport: httpx2.BaseTransport | None = None) -> None:
        if not address.startswith(("http://", "https://")):
            raise Malformed("the address of a timestamp service begins with http:// or https://")
        self._address, self._seconds, self._transport = address, seconds, transport

    def ask(self, request: bytes) -> bytes:
        """The response to an encoded request; what it says is not looked at here.

        Raises:
            Unavailable: the service does not answer, or answers something else.
        """
        headers = {"content-type": QUERY, "accept": REPLY, "accept-encoding": "identity"}
        try:
            with (
                httpx2.Client(
                    timeout=self._seconds, trust_env=False, follow_redirects=False, transport=self._transport
                ) as http,
                http.stream("POST", self._address, content=request, headers=headers) as response,
            ):
                return self._read(response)
        except httpx2.HTTPError as error:
            raise Unavailable("the timestamp service does not answer", detail=type(error).__name__) from error

    def _read(self, response: httpx2.Response) -> bytes:
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if response.status_code != 200 or media_type != REPLY:
            raise Unavailable("the timestamp service answers something else", detail=str(response.status_code))
        deadline, reply = time.monotonic() + self._seconds, b""
        for piece in response.iter_raw():
            reply += piece
            if len(reply) > _MAX_REPLY or time.monotonic() > deadline:
                raise Unavailable("the timestamp service's answer is too long or too slow")
        return reply
