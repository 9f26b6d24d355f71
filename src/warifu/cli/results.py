"""Results go to stdout: a table for people, or with ``--json`` one JSON document with stable keys."""

import json
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.commands import option
from warifu.cli.texts import Text

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["json_option", "show", "show_table"]

json_option = option(
    "--json", "as_json", is_flag=True, help=Text("結果をJSONで出力する。", "Print the result as JSON.")
)
"""Adds ``--json``; the command gets `as_json`."""


def show(result: Any, as_json: bool, present: Callable[[], None]) -> None:
    """Print the result as JSON, or let `present` print it for people."""
    if as_json:
        encoding = (sys.stdout.encoding or "").lower()
        click.echo(json.dumps(result, ensure_ascii=not encoding.startswith("utf"), indent=2))
    else:
        present()


def show_table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, err: bool = False) -> None:
    """A table, as wide as the terminal allows; full-width characters count as two columns."""
    _console(err).print(_table(headings, rows))


def _console(err: bool) -> Any:
    from rich.console import Console

    console = Console(stderr=err, highlight=False, soft_wrap=False)
    if not console.is_terminal:
        # A file or a pipe has no width; 80 columns would break the rows.
        console.width = 200
    return console


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text as Styled

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in headings:
        table.add_column(Styled(heading), overflow="fold")
    for row in rows:
        table.add_row(*map(Styled, row))
    return table
