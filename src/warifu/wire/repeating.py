"""What a program does again and again beside its answers: in a thread, until it is told to end.

However long something cannot be done, the log says when that begins and when it is over, each in one line; with a
traceback only if it is something else than silence.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from warifu.errors import Unavailable

__all__ = ["LONGEST_PAUSE", "Bell", "Tried", "beside", "repeat"]

LONGEST_PAUSE = 60.0
"""Seconds between two tries of what cannot be done, unless it is done more seldom anyway."""

_log = logging.getLogger("warifu.repeating")


class Bell(threading.Event):
    """Says that it is over, and before that, by a ring, that there is something to do: for one who waits."""

    def __init__(self) -> None:
        super().__init__()
        self._rung = threading.Event()

    def ring(self) -> None:
        """Whoever waits goes on at once, or whoever waits next."""
        self._rung.set()

    def set(self) -> None:
        """It is over."""
        super().set()
        self._rung.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it rings, for so many seconds at most; whether it is over."""
        self._rung.wait(timeout)
        if not self.is_set():
            self._rung.clear()
        return self.is_set()


@contextmanager
def beside(
    run: Callable[[threading.Event], None], name: str, patience: float | None, over: threading.Event | None = None
) -> Iterator[None]:
    """Run something in a thread of this name while the block runs; then it is told that it is `over`.

    It has so many seconds to end; with None it is waited for.
    """
    over = over or threading.Event()
    thread = threading.Thread(target=run, args=(over,), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(patience)


class Tried:
    """Work that is tried again and again; `what` completes "cannot …"."""

    def __init__(self, work: Callable[[], object], what: str) -> None:
        self._work, self._what = work, what
        self.fails = False

    def once(self) -> None:
        """Do it; when that begins to fail, and when it no longer does, the log says so."""
        try:
            self._work()
        except Exception as error:  # noqa: BLE001 - a thread that ended would never try again
            if not self.fails:
                self._tell(error)
            self.fails = True
        else:
            if self.fails:
                _log.warning("can %s again", self._what)
            self.fails = False

    def _tell(self, error: Exception) -> None:
        if isinstance(error, Unavailable):
            _log.warning("cannot %s for now: %s", self._what, error, extra={"detail": error.detail})
        else:
            _log.error("could not %s; trying again", self._what, exc_info=error)


def repeat(work: Callable[[], object], over: threading.Event, period: float, what: str) -> None:
    """Do the work at once and every `period` seconds until it is over, and while it fails ever more seldom."""
    tried, pause = Tried(work, what), period
    while not over.is_set():
        tried.once()
        pause = max(period, min(pause * 2, LONGEST_PAUSE)) if tried.fails else period
        over.wait(pause)
