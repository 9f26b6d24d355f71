"""Where logins are worked on, one at a time, in the thread that has the terminal.

Requests arrive in worker threads. A prompt belongs into the main thread: there Ctrl-C ends it, and no thread is left
behind that waits for a PIN.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from warifu.errors import Cancelled, InUse

T = TypeVar("T")
# Windows cannot interrupt a wait; this long after Ctrl-C it is noticed there.
_BREATH = 1.0


class Desk(Generic[T]):
    """One desk, one clerk (`work`), one customer at a time."""

    def __init__(self) -> None:
        self._occupied = threading.Lock()
        self._tasks: SimpleQueue[tuple[Callable[[], T], Future[T]]] = SimpleQueue()
        self._closed = threading.Event()

    def bring(self, task: Callable[[], T]) -> T:
        """Have `task` done at the desk and wait for its result; from any thread but the one that works.

        Raises:
            InUse: another one is being worked on.
            Cancelled: the desk was closed.
            Exception: what the task raised.
        """
        if not self._occupied.acquire(blocking=False):
            raise InUse("another login is under way at the companion")
        try:
            result: Future[T] = Future()
            self._tasks.put((task, result))
            if self._closed.is_set():  # looked at after putting: `close` may have emptied the queue just before
                self.close()
            return result.result()
        finally:
            self._occupied.release()

    def work(self) -> None:
        """Do what is brought, until the desk is closed or Ctrl-C."""
        while not self._closed.is_set():
            try:
                task, result = self._tasks.get(timeout=_BREATH)
            except Empty:
                continue
            _do(task, result)

    def close(self) -> None:
        """Take no more, and send away who is waiting; from any thread."""
        self._closed.set()
        while True:
            try:
                _, result = self._tasks.get_nowait()
            except Empty:
                return
            result.set_exception(Cancelled())


def _do(task: Callable[[], Any], result: "Future[Any]") -> None:
    try:
        result.set_result(task())
    except Exception as error:  # noqa: BLE001 - handed to who brought the task
        result.set_exception(error)
    except BaseException:
        result.set_exception(Cancelled())
        raise
