"""What a provider's program does again and again beside its answers: in a thread, until it is told to end."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from warifu.errors import Unavailable, WarifuError

__all__ = ["LONGEST_PAUSE", "beside", "repeat"]

LONGEST_PAUSE = 60.0
"""Seconds between two tries of what cannot be done."""

_log = logging.getLogger("warifu.provider")


@contextmanager
def beside(run: Callable[[threading.Event], None], name: str, patience: float) -> Iterator[None]:
    """Run something in a thread of this name while the block runs; then it is told, and has so many seconds to end."""
    over = threading.Event()
    thread = threading.Thread(target=run, args=(over,), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(patience)


def repeat(work: Callable[[], object], over: threading.Event, period: float, what: str) -> None:
    """Do the work every `period` seconds until it is over, and while it fails ever more seldom.

    The log says when that begins and when it is over, each in one line, however long the store is down; with a
    traceback only if it is something else than silence.
    """
    pause, failing = period, False
    while not over.wait(pause):
        try:
            work()
        except (WarifuError, SQLAlchemyError) as error:
            if not failing:
                _tell(what, error)
            pause, failing = max(period, min(pause * 2, LONGEST_PAUSE)), True
        else:
            if failing:
                _log.warning("can %s again", what)
            pause, failing = period, False


def _tell(what: str, error: WarifuError | SQLAlchemyError) -> None:
    if isinstance(error, Unavailable):
        _log.warning("cannot %s for now: %s", what, error, extra={"detail": error.detail})
    else:
        _log.error("could not %s; trying again", what, exc_info=error)
