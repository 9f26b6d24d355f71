"""PINs and passwords: a hidden prompt or a file, never an argument, which other users of the machine could read."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from warifu.cli.commands import option
from warifu.cli.texts import Text, words
from warifu.errors import Malformed

__all__ = ["PinName", "ask_pin", "force_option", "pin_file_option", "read_pin", "the_pin_file_option"]

_AGAIN = Text("もう一度", "once more")
_NAMES = Text(
    "暗証番号の名前（{names}）で指定します。暗証番号そのものは入力しません",
    "name the PIN ({names}); never type the PIN itself",
)
_FORCE = Text("残り1回でも暗証番号を試す。", "Spend the last try if need be.")


class PinName(click.Choice[str]):
    """The name of a PIN. What is typed instead is not repeated: it may be the PIN itself."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name."""
        if value not in self.choices:
            raise click.UsageError(words(_NAMES, names=", ".join(self.choices)), ctx)
        return super().convert(value, param, ctx)


def pin_file_option(name: str, help: Text) -> Callable[[Any], Any]:  # noqa: A002 - click's word
    """Adds an option (``--pin-file``) that names a file whose first line is the PIN; ``-`` is stdin."""
    return option(name, type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), help=help)


the_pin_file_option = pin_file_option(
    "--pin-file", Text("暗証番号のファイル（-は標準入力）。", "A file with the PIN (- is stdin).")
)
"""Adds ``--pin-file``, of the one PIN that a command needs."""

force_option = option("--force", is_flag=True, help=_FORCE)
"""Adds ``--force``: the last try may be spent."""


def read_pin(file: Path | None, prompt: str) -> str:
    """The PIN from the file, or asked for without echo.

    Raises:
        Malformed: the file's first line is empty, or no text.
    """
    return _first_line(file) if file is not None else ask_pin(prompt)


def ask_pin(prompt: str, *, twice: bool = False) -> str:
    """Ask without echo, on the terminal and not on stdout; `twice` until both answers are the same."""
    repeated = words(_AGAIN) if twice else False
    answer = click.prompt(words(prompt), hide_input=True, err=True, confirmation_prompt=repeated)
    assert isinstance(answer, str)
    return answer


def _first_line(file: Path) -> str:
    try:
        pin = _line_of(file).rstrip("\r\n")
    except UnicodeDecodeError:
        # Not chained: the cause has the file's bytes.
        raise Malformed("the PIN file is not UTF-8 text") from None
    if not pin:
        raise Malformed("the PIN file is empty")
    return pin


def _line_of(file: Path) -> str:
    """The next line: where two secrets come from stdin, each has its own."""
    if str(file) == "-":
        return sys.stdin.readline()
    with file.open(encoding="utf-8") as lines:
        return lines.readline()
