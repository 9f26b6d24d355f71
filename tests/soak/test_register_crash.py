"""The register and the authorities die a hundred times, and at every step of a life, on both databases."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.soak import CAMPAIGN
from tests.wire.conftest import Place, place, postgresql
from tests.wire.registry.killing import kill_again_and_again
from tests.wire.registry.nation import Life, living
from tests.wire.registry.test_crash import Part, end_at_every_step
from warifu.ca import State

__all__ = ["place", "postgresql"]

pytestmark = CAMPAIGN


def test_what_one_told_the_other_survives_a_hundred_deaths(tmp_path: Path) -> None:
    """Each campaign has a seed of its own; a failure names it."""
    seed = time.time_ns()
    print(f"seed {seed}")
    kill_again_and_again(tmp_path, kills=100, seed=seed)


def both(signing: State) -> Callable[[Life], None]:
    authentication = State.REVOKED if signing is State.REVOKED else State.VALID
    return lambda life: life.check_certificates(authentication=authentication, signing=signing)


@pytest.mark.parametrize(
    ("before", "part", "check"),
    [
        ([], Life.arrive, Life.check_arrived),
        ([Life.arrive], Life.get_card, both(State.VALID)),
        ([Life.arrive, Life.get_card], Life.die, both(State.REVOKED)),
    ],
    ids=["arrival", "card", "death"],
)
def test_every_step_may_be_the_last_one(
    place: Place, before: list[Part], part: Part, check: Callable[[Life], None]
) -> None:
    with living(place) as nation:
        assert end_at_every_step(nation, before, part, check) > 20
