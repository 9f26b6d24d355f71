"""Long campaigns against what reads PDF files."""

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

import tests.documents.test_pdf_reading_hostile as reading
from tests.soak import CAMPAIGN

pytestmark = CAMPAIGN

EXAMPLES = int(os.environ.get("WARIFU_SOAK_EXAMPLES", "20000"))
LONG = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize(
    "rule",
    [
        reading.test_any_bytes_are_malformed_or_unsigned,
        reading.test_a_piece_that_is_exchanged_is_noticed,
        reading.test_pieces_of_pdf_in_any_order_are_malformed_or_not_believed,
    ],
    ids=lambda rule: rule.__name__.removeprefix("test_"),
)
def test_a_rule_holds_for_many_examples(rule: Callable[[], None]) -> None:
    LONG(rule)()
