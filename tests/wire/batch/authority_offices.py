"""The authorities of the tests, as workers open them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.wire.authorities import open_authorities
from warifu.wire.authority import Authorities
from warifu.wire.batch import Opening


@contextmanager
def _authorities(directory: Path) -> Iterator[Authorities]:
    (directory / f"open-{os.getpid()}").touch()
    authorities = open_authorities(directory)
    try:
        yield authorities
    finally:
        authorities.close()


def with_authorities(directory: Path) -> Opening[Authorities]:
    """The authorities of the tests, whose record is in a folder."""
    return partial(_authorities, directory)
