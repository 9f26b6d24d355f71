"""Long campaigns of random lives through all parties, and of questions to every REST interface."""

import os
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.lives.country import Country
from tests.lives.test_lives import Lives
from tests.openapi.test_openapi import check_authorities, check_register
from tests.soak import CAMPAIGN

pytestmark = CAMPAIGN

LIVES = int(os.environ.get("WARIFU_SOAK_LIVES", "1000"))
QUESTIONS = int(os.environ.get("WARIFU_SOAK_QUESTIONS", "300"))


def test_no_life_of_many_has_a_certificate_that_the_law_ended() -> None:
    long = settings(max_examples=LIVES, stateful_step_count=100, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Lives, settings=long)


@pytest.fixture
def country() -> Iterator[Country]:
    made = Country()
    yield made
    made.close()


@pytest.mark.parametrize("check", [check_register, check_authorities])
def test_no_question_of_many_is_answered_otherwise_than_described(
    country: Country, check: Callable[[Country, int], None]
) -> None:
    check(country, QUESTIONS)
