"""Where a command puts bytes that are its result: stdout, or a file of their owner's."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from warifu.cli.commands import option
from warifu.cli.texts import Text, words
from warifu.errors import NotAllowed, Unavailable

__all__ = ["check_not_shown", "out_option", "put_new", "put_out"]

_OPENED = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)


def out_option(help: Text) -> Callable[[Any], Any]:  # noqa: A002 - click's word
    """Adds ``--out``: a file instead of stdout."""
    return option("--out", type=click.Path(dir_okay=False, path_type=Path), help=help)


def check_not_shown(out: Path | None, as_json: bool, instead: Text) -> None:
    """Check that bytes which are no text do not go to a terminal; otherwise a usage error says what to do `instead`."""
    if out is None and not as_json and sys.stdout.isatty():
        raise click.UsageError(words(instead))


def put_out(out: Path | None, data: bytes) -> None:
    """Write to the file, where one was named; a new one is for its owner alone, for it may name a holder.

    Raises:
        Unavailable: the file cannot be written.
    """
    if out is not None:
        _put(out, data, os.O_TRUNC)


def put_new(path: Path, data: bytes) -> None:
    """Write a new file for its owner alone, or nothing; the folders it is in are made.

    Raises:
        NotAllowed: there is something of this name.
        Unavailable: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written", detail=str(error)) from error
    _put(path, data, os.O_EXCL)


def _put(path: Path, data: bytes, how: int) -> None:
    try:
        handle = os.open(path, _OPENED | how, 0o600)
    except FileExistsError:
        raise NotAllowed(f"{path} is there already") from None
    except OSError as error:
        raise Unavailable(f"{path} cannot be written", detail=str(error)) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if path.is_file():  # a pipe or a terminal has nothing to keep
                os.fsync(file.fileno())
    except OSError as error:
        if how & os.O_EXCL:
            path.unlink(missing_ok=True)
        raise Unavailable(f"{path} cannot be written", detail=str(error)) from error
