"""Free ports for a town, or for one party."""

import os
import random
import socket

_FIRST, _EACH, _PROCESSES = 15000, 3700, 4
"""All below 30000, far from those that the system hands out by itself."""


def free_ports(count: int = 9) -> int:
    """The first of so many free ports in a row; tests that run side by side have ports of their own."""
    chance, process = random.SystemRandom(), int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    first = _FIRST + process % _PROCESSES * _EACH
    while True:
        base = chance.randrange(first, first + _EACH - count)
        try:
            for port in range(base, base + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return base
