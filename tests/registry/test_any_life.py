"""Whatever happens to people, in whatever order: what must hold, holds; what is refused, changes nothing."""

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.registry.people import KIYOSE, NAHA, SHIBUYA, TODAY, desk, foreigner, named, newcomer
from tests.registry.world import World
from warifu.errors import Refused
from warifu.messages import Cause
from warifu.person import Address, BirthDate
from warifu.registry import (
    ABROAD,
    Arrival,
    Correction,
    Household,
    Relationship,
    Residence,
    ResidentRecord,
    Stay,
    ask_number_change,
    cancel_move_out,
    change_code,
    change_head,
    change_name,
    correct,
    delete_annex,
    delete_departed,
    delete_record,
    due_on,
    lapse,
    move_in,
    move_out,
    move_within,
    protect,
    register_arrival,
    register_birth,
    register_death,
    register_death_away,
    regroup,
)

PLACES = (KIYOSE, SHIBUYA, NAHA)
ENDS = (Cause.DEATH, Cause.DELETION, Cause.ANNEX_DELETED)
WHICH = st.integers(0, 1000)


class Lives(RuleBasedStateMachine):
    """Rules pick people and households by number; a machine of its own turns the days."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.ended: set[str] = set()
        self.numbered = 0
        self.arrives(0, foreign=False, place=KIYOSE)

    def today(self) -> Any:
        return TODAY + timedelta(days=self.world.day)

    def household(self, which: int) -> Household:
        all_of_them = self.world.households()
        return all_of_them[which % len(all_of_them)]

    def person(self, which: int) -> ResidentRecord:
        people = self.world.latest()
        return people[which % len(people)]

    def member(self, household: Household, which: int) -> ResidentRecord:
        return household.members[which % len(household.members)]

    def address(self, place: str) -> Address:
        self.numbered += 1
        return Address(f"見本{place}番地{self.numbered}")

    def stay(self) -> Stay:
        """Years may have gone by since the story began."""
        return Stay(Residence.PERIOD_OF_STAY, self.today() + timedelta(days=700))

    def lives(self) -> bool:
        return bool(self.world.live())

    @rule(number=st.integers(0, 20), foreign=st.booleans(), place=st.sampled_from(PLACES))
    def arrives(self, number: int, foreign: bool, place: str) -> None:
        more = {"code": self.world.spare_code(place)} | ({"stay": self.stay()} if foreign else {})
        head = (foreigner if foreign else newcomer)(number, Relationship.HEAD, **more)
        act = self.world.next_act(desk(place))
        self.world.commit(register_arrival(act, [head], self.address(place), self.today(), self.world.chance))

    @precondition(lives)
    @rule(which=WHICH)
    def is_born(self, which: int) -> None:
        household = self.household(which)
        code = self.world.spare_code(household.municipality)
        baby = newcomer(which % 20, Relationship.CHILD, code=code, birth_date=BirthDate(self.today()))
        act = self.world.next_act(desk(household.municipality))
        self.world.commit(register_birth(act, household, baby, self.world.chance))

    @precondition(lives)
    @rule(which=WHICH, days=st.integers(0, 6), to=st.sampled_from((*PLACES, ABROAD)), together=st.booleans())
    def tells_of_moving_out(self, which: int, days: int, to: str, together: bool) -> None:
        household = self.household(which)
        who = household.holders if together else {self.member(household, which).holder}
        if to != household.municipality:
            act = self.world.next_act(desk(household.municipality))
            self.world.commit(move_out(act, household, who, self.today() + timedelta(days=days), to))

    @precondition(lives)
    @rule(which=WHICH)
    def stays_after_all(self, which: int) -> None:
        household = self.household(which)
        who = {each.holder for each in household.members if each.moving_out is not None}
        if who:
            self.world.commit(cancel_move_out(self.world.next_act(desk(household.municipality)), household, who))

    @rule(days=st.one_of(st.integers(1, 5), st.integers(20, 35)))
    def days_go_by(self, days: int) -> None:
        self.world.day += days
        for household in self.world.households():
            at = self.world.next_act(desk(household.municipality))
            self.world.commit(delete_departed(at, household))
        for record in self.world.records():
            self.world.commit(lapse(self.world.next_act(desk(record.municipality)), record))
        assert all((due_on(each) or self.today()) >= self.today() for each in self.world.records())

    def leaving(self) -> list[ResidentRecord]:
        return [each for each in self.world.latest() if each.moving_out and each.holder not in self.ended]

    @precondition(lambda self: bool(self.leaving()))
    @rule(which=WHICH, place=st.sampled_from(PLACES))
    def moves_in(self, which: int, place: str) -> None:
        self.arrives_there(self.leaving()[which % len(self.leaving())], place)

    @rule(which=WHICH, place=st.sampled_from(PLACES))
    def turns_up(self, which: int, place: str) -> None:
        self.arrives_there(self.person(which), place)

    def arrives_there(self, record: ResidentRecord, place: str) -> None:
        left = next((each for each in self.world.households() if record.holder in each.holders), None)
        stay = self.stay() if record.went_abroad and not record.is_japanese else None
        annex = self.world.annex_of(record.holder) if record.went_abroad else None
        arrival = Arrival(record, Relationship.HEAD, annex, stay)
        act = self.world.next_act(desk(place))
        self.tries(lambda: move_in(act, [arrival], self.address(place), self.today(), left=left))

    @precondition(lives)
    @rule(which=WHICH, into=WHICH, joins=st.booleans())
    def moves_within(self, which: int, into: int, joins: bool) -> None:
        household, other = self.household(which), self.household(into)
        mover = self.member(household, which)
        act = self.world.next_act(desk(household.municipality))
        if joins and other.municipality == household.municipality and other.address != household.address:
            movers = {mover.holder: Relationship.COHABITANT}
            self.world.commit(move_within(act, household, movers, other.address, self.today(), into=other))
        else:
            movers = {mover.holder: Relationship.HEAD}
            there = self.address(household.municipality)
            self.world.commit(move_within(act, household, movers, there, self.today()))

    def living(self) -> list[ResidentRecord]:
        return [each for each in self.world.latest() if each.holder not in self.ended]

    @precondition(lambda self: bool(self.living()))
    @rule(which=WHICH)
    def dies(self, which: int) -> None:
        record = self.living()[which % len(self.living())]
        household = next((each for each in self.world.households() if record.holder in each.holders), None)
        annex = self.world.annex_of(record.holder)
        act = self.world.next_act(desk(annex.municipality if annex else record.municipality))
        if annex is not None:
            self.world.commit(delete_annex(act, annex, self.today()))
        elif record.is_live:
            self.world.commit(register_death(act, record, household, self.today()))
        else:
            self.world.commit(register_death_away(act, record, self.today()))
        self.ended.add(record.holder)

    @precondition(lives)
    @rule(which=WHICH, founds=st.booleans())
    def lives_with_others_now(self, which: int, founds: bool) -> None:
        household = self.household(which)
        mover = self.member(household, which)
        same = [each for each in self.world.households() if each.address == household.address and each != household]
        act = self.world.next_act(desk(household.municipality))
        if founds or not same:
            self.tries(lambda: regroup(act, household, {mover.holder: Relationship.HEAD}))
        else:
            self.world.commit(regroup(act, household, {mover.holder: Relationship.RELATIVE}, into=same[0]))

    @precondition(lives)
    @rule(which=WHICH)
    def is_not_found(self, which: int) -> None:
        household = self.household(which)
        record = self.member(household, which)
        act = self.world.next_act(desk(household.municipality))
        self.world.commit(delete_record(act, record, household, self.today()))
        self.ended.add(record.holder)

    @precondition(lives)
    @rule(which=WHICH, what=st.sampled_from(("name", "address", "head", "number", "code", "protection")))
    def changes(self, which: int, what: str) -> None:
        household = self.household(which)
        record = self.member(household, which)
        act = self.world.next_act(desk(household.municipality))
        self.numbered += 1
        match what:
            case "name":
                self.world.commit(change_name(act, record, named("改名", f"見本{self.numbered}")))
            case "address":
                correction = Correction(address=self.address(record.municipality))
                self.world.commit(correct(act, household, record.holder, correction))
            case "head":
                self.tries(lambda: change_head(act, household, record.holder))
            case "number":
                self.world.commit(ask_number_change(act, record))
            case "code":
                self.world.commit(change_code(act, record, self.world.spare_code(record.municipality)))
            case _:
                until = self.today() + timedelta(days=300)
                self.tries(lambda: protect(act, household, [], until))

    def gone(self) -> list[ResidentRecord]:
        return [each for each in self.world.latest() if each.holder in self.ended]

    @precondition(lambda self: bool(self.gone()))
    @rule(which=WHICH)
    def nothing_happens_to_who_is_gone(self, which: int) -> None:
        record = self.gone()[which % len(self.gone())]
        at = desk(record.municipality)
        code = self.world.spare_code(record.municipality)
        for event in (
            lambda: register_death(self.world.next_act(at), record, None, self.today()),
            lambda: register_death_away(self.world.next_act(at), record, self.today()),
            lambda: change_name(self.world.next_act(at), record, named("死", "後")),
            lambda: change_code(self.world.next_act(at), record, code),
            lambda: ask_number_change(self.world.next_act(at), record),
            lambda: move_in(self.world.next_act(desk(SHIBUYA)), [Arrival(record)], Address("見本"), self.today()),
        ):
            # Died abroad: the annex says so, and nobody could come back by it.
            assert not self.tries(event)

    def tries(self, event: Any) -> bool:
        """Do what may be refused; a refusal leaves the world as it was."""
        try:
            change = event()
        except Refused:
            return False
        self.world.commit(change)
        return True

    @invariant()
    def nobody_has_two_live_records(self) -> None:
        """住民基本台帳法 第30条の3, 番号法 第7条: one person, one record, one number."""
        assert max(Counter(each.holder for each in self.world.live()).values(), default=1) == 1

    @invariant()
    def every_household_has_a_head_at_one_address(self) -> None:
        assert sum(len(each.members) for each in self.world.households()) == len(self.world.live())

    @invariant()
    def numbers_and_codes_are_one_persons(self) -> None:
        latest = self.world.latest()
        assert len({each.code for each in latest}) == len(latest)
        assert len({each.number for each in latest}) == len(latest)
        former = {number for number, row in self.world.numbers.items() if row.former_since is not None}
        assert not former & {each.number for each in latest}

    @invariant()
    def the_numbers_of_both_parties_agree(self) -> None:
        for each in self.world.latest():
            assert each.number is not None
            row = self.world.numbers[each.number]
            assert (row.code, row.former_since) == (each.code, None)

    @invariant()
    def the_ended_stay_ended(self) -> None:
        assert not self.ended & {each.holder for each in self.world.live()}
        for holder in self.ended:
            causes = [each.cause for each in self.world.told if each.holder == holder]
            assert causes[-1] in ENDS
            assert sum(cause in ENDS for cause in causes) == 1

    @invariant()
    def every_stay_that_began_was_told_and_every_one_that_ended(self) -> None:
        began, ended = (
            {Cause.BIRTH, Cause.MOVE_IN},
            {Cause.MOVE_OUT, Cause.LEAVING_COUNTRY, Cause.DEATH, Cause.DELETION},
        )
        for holder in {each.holder for each in self.world.latest()}:
            causes = [each.cause for each in self.world.told if each.holder == holder]
            live = sum(each.holder == holder for each in self.world.live())
            away = [each for each in self.world.records() if each.holder == holder and each.deleted]
            assert sum(cause in began for cause in causes) == live + len(away)
            died_away = Cause.DEATH in causes and causes.index(Cause.DEATH) > 0 and was_away(causes)
            assert sum(cause in ended for cause in causes) == len(away) + died_away


def was_away(causes: list[Cause]) -> bool:
    """Whether the death came while there was no live record: after leaving, without coming back."""
    leaving = (Cause.MOVE_OUT, Cause.LEAVING_COUNTRY)
    before = [each for each in causes[: causes.index(Cause.DEATH)] if each in (*leaving, Cause.MOVE_IN)]
    return bool(before) and before[-1] in leaving


Lives.TestCase.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)
test_any_life = Lives.TestCase
