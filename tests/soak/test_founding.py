"""The founding of a town is killed a hundred times."""

import time
from pathlib import Path

from tests.soak import CAMPAIGN
from tests.town.test_founding import found_and_kill

pytestmark = CAMPAIGN


def test_there_is_always_a_whole_town_or_none(tmp_path: Path) -> None:
    """Each campaign has a seed of its own; a failure names it."""
    seed = time.time_ns()
    print(f"seed {seed}")
    found_and_kill(tmp_path, kills=100, seed=seed)
