"""The page of the authorities' tables is what the code has."""

from pathlib import Path

from tests.ca.life_page import page
from warifu.ca import EDGES, Event

_PAGE = Path(__file__).parents[2] / "docs" / "certificate_life.md"


def test_the_page_is_what_the_code_has() -> None:
    assert _PAGE.read_text("utf-8") == page(), "run: python -m tests.ca.life_page > docs/certificate_life.md"


def test_the_page_has_every_event_with_its_article() -> None:
    told = page()
    assert [event for event in Event if f"| {event.value.replace('_', ' ')} |" not in told] == []
    assert [edge for edge in EDGES if edge.article not in told] == []
