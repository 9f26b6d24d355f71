"""Moving out, in, within, abroad and back: notices, days, households left behind."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.registry.people import (
    ELSEWHERE,
    HOME,
    KIYOSE,
    NAHA,
    SHIBUYA,
    TODAY,
    Chance,
    act,
    after,
    desk,
    family,
    foreigner,
    named,
    newcomer,
    records_of,
)
from warifu.errors import AlreadyAnswered, Malformed, NotAllowed, NotFound
from warifu.messages import Attribute, Cause, MinorCorrection, ResidentEvent
from warifu.person import Address, Name, Sex
from warifu.registry import (
    ABROAD,
    Annex,
    Arrival,
    Change,
    Correction,
    Household,
    Outcome,
    Relationship,
    Residence,
    ResidentRecord,
    Stay,
    cancel_move_out,
    correct_annex,
    delete_annex,
    delete_departed,
    due_on,
    lapse,
    move_in,
    move_out,
    move_within,
    register_arrival,
    register_death,
    register_death_away,
    regroup,
)

PLANNED = TODAY + timedelta(days=5)
HERE = desk(SHIBUYA)


def told(change: Change[object]) -> list[tuple[Cause, frozenset[Attribute]]]:
    return [(each.cause, each.changed) for each in change.messages if isinstance(each, ResidentEvent)]


def notified(household: Household, who: frozenset[str] | None = None, destination: str = SHIBUYA) -> Household:
    return after(household, move_out(act(1), household, who or household.holders, PLANNED, destination))


def gone(household: Household, destination: str = SHIBUYA) -> list[ResidentRecord]:
    """The deleted records of a household that left as planned."""
    left = delete_departed(act(2, days=5), notified(household, destination=destination))
    return records_of(left)


def arrive(records: list[ResidentRecord], day: int = 6, stay: Stay | None = None) -> Change[object]:
    arrivals = [Arrival(each, each.relationship, stay=stay) for each in records]
    moved = TODAY + timedelta(days=day)
    return move_in(act(3, HERE, days=day), arrivals, ELSEWHERE, moved)


def test_a_notice_of_moving_out_changes_nothing_until_the_planned_day() -> None:
    """住民基本台帳法 第24条: notified beforehand."""
    household = family()
    change = move_out(act(1), household, household.holders, PLANNED, SHIBUYA)
    assert change.messages == ()
    assert all(each.is_live and due_on(each) == PLANNED for each in records_of(change))
    assert delete_departed(act(2, days=4), after(household, change)).is_nothing


def test_on_the_planned_day_the_record_is_deleted_and_the_authorities_hear() -> None:
    """公的個人認証法 第12条第1項第2号."""
    change = delete_departed(act(2, days=5), notified(family()))
    assert [each.deleted.cause for each in records_of(change) if each.deleted] == [Cause.MOVE_OUT] * 3
    assert told(change) == [(Cause.MOVE_OUT, frozenset())] * 3


def test_moving_in_keeps_holder_numbers_and_name_and_changes_the_address() -> None:
    """住民基本台帳法 第22条, 第30条の3第2項."""
    before = gone(family())
    change = arrive(before)
    new = [each for each in records_of(change) if each.is_live]
    kept = [(each.holder, each.code, each.number, each.name) for each in before]
    assert [(each.holder, each.code, each.number, each.name) for each in new] == kept
    assert {(each.municipality, each.address, each.came_from) for each in new} == {(SHIBUYA, ELSEWHERE, KIYOSE)}
    assert told(change) == [(Cause.MOVE_IN, frozenset({Attribute.ADDRESS}))] * 3
    assert all(due_on(each) is None for each in records_of(change))


def test_moving_in_before_the_planned_day_deletes_the_old_record_at_once() -> None:
    """住民基本台帳法 第9条第1項."""
    household = notified(family())
    arrivals = [Arrival(each, each.relationship) for each in household.members]
    change = move_in(act(3, HERE, days=2), arrivals, ELSEWHERE, TODAY + timedelta(days=2), left=household)
    old = [each for each in records_of(change) if each.municipality == KIYOSE]
    assert {each.deleted.on for each in old if each.deleted} == {TODAY + timedelta(days=2)}
    assert {each.moving_out.outcome for each in old if each.moving_out} == {Outcome.COMPLETED}
    assert [each.version for each in old] == [each.version + 1 for each in household.members]
    assert [cause for cause, _ in told(change)] == [Cause.MOVE_OUT] * 3 + [Cause.MOVE_IN] * 3


def test_who_moves_in_early_leaves_a_household_behind() -> None:
    household = family()
    head = frozenset({household.head.holder})
    household = notified(household, head)
    arrival = Arrival(household.head)
    change = move_in(act(3, HERE, days=2), [arrival], ELSEWHERE, TODAY, left=household)
    assert after(household, change).head.relationship is Relationship.HEAD
    with pytest.raises(NotAllowed):
        move_in(act(4, HERE, days=2), [arrival], ELSEWHERE, TODAY)


def test_thirty_days_after_the_planned_day_the_move_counts_as_not_completed() -> None:
    """公的個人認証法 第31条第1項第2号: through the thirtieth day, one may still move in."""
    record = gone(family())[0]
    due = PLANNED + timedelta(days=31)
    assert due_on(record) == due
    assert lapse(act(4, days=5 + 30), record).is_nothing
    change = lapse(act(5, days=5 + 31), record)
    assert told(change) == [(Cause.MOVE_NOT_COMPLETED, frozenset())]
    (lapsed,) = records_of(change)
    assert due_on(lapsed) is None
    assert lapse(act(6, days=5 + 40), lapsed).is_nothing


def test_who_moved_in_is_not_told_of_again() -> None:
    old = [each for each in records_of(arrive(gone(family()))) if not each.is_live]
    assert lapse(act(5, days=60), old[0]).is_nothing


def test_who_lapsed_can_still_move_in() -> None:
    """住民基本台帳法 第22条 knows no last day; the certificates are gone, the residence is not."""
    (lapsed,) = records_of(lapse(act(5, days=40), gone(family())[0]))
    change = move_in(act(6, HERE, days=50), [Arrival(lapsed)], ELSEWHERE, TODAY + timedelta(days=49))
    assert records_of(change)[-1].is_live


def test_a_notice_can_be_taken_back_until_the_record_is_deleted() -> None:
    household = notified(family())
    change = cancel_move_out(act(4), household, household.holders)
    assert all(due_on(each) is None for each in records_of(change))
    with pytest.raises(NotAllowed):
        cancel_move_out(act(5), after(household, change), household.holders)


def test_a_japanese_who_goes_abroad_lives_on_in_the_annex() -> None:
    """公的個人認証法 第3条; 住民基本台帳法 第17条; no 30 days run abroad."""
    change = delete_departed(act(2, days=5), notified(family(), destination=ABROAD))
    annexes = [each for each in change.records if isinstance(each, Annex)]
    assert {each.holder for each in annexes} == family().holders
    assert {(each.municipality, each.abroad_since) for each in annexes} == {(NAHA, PLANNED)}
    assert {cause for cause, _ in told(change)} == {Cause.LEAVING_COUNTRY}
    assert {due_on(each) for each in records_of(change)} == {None}
    assert "国外転出" in annexes[0].attributes.address.text


def test_a_foreign_resident_who_goes_abroad_leaves_no_annex() -> None:
    change = delete_departed(act(2, days=5), notified(family(foreigner(1)), destination=ABROAD))
    assert [each for each in change.records if isinstance(each, Annex)] == []


def test_who_comes_back_has_the_same_numbers_and_the_name_of_the_annex() -> None:
    """住民基本台帳法 第30条の3第2項."""
    change = delete_departed(act(2, days=5), notified(family(newcomer(1, Relationship.HEAD)), destination=ABROAD))
    (record,), (annex,) = records_of(change), [each for each in change.records if isinstance(each, Annex)]
    back = move_in(act(3, HERE, days=9), [Arrival(record, annex=annex)], ELSEWHERE, TODAY + timedelta(days=8))
    new = records_of(back)[-1]
    assert (new.holder, new.code, new.number, new.came_from) == (record.holder, record.code, record.number, ABROAD)
    (closed,) = [each for each in back.records if isinstance(each, Annex)]
    assert closed.deleted is not None
    with pytest.raises(NotAllowed):
        move_in(act(4, HERE, days=9), [Arrival(record)], ELSEWHERE, TODAY + timedelta(days=8))
    with pytest.raises(NotAllowed):
        move_in(act(5, HERE, days=9), [Arrival(record, annex=closed)], ELSEWHERE, TODAY + timedelta(days=8))


def test_a_foreign_resident_comes_back_with_a_new_stay() -> None:
    """住民基本台帳法 第30条の46."""
    (record,) = gone(family(foreigner(1)), ABROAD)
    with pytest.raises(NotAllowed):
        arrive([record])
    stay = Stay(Residence.PERIOD_OF_STAY, TODAY + timedelta(days=300))
    assert records_of(arrive([record], stay=stay))[-1].stay == stay


def test_a_stay_that_is_over_lets_nobody_in() -> None:
    """住民基本台帳法 第30条の45."""
    over = Stay(Residence.PERIOD_OF_STAY, TODAY - timedelta(days=1))
    with pytest.raises(NotAllowed):
        register_arrival(act(1), [foreigner(1, stay=over)], HOME, TODAY, Chance())


def test_nobody_moves_in_without_having_moved_out() -> None:
    """住民基本台帳法 第22条第2項 (転出証明書)."""
    with pytest.raises(NotAllowed):
        arrive(list(family().members))


def test_nobody_moves_in_twice_from_one_record() -> None:
    old = [each for each in records_of(arrive(gone(family()))) if not each.is_live]
    with pytest.raises(NotAllowed):
        move_in(act(9, HERE, days=7), [Arrival(old[0])], ELSEWHERE, TODAY)


def test_nobody_moves_in_before_the_day_has_come() -> None:
    """住民基本台帳法 第22条: within 14 days after moving, not before."""
    records = gone(family())
    with pytest.raises(NotAllowed):
        move_in(act(3, HERE, days=6), [Arrival(records[0])], ELSEWHERE, TODAY + timedelta(days=7))


def test_the_dead_do_not_move_in() -> None:
    record = family().members[1]
    (dead, *_) = records_of(register_death(act(1), record, family(), TODAY))
    with pytest.raises(AlreadyAnswered):
        move_in(act(3, HERE), [Arrival(dead)], ELSEWHERE, TODAY)


def test_who_goes_abroad_does_not_turn_up_elsewhere() -> None:
    household = notified(family(), destination=ABROAD)
    arrivals = [Arrival(each, each.relationship) for each in household.members]
    with pytest.raises(NotAllowed):
        move_in(act(3, HERE), arrivals, ELSEWHERE, TODAY, left=household)


def test_a_household_that_arrives_has_one_head() -> None:
    records = gone(family())
    two = [Arrival(each, Relationship.HEAD) for each in records[:2]]
    for arrivals in (two, [Arrival(records[1], Relationship.SPOUSE)]):
        with pytest.raises(NotAllowed):
            move_in(act(3, HERE, days=6), arrivals, ELSEWHERE, TODAY)
    with pytest.raises(Malformed):
        move_in(act(3, HERE, days=6), [], ELSEWHERE, TODAY)


def test_who_joins_a_household_lives_at_its_address_under_its_head() -> None:
    records = gone(family())
    there = Household.of(each for each in records_of(arrive(records[:1])) if each.is_live)
    joining = Arrival(records[1], Relationship.SPOUSE)
    change = move_in(act(7, HERE, days=7), [joining], ELSEWHERE, TODAY, into=there)
    assert {each.household for each in records_of(change) if each.is_live} == {there.id}
    with pytest.raises(NotAllowed):
        move_in(act(8, HERE, days=7), [joining], Address("東京都渋谷区割符町９"), TODAY, into=there)
    with pytest.raises(NotAllowed):
        move_in(act(8, HERE, days=7), [Arrival(records[1])], ELSEWHERE, TODAY, into=there)


def test_only_the_residents_section_of_that_municipality_takes_notices() -> None:
    """住民基本台帳法 第5条."""
    household = family()
    with pytest.raises(NotAllowed):
        move_out(act(1, HERE), household, household.holders, PLANNED, SHIBUYA)


def test_who_stays_in_the_municipality_does_not_move_out() -> None:
    household = family()
    with pytest.raises(NotAllowed):
        move_out(act(1), household, household.holders, PLANNED, KIYOSE)


def test_a_destination_is_a_code_or_abroad() -> None:
    household = family()
    with pytest.raises(Malformed):
        move_out(act(1), household, household.holders, PLANNED, "渋谷")


def test_a_notice_is_about_somebody_of_the_household() -> None:
    household = family()
    with pytest.raises(NotFound):
        move_out(act(1), household, {"0" * 32}, PLANNED, SHIBUYA)
    with pytest.raises(Malformed):
        move_out(act(1), household, set(), PLANNED, SHIBUYA)


def test_nobody_leaves_before_having_come() -> None:
    household = family()
    with pytest.raises(NotAllowed):
        move_out(act(1), household, household.holders, TODAY - timedelta(days=11), SHIBUYA)


def test_when_the_head_leaves_the_spouse_becomes_the_head() -> None:
    """住民基本台帳法 第7条第4号; 第25条."""
    household = family()
    household = notified(household, frozenset({household.head.holder}))
    change = delete_departed(act(2, days=5), household)
    left = after(household, change)
    assert [each.relationship for each in left.members] == [Relationship.HEAD, Relationship.CHILD]
    assert left.head.holder == household.members[1].holder


def test_moving_within_takes_the_household_along_or_founds_another() -> None:
    """住民基本台帳法 第23条."""
    household, there = family(), Address("東京都清瀬市割符町１")
    all_of_them = {each.holder: each.relationship for each in household.members}
    change = move_within(act(1), household, all_of_them, there, TODAY)
    assert told(change) == [(Cause.MOVE_WITHIN, frozenset({Attribute.ADDRESS}))] * 3
    assert {(each.address, each.address_since, each.resident_since) for each in records_of(change)} == {
        (there, TODAY, TODAY - timedelta(days=10))
    }
    child = household.members[-1].holder
    alone = move_within(act(2), household, {child: Relationship.HEAD}, there, TODAY)
    assert [each.holder for each in records_of(alone)] == [child]
    assert records_of(alone)[0].household != household.id


def test_moving_within_needs_another_address() -> None:
    household = family()
    movers = {each.holder: each.relationship for each in household.members}
    with pytest.raises(NotAllowed):
        move_within(act(1), household, movers, HOME, TODAY)
    with pytest.raises(NotAllowed):
        move_within(act(1), household, movers, Address("東京都清瀬市割符町１"), TODAY + timedelta(days=1))
    with pytest.raises(Malformed):
        move_within(act(1), household, {}, Address("東京都清瀬市割符町１"), TODAY)
    with pytest.raises(NotAllowed):
        move_within(act(1, HERE), household, movers, Address("東京都清瀬市割符町１"), TODAY)


def test_who_moves_into_another_household_there_lives_under_its_head() -> None:
    household, there = family(), Address("東京都清瀬市割符町１")
    child, spouse = household.members[-1].holder, household.members[1].holder
    alone = move_within(act(1), household, {spouse: Relationship.HEAD}, there, TODAY)
    household, other = after(household, alone), Household.of(records_of(alone))
    joined = move_within(act(2), household, {child: Relationship.CHILD}, there, TODAY, into=other)
    assert after(other, joined).holders == {child, spouse}
    with pytest.raises(NotAllowed):
        move_within(act(3), household, {child: Relationship.HEAD}, there, TODAY, into=other)


def test_who_is_between_two_municipalities_can_die_there() -> None:
    """戸籍法 第86条; afterwards nothing happens to the person."""
    record = gone(family())[0]
    change = register_death_away(act(4, days=7), record, TODAY + timedelta(days=6))
    assert told(change) == [(Cause.DEATH, frozenset())]
    (dead,) = records_of(change)
    assert due_on(dead) is None
    with pytest.raises(AlreadyAnswered):
        move_in(act(5, HERE, days=8), [Arrival(dead)], ELSEWHERE, TODAY)
    with pytest.raises(AlreadyAnswered):
        register_death_away(act(6, days=8), dead, TODAY)


def test_a_death_is_not_written_into_a_record_that_another_has_followed() -> None:
    old = [each for each in records_of(arrive(gone(family()))) if not each.is_live]
    with pytest.raises(NotAllowed):
        register_death_away(act(6, days=8), old[0], TODAY)
    with pytest.raises(NotAllowed):
        register_death_away(act(6, days=8), family().head, TODAY)


def test_the_death_of_a_japanese_abroad_is_written_into_the_annex() -> None:
    """住民基本台帳法 第18条; a foreign resident who left has none."""
    (japanese,) = gone(family(newcomer(1, Relationship.HEAD)), ABROAD)
    (foreign,) = gone(family(foreigner(1)), ABROAD)
    with pytest.raises(NotAllowed):
        register_death_away(act(6, days=8), japanese, TODAY)
    assert told(register_death_away(act(6, days=8), foreign, TODAY)) == [(Cause.DEATH, frozenset())]


def test_an_annex_is_deleted_once_at_the_domicile() -> None:
    """公的個人認証法 第12条第1項第3号, 第31条第1項第3号."""
    change = delete_departed(act(2, days=5), notified(family(), destination=ABROAD))
    annex = next(each for each in change.records if isinstance(each, Annex))
    with pytest.raises(NotAllowed):
        delete_annex(act(3, days=9), annex, TODAY)
    ended = delete_annex(act(4, desk(NAHA), days=9), annex, TODAY)
    assert told(ended) == [(Cause.ANNEX_DELETED, frozenset())]
    (deleted,) = ended.records
    assert delete_annex(act(4, desk(NAHA), days=9), deleted, TODAY).is_nothing
    with pytest.raises(AlreadyAnswered):
        delete_annex(act(5, desk(NAHA), days=9), deleted, TODAY)


def test_a_repeated_act_changes_nothing() -> None:
    household = family()
    once = move_out(act(1), household, household.holders, PLANNED, SHIBUYA)
    assert move_out(act(1), after(household, once), household.holders, PLANNED, SHIBUYA).is_nothing
    records = gone(household)
    first = arrive(records)
    closed = [each for each in records_of(first) if not each.is_live]
    assert arrive(closed).is_nothing
    again = arrive(records)
    assert [each.encode() for each in again.messages] == [each.encode() for each in first.messages]
    there = Address("東京都清瀬市割符町１")
    movers = {each.holder: each.relationship for each in household.members}
    moved = Household.of(records_of(move_within(act(2), household, movers, there, TODAY)))
    assert move_within(act(2), moved, movers, there, TODAY).is_nothing
    away = records_of(register_death_away(act(4, days=7), records[0], TODAY))[0]
    assert register_death_away(act(4, days=7), away, TODAY).is_nothing


def test_a_household_is_checked_however_it_was_gathered() -> None:
    household = family()
    head, spouse, _ = household.members
    for wrong in ([], [spouse], [head, replace(spouse, relationship=Relationship.HEAD)], [head, head]):
        with pytest.raises(Malformed):
            Household.of(wrong)
    with pytest.raises(Malformed):
        Household.of([head, replace(spouse, address=ELSEWHERE)])
    assert Household.of(reversed(household.members)) == household


def test_a_household_is_parted_and_joined_at_one_address() -> None:
    """住民基本台帳法 第25条 (世帯分離, 世帯合併): the authorities hear nothing, no attribute differs."""
    household = family()
    spouse, child = household.members[1:]
    parted = regroup(act(1), household, {spouse.holder: Relationship.HEAD, child.holder: Relationship.CHILD})
    own, left = Household.of(records_of(parted)), after(household, parted)
    assert own.holders == {spouse.holder, child.holder}
    assert left.holders == {household.head.holder}
    assert (own.address, parted.messages) == (HOME, ())
    back = {spouse.holder: Relationship.SPOUSE, child.holder: Relationship.CHILD}
    joined = regroup(act(2), own, back, into=left)
    assert after(left, joined).holders == household.holders
    assert regroup(act(2), Household.of(records_of(joined) + list(left.members)), back, into=left).is_nothing


def test_the_head_who_founds_another_household_leaves_one_with_a_head() -> None:
    household = family()
    parted = regroup(act(1), household, {household.head.holder: Relationship.HEAD})
    assert after(household, parted).head.holder == household.members[1].holder


def test_two_who_live_together_marry() -> None:
    """住民基本台帳法 第25条: the relationship changes and nothing else."""
    household = family(newcomer(1, Relationship.HEAD), newcomer(2, Relationship.COHABITANT))
    other = household.members[1].holder
    change = regroup(act(1), household, {other: Relationship.SPOUSE}, into=household)
    assert [each.relationship for each in after(household, change).members] == [Relationship.HEAD, Relationship.SPOUSE]


def test_regrouping_that_is_none() -> None:
    household, elsewhere = family(), family(newcomer(9, Relationship.HEAD), address=ELSEWHERE)
    spouse = household.members[1].holder
    with pytest.raises(NotAllowed):
        regroup(act(1), household, {spouse: Relationship.SPOUSE}, into=household)
    with pytest.raises(NotAllowed):
        regroup(act(1), household, {spouse: Relationship.SPOUSE}, into=elsewhere)
    with pytest.raises(NotAllowed):
        regroup(act(1), household, {spouse: Relationship.CHILD})
    with pytest.raises(NotAllowed):
        regroup(act(1, HERE), household, {spouse: Relationship.HEAD})
    with pytest.raises(Malformed):
        regroup(act(1), household, {household.head.holder: Relationship.SPOUSE}, into=household)
    with pytest.raises(Malformed):
        regroup(act(1), household, {})
    with pytest.raises(NotFound):
        regroup(act(1), household, {"0" * 32: Relationship.HEAD})


def annex_abroad() -> Annex:
    change = delete_departed(act(2, days=5), notified(family(), destination=ABROAD))
    return next(each for each in change.records if isinstance(each, Annex))


def test_the_annex_follows_the_family_register() -> None:
    """住民基本台帳法 第18条, 第19条; 公的個人認証法 第12条第1項第1号."""
    annex, name = annex_abroad(), named("改名", "見本")
    change = correct_annex(act(3, desk(NAHA), days=9), annex, Correction(name=name))
    assert told(change) == [(Cause.CORRECTION, frozenset({Attribute.NAME}))]
    (corrected,) = change.records
    assert corrected.attributes.name.text == "改名　見本"
    assert correct_annex(act(3, desk(NAHA), days=9), corrected, Correction(name=name)).is_nothing
    minor = correct_annex(
        act(4, desk(NAHA), days=9), annex, Correction(name=named("割符", "見本１")), MinorCorrection.PLAIN_CHARACTER
    )
    assert [each.minor for each in minor.messages if isinstance(each, ResidentEvent)] == [
        MinorCorrection.PLAIN_CHARACTER
    ]


def test_an_annex_is_not_corrected_elsewhere_or_after_its_end() -> None:
    annex, at = annex_abroad(), act(3, desk(NAHA), days=9)
    (deleted,) = delete_annex(act(5, desk(NAHA), days=8), annex, TODAY).records
    with pytest.raises(AlreadyAnswered):
        correct_annex(at, deleted, Correction(sex=Sex.UNKNOWN))
    for wrong in (Correction(), Correction(address=HOME), Correction(name=named("割", "符", alias=Name("別名")))):
        with pytest.raises(NotAllowed):
            correct_annex(at, annex, wrong)
    with pytest.raises(NotAllowed):
        correct_annex(act(3, days=9), annex, Correction(sex=Sex.UNKNOWN))
    with pytest.raises(NotAllowed):
        correct_annex(at, annex, Correction(sex=Sex.UNKNOWN), MinorCorrection.PLAIN_CHARACTER)


def test_nobody_comes_back_before_having_left() -> None:
    """住民基本台帳法 第22条."""
    change = delete_departed(act(2, days=5), notified(family(newcomer(1, Relationship.HEAD)), destination=ABROAD))
    (record,), (annex,) = records_of(change), [each for each in change.records if isinstance(each, Annex)]
    with pytest.raises(NotAllowed):
        move_in(act(3, HERE, days=9), [Arrival(record, annex=annex)], ELSEWHERE, PLANNED - timedelta(days=1))


def test_a_newcomer_bears_what_such_a_person_may_bear() -> None:
    """住民基本台帳法施行令 第30条の13, 第30条の16."""
    alias = named("割符", "見本", alias=Name("須美譲"))
    with pytest.raises(NotAllowed):
        register_arrival(act(1), [newcomer(1, Relationship.HEAD, name=alias)], HOME, TODAY, Chance())
