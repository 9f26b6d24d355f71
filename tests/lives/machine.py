"""A machine that plays lives: what every rule uses, the clock, the post, and the comparison after every step."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.lives.country import PLACES, START, Country, window
from tests.lives.judge import ask, check_decided, check_lists, check_status, check_statuses
from tests.lives.law import JST, Law, Ordered, day_of
from tests.lives.people import ABROAD, CardOf, People, PersonOf
from warifu.errors import Refused
from warifu.person import Address, BirthDate, Name, Sex
from warifu.pki import CertificateKind
from warifu.registry import Clerk, RecordedName, Relationship, Residence, Stay
from warifu.wire.registry import Done, Person

WHICH = st.integers(0, 999)
LONG_ENOUGH = timedelta(days=6 * 366)
"""A generation that ends sooner is followed by another one, as in life after four years."""


class Machine(RuleBasedStateMachine):
    """Rules pick people and cards by number, among those to whom it may happen by the law or may not."""

    def __init__(self) -> None:
        super().__init__()
        self.country, self.law = Country(), Law()
        self.people = People(self.law)
        self.stopped = False
        self.orders: list[str] = []
        self.refused = 0
        self.counted = 0
        self.list_numbers: dict[tuple[bytes, str], int] = {}

    def teardown(self) -> None:
        """Whatever happened: the letters arrive, the lists say the same, and the log has all of it."""
        try:
            self.stopped = False
            self.settle()
            check_statuses(self.country, self.law)
            check_lists(self.country, self.law, self.list_numbers)
            assert self.country.refusals() == self.refused
            self.country.audit()
        finally:
            self.country.close()

    @initialize(born=st.dates(date(1930, 1, 1), date(2008, 1, 1)), day=st.integers(1, 900))
    def a_family_and_a_foreigner(self, born: date, day: int) -> None:
        child = (START - timedelta(days=13 * 365 + day)).date()
        parent = self.somebody(BirthDate(born), Relationship.HEAD)
        self.arrive(PLACES[0], parent, self.somebody(BirthDate(child), Relationship.CHILD))
        self.arrive(PLACES[1], self.somebody(BirthDate(date(1988, 2, 29)), Relationship.HEAD, foreign=True))
        self.settle()
        self.begin()

    def begin(self) -> None:
        """What they have when the story begins."""

    # --- short ways ---------------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        return self.country.clock.now()

    def next(self) -> int:
        self.counted += 1
        return self.counted

    def address(self, place: str) -> Address:
        return Address(f"見本{place}番地{self.next()}")

    def name(self) -> RecordedName:
        return RecordedName(Name(f"割符　見本{self.next()}"), Name("ワリフ　ミホン"))

    def somebody(self, born: BirthDate, relationship: Relationship, *, foreign: bool = False) -> Person:
        sex = Sex.MALE if self.next() % 2 else Sex.FEMALE
        if not foreign:
            return Person(self.name(), born, sex, relationship, domicile=PLACES[2])
        stay = Stay(Residence.PERIOD_OF_STAY, day_of(self.now) + timedelta(days=700))
        name = RecordedName(Name(f"SMITH JOHN {self.next()}"))
        return Person(name, born, sex, relationship, nationality="アメリカ合衆国", stay=stay)

    def arrive(self, place: str, *persons: Person) -> None:
        """From abroad, for the first time."""
        today = day_of(self.now)
        done = self.country.registry.people.register_arrival(window(place), persons, self.address(place), today)
        for holder, person in zip(done.holders, persons, strict=True):
            self.enter(holder, person, done.records[0], place)

    def enter(self, holder: str, person: Person, home: str, place: str) -> None:
        until = None if person.stay is None else person.stay.until
        self.people.enters(PersonOf(holder, person.birth_date.date, home, place, person.domicile, until))

    def does(self, act: Callable[[], Done]) -> Done | None:
        """Do what may be refused."""
        try:
            return act()
        except Refused:
            return None

    def must(self, act: Callable[[], Done]) -> Done:
        """Do what the law lets somebody do."""
        return act()

    def must_not(self, act: Callable[[], Done]) -> None:
        """Try what the law forbids."""
        try:
            act()
        except Refused:
            return
        raise AssertionError("the law does not allow this")

    def order(self, *orders: Ordered) -> None:
        """Orders are on their way."""
        self.law.tell(*map(self.law.ordered, orders))
        self.orders += [each.id for each in orders]

    def settle(self) -> None:
        """The post carries what it can, and the law is applied to what arrived."""
        self.country.carry(to_authorities=not self.stopped)
        if not self.stopped:
            self.law.record(self.now)
            check_decided(self.country, self.law, self.orders)
            self.refused += sum(self.law.decided[order] is None for order in self.orders)
            self.orders.clear()

    def residents(self) -> list[PersonOf]:
        return [each for each in self.people.persons.values() if each.place is not None]

    def resident(self, which: int) -> PersonOf:
        return self.residents()[which % len(self.residents())]

    def housemates(self, person: PersonOf) -> list[PersonOf]:
        return [each for each in self.residents() if each.home == person.home]

    def living(self) -> list[PersonOf]:
        return [each for each in self.people.persons.values() if not each.gone]

    def cards(self, *states: str) -> list[CardOf]:
        return [each for each in self.people.cards.values() if each.state in states]

    def clerk(self, card: CardOf) -> Clerk:
        return window(card.place)

    def owner(self, card: CardOf) -> PersonOf:
        return self.people.persons[card.holder]

    def says_abroad(self, person: PersonOf) -> bool:
        """Whether a certificate issued now says that its holder leaves the country (第7条第2項)."""
        leaves = person.place is not None and person.leaving is not None and person.leaving_for == ABROAD
        return person.domicile is not None and (person.annex is not None or leaves)

    # --- time and the parties -----------------------------------------------------------------------------------------

    @rule(days=st.integers(0, 40), seconds=st.integers(0, 86_000))
    def days_go_by(self, days: int, seconds: int) -> None:
        """They turn one after the other; nothing comes about on the evening before its day."""
        self.go_to(self.now + timedelta(days=days, seconds=seconds))

    @rule(days=st.integers(85, 100))
    def three_months_go_by(self, days: int) -> None:
        self.go_to(self.now + timedelta(days=days))

    @rule(days=st.integers(360, 800))
    def a_year_or_two_go_by(self, days: int) -> None:
        self.go_to(self.now + timedelta(days=days))

    @precondition(lambda self: any(each.is_live(self.now) for each in self.law.certificates))
    @rule(which=WHICH, late=st.booleans())
    def a_certificate_is_at_its_end(self, which: int, late: bool) -> None:
        """Its last second, or the one after it."""
        live = [each for each in self.law.certificates if each.is_live(self.now)]
        self.go_to(live[which % len(live)].not_after + timedelta(seconds=int(late)))

    def go_to(self, moment: datetime) -> None:
        while True:
            due = sorted(day for day in set(self.people.due()) if self.now < (begun := _begins(day)) <= moment)
            if not due:
                break
            self._turn(max(self.now, _begins(due[0]) - timedelta(hours=2)))
            self._turn(begun if (begun := _begins(due[0])) > self.now else self.now)
        self._turn(moment)

    def _turn(self, moment: datetime) -> None:
        self.country.clock.moment = moment
        for kind in CertificateKind:
            if self.country.newest_end(kind) < moment + LONG_ENOUGH:
                self.country.roll_over(kind)
        self.country.registry.days.run_due()
        self.people.day_turns(moment)
        self.settle()

    @precondition(lambda self: not self._something_just_ended())
    @rule(seconds=st.integers(1, 90))
    def the_clock_is_set_back(self, seconds: int) -> None:
        """A little: what was recorded stays recorded, and nothing is recorded as earlier than what came before."""
        self.country.clock.moment -= timedelta(seconds=seconds)

    def _something_just_ended(self) -> bool:
        """A day or a certificate, which would begin again."""
        just = self.now - timedelta(seconds=120)
        ends = any(just <= each.not_after <= self.now for each in self.law.certificates)
        return ends or day_of(just) != day_of(self.now)

    @rule()
    def the_post_stops_or_goes_on(self) -> None:
        self.stopped = not self.stopped
        self.settle()

    @rule(kind=st.sampled_from(CertificateKind))
    def the_authority_rolls_over(self, kind: CertificateKind) -> None:
        if len(self.country.generations) < 16:
            self.country.roll_over(kind)

    @rule()
    def the_authorities_start_again(self) -> None:
        self.country.restart()

    @rule()
    def answers_are_signed_beforehand(self) -> None:
        for kind in CertificateKind:
            self.country.authorities.status.presign(kind)

    @rule()
    def lists_are_made(self) -> None:
        check_lists(self.country, self.law, self.list_numbers)

    @rule()
    def everybody_asks_without_a_nonce(self) -> None:
        """An answer signed beforehand says what is true now."""
        for each in self.law.certificates:
            authority = next(it for it in self.country.generations if it.generation == each.generation)
            told = ask(self.country, authority, [each.serial_number], nonce=None)
            check_status(told[each.serial_number], each, self.now)

    @invariant()
    def no_certificate_is_good_that_the_law_ended_and_none_ended_that_it_keeps(self) -> None:
        check_statuses(self.country, self.law)


def _begins(day: date) -> datetime:
    """Ten minutes after a day has begun in Japan."""
    return datetime.combine(day, time(0, 10), JST).astimezone(START.tzinfo)
