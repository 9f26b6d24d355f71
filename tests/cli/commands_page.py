"""Writes the help of every command as one page: ``python -m tests.cli.commands_page > docs/commands.md``."""

from collections.abc import Iterator

import click

from warifu.cli.root import root
from warifu.cli.texts import speak

_TOP = """\
# Commands

Written by `python -m tests.cli.commands_page` from the commands' own help; a test compares. Messages and help are in
Japanese where the locale is (`--lang` chooses). Results go to stdout, talk to stderr. Exit status: 0 done, 1 refused,
2 usage, 3 unavailable, 4 malformed, 70 a bug in warifu. A setting can also stand in `warifu.toml` or in the environment
(`WARIFU_TOWN_SEED`); flags are stronger than the environment, the environment is stronger than the file.
"""
_WIDTH = 100


def page() -> str:
    """The whole page, in English."""
    speak("en")
    parts = [f"\n## {context.command_path}\n\n```text\n{_help(context)}\n```\n" for context in _contexts(_root())]
    return _TOP + "".join(parts)


def commands() -> list[tuple[str, click.Command]]:
    """Every command with the path at which it is reached."""
    return [(context.command_path, context.command) for context in _contexts(_root())]


def _root() -> click.Context:
    return click.Context(root, info_name="warifu", terminal_width=_WIDTH, **root.context_settings)


def _contexts(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            below = context.command.get_command(context, name)
            assert below is not None
            yield from _contexts(click.Context(below, context, info_name=name, terminal_width=_WIDTH))


def _help(context: click.Context) -> str:
    return context.command.get_help(context).rstrip()


if __name__ == "__main__":
    print(page(), end="")
