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
def _authorities(where: str, folder: Path) -> Iterator[Authorities]:
    (folder / f"open-{os.getpid()}").touch()
    authorities = open_authorities(where)
    try:
        yield authorities
    finally:
        authorities.close()


def with_authorities(where: str, folder: Path) -> Opening[Authorities]:
    """The authorities of the tests over a database; who opens them leaves its process's number in a folder."""
    return partial(_authorities, where, folder)
