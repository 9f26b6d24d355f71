"""The turn of the day in a program that keeps running: looked at every few minutes, done when there is something."""

import logging
import threading

from warifu.errors import Unavailable
from warifu.wire.registry.service import Registry

EVERY = 300.0
"""Seconds between two looks. What is done already is not done again, so looking often costs little."""

_log = logging.getLogger("warifu.registry")


class Turning:
    """Turns the register's days in a thread of its own."""

    def __init__(self, registry: Registry, *, every: float = EVERY) -> None:
        self._registry = registry
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warifu-days", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being done, and end."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                turned = self._registry.days.run_due()
                if any((turned.departed, turned.lapsed, turned.ended, turned.destroyed)):
                    _log.info("the day turned", extra={"ended": turned.ended, "lapsed": turned.lapsed})
            except Unavailable:
                _log.exception("the day could not be turned; tried again later")
            except Exception:  # noqa: BLE001 - one bad record must not keep the others from their day for ever
                _log.exception("the day was not turned")
            self._stop.wait(self._every)
