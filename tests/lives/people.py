"""People and their cards as the law has them: who lives where, which card is in force, and what falls with what.

Each method is one thing that was done at a desk or came about with a day; it changes what is here at once, and tells
the authorities (`law.Law.tell`). Written from 住民基本台帳法, 番号法 第17条, 施行令 第14条 and カード命令; nothing is
taken from the program.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.lives.law import Law, Ordered, age, birthday, day_of, less_than_three_months

ABROAD = "abroad"
APPLIED, MADE, IN_FORCE, SUSPENDED, LOST, ENDED = "applied", "made", "in force", "suspended", "lost", "ended"
UNDELIVERED, DELIVERED = {APPLIED, MADE}, {IN_FORCE, SUSPENDED, LOST}


@dataclass
class CardOf:
    """A card. `kept_abroad`: it was shown with the notice of leaving the country. `exchanged_for`: the old card."""

    id: str
    holder: str
    place: str
    applied_at: datetime
    kinds: frozenset[str]
    soon_over: bool = False
    replaces: "CardOf | None" = None
    state: str = APPLIED
    last_day: date | None = None
    show_by: date | None = None
    kept_abroad: bool = False
    waits: bool = False

    def has_expired(self, today: date) -> bool:
        """Its last day is over."""
        return self.last_day is not None and self.last_day < today


@dataclass
class PhoneOf:
    """A phone with certificates."""

    id: str
    holder: str
    state: str = IN_FORCE


@dataclass
class PersonOf:
    """Somebody. `place` None: between two municipalities, abroad (then `annex` is the domicile), or gone."""

    holder: str
    born: date
    home: str
    place: str | None
    domicile: str | None
    stay_until: date | None = None
    leaving: date | None = None
    leaving_for: str | None = None
    annex: str | None = None
    gone: bool = False

    @property
    def away(self) -> bool:
        """Neither here nor gone."""
        return self.place is None and not self.gone

    @property
    def desk(self) -> str:
        """The municipality that keeps the record or the annex, or kept the last one."""
        return self.place or self.annex or self.home


@dataclass
class People:
    """Everybody, all cards, all phones."""

    law: Law
    persons: dict[str, PersonOf] = field(default_factory=dict)
    cards: dict[str, CardOf] = field(default_factory=dict)
    phones: dict[str, PhoneOf] = field(default_factory=dict)
    last_place: dict[str, str] = field(default_factory=dict)

    # --- people -------------------------------------------------------------------------------------------------------

    def enters(self, person: PersonOf) -> None:
        """Born, or come from abroad for the first time."""
        self.persons[person.holder] = person
        self.last_place[person.holder] = person.place or ""

    def gives_notice(self, person: PersonOf, planned: date, to: str) -> None:
        """転出届: nothing falls yet."""
        person.leaving, person.leaving_for = planned, to

    def stays(self, person: PersonOf) -> None:
        """転出取消."""
        person.leaving = person.leaving_for = None

    def departs(self, person: PersonOf) -> None:
        """The planned day has come, or whoever left has moved in elsewhere: the record is deleted."""
        abroad = person.leaving_for == ABROAD
        self.law.tell(self.law.left_country(person.holder) if abroad else self.law.moved_out(person.holder))
        person.place = None
        if abroad:
            person.annex = person.domicile
        for card in self.of(person):
            self._departs_with(card, person, abroad=abroad)

    def _departs_with(self, card: CardOf, person: PersonOf, *, abroad: bool) -> None:
        if card.state in UNDELIVERED:
            self.discarded(card)
        elif card.show_by is not None:
            self.ends(card)  # left again without having shown it (施行令 第14条第3号, 第8号)
        elif abroad and card.kept_abroad and person.annex is not None:
            card.place, card.kept_abroad = person.annex, False
        elif abroad:
            self.ends(card)  # 施行令 第14条第1号

    def moves_in(self, person: PersonOf, place: str, home: str, today: date) -> None:
        """転入: the address changed, and the card is shown within ninety days."""
        if person.place is not None:
            self.departs(person)
        self.law.tell(self.law.attributes_changed(person.holder))
        person.place, person.home, person.annex = place, home, None
        person.leaving = person.leaving_for = None
        self.last_place[person.holder] = place
        for card in self.of(person):
            if card.state in DELIVERED and card.show_by is not None:
                self.ends(card)
            elif card.state in DELIVERED and not card.has_expired(today):
                card.show_by = today + timedelta(days=90)

    def has_other_attributes(self, *persons: PersonOf) -> None:
        """転居, correction that is not minor, another name, former surname, alias, naturalisation with another name."""
        self.law.tell(*(self.law.attributes_changed(each.holder) for each in persons))

    def completes_no_move(self, person: PersonOf) -> None:
        """第31条第1項第2号; 番号法施行令 第14条第2号."""
        person.leaving = None
        self.law.tell(self.law.moved_in_nowhere(person.holder))
        for card in self.of(person):
            self.ends(card)

    def is_gone(self, person: PersonOf) -> None:
        """Dead, deleted ex officio, or off the annex."""
        person.gone, person.place, person.annex, person.leaving = True, None, None, None
        self.law.tell(self.law.record_deleted(person.holder))
        for card in self.of(person):
            self.ends(card) if card.state in DELIVERED else self.discarded(card)

    def has_another_number(self, person: PersonOf) -> None:
        """個人番号 or 住民票コード: 施行令 第14条第5号, 第6号."""
        for card in self.of(person):
            self.ends(card) if card.state in DELIVERED else self.discarded(card)

    # --- cards --------------------------------------------------------------------------------------------------------

    def of(self, person: PersonOf) -> list[CardOf]:
        """The person's cards that have not ended."""
        return [card for card in self.cards.values() if card.holder == person.holder and card.state != ENDED]

    def current(self, person: PersonOf, today: date) -> CardOf | None:
        """The card that the person has."""
        return next((each for each in self.of(person) if each.state in DELIVERED and not each.has_expired(today)), None)

    def applies(self, card: CardOf, old: CardOf | None, *, gives_up: bool) -> None:
        """A lost card loses its effect with the application for another one (カード命令 第28条第4項)."""
        self.cards[card.id] = card
        card.replaces = old
        if old is not None and gives_up:
            self.ends(old)

    def made(self, card: CardOf, person: PersonOf, today: date) -> None:
        """カード命令 第26条, 第27条, 第29条第3項: until when."""
        count = 10 if age(person.born, today) >= 18 else 5
        one_more = 1 if card.soon_over else 0
        card.state = MADE
        card.last_day = person.stay_until or birthday(person.born, today, count + one_more)
        card.waits = card.replaces is not None and card.replaces.state in {IN_FORCE, SUSPENDED}

    def delivered(self, card: CardOf, orders: list[Ordered]) -> None:
        """In force; the old one is handed in, and its certificates are renewed on the new one."""
        card.state = IN_FORCE
        self.law.tell(self.law.delivered(card.id), *map(self.law.ordered, orders))
        if card.replaces is not None and card.replaces.state != ENDED:
            self.ends(card.replaces)

    def ends(self, card: CardOf) -> None:
        """Out of force."""
        if card.state != ENDED:
            card.state, card.show_by = ENDED, None
            self.law.tell(self.law.card_ended(card.id))

    def discarded(self, card: CardOf) -> None:
        """Never handed over."""
        if card.state != ENDED:
            card.state = ENDED
            self.law.tell(self.law.discarded(card.id))

    def reported_lost(self, card: CardOf) -> None:
        """紛失届."""
        if card.state in {IN_FORCE, SUSPENDED}:
            card.state = LOST
            self.law.tell(self.law.lost(card.id))

    def found(self, card: CardOf) -> None:
        """カード命令 第30条."""
        if card.state in {SUSPENDED, LOST}:
            card.state = IN_FORCE
            self.law.tell(self.law.found(card.id))

    def suspended(self, card: CardOf) -> None:
        """番号法 第17条第9項; a card that is lost is out of use already."""
        if card.state == IN_FORCE:
            card.state = SUSPENDED
            self.law.tell(self.law.suspended(card.id))

    def phone_of(self, person: PersonOf) -> PhoneOf | None:
        """The phone that the person has."""
        return next(
            (each for each in self.phones.values() if each.holder == person.holder and each.state != ENDED), None
        )

    # --- what comes by itself -----------------------------------------------------------------------------------------

    def due(self) -> Iterator[date]:
        """The days on which something comes about."""
        for person in self.persons.values():
            if person.leaving is not None and (person.place is not None or person.leaving_for != ABROAD):
                yield person.leaving + timedelta(days=31 if person.place is None else 0)
        for card in self.cards.values():
            if card.state in DELIVERED | {MADE} and card.last_day is not None:
                yield card.last_day + timedelta(days=1)
            if card.state in DELIVERED and card.show_by is not None:
                yield card.show_by + timedelta(days=1)
            if card.state == MADE:
                yield day_of(card.applied_at) + timedelta(days=366)

    def day_turns(self, now: datetime) -> None:
        """Everything that has come about by now."""
        today = day_of(now)
        between = [each for each in self.persons.values() if each.away and each.leaving and each.leaving_for != ABROAD]
        for person in list(self.persons.values()):
            if person.place is not None and person.leaving is not None and person.leaving <= today:
                self.departs(person)
        for person in between:
            if person.leaving is not None and today > person.leaving + timedelta(days=30):
                self.completes_no_move(person)
        for card in list(self.cards.values()):
            self._card_turns(card, now)

    def _card_turns(self, card: CardOf, now: datetime) -> None:
        today = day_of(now)
        if card.state in DELIVERED | {MADE} and card.has_expired(today):
            card.state = ENDED  # its certificates ended with it, or before
        elif card.state in DELIVERED and card.show_by is not None and today > card.show_by:
            self.ends(card)  # 施行令 第14条第3号
        elif card.state == MADE and now - card.applied_at > timedelta(days=365):
            self.discarded(card)


def is_soon_over(card: CardOf, today: date) -> bool:
    """Less than three months are left (カード命令 第29条第1項)."""
    return card.last_day is not None and less_than_three_months(card.last_day, today)
