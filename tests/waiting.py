"""Waiting for what another thread or program does: as short as it takes, as long as a busy machine may need."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 300.0
"""Seconds. Whoever waits in vain only fails later."""


def until(found: Callable[[], T | None], otherwise: Callable[[], object] = lambda: "waited in vain") -> T:
    """What is found, once there is something that counts as true; `otherwise` tells what is there instead."""
    ends = time.monotonic() + PATIENCE
    while not (value := found()):
        assert time.monotonic() < ends, otherwise()
        time.sleep(0.02)
    return value
