"""Long campaigns against what reads certificates, revocation lists and OCSP answers."""

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

import tests.pki.test_fuzz as reading
import tests.verifier.test_fuzz as relying
import tests.verifier.test_revoked_index as indexing
from tests.soak import CAMPAIGN

pytestmark = CAMPAIGN

EXAMPLES = int(os.environ.get("WARIFU_SOAK_EXAMPLES", "20000"))
LONG = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize(
    "rule",
    [
        reading.test_a_damaged_certificate_is_refused_or_cut_as_cryptography_reads_it,
        reading.test_a_certificate_that_has_the_profile_has_it_for_cryptography_too,
        reading.test_a_damaged_authority_is_refused,
        reading.test_a_damaged_list_is_refused_or_read_as_cryptography_reads_it,
        reading.test_a_damaged_answer_is_refused_or_cut_as_cryptography_reads_it,
        relying.test_a_certificate_with_one_byte_changed_is_never_relied_on,
        relying.test_an_ocsp_answer_with_one_byte_changed_is_never_relied_on,
        relying.test_a_list_with_one_byte_changed_is_never_relied_on,
        indexing.test_a_damaged_list_is_refused_or_indexed_as_cryptography_reads_it,
        indexing.test_any_list_gives_cryptographys_answers,
        indexing.test_a_damaged_index_is_refused_or_says_what_the_list_says,
    ],
    ids=lambda rule: rule.__name__.removeprefix("test_"),
)
def test_a_rule_holds_for_many_examples(rule: Callable[[], None]) -> None:
    LONG(rule)()
