"""Lives in the register's database: everything in one transaction, once, with every version kept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.wire.conftest import Place
from tests.wire.registry.world import AWAY, BORN, HOME, KIYOSE, SHIBUYA, World, living, name, person, section, window
from warifu.errors import AlreadyAnswered, InUse, Malformed, NotAllowed, NotFound, RecordAltered, Unavailable
from warifu.messages import Cause, MinorCorrection
from warifu.person import Address, BirthDate, Name
from warifu.registry import ABROAD, Clerk, Correction, Desk, Office, Relationship, Residence, Section, Stay
from warifu.wire.database import reading, writing
from warifu.wire.registry.versions import RESIDENTS

ACT = "a" * 32
TODAY = date(2026, 11, 22)


@pytest.fixture
def world(place: Place) -> Iterator[World]:
    with living(place) as made:
        yield made


def test_who_comes_gets_a_code_and_a_number(world: World) -> None:
    holder = world.resident()
    record = world.record(holder)
    assert record.number is not None
    assert record.code.reveal().startswith("9")
    assert world.authority.causes() == ["move_in"]


def test_a_newborn_lives_with_the_parent(world: World) -> None:
    parent = world.resident()
    child = replace(person(Relationship.CHILD, "割符　芽"), birth_date=BirthDate(TODAY))
    done = world.registry.people.register_birth(window(), parent, child)
    world.settle()
    mine, theirs = world.record(done.holders[0]), world.record(parent)
    assert (mine.household, mine.address) == (theirs.household, theirs.address)
    assert mine.number is not None
    assert mine.number != theirs.number
    assert world.authority.causes() == ["move_in", "birth"]


def test_a_birth_waits_for_no_network_but_for_a_code(world: World) -> None:
    """Codes are in store beforehand; without one the birth is told to come again, and one is asked for."""
    people = world.registry.people
    with pytest.raises(Unavailable, match="asked for"):
        people.register_arrival(window(), [person()], HOME, TODAY)
    world.settle()
    assert people.register_arrival(window(), [person()], HOME, TODAY).holders


def test_an_arrival_waits_for_codes_that_can_be_fetched(world: World) -> None:
    world.registry.on_lack(world.settle)
    assert world.registry.people.register_arrival(window(), [person()], HOME, TODAY).holders


def test_a_rehearsed_arrival_waits_for_codes_too(world: World) -> None:
    """A window shows what an act will do before it is done, also the first one of a new register."""
    world.registry.on_lack(world.settle)
    arriving = (window(), [person()], HOME, TODAY)
    assert world.registry.rehearsal.rehearse(lambda people, _: people.register_arrival(*arriving), "case 1") == ()
    assert world.registry.check_log() == 1


def test_who_lacks_nothing_does_not_wait(world: World) -> None:
    world.resident()
    world.registry.on_lack(lambda: pytest.fail("there are codes in store"))
    assert world.registry.people.register_arrival(window(), [person()], HOME, TODAY).holders


def test_one_record_that_somebody_spoiled_keeps_nobody_else_from_the_day(world: World) -> None:
    spoiled, other = sorted((world.resident() for _ in range(2)), key=lambda holder: world.record(holder).household)
    for holder in (spoiled, other):
        world.registry.people.move_out(window(), frozenset({holder}), TODAY + timedelta(days=1), "13113")
    with writing(world.engine) as connection:
        spoil = text("update resident set body = :nothing where holder = :holder")
        connection.execute(spoil, {"nothing": b"{}", "holder": spoiled})
    world.clock.moment += timedelta(days=2)
    with pytest.raises(Malformed):
        world.registry.days.run_due()
    assert world.record(other).deleted is not None


def test_an_act_that_comes_again_is_done_once_and_answered_alike(world: World) -> None:
    parent = world.resident()
    child = replace(person(Relationship.CHILD, "割符　芽"), birth_date=BirthDate(TODAY))
    first = world.registry.people.register_birth(window(), parent, child, act=ACT)
    world.restart()
    world.clock.forward(days=1)
    again = world.registry.people.register_birth(window(), parent, child, act=ACT)
    assert again == replace(first, at=again.at, repeated=True)
    world.settle()
    assert world.authority.causes() == ["move_in", "birth"]


def test_another_thing_under_the_same_id_is_refused(world: World) -> None:
    holder = world.resident()
    world.registry.people.change_name(window(), holder, name("割符　月子", "ワリフ　ツキコ"), act=ACT)
    for other in (name("割符　星子", "ワリフ　ホシコ"), name("割符　雪子", "ワリフ　ユキコ")):
        with pytest.raises(AlreadyAnswered, match="something else"):
            world.registry.people.change_name(window(), holder, other, act=ACT)
    with pytest.raises(AlreadyAnswered, match="something else"):
        world.registry.people.change_name(window(name="clerk-2"), holder, name("割符　月子", "ワリフ　ツキコ"), act=ACT)


def test_what_is_refused_leaves_no_trace(world: World) -> None:
    holder = world.resident()
    with pytest.raises(NotAllowed):
        world.registry.people.change_name(window(SHIBUYA), holder, name("割符　月子", "ワリフ　ツキコ"), act=ACT)
    assert world.record(holder).version == 2
    world.registry.people.change_name(window(), holder, name("割符　月子", "ワリフ　ツキコ"), act=ACT)
    assert world.record(holder).name.name == Name("割符　月子")


def test_every_version_of_a_record_stays(world: World) -> None:
    holder = world.resident()
    record = world.record(holder)
    for text_ in ("割符　月子", "割符　星子"):
        world.registry.people.change_name(window(), holder, name(text_, "ワリフ　ツキコ"))
    with reading(world.engine) as connection:
        kept = RESIDENTS.history(connection, record.id)
    assert [row.version for row in kept] == [1, 2, 3, 4]
    assert [what.encode() in bytes(row.body) for what, row in zip(
        ("割符　花子", "割符　花子", "割符　月子", "割符　星子"), kept, strict=True)] == [True] * 4  # fmt: skip
    steps = world.registry.looks.history(window(), holder, "case 1")
    assert [step.what for step in steps] == ["register_arrival", "", "change_name", "change_name"]


def test_whoever_writes_over_a_version_they_did_not_see_is_stopped(world: World) -> None:
    holder = world.resident()
    stale = world.record(holder)
    world.registry.people.change_name(window(), holder, name("割符　月子", "ワリフ　ツキコ"))
    with pytest.raises(InUse), writing(world.engine) as connection:
        RESIDENTS.write(connection, stale.after(ACT), world.clock.now())
    with pytest.raises(IntegrityError), writing(world.engine) as connection:
        RESIDENTS.write_new(connection, [stale], world.clock.now())


def test_a_family_moves_to_another_municipality(world: World) -> None:
    done = world.arrive(person(), person(Relationship.CHILD, "割符　芽", BirthDate(date(2015, 5, 5))))
    mother, child = done.holders
    people = world.registry.people
    people.move_out(window(), {mother, child}, TODAY + timedelta(days=3), SHIBUYA)
    assert world.record(mother).is_live
    world.clock.forward(days=4)
    assert world.registry.days.run_due().departed == 1
    relations = {mother: Relationship.HEAD, child: Relationship.CHILD}
    people.move_in(window(SHIBUYA), relations, AWAY, TODAY + timedelta(days=3))
    world.settle()
    here = world.record(mother)
    assert (here.municipality, here.address, here.is_live) == (SHIBUYA, AWAY, True)
    assert here.number is not None
    assert world.authority.causes().count("move_out") == 2
    assert world.authority.causes()[-2:] == ["move_in", "move_in"]


def test_moving_in_before_the_planned_day_ends_the_old_record_at_once(world: World) -> None:
    holder = world.resident()
    people = world.registry.people
    people.move_out(window(), {holder}, TODAY + timedelta(days=10), SHIBUYA)
    people.move_in(window(SHIBUYA), {holder: Relationship.HEAD}, AWAY, TODAY)
    world.settle()
    assert world.record(holder).municipality == SHIBUYA
    assert world.authority.causes() == ["move_in", "move_out", "move_in"]


def test_a_notice_taken_back_changes_nothing(world: World) -> None:
    holder = world.resident()
    world.registry.people.move_out(window(), {holder}, TODAY + timedelta(days=3), SHIBUYA)
    world.registry.people.cancel_move_out(window(), {holder})
    world.clock.forward(days=10)
    assert world.registry.days.run_due().departed == 0
    assert world.record(holder).is_live


def test_a_move_that_is_not_completed_is_told_on_the_31st_day_and_once(world: World) -> None:
    """公的個人認証法 第31条第1項第2号."""
    holder = world.resident()
    world.registry.people.move_out(window(), {holder}, TODAY, SHIBUYA)
    lapsed = []
    for _ in range(33):
        lapsed.append(world.registry.days.run_due().lapsed)
        world.clock.forward(days=1)
    world.settle()
    assert (lapsed.index(1), sum(lapsed)) == (31, 1)
    assert world.authority.causes() == ["move_in", "move_out", "move_not_completed"]


def test_who_comes_goes_and_dies_on_one_day_died_where_the_last_record_is(world: World) -> None:
    holder = world.resident()
    for here, there, address in ((KIYOSE, SHIBUYA, AWAY), (SHIBUYA, KIYOSE, HOME)):
        world.registry.people.move_out(window(here), {holder}, TODAY + timedelta(days=1), there)
        world.registry.people.move_in(window(there), {holder: Relationship.HEAD}, address, TODAY)
    world.registry.people.register_death(window(), holder, TODAY)
    assert (world.record(holder).municipality, world.record(holder).came_from) == (KIYOSE, SHIBUYA)


def test_who_goes_abroad_lives_on_in_an_annex_and_comes_back_as_before(world: World) -> None:
    holder = world.resident()
    number, code = world.record(holder).number, world.record(holder).code
    people = world.registry.people
    people.move_out(window(), {holder}, TODAY, ABROAD)
    world.registry.days.run_due()
    world.clock.forward(days=400)
    world.registry.days.run_due()
    people.move_in(window(SHIBUYA), {holder: Relationship.HEAD}, AWAY, world.clock.now().date())
    world.settle()
    back = world.record(holder)
    assert (back.number, back.code, back.came_from) == (number, code, ABROAD)
    assert world.authority.causes() == ["move_in", "leaving_country", "move_in"]


def test_an_annex_ends_at_the_domicile(world: World) -> None:
    holder = world.resident()
    world.registry.people.move_out(window(), {holder}, TODAY, ABROAD)
    world.registry.days.run_due()
    world.registry.people.delete_annex(window(), holder, TODAY)
    world.settle()
    assert world.authority.causes()[-1] == "annex_deleted"


def test_an_annex_is_corrected_at_the_domicile(world: World) -> None:
    """住民基本台帳法 第18条; 公的個人認証法 第12条第1項第1号: the authorities hear of it."""
    holder = world.resident()
    world.registry.people.move_out(window(), {holder}, TODAY, ABROAD)
    world.registry.days.run_due()
    correction = Correction(birth_date=BirthDate(date(1990, 4, 2)))
    with pytest.raises(NotAllowed):
        world.registry.people.correct_annex(window(SHIBUYA), holder, correction)
    world.registry.people.correct_annex(window(), holder, correction)
    world.settle()
    assert world.authority.causes()[-1] == "correction"
    with pytest.raises(NotFound, match="annex"):
        world.registry.people.correct_annex(window(), world.resident(), correction)


def test_a_household_divides_and_joins_again_and_the_authorities_hear_nothing(world: World) -> None:
    """住民基本台帳法 第25条."""
    head, child = world.arrive(person(), person(Relationship.CHILD, "割符　芽")).holders
    home, told = world.record(head).household, world.authority.causes()
    people = world.registry.people
    with pytest.raises(NotAllowed):
        people.regroup(window(SHIBUYA), {child: Relationship.HEAD})
    people.regroup(window(), {child: Relationship.HEAD})
    assert world.record(child).household != home
    people.regroup(window(), {child: Relationship.CHILD}, into=home)
    assert (world.record(child).household, world.record(child).relationship) == (home, Relationship.CHILD)
    world.settle()
    assert world.authority.causes() == told


def test_there_is_no_annex_of_who_never_left(world: World) -> None:
    with pytest.raises(NotFound, match="annex"):
        world.registry.people.delete_annex(window(), world.resident(), TODAY)


def test_the_dead_leave_a_household_with_another_head(world: World) -> None:
    done = world.arrive(person(), person(Relationship.SPOUSE, "割符　太郎"))
    head, spouse = done.holders
    world.registry.people.register_death(window(), head, TODAY)
    world.settle()
    assert world.record(spouse).relationship is Relationship.HEAD
    deleted = world.record(head).deleted
    assert deleted is not None
    assert deleted.cause is Cause.DEATH
    with pytest.raises(AlreadyAnswered):
        world.registry.people.change_name(window(), head, name("割符　月子", "ワリフ　ツキコ"))


def test_who_dies_between_two_municipalities_dies_too(world: World) -> None:
    holder = world.resident()
    world.registry.people.move_out(window(), {holder}, TODAY, SHIBUYA)
    world.registry.days.run_due()
    world.registry.people.register_death(window(), holder, TODAY)
    world.settle()
    assert world.authority.causes()[-1] == "death"


def test_a_minor_correction_is_told_as_one(world: World) -> None:
    holder = world.resident()
    there = Address("東京都清瀬市新架空町一丁目２番３号")
    correction, minor = Correction(address=there), MinorCorrection.DISTRICT_RENAMED
    world.registry.people.correct(window(), holder, correction, minor)
    world.settle()
    assert world.record(holder).address == there
    assert [getattr(told, "minor", None) for told in world.authority.told.values()] == [None, minor]


def test_the_whole_household_moves_or_one_of_it(world: World) -> None:
    done = world.arrive(person(), person(Relationship.CHILD, "割符　芽"))
    head, child = done.holders
    there = Address("東京都清瀬市割符町一丁目１番１号")
    world.registry.people.move_within(window(), {child: Relationship.HEAD}, there, TODAY)
    assert (world.record(child).address, world.record(head).address) == (there, HOME)
    joined = world.record(child).household
    world.registry.people.move_within(window(), {head: Relationship.PARENT}, there, TODAY, into=joined)
    assert world.record(head).household == joined
    with pytest.raises(NotFound, match="no such household"):
        world.registry.people.move_within(window(), {head: Relationship.HEAD}, HOME, TODAY, into="f" * 32)


def test_the_head_changes_when_the_family_says_so(world: World) -> None:
    head, spouse = world.arrive(person(), person(Relationship.SPOUSE, "割符　太郎")).holders
    world.registry.people.change_head(window(), spouse)
    assert [world.record(each).relationship for each in (head, spouse)] == [Relationship.SPOUSE, Relationship.HEAD]


def test_people_of_two_households_do_not_move_out_together(world: World) -> None:
    first, second = world.resident(), world.resident()
    with pytest.raises(Malformed, match="one household"):
        world.registry.people.move_out(window(), {first, second}, TODAY, SHIBUYA)


def test_nobody_does_not_move(world: World) -> None:
    with pytest.raises(Malformed, match="nobody"):
        world.registry.people.move_out(window(), set(), TODAY, SHIBUYA)


def test_a_stay_and_a_naturalisation(world: World) -> None:
    stay = Stay(Residence.PERIOD_OF_STAY, date(2028, 3, 31))
    newcomer = replace(person(), domicile=None, nationality="BRA", stay=stay)
    holder = world.arrive(newcomer).holders[0]
    longer = Stay(Residence.PERIOD_OF_STAY, date(2031, 3, 31))
    world.registry.people.change_stay(window(), holder, longer)
    assert world.record(holder).stay == longer
    world.registry.people.naturalise(window(), holder, name("割符　花子"), KIYOSE)
    world.settle()
    assert world.record(holder).is_japanese
    assert world.authority.causes() == ["move_in", "naturalisation"]


def test_a_foreign_resident_comes_back_with_a_new_stay(world: World) -> None:
    """住民基本台帳法 第30条の46: the person keeps code and number, and tells the stay that was granted on entering."""
    old, new = (Stay(Residence.PERIOD_OF_STAY, date(year, 3, 31)) for year in (2027, 2029))
    newcomer = replace(person(), domicile=None, nationality="BRA", stay=old)
    holder = world.arrive(newcomer).holders[0]
    before, people = world.record(holder), world.registry.people
    people.move_out(window(), {holder}, TODAY, ABROAD)
    world.registry.days.run_due()
    assert not world.record(holder).is_live
    comes = {holder: Relationship.HEAD}
    with pytest.raises(NotAllowed, match="may stay"):
        people.move_in(window(SHIBUYA), comes, AWAY, TODAY)
    with pytest.raises(Malformed, match="arrives"):
        people.move_in(window(SHIBUYA), comes, AWAY, TODAY, stays={"f" * 32: new})
    done = [people.move_in(window(SHIBUYA), comes, AWAY, TODAY, stays={holder: new}, act="c" * 32) for _ in range(2)]
    assert [each.repeated for each in done] == [False, True]
    after = world.record(holder)
    assert (after.stay, after.came_from, after.code, after.number) == (new, ABROAD, before.code, before.number)


def test_a_recording_error_is_only_told(world: World) -> None:
    holder = world.resident()
    world.registry.people.report_recording_error(window(), holder)
    world.settle()
    assert world.authority.causes()[-1] == "recording_error"
    assert world.record(holder).version == 2


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_a_leaked_number_is_changed_and_the_card_ends(world: World) -> None:
    """番号法施行令 第14条第6号."""
    holder = world.resident()
    world.card(holder)
    before = world.record(holder).number
    world.registry.people.ask_number_change(window(), holder)
    assert world.record(holder).number == before
    world.settle()
    assert world.record(holder).number not in (None, before)
    assert world.cards(holder)[0].state.value == "ended"
    assert world.authority.causes()[-1] == "invalidated"


def test_a_code_is_changed_and_the_number_stays(world: World) -> None:
    """住民基本台帳法 第30条の4; 番号法施行令 第14条第5号."""
    holder = world.resident()
    world.card(holder)
    before = world.record(holder)
    world.registry.people.change_code(window(), holder)
    world.settle()
    after = world.record(holder)
    assert after.code != before.code
    assert after.number == before.number
    assert world.cards(holder)[0].state.value == "ended"
    world.registry.people.ask_number_change(window(), holder)
    world.settle()
    assert world.record(holder).number not in (None, before.number)


def test_a_code_that_changes_before_the_number_came_costs_nobody_the_number(world: World) -> None:
    """The question for the old code and the news of the new one cross; both end where they belong."""
    world.registry.people.stock_codes(window())
    world.settle()
    holder = world.registry.people.register_arrival(window(), [person()], HOME, TODAY).holders[0]
    world.registry.people.change_code(window(), holder)
    for _ in range(4):
        world.settle()
        world.clock.forward(minutes=5)
    assert world.record(holder).number is not None
    assert world.registry.queues() == []


def test_the_store_is_filled_up_before_it_is_empty(world: World) -> None:
    for _ in range(3):
        world.resident()
    with reading(world.engine) as connection:
        left = connection.scalar(text("select count(*) from pooled_code where current and unused"))
    assert left is not None
    assert left > 100


def test_only_the_residents_section_gets_codes(world: World) -> None:
    for by in (section(Section.TAX), Clerk("x", Desk(Office.JLIS))):
        with pytest.raises(NotAllowed):
            world.registry.people.stock_codes(by)
        with pytest.raises(NotAllowed):
            world.registry.people.register_arrival(by, [person()], HOME, TODAY)


# --- the log ----------------------------------------------------------------------------------------------------------


def test_everything_done_is_in_the_log_and_the_log_holds(world: World) -> None:
    holder = world.resident()
    world.registry.people.change_name(window(), holder, name("割符　月子", "ワリフ　ツキコ"))
    assert world.registry.check_log() == 3
    kinds = [entry.what.value for _, entry in world.registry.looks.entries(window(), holder)]
    assert kinds == ["name_change", "number_designated", "move_in"]


@pytest.mark.parametrize(
    "edit",
    [
        "delete from log_entry where position = 1",
        "update log_entry set entry = (select entry from log_entry where position = 0) where position = 1",
        "insert into log_entry select position + 100, entry, leaf from log_entry where position = 0",
    ],
)
def test_an_edit_of_the_log_is_found(world: World, edit: str) -> None:
    world.resident()
    with writing(world.engine) as connection:
        connection.execute(text(edit))
    with pytest.raises(RecordAltered):
        world.registry.check_log()


def test_nobody_is_found_under_a_name_that_nobody_has(world: World) -> None:
    with pytest.raises(NotFound):
        world.registry.people.change_name(window(), "f" * 32, name())


def test_a_birth_date_stays_as_it_was_told(world: World) -> None:
    assert world.record(world.resident()).birth_date == BORN
