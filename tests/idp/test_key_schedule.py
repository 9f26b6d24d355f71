"""Keys that follow each other: each is published before it signs and until what it signed has expired."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.idp.world import NOW, PROVIDER
from warifu.errors import NotAllowed, NotFound, Unavailable
from warifu.idp import KeySchedule, KeyState, SigningKey, longest_signed

HOUR = timedelta(hours=1)
KEPT = longest_signed(PROVIDER)


def key(kid: str, announced: datetime = NOW, used: datetime = NOW, withdrawn: datetime | None = None) -> SigningKey:
    return SigningKey(kid, kid.encode(), announced, used, withdrawn)


TWO = KeySchedule([key("old", NOW - 24 * HOUR, NOW - 24 * HOUR), key("new", NOW, NOW + HOUR)])


def kids(schedule: KeySchedule, at: datetime) -> list[str]:
    return [each.kid for each in schedule.published(at, KEPT)]


def test_a_key_is_published_before_it_signs() -> None:
    assert kids(TWO, NOW) == ["new", "old"]
    assert TWO.in_use(NOW).kid == "old"


def test_the_next_key_signs_from_its_moment_on() -> None:
    assert TWO.in_use(NOW + HOUR - timedelta(seconds=1)).kid == "old"
    assert TWO.in_use(NOW + HOUR).kid == "new"


def test_a_key_stays_published_until_its_last_token_has_expired() -> None:
    last = NOW + HOUR
    assert kids(TWO, last + PROVIDER.profile.id_token_lifetime) == ["new", "old"]
    assert kids(TWO, last + KEPT) == ["new"]


@given(st.lists(st.integers(1, 500), min_size=1, max_size=6), st.integers(0, 3000))
def test_whatever_is_good_can_be_checked(gaps: list[int], minute: int) -> None:
    """At each moment the key that signs is published, and so is the one that signed anything still good."""
    schedule, at = KeySchedule([key("0", NOW, NOW)]), NOW
    keys = [key("0", NOW, NOW)]
    for number, gap in enumerate(gaps, 1):
        announced, at = at, at + timedelta(minutes=gap)
        keys.append(key(str(number), announced, at))
        schedule = KeySchedule(keys)
    now = NOW + timedelta(minutes=minute)
    assert schedule.in_use(now).kid in kids(schedule, now)
    earlier = max(NOW, now - PROVIDER.profile.id_token_lifetime)
    assert schedule.in_use(earlier).kid in kids(schedule, now)


def test_without_a_key_nothing_is_signed() -> None:
    with pytest.raises(Unavailable):
        KeySchedule([]).in_use(NOW)
    with pytest.raises(Unavailable):
        KeySchedule([key("later", NOW, NOW + HOUR)]).in_use(NOW)


def test_a_key_is_announced_once_and_after_all_others() -> None:
    TWO.check_may_announce(key("third", NOW, NOW + 2 * HOUR))
    with pytest.raises(NotAllowed):
        TWO.check_may_announce(key("old", NOW, NOW + 2 * HOUR))
    with pytest.raises(NotAllowed):
        TWO.check_may_announce(key("third", NOW, NOW + HOUR))


def test_a_leaked_key_gives_way_at_once() -> None:
    gone, successor = TWO.withdraw("old", NOW)
    assert (gone.kid, gone.withdrawn_at, successor.kid, successor.used_from) == ("old", NOW, "new", NOW)
    after = KeySchedule([gone, successor])
    assert kids(after, NOW) == ["new"]
    assert after.in_use(NOW).kid == "new"
    assert [each.kid for each in after.trusted()] == ["new"]


def test_an_announced_key_that_leaks_never_signs() -> None:
    (gone,) = TWO.withdraw("new", NOW)
    after = KeySchedule([key("old", NOW - 24 * HOUR, NOW - 24 * HOUR), gone])
    assert kids(after, NOW + 2 * HOUR) == ["old"]
    assert after.in_use(NOW + 2 * HOUR).kid == "old"


def test_a_key_whose_time_is_over_is_only_taken_out_of_the_set() -> None:
    (gone,) = TWO.withdraw("old", NOW + HOUR)
    assert gone.kid == "old"


def test_an_old_key_is_not_taken_up_again() -> None:
    """It may no longer be published, and clients have forgotten it."""
    with pytest.raises(NotAllowed):
        TWO.withdraw("new", NOW + 2 * HOUR)


def test_the_only_key_is_not_taken_out() -> None:
    with pytest.raises(NotAllowed):
        KeySchedule([key("only")]).withdraw("only", NOW)
    with pytest.raises(NotFound):
        TWO.withdraw("nobody's", NOW)


def test_withdrawing_twice_changes_nothing() -> None:
    assert KeySchedule([key("gone", withdrawn=NOW), key("good")]).withdraw("gone", NOW) == ()


def test_each_key_says_where_it_stands() -> None:
    stood = TWO.states(NOW + HOUR + KEPT, KEPT)
    assert [(each.kid, state, over) for each, state, over in stood] == [
        ("old", KeyState.GONE, NOW + HOUR),
        ("new", KeyState.IN_USE, None),
    ]
    assert [state for _, state, _ in TWO.states(NOW, KEPT)] == [KeyState.IN_USE, KeyState.ANNOUNCED]
    assert TWO.states(NOW + HOUR, KEPT)[0][1] is KeyState.OVER
