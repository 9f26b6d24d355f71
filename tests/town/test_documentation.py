"""The page about the town names everybody who lives in it."""

from pathlib import Path

from warifu.town.cards import PINS
from warifu.town.clients import TRIAL, TRIAL_REDIRECT_URIS
from warifu.town.personas import PERSONAS

_PAGE = (Path(__file__).parents[2] / "docs" / "town.md").read_text("utf-8")


def test_the_page_lists_everybody_in_order() -> None:
    rows = [f"| `{plan.name}` | {plan.japanese} | {plan.english} |" for plan in PERSONAS]
    assert "\n".join(rows) in _PAGE


def test_the_page_says_the_pins_and_the_client_to_try_with() -> None:
    for told in (PINS.authentication, PINS.text, PINS.signing, TRIAL):
        assert f"`{told}`" in _PAGE
    assert {uri.rpartition(":")[2].removesuffix("/callback") for uri in TRIAL_REDIRECT_URIS} == {
        port for port in ("3000", "5000", "8000", "8080") if port in _PAGE
    }
