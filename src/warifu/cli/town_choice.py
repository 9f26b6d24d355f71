"""Which town a command works with: the one in a directory, or where the settings say."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from warifu.cli.commands import option
from warifu.cli.root import settings
from warifu.cli.texts import Text
from warifu.errors import NotFound

if TYPE_CHECKING:
    from warifu.town.town import Town

__all__ = ["directory_option", "open_town", "town_directory"]

_UP_FIRST = Text("warifu town up でつくれます", "'warifu town up' founds one")

directory_option = option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    help=Text("町のデータを置くディレクトリ。", "Where the town's data is."),
)
"""Adds ``--directory``; the command gets `directory`, or None."""


def town_directory(directory: Path | None) -> Path:
    """Where the town is, if there is one."""
    return directory or settings().data_directory / "town"


def open_town(directory: Path | None) -> "Town":
    """The town there.

    Raises:
        NotFound: there is none.
    """
    from warifu.town.town import Town

    try:
        return Town.open(town_directory(directory))
    except NotFound as error:
        error.add_note(_UP_FIRST)
        raise
