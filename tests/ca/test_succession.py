"""What an authentication certificate took the place of: told back to the first time without any."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.ca.test_services import GROUP, PLATFORM
from tests.ca.town import AUTHENTICATION, NOW, SIGNING, entry
from warifu.ca import LONGEST_GAP, Entry, State, predecessors
from warifu.errors import NotAllowed
from warifu.pki import Medium, Reason, Revocation

RECOGNISE = "recognising the same person after a renewal"
YEAR = timedelta(days=365)


def one(number: int, since: datetime, ended: datetime | None = None, medium: Medium = Medium.CARD) -> Entry:
    made = replace(entry(medium=medium, serial_number=number), not_before=since, not_after=since + 5 * YEAR)
    revoked = Revocation(ended, Reason.SUPERSEDED) if ended else None
    return replace(made, state=State.REVOKED if ended else State.VALID, revocation=revoked)


NEWEST = one(30, NOW)
OLDER = one(20, NOW - 3 * YEAR, NOW)
OLDEST = one(10, NOW - 6 * YEAR, NOW - 3 * YEAR)


def told(asked: Entry, *others: Entry) -> list[int]:
    found = predecessors(asked, (asked, *others), PLATFORM, RECOGNISE, NOW)
    return [each.serial_number for each in found.entries]


def test_all_before_are_told_the_newest_first() -> None:
    """Whoever did not log in with the one in between is recognised all the same."""
    assert told(NEWEST, OLDEST, OLDER) == [20, 10]
    assert told(OLDER, OLDEST, NEWEST) == [10]


def test_after_a_time_without_any_nothing_is_told() -> None:
    """UTokyo: the link may break when a certificate lapsed or was revoked and another one was issued later."""
    assert told(NEWEST, one(20, NOW - 3 * YEAR, NOW - LONGEST_GAP)) == [20]
    assert told(NEWEST, one(20, NOW - 3 * YEAR, NOW - LONGEST_GAP - timedelta(seconds=1))) == []
    lapsed = one(20, NOW - 5 * YEAR - timedelta(days=2))
    assert told(NEWEST, lapsed) == []
    assert told(NEWEST, one(20, NOW - 5 * YEAR)) == [20]  # it ended at the very moment


def test_a_gap_ends_the_chain_and_not_only_one_link() -> None:
    broken = one(10, NOW - 6 * YEAR, NOW - 3 * YEAR - 2 * LONGEST_GAP)
    assert told(NEWEST, OLDER, broken) == [20]


def test_other_media_kinds_and_applications_are_no_predecessors() -> None:
    phone = one(21, NOW - YEAR, NOW, Medium.PHONE)
    signing = replace(OLDER, kind=SIGNING)
    assert told(NEWEST, phone, signing, replace(OLDER, state=State.APPLIED)) == []
    new_phone = one(31, NOW, medium=Medium.PHONE)
    found = predecessors(new_phone, (new_phone, phone, OLDER), PLATFORM, RECOGNISE, NOW)
    assert (found.medium, [each.serial_number for each in found.entries]) == (Medium.PHONE, [21])
    assert "21" not in repr(found)


def test_it_is_told_for_its_purpose_only_and_to_whom_may_ask() -> None:
    with pytest.raises(NotAllowed, match="nothing else"):
        predecessors(NEWEST, (NEWEST, OLDER), PLATFORM, "advertising", NOW)
    with pytest.raises(NotAllowed, match="does not verify"):
        predecessors(NEWEST, (NEWEST, OLDER), GROUP, RECOGNISE, NOW)
    with pytest.raises(NotAllowed, match="signing certificates"):
        predecessors(replace(NEWEST, kind=SIGNING), (), PLATFORM, RECOGNISE, NOW)
    assert AUTHENTICATION is NEWEST.kind
