"""Reading what another party's server answers: no more than fits, no longer than we wait."""

import time

import httpx2

from warifu.errors import Unavailable

__all__ = ["check_reply", "read_reply"]


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
