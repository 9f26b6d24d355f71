"""docs/verification.md says what the code does."""

from tests.verifier.verification_page import PAGE, page
from warifu.verifier import Rule


def test_the_tables_are_those_of_the_code() -> None:
    text = PAGE.read_text("utf-8")
    assert text == page(text), "run: python -m tests.verifier.verification_page"


def test_every_rule_stands_in_the_page() -> None:
    text = PAGE.read_text("utf-8")
    assert [rule for rule in Rule if f"`{rule.slug}`" not in text] == []
