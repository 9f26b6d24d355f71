"""Retention: what is over is told first and then deleted, nothing else goes, and the log agrees with its tree."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text

from tests.wire.conftest import Place
from tests.wire.registry.world import KIYOSE, World, living, window
from warifu.errors import NotFound, RecordAltered
from warifu.registry import KEEPING, ActKind, Keeping, Sight
from warifu.wire.database import reading, writing
from warifu.wire.registry import log
from warifu.wire.registry.tables import log_entries, log_holders

YEAR = timedelta(days=366)


@pytest.fixture
def world(place: Place) -> Iterator[World]:
    with living(place) as made:
        yield made


def over(world: World) -> dict[Keeping, int]:
    return {each.rule.kind: each.count for each in world.registry.retention.find_over()}


def written_before(world: World, years: int) -> None:
    """Everything is so many years older."""
    with writing(world.engine) as connection:
        for column in ("resident.written_at", "annex.written_at", "card.written_at"):
            table, name = column.split(".")
            connection.execute(text(f"update {table} set {name} = {name} - {years * 31622400}"))


@pytest.mark.parametrize(
    ("kind", "today", "begins"),
    [
        (Keeping.RECORD, date(2026, 11, 22), date(1876, 11, 22)),
        (Keeping.LETTER, date(2028, 2, 29), date(2027, 2, 28)),
    ],
)
def test_a_rule_counts_whole_years(kind: Keeping, today: date, begins: date) -> None:
    """住民基本台帳法施行令 第34条第1項."""
    [rule] = [each for each in KEEPING if each.kind is kind]
    assert rule.begins(today) == begins


def test_of_a_young_register_nothing_is_over(world: World) -> None:
    world.card(world.resident())
    before = world.registry.check_log()
    assert world.registry.retention.find_over() == ()
    assert world.registry.retention.delete_over() == ()
    assert world.registry.check_log() == before


def test_looks_are_erased_after_seven_years_and_what_was_done_stays(world: World) -> None:
    holder = world.resident()
    looks = world.registry.looks
    looks.see(window(), holder, [Sight.NAME], "an old case")
    world.clock.moment += 7 * YEAR
    looks.see(window(), holder, [Sight.NAME], "a new case")
    entries = world.registry.check_log()
    assert over(world)[Keeping.LOOK] == 1
    world.registry.retention.delete_over()
    assert Keeping.LOOK not in over(world)
    assert world.registry.check_log() == entries + 1
    left = looks.entries(window(), holder)
    assert [entry.what for _, entry in left] == [ActKind.LOOK, ActKind.NUMBER_DESIGNATED, ActKind.MOVE_IN]
    assert left[0][1].purpose == "a new case"
    with reading(world.engine) as connection:
        assert b"an old case" not in b"".join(map(bytes, connection.scalars(select(log_entries.c.entry))))
        assert connection.scalar(select(func.count()).select_from(log_holders)) == 4  # and the look just now
        [done] = [entry for _, entry in log.entries(connection) if entry.what is ActKind.ERASURE]
    assert "look before 2026-" in done.purpose


def test_an_erased_entry_cannot_be_changed_unseen(world: World) -> None:
    world.registry.looks.see(window(), world.resident(), [Sight.NAME], "an old case")
    world.clock.moment += 8 * YEAR
    world.registry.retention.delete_over()
    with writing(world.engine) as connection:
        connection.execute(text("update log_entry set leaf = :leaf where leaf is not null"), {"leaf": bytes(32)})
    with pytest.raises(RecordAltered):
        world.registry.check_log()


@pytest.mark.parametrize("lawful", [False, True])
def test_an_entry_that_somebody_else_erased_is_found_though_its_leaf_is_right(world: World, *, lawful: bool) -> None:
    """Also when entries are erased by the law before and after it: these are accounted for, it is not."""
    looks, holder = world.registry.looks, world.resident()
    looks.see(window(), holder, [Sight.NAME], "an old case")
    if lawful:
        world.clock.moment += 8 * YEAR
        world.registry.retention.delete_over()
    looks.see(window(), holder, [Sight.NAME], "what nobody is to know")
    world.registry.check_log()
    with writing(world.engine) as connection:
        log.erase(connection, [max(position for position, _ in log.entries(connection))])
    with pytest.raises(RecordAltered):
        world.registry.check_log()
    world.clock.moment += 8 * YEAR
    world.registry.retention.delete_over()
    with pytest.raises(RecordAltered):
        world.registry.check_log()


def test_letters_go_after_a_year_and_those_that_wait_stay(world: World) -> None:
    holder = world.resident()
    world.settle()
    world.clock.moment += 2 * YEAR
    world.registry.people.report_recording_error(window(), holder)
    assert over(world)[Keeping.LETTER] > 0
    world.registry.retention.delete_over()
    assert Keeping.LETTER not in over(world)
    assert [queue.waiting for queue in world.registry.queues()] == [1]


def test_a_deleted_record_is_kept_for_a_hundred_and_fifty_years(world: World) -> None:
    """住民基本台帳法施行令 第34条第1項; a live record stays however old it is."""
    alive, dead = world.resident(), world.resident()
    world.registry.people.register_death(window(), dead, world.clock.now().date())
    written_before(world, 149)
    assert over(world) == {}
    written_before(world, 2)
    assert over(world) == {Keeping.RECORD: 1}
    world.registry.retention.delete_over()
    assert world.record(alive).municipality == KIYOSE
    with pytest.raises(NotFound):
        world.record(dead)
    world.registry.check_log()


def test_a_card_goes_fifteen_years_after_its_end(world: World) -> None:
    holder = world.resident()
    card = world.card(holder)
    world.registry.people.ask_number_change(window(), holder)
    world.settle()
    written_before(world, 14)
    assert Keeping.CARD not in over(world)
    written_before(world, 2)
    assert over(world)[Keeping.CARD] == 1
    world.registry.retention.delete_over()
    assert card.id not in {each.id for each in world.cards(holder)}
