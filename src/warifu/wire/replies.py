"""Asking another party's server, and reading what it answers: no more than fits, no longer than we wait."""

import ssl
import time
from collections.abc import Mapping
from functools import cache
from typing import Self

import httpx2

from warifu.errors import Unavailable

__all__ = ["Asking", "authorities_of_the_web", "check_reply", "read_reply"]


@cache
def authorities_of_the_web(*, trust_env: bool = True) -> ssl.SSLContext:
    """Whose certificates servers may have: read once for all clients, for reading takes longer than asking."""
    return httpx2.create_ssl_context(trust_env=trust_env)


class Asking:
    """Whoever asks other parties over connections that stay open until it is closed; usable from several threads.

    What is asked at a path is asked under `address`; `headers` go with everything.
    """

    def __init__(
        self,
        *,
        seconds: float,
        transport: httpx2.BaseTransport | None,
        address: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._seconds = seconds
        self._http = httpx2.Client(
            base_url=address,
            # Answers are read as they were sent.
            headers={"accept-encoding": "identity"} | dict(headers or {}),
            timeout=seconds,
            # No proxy and no redirect: the answer comes from where we asked, or not at all.
            trust_env=False,
            verify=authorities_of_the_web(trust_env=False),
            follow_redirects=False,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _read(self, response: httpx2.Response, limit: int) -> bytes:
        return read_reply(response, limit=limit, seconds=self._seconds)


def check_reply(response: httpx2.Response, media_type: str) -> None:
    """Check that an answer is one: 200, and of this type.

    Raises:
        Unavailable: it is something else.
    """
    given = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if response.status_code != 200 or given != media_type:
        raise Unavailable("the answer is something else", detail=str(response.status_code))


def read_reply(response: httpx2.Response, *, limit: int, seconds: float) -> bytes:
    """The body of an answer that is being streamed, as it was sent: at most `limit` bytes, within `seconds`.

    Raises:
        Unavailable: it is longer, or takes longer.
    """
    # The timeout of the connection starts again with each piece; this one is for the whole.
    deadline, body = time.monotonic() + seconds, bytearray()
    for piece in response.iter_raw():
        body += piece
        if len(body) > limit or time.monotonic() > deadline:
            raise Unavailable("the answer is too long or too slow")
    return bytes(body)
