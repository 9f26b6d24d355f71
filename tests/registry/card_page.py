"""Writes the card's life as one page: ``python -m tests.registry.card_page > docs/card_life.md``."""

import inspect
from collections.abc import Iterable

from warifu.registry import CARD_EDGES, STANDARD_RULES, CardEdge, CardState, follow_card

_TOP = """\
# The life of a card

Written by `python -m tests.registry.card_page` from the code's own table; a test compares.

{story}

## The states

| state | what it means |
|---|---|
| applied | the application was accepted; J-LIS makes the card |
| made | personalised and with the municipality; not in force yet |
| in force | delivered (交付済, 運用中) |
| held | suspended by the hotline (一時停止) |
| lost | its loss was reported at a window (紛失届); it may still be found |
| ended | out of force for good (失効, 廃止), or never in force |

## What can happen

"Told" is what the certification authorities hear; which certificates end with it is theirs to decide.

| step | from | to | told | article |
|---|---|---|---|---|
"""

_BOTTOM = """
## What is decided by handling rules

All of it is configuration (`CardRules`); these are the values it comes with, after what municipalities' pages say.

| rule | value |
|---|---|
| who may have a signing certificate | from {rules.signing_age} years of age; no wards |
| for whom a guardian applies | under {rules.own_application_age} years of age, and wards |
| whose card has no photo (施行令 第13条第1項ただし書) | under {rules.photo_age} year of age |
| how long an uncollected card is kept | {rules.kept_for.days} days from the application |
"""


def page() -> str:
    """The whole page."""
    rows = "".join(f"| {' | '.join(_cells(edge))} |\n" for edge in CARD_EDGES)
    story, _, _ = (inspect.getdoc(inspect.getmodule(follow_card)) or "").partition("\n\nSources:")
    return _TOP.format(story=_paragraphs(story)) + rows + _BOTTOM.format(rules=STANDARD_RULES)


def _paragraphs(text: str) -> str:
    """Without the first line, which says what the page's title says; one line a paragraph."""
    _, _, rest = text.partition("\n\n")
    return rest.strip()


def _cells(edge: CardEdge) -> list[str]:
    told = edge.told.value if edge.told else "–"
    after = edge.after.value if edge.after else "as before"
    return [_words(edge.step.value), _states(edge.before), _words(after), _words(told), edge.article]


def _states(states: Iterable[CardState]) -> str:
    order = list(CardState)
    return ", ".join(_words(state.value) for state in sorted(states, key=order.index))


def _words(name: str) -> str:
    return name.replace("_", " ")


if __name__ == "__main__":
    print(page(), end="")
