"""Many documents in one request: a line each, answered line by line, in order, while they still come.

No more documents are held than there are processes. Whoever sends has to read the answers meanwhile, as curl does: what
is not read stops the reading of what is sent.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from datetime import datetime

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from warifu.errors import Malformed, WarifuError
from warifu.wire.verification import Office
from warifu.wire.verifier.body import TooLong
from warifu.wire.verifier.processes import BrokenWork, Processes
from warifu.wire.verifier.tasks import LineWork, check_line, refused_line

__all__ = ["LINES", "Streamed", "answers"]

LINES = "application/x-ndjson"
_MISTAKE = b'{"id":null,"error":"internal_error","description":"an internal error; the log has it"}\n'
_log = logging.getLogger("warifu.verifier")


class Streamed(Response):
    """An answer that is sent while the request still comes.

    Starlette's own listens meanwhile for the sender's going away, and so would take away pieces of the request.
    """

    def __init__(self, pieces: AsyncIterator[bytes], media_type: str) -> None:
        self.media_type, self.status_code, self.background = media_type, 200, None
        self.init_headers()
        self._pieces = pieces

    def init_headers(self, headers: object = None) -> None:
        """The type alone: the length is not known."""
        del headers
        self.raw_headers = [(b"content-type", str(self.media_type).encode("latin-1"))]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it piece by piece."""
        del scope, receive
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for piece in self._pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def answers(
    processes: Processes[Office], lines: AsyncIterator[bytes | TooLong], at: datetime | None, secret: bytes
) -> AsyncIterator[bytes]:
    """A line for each, in order. One that is wrong, or takes too long, gets its own error and ends nothing."""
    waiting: deque[asyncio.Task[bytes]] = deque()
    coming: asyncio.Task[bytes | TooLong | None] | None = asyncio.ensure_future(_next(lines))
    try:
        while coming is not None or waiting:
            full = len(waiting) >= processes.count
            asked = {task for task in (None if full else coming, waiting[0] if waiting else None) if task is not None}
            await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            while waiting and waiting[0].done():
                yield waiting.popleft().result()
            if coming is not None and coming.done() and len(waiting) < processes.count:
                line = coming.result()
                coming = None if line is None else asyncio.ensure_future(_next(lines))
                if line is not None:
                    waiting.append(asyncio.ensure_future(_answer(processes, line, at, secret)))
    except ClientDisconnect:
        return  # nobody is there to be answered
    finally:
        for task in (coming, *waiting):
            if task is not None:
                task.cancel()


async def _next(lines: AsyncIterator[bytes | TooLong]) -> bytes | TooLong | None:
    async for line in lines:
        return line
    return None


async def _answer(processes: Processes[Office], line: bytes | TooLong, at: datetime | None, secret: bytes) -> bytes:
    if isinstance(line, TooLong):
        return refused_line(Malformed("the line is too long"))
    try:
        return await processes.work(check_line, LineWork(line, at, secret), patient=True)
    except WarifuError as refusal:
        return refused_line(refusal)
    except BrokenWork:
        _log.exception("a document failed by our own mistake")
        return _MISTAKE
