"""Publishing at the press of a button: one run at a time, in a thread, with its progress to look at."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from warifu.errors import InUse, WarifuError
from warifu.ports import Clock
from warifu.wire.authority import Authorities, Heads

__all__ = ["Publishing", "Run"]

_log = logging.getLogger("warifu.operator")


@dataclass(frozen=True, slots=True)
class Run:
    """A run: how many lists it has made of how many; `ended` and `failure` (an error's name) when it is over."""

    began: datetime
    done: int = 0
    all: int = 0
    ended: datetime | None = None
    failure: str = ""


class Publishing:
    """Makes every list anew and signs the log's head, when told to."""

    def __init__(
        self, authorities: Authorities, heads: Heads | None, clock: Clock, after: Callable[[], None] = lambda: None
    ) -> None:
        self._authorities = authorities
        self._heads = heads
        self._clock = clock
        self._after = after
        self._running = threading.Lock()
        self.last: Run | None = None

    @property
    def is_running(self) -> bool:
        """Whether lists are being made now."""
        return self._running.locked()

    def start(self) -> threading.Thread:
        """Begin; the thread ends when every list is made.

        Raises:
            InUse: lists are being made already.
        """
        if not self._running.acquire(blocking=False):
            raise InUse("lists are being made already")
        self.last = Run(self._clock.now())
        thread = threading.Thread(target=self._run, args=(self.last.began,), name="warifu-publishing", daemon=True)
        thread.start()
        return thread

    def _run(self, began: datetime) -> None:
        done, failure = 0, ""

        def progress(finished: int, total: int) -> None:
            nonlocal done
            done = finished
            self.last = Run(began, finished, total)

        try:
            done = self._authorities.publisher.publish_all(progress)
            if self._heads is not None:
                self._heads.sign()
        except WarifuError as error:
            _log.exception("publishing failed")
            failure = type(error).__name__
        finally:
            self.last = Run(began, done, done, self._clock.now(), failure)
            self._after()
            self._running.release()
