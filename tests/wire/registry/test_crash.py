"""Register, numbers and authorities end at every step of a life, once each, and are started again.

Nothing is lost and nothing happens twice: one record, one number, one certificate of each kind, ended when it must be.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from itertools import count

import pytest

from tests.wire.conftest import Place
from tests.wire.faults import Faults, PowerCut
from tests.wire.registry.nation import Life, Nation, check_nation, living
from warifu.ca import State
from warifu.registry import CardState

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)

Part = Callable[[Life, Faults | None], None]


STRIDE = 1 if os.environ.get("WARIFU_SOAK") == "1" else 5
"""Of the long parts every fifth step; `make soak` takes them all."""


def end_at_every_step(
    nation: Nation, before: list[Part], part: Part, check: Callable[[Life], None], stride: int = 1
) -> int:
    """Live `part` with an end at its first step, its second, and so on, each in another person's life; how many."""
    for number in count():
        life = Life(nation, number)
        for earlier in before:
            earlier(life, None)
        faults = Faults(number * stride)
        nation.watch(faults)
        with suppress(PowerCut):
            part(life, faults)
        nation.restart()
        part(life, None)
        check(life)
        if not faults.happened:
            check_nation(nation, number + 1)
            return number * stride
    raise AssertionError


def test_an_arrival_survives_an_end_at_every_step(place: Place) -> None:
    with living(place) as nation:
        steps = end_at_every_step(nation, [], Life.arrive, Life.check_arrived)
    assert steps > 30


def test_certificates_survive_an_end_at_every_step(place: Place) -> None:
    """An order is answered once, whatever was signed in vain."""

    def check(life: Life) -> None:
        life.check_certificates(authentication=State.VALID, signing=State.VALID)
        life.check_card(CardState.IN_FORCE)

    with living(place) as nation:
        steps = end_at_every_step(nation, [Life.arrive], Life.get_card, check, STRIDE)
    assert steps > 100


def test_a_revocation_survives_an_end_at_every_step(place: Place) -> None:
    """公的個人認証法 第12条第1項第1号: the signing certificate ends with the name, the other one does not."""

    def check(life: Life) -> None:
        life.check_certificates(authentication=State.VALID, signing=State.REVOKED)

    with living(place) as nation:
        steps = end_at_every_step(nation, [Life.arrive, Life.get_card], Life.marry, check)
    assert steps > 20


def test_a_death_survives_an_end_at_every_step(place: Place) -> None:
    def check(life: Life) -> None:
        life.check_certificates(authentication=State.REVOKED, signing=State.REVOKED)
        life.check_card(CardState.ENDED)

    with living(place) as nation:
        steps = end_at_every_step(nation, [Life.arrive, Life.get_card], Life.die, check, STRIDE)
    assert steps > 20
