"""Every act sent again: once it is written, it changes nothing; sent before that, it brings forth the same."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.registry.people import (
    ELSEWHERE,
    KIYOSE,
    NAHA,
    SHIBUYA,
    TODAY,
    Chance,
    act,
    after,
    code,
    desk,
    family,
    foreigner,
    individual,
    named,
    newcomer,
    records_of,
)
from warifu.errors import Malformed, NotAllowed
from warifu.messages import NumberAnswer
from warifu.person import Address, Sex
from warifu.registry import (
    ABROAD,
    Act,
    Annex,
    Arrival,
    Change,
    Correction,
    Household,
    Relationship,
    Residence,
    ResidentRecord,
    Stay,
    accept_number,
    ask_number_change,
    cancel_move_out,
    change_code,
    change_head,
    change_name,
    change_stay,
    correct,
    delete_annex,
    delete_departed,
    delete_record,
    end_protection,
    lapse,
    move_in,
    move_out,
    move_within,
    naturalise,
    protect,
    register_birth,
    register_death,
    register_death_away,
    report_recording_error,
)

THERE = Address("東京都清瀬市割符町１")
NOW, LATER, MUCH_LATER = act(1), act(1, days=6), act(1, days=60)
HERE = act(1, desk(SHIBUYA), days=6)
HOME, AWAY = family(), Household.of(family(foreigner(1)).members)
LEAVING = after(HOME, move_out(act(2), HOME, HOME.holders, TODAY, SHIBUYA))
GONE = records_of(delete_departed(act(3, days=1), LEAVING))
ABROAD_CHANGE = delete_departed(act(3, days=1), after(HOME, move_out(act(2), HOME, HOME.holders, TODAY, ABROAD)))
ANNEX = next(each for each in ABROAD_CHANGE.records if isinstance(each, Annex))
PROTECTED = after(HOME, protect(act(4), HOME, [], TODAY + timedelta(days=300)))
ALL = {each.holder: each.relationship for each in HOME.members}
HEAD, SPOUSE = HOME.head, HOME.members[1]
BABY = newcomer(40, Relationship.CHILD)
SPENT = replace(BABY, code=BABY.code.spend(NOW, KIYOSE))
GONE_ARRIVALS = [Arrival(each, each.relationship) for each in GONE]


def newer(change: Change[Any], record: ResidentRecord) -> ResidentRecord:
    return next((each for each in records_of(change) if each.id == record.id), record)


# Each: the act for the first time, and the same act given what the first time made.
ACTS: dict[str, tuple[Callable[[], Change[Any]], Callable[[Change[Any]], Change[Any]]]] = {
    "birth": (
        lambda: register_birth(NOW, HOME, BABY, Chance(1)),
        lambda done: register_birth(NOW, HOME, SPENT, Chance(2)),
    ),
    "number": (
        lambda: accept_number(NOW, HEAD, NumberAnswer(NOW.id, HEAD.code, individual(8))),
        lambda done: accept_number(NOW, newer(done, HEAD), NumberAnswer(NOW.id, HEAD.code, individual(8))),
    ),
    "code": (
        lambda: change_code(NOW, HEAD, code(8)),
        lambda done: change_code(NOW, newer(done, HEAD), code(8).spend(NOW, KIYOSE)),
    ),
    "moving out": (
        lambda: move_out(NOW, HOME, HOME.holders, TODAY, SHIBUYA),
        lambda done: move_out(NOW, after(HOME, done), HOME.holders, TODAY, SHIBUYA),
    ),
    "staying after all": (
        lambda: cancel_move_out(NOW, LEAVING, LEAVING.holders),
        lambda done: cancel_move_out(NOW, after(LEAVING, done), LEAVING.holders),
    ),
    "lapse": (
        lambda: lapse(MUCH_LATER, GONE[0]),
        lambda done: lapse(MUCH_LATER, newer(done, GONE[0])),
    ),
    "moving in": (
        lambda: move_in(HERE, GONE_ARRIVALS, ELSEWHERE, TODAY),
        lambda done: move_in(
            HERE, [replace(each, record=newer(done, each.record)) for each in GONE_ARRIVALS], ELSEWHERE, TODAY
        ),
    ),
    "moving within": (
        lambda: move_within(NOW, HOME, ALL, THERE, TODAY),
        lambda done: move_within(NOW, Household.of(records_of(done)), ALL, THERE, TODAY),
    ),
    "correction": (
        lambda: correct(NOW, HOME, HEAD.holder, Correction(sex=Sex.UNKNOWN)),
        lambda done: correct(NOW, after(HOME, done), HEAD.holder, Correction(sex=Sex.UNKNOWN)),
    ),
    "name": (
        lambda: change_name(NOW, HEAD, named("別", "名")),
        lambda done: change_name(NOW, newer(done, HEAD), named("別", "名")),
    ),
    "naturalisation": (
        lambda: naturalise(NOW, AWAY.head, named("別", "名"), NAHA),
        lambda done: naturalise(NOW, newer(done, AWAY.head), named("別", "名"), NAHA),
    ),
    "stay": (
        lambda: change_stay(NOW, AWAY.head, Stay(Residence.PERMANENT)),
        lambda done: change_stay(NOW, newer(done, AWAY.head), Stay(Residence.PERMANENT)),
    ),
    "head": (
        lambda: change_head(NOW, HOME, SPOUSE.holder),
        lambda done: change_head(NOW, after(HOME, done), SPOUSE.holder),
    ),
    "death": (
        lambda: register_death(NOW, HEAD, HOME, TODAY),
        lambda done: register_death(NOW, newer(done, HEAD), after(HOME, done), TODAY),
    ),
    "death away": (
        lambda: register_death_away(LATER, GONE[0], TODAY),
        lambda done: register_death_away(LATER, newer(done, GONE[0]), TODAY),
    ),
    "deletion": (
        lambda: delete_record(NOW, HEAD, HOME, TODAY),
        lambda done: delete_record(NOW, newer(done, HEAD), after(HOME, done), TODAY),
    ),
    "annex": (
        lambda: delete_annex(act(1, desk(NAHA), days=6), ANNEX, TODAY),
        lambda done: delete_annex(act(1, desk(NAHA), days=6), done.records[0], TODAY),
    ),
    "protection": (
        lambda: protect(NOW, HOME, [], TODAY + timedelta(days=300)),
        lambda done: protect(NOW, after(HOME, done), [], TODAY + timedelta(days=300)),
    ),
    "end of protection": (
        lambda: end_protection(NOW, PROTECTED, []),
        lambda done: end_protection(NOW, after(PROTECTED, done), []),
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_is_written_changes_nothing_when_it_comes_again(name: str) -> None:
    first, again = ACTS[name]
    done = first()
    assert not done.is_nothing
    assert again(done).is_nothing


@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_was_lost_brings_forth_the_same_when_it_comes_again(name: str) -> None:
    """After a crash before the commit: the same records, messages and entries, so that receivers know them again."""
    first, _ = ACTS[name]
    assert first() == first()


@pytest.mark.parametrize("name", ACTS)
def test_every_act_leaves_one_entry_and_the_next_versions(name: str) -> None:
    first, _ = ACTS[name]
    done = first()
    assert len(done.entries) == 1
    assert all(getattr(each, "last_act", done.entries[0].id) == done.entries[0].id for each in done.records)


@pytest.mark.parametrize("event", [ask_number_change, report_recording_error])
def test_what_only_tells_tells_the_same_again(event: Callable[[Act, ResidentRecord], Change[Any]]) -> None:
    """The receiver knows a message by its id."""
    once, again = event(NOW, HEAD), event(NOW, HEAD)
    assert [each.encode() for each in once.messages] == [each.encode() for each in again.messages]
    assert once.entries == again.entries


def test_who_stays_is_not_deleted_because_others_leave() -> None:
    only = after(HOME, move_out(act(2), HOME, {SPOUSE.holder}, TODAY, SHIBUYA))
    records = [each for each in records_of(delete_departed(act(3), only)) if not each.is_live]
    assert [each.holder for each in records] == [SPOUSE.holder]
    with pytest.raises(NotAllowed):
        move_in(HERE, [Arrival(SPOUSE)], ELSEWHERE, TODAY, left=only)


def test_a_household_has_live_members_and_everybody_once() -> None:
    with pytest.raises(Malformed):
        Household((GONE[0],))
    with pytest.raises(Malformed):
        Household((HEAD, SPOUSE, SPOUSE))


def test_a_household_that_is_founded_by_moving_within_has_one_head() -> None:
    for movers in ({SPOUSE.holder: Relationship.SPOUSE}, dict.fromkeys(ALL, Relationship.HEAD)):
        with pytest.raises(NotAllowed):
            move_within(NOW, HOME, movers, THERE, TODAY)
