"""Free ports for a town, or for one party."""

import random
import socket


def free_ports(count: int = 9) -> int:
    """The first of so many free ports in a row, far from those that the system hands out by itself."""
    chance = random.SystemRandom()
    while True:
        base = chance.randrange(15000, 30000)
        try:
            for port in range(base, base + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return base
