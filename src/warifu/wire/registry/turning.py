"""The turn of the day in a program that keeps running: looked at every few minutes, done when there is something."""

import logging
from contextlib import AbstractContextManager

from warifu.wire.registry.service import Registry
from warifu.wire.repeating import beside, repeat

EVERY = 300.0
"""Seconds between two looks. What is done already is not done again, so looking often costs little."""

_log = logging.getLogger("warifu.registry")


def days_turning(registry: Registry) -> AbstractContextManager[None]:
    """Turn the register's days in a thread while the block runs; what is being done at its end is finished."""
    return beside(lambda over: repeat(lambda: _turn(registry), over, EVERY, "turn the day"), "warifu-days", None)


def _turn(registry: Registry) -> None:
    turned = registry.days.run_due()
    if any((turned.departed, turned.lapsed, turned.ended, turned.destroyed)):
        _log.info("the day turned", extra={"ended": turned.ended, "lapsed": turned.lapsed})
