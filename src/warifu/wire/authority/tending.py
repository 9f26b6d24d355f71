"""What has to be done again and again while the authorities serve: signing heads, renewing responders, the day's lists.

What recipients were told is written down each second, everything else less often. What cannot be done is tried again
at the next round, and keeps nothing else from being done. The last round comes when the program is told to stop.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from warifu.wire.authority.house import House, renew_responders
from warifu.wire.repeating import Tried, beside

__all__ = ["tended"]

_EVERY = 10.0
"""Seconds between two rounds."""
_COUNTED_EVERY = 1.0
"""Seconds. What recipients were told since is lost if the program is killed."""


@contextmanager
def tended(house: House, every: float = _EVERY) -> Iterator[None]:
    """Tend the authorities in a thread while the block runs."""
    counting = Tried(house.access.counts.write, "write down what recipients were told")
    jobs = (
        counting,
        Tried(lambda: _renew(house), "renew the responders"),
        # The day's lists, whether anybody asks for them or not (公的個人認証法 第16条, 第35条).
        Tried(house.authorities.publisher.publish_due, "make the day's lists"),
        Tried(house.heads.sign, "sign the log's head"),
    )

    def once() -> None:
        for job in jobs:
            job.once()

    def run(over: threading.Event) -> None:
        while not over.is_set():
            once()
            ends = time.monotonic() + every
            while (left := ends - time.monotonic()) > 0 and not over.wait(min(left, _COUNTED_EVERY)):
                counting.once()

    try:
        with beside(run, "warifu-tending", None):
            yield
    finally:
        once()


def _renew(house: House) -> None:
    house.authorities.refresh()
    renew_responders(house.authorities, house.authorities.clock.now())
