"""README's transcript is what happens."""

from pathlib import Path

import pytest

from tests.house.transcript import PAGES, shown, transcript


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_transcript_of_the_readme_is_what_the_commands_say(page: Path) -> None:
    assert shown(page) == transcript(PAGES[page])
