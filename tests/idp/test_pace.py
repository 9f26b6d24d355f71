"""How fast somebody may go."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.idp.world import NOW
from warifu.idp import Pace


@given(st.integers(1, 600), st.lists(st.integers(0, 5000), min_size=1, max_size=200))
def test_nobody_gets_more_than_the_burst_and_what_flowed_back(a_minute: int, gaps: list[int]) -> None:
    pace, at, account, granted = Pace(a_minute), NOW, None, 0
    for gap in gaps:
        at += timedelta(milliseconds=gap)
        one, account = pace.take(account, at)
        granted += one
    minutes = (at - NOW) / timedelta(minutes=1)
    assert granted <= a_minute * (1 + minutes) + 1


@pytest.mark.parametrize("a_minute", [1, 7, 60, 300])
def test_a_minute_is_what_anybody_waits_at_most(a_minute: int) -> None:
    pace, account = Pace(a_minute), None
    for _ in range(a_minute):
        granted, account = pace.take(account, NOW)
        assert granted == 1
    assert account is not None
    assert pace.take(account, NOW) == (0, account)
    wait = pace.wait(account, NOW)
    assert 1 <= wait <= 60
    assert pace.take(account, NOW + timedelta(seconds=wait))[0] == 1
    assert pace.take(account, NOW + timedelta(minutes=1), a_minute)[0] == a_minute


def test_several_are_taken_as_far_as_there_are_any() -> None:
    granted, account = Pace(10).take(None, NOW, 7)
    assert granted == 7
    assert Pace(10).take(account, NOW, 7)[0] == 3


def test_who_was_quiet_has_no_advantage() -> None:
    """Nothing is saved up beyond one burst."""
    long_ago: datetime = NOW - timedelta(days=1)
    assert Pace(10).take(long_ago, NOW, 100)[0] == 10
