"""Free ports for a town, or for one party."""

import os
import random
import socket

_FIRST, _EACH, _PROCESSES = 15000, 3700, 4
"""All below 30000, far from those that the system hands out by itself."""


_searched = [random.SystemRandom().randrange(_EACH)]
"""Where the search goes on: ports that were given once come again after all others, for who got them may bind later."""


def free_ports(count: int = 9) -> int:
    """The first of so many free ports in a row; tests that run side by side have ports of their own."""
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    first = _FIRST + process % _PROCESSES * _EACH
    while True:
        begin = _searched[0] if _searched[0] + count <= _EACH else 0
        _searched[0] = begin + count
        if all(_is_free(first + begin + each) for each in range(count)):
            return first + begin


def _is_free(port: int) -> bool:
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
