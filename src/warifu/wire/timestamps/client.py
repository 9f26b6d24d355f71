"""Asking a timestamp authority over HTTP."""

import httpx2

from warifu.errors import Malformed, Unavailable
from warifu.wire.replies import check_reply, read_reply
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
                check_reply(response, REPLY)
                return read_reply(response, limit=_MAX_REPLY, seconds=self._seconds)
        except httpx2.HTTPError as error:
            raise Unavailable("the timestamp service does not answer", detail=type(error).__name__) from error

    def token(self, imprint: bytes, hash_name: str) -> bytes:
        """A token about a digest, DER.

        Raises:
            Unavailable: as `ask`; or the service gave no timestamp, or one of something else.
        """
        from warifu.documents import ask_for_token

        return bytes(ask_for_token(self.ask, imprint, hash_name).dump())
