"""Commands and groups whose help is in the language of the run, and groups that import a command when it is used.

``warifu --help`` must be quick and must work without the optional dependencies; so the root knows of each command only
its name, one line about it, and where it is.
"""

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import click

from warifu.cli.texts import Text, words

__all__ = ["Command", "Group", "LazyGroup", "Option", "Place", "argument", "option"]

_HELP_OPTION = Text("この説明を表示して終わる。", "Show this message and exit.")


_USAGE = Text("使い方: ", "Usage: ")
_HEADINGS = {"Options": Text("オプション", "Options"), "Commands": Text("コマンド", "Commands")}


class Option(click.Option):
    """An option with help in two languages."""

    def __init__(self, *declarations: Any, **attributes: Any) -> None:
        super().__init__(*declarations, **attributes)
        self.text: str = attributes.get("help") or ""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The line of this option in the help."""
        self.help = words(self.text)
        return super().get_help_record(ctx)


class _Formatter(click.HelpFormatter):
    """What frames the help, in the language of the run."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The line with the command's form."""
        super().write_usage(prog, args, words(_USAGE) if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        """The heading of a section."""
        super().write_heading(words(_HEADINGS.get(heading, heading)))


class _Context(click.Context):
    formatter_class = _Formatter


class _Spoken(click.Command):
    """Help in the language of the run."""

    context_class = _Context

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """What the command does."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(inspect.cleandoc(words(self.help or "")))

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002
        """The first line, for the table of commands."""
        return words(self.help or "").splitlines()[0].rstrip("。.")

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """``--help``, in the language of the run."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = words(_HELP_OPTION)
        return option


class Command(_Spoken):
    """A command with help in two languages."""


class Group(_Spoken, click.Group):
    """A group of commands; its commands are `Command`s."""

    command_class = Command


@dataclass(frozen=True, slots=True)
class Place:
    """A command that has not been imported: one line about it, and where it is (``module:attribute``)."""

    about: Text
    target: str


class LazyGroup(Group):
    """A group that imports a command when it is used, and never for its own help."""

    def __init__(self, *arguments: Any, places: Mapping[str, Place], **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.places = dict(places)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order of the table."""
        return list(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command."""
        place = self.places.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The table of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words(place.about)) for name, place in self.places.items()])


def option(*declarations: str, help: Text, **attributes: Any) -> Callable[[Any], Any]:  # noqa: A002 - click's word
    """Like `click.option`, with help in two languages."""
    return click.option(*declarations, cls=Option, help=help, **attributes)


def argument(*declarations: str, **attributes: Any) -> Callable[[Any], Any]:
    """Like `click.argument`."""
    return click.argument(*declarations, **attributes)
