"""Long campaigns of random lives: people, their cards, certificates and phones."""

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.registry.test_card_lives import Life
from tests.soak import CAMPAIGN

pytestmark = CAMPAIGN

LIVES = int(os.environ.get("WARIFU_SOAK_EXAMPLES", "20000")) // 10


def test_whatever_happens_in_many_long_lives() -> None:
    long = settings(max_examples=LIVES, stateful_step_count=80, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Life, settings=long)
