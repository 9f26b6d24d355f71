"""What the processes of the tests do; a module of its own, because they import it, and it should not take them long."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.waiting import PATIENCE, until
from warifu.errors import Malformed


def where(_office: object, _piece: object) -> int:
    return os.getpid()


def sleep(_office: object, seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def wait_for(_office: object, file: Path) -> bool:
    return until(file.exists)


def die(_office: object, _piece: object) -> None:
    os._exit(9)


def blunder(_office: object, secret: str) -> None:
    raise KeyError(secret)


def fill(_office: object, size: int) -> int:
    return len(bytearray(size))


class SlowOffice:
    """Takes its time over one document, is wrong about another, and can read none."""

    def verify(self, document: bytes, *_others: object, **_more: object) -> None:
        if document == b"slow":
            time.sleep(2 * PATIENCE)
        if document == b"odd":
            raise KeyError("a name")
        raise Malformed("no document")


@contextmanager
def slow_office() -> Iterator[SlowOffice]:
    import warifu.wire.verifier.tasks  # noqa: F401 - beforehand: it takes longer than the tests allow a document

    yield SlowOffice()
