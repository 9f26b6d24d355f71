"""A town founded in a directory, on free ports in a row that are held until the block ends."""

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from warifu.errors import InUse
from warifu.town.parties import Reservations, reserve_all
from warifu.town.town import Town

_ATTEMPTS = 20


@contextmanager
def founded(directory: Path) -> Iterator[tuple[Town, Reservations]]:
    """Found it; ready to be served with `warifu.town.parties.sites`."""
    for _ in range(_ATTEMPTS):
        with ExitStack() as stack:
            try:
                town = Town.create(directory, port_base=random.randrange(20_000, 30_000, 10))
                reserved = stack.enter_context(reserve_all(town.addresses))
            except InUse:
                continue
            yield town, reserved
            return
    raise AssertionError("no free ports in a row")
