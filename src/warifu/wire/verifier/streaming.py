"""Many documents in one request: a line each, answered line by line, in order, while they still come.

No more is held than a few pieces of what came, or a few documents. Whoever sends has to read the answers meanwhile, as
curl does: what is not read stops the reading of what is sent.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterator
from datetime import datetime

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from warifu.errors import Malformed, WarifuError
from warifu.wire.verification import Office
from warifu.wire.verifier.body import TooLong
from warifu.wire.verifier.processes import BrokenWork, Processes
from warifu.wire.verifier.tasks import LineWork, check_lines, refused_line

__all__ = ["LINES", "Streamed", "answers"]

LINES = "application/x-ndjson"
_MISTAKE = b'{"id":null,"error":"internal_error","description":"an internal error; the log has it"}\n'
_TOGETHER = 8
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
    processes: Processes[Office], lines: AsyncIterator[list[bytes | TooLong]], at: datetime | None, secret: bytes
) -> AsyncIterator[bytes]:
    """A line for each, in order. One that is wrong, or takes too long, gets its own error and ends nothing.

    One piece of work more is ready than there are processes, so that none waits for us.
    """
    most = processes.count + 1
    waiting: deque[asyncio.Task[bytes]] = deque()
    ready: deque[list[bytes | TooLong]] = deque()
    coming: asyncio.Task[list[bytes | TooLong] | None] | None = asyncio.ensure_future(_next(lines))
    try:
        while coming is not None or waiting or ready:
            while ready and len(waiting) < most:
                waiting.append(asyncio.ensure_future(_answer(processes, ready.popleft(), at, secret)))
            asked = {task for task in (None if ready else coming, waiting[0] if waiting else None) if task is not None}
            await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            while waiting and waiting[0].done():
                yield waiting.popleft().result()
            if coming is not None and coming.done() and not ready:
                came = coming.result()
                coming = None if came is None else asyncio.ensure_future(_next(lines))
                ready.extend(_cut(came or []))
    except ClientDisconnect:
        return  # nobody is there to be answered
    finally:
        for task in (coming, *waiting):
            if task is not None:
                task.cancel()


async def _next(lines: AsyncIterator[list[bytes | TooLong]]) -> list[bytes | TooLong] | None:
    async for some in lines:
        return some
    return None


def _cut(lines: list[bytes | TooLong]) -> Iterator[list[bytes | TooLong]]:
    """What came together, in pieces that are worth a way to another process and keep nobody waiting."""
    return (lines[begin : begin + _TOGETHER] for begin in range(0, len(lines), _TOGETHER))


async def _answer(
    processes: Processes[Office], lines: list[bytes | TooLong], at: datetime | None, secret: bytes
) -> bytes:
    if not any(isinstance(line, TooLong) for line in lines):
        try:
            work = LineWork(tuple(line for line in lines if isinstance(line, bytes)), at, secret)
            return await processes.work(check_lines, work, patient=True)
        except (WarifuError, BrokenWork) as error:
            if len(lines) == 1:
                return _refused(error)
    # One of them is to blame: each alone.
    return b"".join([await _answer_one(processes, line, at, secret) for line in lines])


async def _answer_one(processes: Processes[Office], line: bytes | TooLong, at: datetime | None, secret: bytes) -> bytes:
    if isinstance(line, TooLong):
        return refused_line(Malformed("the line is too long"))
    return await _answer(processes, [line], at, secret)


def _refused(error: WarifuError | BrokenWork) -> bytes:
    if isinstance(error, WarifuError):
        return refused_line(error)
    _log.error("a document failed by our own mistake", exc_info=error)
    return _MISTAKE
