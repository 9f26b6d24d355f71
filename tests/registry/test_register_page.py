"""The register's page shows the tables that the code goes by."""

from pathlib import Path

from tests.registry.register_page import page
from warifu.messages import Cause
from warifu.registry import EVENTS, ActKind

_PAGE = Path(__file__).parents[2] / "docs" / "register.md"


def test_the_page_is_what_the_tables_say() -> None:
    assert _PAGE.read_text("utf-8") == page(), "run: python -m tests.registry.register_page > docs/register.md"


def test_every_act_that_writes_is_in_the_table_once() -> None:
    others = {ActKind.LOOK, ActKind.REFUSED_LOOK, ActKind.PROTECTED_LOOK, ActKind.CARD, ActKind.ERASURE}
    assert {each.act for each in EVENTS} == set(ActKind) - others
    assert len({each.act for each in EVENTS}) == len(EVENTS)


def test_every_cause_that_the_authorities_know_is_told_by_some_act() -> None:
    assert {cause for each in EVENTS for cause in each.causes} == set(Cause)


def test_every_row_names_its_article() -> None:
    assert all("条" in each.article or "要領" in each.article for each in EVENTS)
