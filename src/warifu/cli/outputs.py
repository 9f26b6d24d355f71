"""Where a command puts bytes that are its result: stdout, or a file of their owner's."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from warifu.cli.commands import option
from warifu.cli.texts import Text, words

__all__ = ["check_not_shown", "out_option", "put_out"]


def out_option(help: Text) -> Callable[[Any], Any]:  # noqa: A002 - click's word
    """Adds ``--out``: a file instead of stdout."""
    return option("--out", type=click.Path(dir_okay=False, path_type=Path), help=help)


def check_not_shown(out: Path | None, as_json: bool, instead: Text) -> None:
    """Check that bytes which are no text do not go to a terminal; otherwise a usage error says what to do `instead`."""
    if out is None and not as_json and sys.stdout.isatty():
        raise click.UsageError(words(instead))


def put_out(out: Path | None, data: bytes) -> None:
    """Write to the file, where one was named; a new one is for its owner alone, for it may name a holder."""
    if out is not None:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
