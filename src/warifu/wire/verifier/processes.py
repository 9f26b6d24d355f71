"""Processes that verify, one document at a time each, so that whoever serves many people is never held up.

A document is a stranger's, and some are made to be slow. A thread cannot be ended, so each piece of work is done by a
process that can: when it takes too long, the process is killed and another takes its place. Meanwhile the others work
on. What a process may put into memory is bounded too.

Python's own pools of processes cannot end one piece of work; that is why they are not used here.
"""

import asyncio
import contextlib
import logging
import multiprocessing
import signal
import traceback
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

from warifu.errors import Malformed, Unavailable, WarifuError

__all__ = ["BrokenWork", "Processes", "Task", "running"]

Office = TypeVar("Office")
Piece = TypeVar("Piece")
Result = TypeVar("Result")

Task = Callable[[Office, Piece], Result]
"""A function at the top of a module: it goes to another process by its name."""

_BEGINNING = 60.0
"""Seconds that a process gets to begin."""
_MEMORY = 3 << 30
"""Bytes that a process may fill; a document has a hundred million at most, its lists are mapped files."""
_log = logging.getLogger("warifu.verifier")
_SPAWN = multiprocessing.get_context("spawn")


class BrokenWork(RuntimeError):
    """Our own mistake, in another process: where it was, never what it said."""


class Processes(Generic[Office]):
    """Processes with an office each; `seconds` a piece may take, `patience` a piece waits for one that is free."""

    def __init__(
        self,
        opening: Callable[[], AbstractContextManager[Office]],
        count: int,
        *,
        seconds: float = 60.0,
        patience: float = 10.0,
    ) -> None:
        self.count = count
        self.seconds, self.patience = seconds, patience
        self._all = [_Process(opening) for _ in range(count)]
        self._threads = ThreadPoolExecutor(count, "verifier")
        self._free: asyncio.LifoQueue[_Process] = asyncio.LifoQueue()

    async def begin(self) -> None:
        """Begin all of them.

        Raises:
            Unavailable: one cannot.
        """
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(self._threads, each.begin) for each in self._all))
        for each in self._all:
            self._free.put_nowait(each)

    def end(self) -> None:
        """End all of them, whatever they are doing."""
        for each in self._all:
            each.end()
        self._threads.shutdown()

    async def work(self, task: "Task[Office, Piece, Result]", piece: Piece, *, patient: bool = False) -> Result:
        """Have a piece of work done; who is `patient` waits for a free process as long as it takes.

        Raises:
            Unavailable: nobody was free in time, or it took too long.
            WarifuError: what the task raised.
        """
        one = await self._one(patient)
        done = asyncio.get_running_loop().run_in_executor(self._threads, one.work, task, piece, self.seconds)
        # Who asked may go away; the process is free when it is done all the same.
        done.add_done_callback(lambda _done: self._free.put_nowait(one))
        result: Result = await asyncio.shield(done)
        return result

    async def _one(self, patient: bool) -> "_Process":
        try:
            async with asyncio.timeout(None if patient else self.patience):
                return await self._free.get()
        except TimeoutError:
            raise Unavailable("all who verify are busy") from None


@asynccontextmanager
async def running(processes: Processes[Office]) -> AsyncIterator[None]:
    """The processes are begun, and ended at the end."""
    try:
        await processes.begin()
        yield
    finally:
        await asyncio.to_thread(processes.end)


class _Process:
    """One process, or the next in its place; used by one thread at a time, ended by any."""

    def __init__(self, opening: Callable[[], AbstractContextManager[Any]]) -> None:
        self._opening = opening
        self._running: Any = None
        self._pipe: Connection | None = None

    def begin(self) -> None:
        ours, theirs = _SPAWN.Pipe()
        self._running = _SPAWN.Process(target=_live, args=(self._opening, theirs), daemon=True)
        self._running.start()
        theirs.close()
        self._pipe = ours
        self._hear(_BEGINNING, "a process that verifies cannot begin")

    def work(self, task: Any, piece: Any, seconds: float) -> Any:
        if self._pipe is None:
            self.begin()
        assert self._pipe is not None
        try:
            self._pipe.send((task, piece))
        except OSError as error:
            self.end()
            raise Unavailable("the process that verified died", detail=type(error).__name__) from error
        return self._hear(seconds, "verifying took too long")

    def _hear(self, seconds: float, too_long: str) -> Any:
        """What the process says."""
        assert self._pipe is not None
        try:
            if not self._pipe.poll(seconds):
                self.end()
                raise Unavailable(too_long)
            told = self._pipe.recv()
        except (EOFError, OSError) as error:
            self.end()
            raise Unavailable("the process that verified died", detail=type(error).__name__) from error
        return _result(told)

    def end(self) -> None:
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            self._running.kill()
            self._running.join()
            pipe.close()


def _result(told: Any) -> Any:
    kind, value = told
    if kind == "refusal":
        raise value
    if kind == "mistake":
        raise BrokenWork(value)
    return value


def _live(opening: Callable[[], AbstractContextManager[Any]], pipe: Connection) -> None:
    """The life of a process: it ends when whoever began it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who serves
    with contextlib.suppress(EOFError, OSError):
        try:
            with opening() as office:
                _bound_memory()
                pipe.send(("result", None))
                while True:
                    task, piece = pipe.recv()
                    pipe.send(_told(task, office, piece))
        except WarifuError as refusal:
            pipe.send(("refusal", refusal))


def _told(task: Any, office: Any, piece: Any) -> tuple[str, Any]:
    try:
        return "result", task(office, piece)
    except WarifuError as refusal:
        return "refusal", refusal.with_traceback(None)
    except (MemoryError, RecursionError):
        return "refusal", Malformed("verifying this takes too much memory")
    except Exception as error:  # noqa: BLE001 - a process that dies of a mistake would tell nobody where
        frames = [
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
        ]
        _log.error("verifying failed by our own mistake")
        return "mistake", f"{type(error).__name__} at {'; '.join(frames[-8:])}"


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = _MEMORY if hard == resource.RLIM_INFINITY else min(_MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
