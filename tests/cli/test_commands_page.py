"""The page about the commands says what the commands say."""

from pathlib import Path

from tests.cli.commands_page import page

_PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_page_is_what_the_commands_say_now() -> None:
    assert _PAGE.read_text("utf-8") == page(), "run: python -m tests.cli.commands_page > docs/commands.md"
