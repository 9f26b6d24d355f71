"""What the commands of a window share: their options, and sending one act."""

from collections.abc import Callable
from typing import Any

from warifu.cli.commands import option
from warifu.cli.register_open import Asked, asked_register, day_option, done, register_options
from warifu.cli.results import json_option
from warifu.cli.texts import Text

__all__ = ["SEXES", "act_options", "given", "name_option", "on_option", "reading_option", "write"]

SEXES = {"male": "1", "female": "2"}
name_option = option(
    "--name", required=True, help=Text("氏名（姓と名の間に全角空白）。", "The name; an ideographic space in between.")
)
reading_option = option("--reading", help=Text("振り仮名。", "How it is read, in katakana."))
on_option = day_option("--on", Text("その日（省略時は今日）。", "The day; today if it is left out."))
_act_option = option(
    "--act",
    metavar="ID",
    help=Text("32桁の16進数。同じ届出を二度記録しない。", "32 hexadecimal digits: the same act is not recorded twice."),
)


def act_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds what every command that writes has: the act's own number, which register, and JSON."""
    written: Callable[..., Any] = _act_option(register_options(json_option(function)))
    return written


def write(
    method: str, path: str, body: dict[str, Any] | None, holder: str, act: str | None, asked: Asked, as_json: bool
) -> None:
    """Do one act at the window of the holder's municipality, and print what came of it."""
    with asked_register(asked, holder) as register:
        done(register.call(method, path, body, key=act), as_json)


def given(members: dict[str, Any]) -> dict[str, Any]:
    """Those members that were said."""
    return {name: value for name, value in members.items() if value is not None}
