"""What the processes of the tests do; a module of its own, because they import it, and it should not take them long."""

import os
import time


def where(_office: object, _piece: object) -> int:
    return os.getpid()


def sleep(_office: object, seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def die(_office: object, _piece: object) -> None:
    os._exit(9)


def blunder(_office: object, secret: str) -> None:
    raise KeyError(secret)


def fill(_office: object, size: int) -> int:
    return len(bytearray(size))
