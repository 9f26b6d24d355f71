"""What the workers of the tests open, and what they do; in a module of its own, because workers import it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from warifu.errors import NotFound, Unavailable
from warifu.wire.batch import Opening


@contextmanager
def _folder(path: Path) -> Iterator[Path]:
    (path / f"open-{os.getpid()}").touch()
    yield path
    (path / f"closed-{os.getpid()}").touch()


@contextmanager
def _locked() -> Iterator[Path]:
    raise Unavailable("the key's holder does not answer")
    yield


def in_folder(path: Path) -> Opening[Path]:
    return partial(_folder, path)


def locked() -> Opening[Path]:
    return _locked


def square(_folder: Path, number: int) -> int:
    return number * number


def die_once(folder: Path, number: int) -> int:
    """The worker that gets number 3 first dies over it, as if the machine had gone."""
    mark = folder / "died"
    if number == 3 and not mark.exists():
        mark.touch()
        os._exit(9)
    return number * number


def die(_folder: Path, number: int) -> int:
    os._exit(9)


def refuse(_folder: Path, number: int) -> int:
    raise NotFound(f"there is no {number}")
