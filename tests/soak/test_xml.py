"""Long campaigns against what reads signed XML."""

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

import tests.documents.test_xml_flips as flips
import tests.documents.test_xml_fuzz as fuzz
from tests.soak import CAMPAIGN

pytestmark = CAMPAIGN

EXAMPLES = int(os.environ.get("WARIFU_SOAK_EXAMPLES", "20000"))
LONG = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("name", flips.FILES)
def test_no_bit_at_all_changes_content_signer_or_time(name: str) -> None:
    assert flips.check_bits(name, range(8 * len(flips.FILES[name][0]))) > 0


@pytest.mark.parametrize(
    "rule",
    [
        fuzz.test_a_damaged_file_is_malformed_or_says_what_was_signed,
        fuzz.test_rearranged_elements_are_faults_or_say_what_was_signed,
        fuzz.test_any_bytes_are_malformed,
    ],
    ids=lambda rule: rule.__name__.removeprefix("test_"),
)
def test_a_rule_holds_for_many_examples(rule: Callable[[], None]) -> None:
    LONG(rule)()
