"""The authorities' program dies a hundred times."""

import time
from pathlib import Path

from tests.soak import CAMPAIGN
from tests.wire.test_authority_crash import kill_again_and_again

pytestmark = CAMPAIGN


def test_whatever_was_handed_out_survives_a_hundred_deaths(tmp_path: Path) -> None:
    """Each campaign has a seed of its own; a failure names it."""
    seed = time.time_ns()
    print(f"seed {seed}")
    kill_again_and_again(tmp_path, kills=100, seed=seed)
