"""The page about a card's life says what the code does."""

from pathlib import Path

from tests.registry.card_page import page
from warifu.registry import CARD_EDGES, CardState

_PAGE = Path(__file__).parents[2] / "docs" / "card_life.md"


def test_the_page_is_what_the_table_says() -> None:
    assert _PAGE.read_text("utf-8") == page(), "run: python -m tests.registry.card_page > docs/card_life.md"


def test_every_step_and_state_is_on_the_page() -> None:
    told = page()
    assert all(f"\n| {edge.step.value.replace('_', ' ')} | " in told for edge in CARD_EDGES)
    assert all(f"\n| {state.value.replace('_', ' ')} | " in told for state in CardState)
