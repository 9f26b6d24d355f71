"""Long campaigns of random events in the register: moves, births, deaths, numbers, over three municipalities."""

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.registry.test_any_life import Lives
from tests.soak import CAMPAIGN

pytestmark = CAMPAIGN

LIVES = int(os.environ.get("WARIFU_SOAK_EXAMPLES", "20000")) // 20


def test_whatever_happens_in_a_register_for_years() -> None:
    long = settings(max_examples=LIVES, stateful_step_count=80, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Lives, settings=long)
