"""What happens to people: births, moves, corrections, names, numbers, the end."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.lives.country import PLACES, window
from tests.lives.law import day_of
from tests.lives.machine import WHICH, Machine
from tests.lives.people import ABROAD, PersonOf
from warifu.messages import MinorCorrection
from warifu.person import Address, BirthDate, Name, Sex
from warifu.registry import Correction, RecordedName, Relationship
from warifu.wire.registry.people import People as Section

LIVES = precondition(lambda self: bool(self.residents()))


class OfPeople(Machine):
    """Rules of the residents' section."""

    @LIVES
    @rule(which=WHICH)
    def is_born(self, which: int) -> None:
        if len(self.living()) > 6:
            return
        parent = self.resident(which)
        foreign = parent.domicile is None
        child = self.somebody(BirthDate(day_of(self.now)), Relationship.CHILD, foreign=foreign)
        done = self.must(lambda: self.desk.register_birth(window(parent.desk), parent.holder, child))
        [holder] = (each for each in done.holders if each not in self.people.persons)
        self.enter(holder, child, parent.home, parent.desk)
        self.settle()

    @LIVES
    @rule(which=WHICH, days=st.integers(0, 5), to=st.sampled_from((*PLACES, ABROAD)))
    def gives_notice(self, which: int, days: int, to: str) -> None:
        person = self.resident(which)
        planned = day_of(self.now) + timedelta(days=days)
        done = self.does(lambda: self.desk.move_out(window(person.desk), {person.holder}, planned, to))
        assert (done is None) is (to == person.place)
        if done is not None:
            self.people.gives_notice(person, planned, to)
        self.settle()

    @precondition(lambda self: any(each.leaving for each in self.residents()))
    @rule(which=WHICH)
    def stays_after_all(self, which: int) -> None:
        leaving = [each for each in self.residents() if each.leaving]
        person = leaving[which % len(leaving)]
        self.must(lambda: self.desk.cancel_move_out(window(person.desk), {person.holder}))
        self.people.stays(person)
        self.settle()

    @precondition(lambda self: bool(self.living()))
    @rule(which=WHICH, place=st.sampled_from(PLACES))
    def moves_in(self, which: int, place: str) -> None:
        """Who told so before, or is between two municipalities; a Japanese also from abroad."""
        movers = [each for each in self.living() if each.leaving or each.away] or self.living()
        person, address = movers[which % len(movers)], self.address(place)
        arrivals = {person.holder: Relationship.HEAD}
        done = self.does(lambda: self.desk.move_in(window(place), arrivals, address, day_of(self.now)))
        if done is None:
            return
        assert person.leaving is not None or person.away
        self.people.moves_in(person, place, self.country.record(person.holder).household, day_of(self.now))
        self.settle()

    @LIVES
    @rule(which=WHICH, place=st.sampled_from(PLACES))
    def moves(self, which: int, place: str) -> None:
        """Both notices on one day, as most people do it."""
        person, today = self.resident(which), day_of(self.now)
        if place == person.place:
            return
        if not person.leaving:
            self.must(lambda: self.desk.move_out(window(person.desk), {person.holder}, today, place))
            self.people.gives_notice(person, today, place)
        self.moves_in(list(filter(lambda it: it.leaving or it.away, self.living())).index(person), place)

    @LIVES
    @rule(which=WHICH)
    def moves_within(self, which: int) -> None:
        person, today = self.resident(which), day_of(self.now)
        movers, address = {person.holder: Relationship.HEAD}, self.address(person.desk)
        self.must(lambda: self.desk.move_within(window(person.desk), movers, address, today))
        self.people.has_other_attributes(person)
        person.home = self.country.record(person.holder).household
        self.settle()

    @LIVES
    @rule(which=WHICH, what=st.sampled_from(("name", "address", "birth_date", "sex")))
    def is_corrected(self, which: int, what: str) -> None:
        """第12条第1号; with an address all who live there."""
        person = self.resident(which)
        record, born = self.country.record(person.holder), person.born - timedelta(days=1)
        correction = {
            "name": lambda: Correction(name=self.name()),
            "address": lambda: Correction(address=self.address(person.desk)),
            "birth_date": lambda: Correction(birth_date=BirthDate(born)),
            "sex": lambda: Correction(sex=Sex.MALE if record.sex is Sex.FEMALE else Sex.FEMALE),
        }[what]()
        self.must(lambda: self.desk.correct(window(person.desk), person.holder, correction))
        if what == "birth_date":
            person.born = born
        self.people.has_other_attributes(*(self.housemates(person) if what == "address" else [person]))
        self.settle()

    @LIVES
    @rule(which=WHICH, minor=st.sampled_from(MinorCorrection))
    def is_corrected_a_little(self, which: int, minor: MinorCorrection) -> None:
        """軽微な修正 (規則 第20条): whichever of the seven, nothing ends."""
        person = self.resident(which)
        text = self.country.record(person.holder).address.text
        other = text.replace("番地", "畨地") if "番地" in text else text.replace("畨地", "番地")
        correction = Correction(address=Address(other))
        self.must(lambda: self.desk.correct(window(person.desk), person.holder, correction, minor))
        self.settle()

    @LIVES
    @rule(which=WHICH, what=st.sampled_from(("name", "reading", "beside")))
    def has_another_name(self, which: int, what: str) -> None:
        """旧氏 and 通称 count as the name (規則 第80条, 第81条); how it is read is no matter of certificates."""
        person = self.resident(which)
        known = self.country.record(person.holder).name
        if what == "name":
            name = self.name()
        elif what == "reading":
            read = "ワリ" if known.reading and known.reading.text == "ワリフ" else "ワリフ"
            name = RecordedName(known.name, Name(read), known.former_surname, known.alias)
        elif person.domicile is None:
            name = RecordedName(known.name, known.reading, alias=Name(f"通称{self.next()}"))
        elif known.name.given is not None:
            name = RecordedName(known.name, known.reading, former_surname=Name(f"旧{self.next()}"))
        else:
            return
        self.must(lambda: self.desk.change_name(window(person.desk), person.holder, name))
        if what != "reading":
            self.people.has_other_attributes(person)
        self.settle()

    @precondition(lambda self: any(each.domicile is None for each in self.residents()))
    @rule(which=WHICH)
    def is_naturalised(self, which: int) -> None:
        foreign = [each for each in self.residents() if each.domicile is None]
        person = foreign[which % len(foreign)]
        name = self.name()
        self.must(lambda: self.desk.naturalise(window(person.desk), person.holder, name, PLACES[2]))
        person.domicile, person.stay_until = PLACES[2], None
        self.people.has_other_attributes(person)
        self.settle()

    @LIVES
    @rule(which=WHICH)
    def was_recorded_wrongly(self, which: int) -> None:
        """第13条, 第32条."""
        person = self.resident(which)
        self.must(lambda: self.desk.report_recording_error(window(person.desk), person.holder))
        self.law.tell(self.law.recorded_wrongly(person.holder))
        self.settle()

    @LIVES
    @rule(which=WHICH, code=st.booleans())
    def gets_another_number(self, which: int, code: bool) -> None:
        person = self.resident(which)
        change = self.desk.change_code if code else self.desk.ask_number_change
        self.must(lambda: change(window(person.desk), person.holder))
        self.people.has_another_number(person)
        self.settle()

    @LIVES
    @rule(which=WHICH)
    def is_protected(self, which: int) -> None:
        """支援措置: no certificate hears of it."""
        person = self.resident(which)
        until = day_of(self.now) + timedelta(days=300)
        self.does(lambda: self.desk.protect(window(person.desk), person.holder, until))
        self.settle()

    @precondition(lambda self: len(self.living()) > 1)
    @rule(which=WHICH, rarely=st.integers(0, 3))
    def dies(self, which: int, rarely: int) -> None:
        """At home, between two municipalities, or abroad: then the annex says so."""
        person = self.living()[which % len(self.living())]
        if rarely or (person.away and not person.annex and person.leaving_for == ABROAD and person.domicile):
            return
        self.ends(person, killed=True)

    @precondition(lambda self: len(self.residents()) > 1)
    @rule(which=WHICH, rarely=st.integers(0, 3))
    def is_not_found_there(self, which: int, rarely: int) -> None:
        """職権消除."""
        if not rarely:
            self.ends(self.resident(which), killed=False)

    def ends(self, person: PersonOf, *, killed: bool) -> None:
        desk, today = window(person.desk if person.place else self.keeper(person)), day_of(self.now)
        if not killed:
            self.must(lambda: self.desk.delete_record(desk, person.holder, today))
        elif person.annex is not None:
            self.must(lambda: self.desk.delete_annex(desk, person.holder, today))
        else:
            self.must(lambda: self.desk.register_death(desk, person.holder, today))
        self.people.is_gone(person)
        self.settle()

    def keeper(self, person: PersonOf) -> str:
        """Who keeps the record of somebody who is away: the municipality left, or the annex's."""
        return person.annex or self.people.last_place[person.holder]

    @property
    def desk(self) -> Section:
        """Where all of this is done."""
        return self.country.registry.people
