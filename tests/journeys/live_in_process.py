"""The stage of the journey through a life on which every party is an engine in this process."""

from datetime import date

from tests.ca.town import KIYOSE, SHIBUYA, key
from tests.journeys.chips import ENTROPY, Chips, Printed
from tests.journeys.country import HOTLINE, JLIS, Country
from tests.journeys.live_stages import HOME, CardNow, mother_born
from tests.registry import people
from warifu.messages import MinorCorrection, OrderedKind
from warifu.person import Address, BirthDate
from warifu.registry import (
    ABROAD,
    STANDARD_RULES,
    Act,
    Arrival,
    CardApplication,
    CardState,
    Claims,
    Collector,
    Correction,
    Medium,
    PinsSet,
    Proof,
    Relationship,
    Residence,
    SignedByCard,
    Stay,
    apply_for_card,
    apply_for_phone,
    apply_for_phone_signing_again,
    begin_delivery,
    change_stay,
    complete_delivery,
    correct,
    delete_annex,
    delete_departed,
    find_renewals,
    keep_abroad,
    lift_phone_hold,
    move_in,
    move_out,
    note_found,
    note_issued,
    note_made,
    note_phone_answer,
    note_written,
    order_card,
    order_certificate,
    present_after_move,
    prolong_with_stay,
    register_arrival,
    register_birth,
    register_death,
    report_lost,
    suspend,
    take_call,
)

RULES = STANDARD_RULES


class InProcess:
    """One person in a country of engines."""

    def __init__(self, today: date) -> None:
        self.country = Country(today)
        self.chips = Chips()
        self._phone_keys = 180

    @property
    def refusals(self) -> int:
        return len(self.country.refused)

    @property
    def here(self) -> Act:
        return self.country.window(self.country.holder(self.person).municipality)

    def go_to(self, day: date) -> None:
        self.country.go_to(day)

    def is_born(self, born: date) -> None:
        country, window = self.country, self.country.window(KIYOSE.code)
        mother = people.newcomer(1, Relationship.HEAD, birth_date=mother_born(), domicile=KIYOSE.code)
        country.do(register_arrival(window, [mother], HOME, born, ENTROPY))
        (parent,) = country.records.values()
        child = people.newcomer(2, Relationship.CHILD, birth_date=BirthDate(born), domicile=SHIBUYA.code)
        home = country.household_of(parent.holder)
        country.do(register_birth(country.window(KIYOSE.code), home, child, ENTROPY))
        (self.person,) = {each.holder for each in country.records.values()} - {parent.holder}

    def arrive_from_abroad(self, until: date) -> None:
        """Somebody else, who may stay until that day, takes up an address here."""
        country, today = self.country, self.country.now.date()
        stay = Stay(Residence.PERIOD_OF_STAY, until)
        guest = people.foreigner(9, birth_date=BirthDate(date(1990, 2, 28)), stay=stay)
        known = {each.holder for each in country.records.values()}
        country.do(register_arrival(country.window(KIYOSE.code), [guest], HOME, today, ENTROPY))
        (self.person,) = {each.holder for each in country.records.values()} - known

    def prolong_stay(self, until: date, card: str) -> None:
        """The immigration services notify a longer stay, and the card is shown for it."""
        country, stay = self.country, Stay(Residence.PERIOD_OF_STAY, until)
        country.do(change_stay(self.here, country.record_of(self.person), stay))
        country.do(prolong_with_stay(self.here, country.cards[card], country.holder(self.person)))

    def numbers(self) -> tuple[str, str]:
        record = self.country.record_of(self.person)
        assert record.number is not None
        return record.number.reveal(), record.code.reveal()

    # --- cards --------------------------------------------------------------------------------------------------------

    def apply(self, application: CardApplication) -> str:
        cards = [card for card in self.country.cards.values() if card.holder == self.person]
        change = apply_for_card(self.here, application, self.country.holder(self.person), cards, RULES)
        self.country.do(change)
        return change.records[0].id

    def make(self, card: str, sealed_pins: bytes | None = None) -> None:
        country, applied = self.country, self.country.cards[card]
        holder = country.holder(applied.holder)
        order = order_card(applied, holder, sealed_pins)
        keys = {kind: self.chips.new_key(card, kind) for kind in order.kinds}
        old = country.cards.get(applied.replaces or "")
        country.do(note_made(country.at(JLIS), applied, holder, keys, RULES, old=old))
        self._write(card)

    def collect(self, card: str, collector: Collector, proof: Proof) -> None:
        country, waiting = self.country, self.country.cards[card]
        holder, old = country.holder(waiting.holder), country.cards.get(waiting.replaces or "")
        opened = begin_delivery(self.here, waiting, holder, collector, proof, RULES)
        self.chips.set_pins(card, opened.pins)
        pins, keys = PinsSet(card, opened.pins), self.chips.keys_of(card)
        country.do(complete_delivery(self.here, opened, waiting, holder, pins, old=old, keys=keys))
        self._write(card)

    def order(self, card: str, kind: OrderedKind) -> None:
        country, holder = self.country, self.country.holder(self.person)
        window = country.window(country.cards[card].municipality)
        made = self.chips.new_key(card, kind)
        country.do(order_certificate(window, country.cards[card], holder, kind, made, RULES))
        self._write(card)

    def card(self, card: str) -> CardNow:
        now = self.country.cards[card]
        return CardNow(now.state.value, now.municipality, now.expires, now.ended_by)

    def present(self, card: str) -> None:
        holder = self.country.holder(self.person)
        self.country.do(present_after_move(self.here, self.country.cards[card], holder, pin_verified=True))

    def find(self, card: str) -> None:
        self.country.do(note_found(self.here, self.country.cards[card]))

    def report_lost(self, card: str) -> None:
        self.country.do(report_lost(self.here, self.country.cards[card]))

    def renewals(self) -> list[date]:
        return [notice.last_day for notice in find_renewals(self.country.cards.values(), self.country.now.date())]

    def status(self, certificate: bytes) -> str:
        return self.country.status(certificate)

    def _write(self, card: str) -> None:
        """Take the authorities' answers, write card and certificates, and say so."""
        country = self.country
        for each in country.cards[card].certificates:
            if each.order in country.issued:
                country.do(note_issued(country.at(JLIS), country.cards[card], *country.issued[each.order]))
        now, record, holder = country.cards[card], country.record_of(self.person), country.holder(self.person)
        assert record.number is not None
        assert now.expires is not None
        there = [each for each in now.certificates if each.not_after is not None]
        answers = {each.kind: country.issued[each.order][0] for each in there}
        pairs = {kind: (answer.certificate, answer.issuer_certificate) for kind, answer in answers.items()}
        printed = Printed(holder.attributes, record.number, record.code, now.municipality, now.expires)
        self.chips.write(card, printed, pairs, waits=now.waits_for_exchange and now.state is CardState.MADE)
        for kind in answers:
            country.do(note_written(country.window(now.municipality), country.cards[card], kind))

    # --- people -------------------------------------------------------------------------------------------------------

    def rename_town(self, address: Address) -> None:
        family = self.country.household_of(self.person)
        correction, minor = Correction(address=address), MinorCorrection.DISTRICT_RENAMED
        self.country.do(correct(self.here, family, self.person, correction, minor))

    def move(self, to: str, address: Address) -> None:
        country, today = self.country, self.country.now.date()
        country.do(move_out(self.here, country.household_of(self.person), {self.person}, today, to))
        arrival, left = Arrival(country.record_of(self.person)), country.household_of(self.person)
        country.do(move_in(country.window(to), [arrival], address, today, left=left))

    def die(self) -> None:
        record, home = self.country.record_of(self.person), self.country.household_of(self.person)
        self.country.do(register_death(self.here, record, home, self.country.now.date()))

    def keep_card_abroad(self, card: str) -> None:
        """Show it with the notice of leaving the country."""
        self.country.do(keep_abroad(self.here, self.country.cards[card], self.country.holder(self.person)))

    def leave_the_country(self) -> None:
        """Notice, and gone the same day."""
        country, today = self.country, self.country.now.date()
        country.do(move_out(self.here, country.household_of(self.person), {self.person}, today, ABROAD))
        country.do(delete_departed(self.here, country.household_of(self.person)))

    def lose_annex(self) -> None:
        """The family register that it belongs to is closed."""
        annex = self.country.annex_of(self.person)
        assert annex is not None
        self.country.do(delete_annex(self.here, annex, self.country.now.date()))

    # --- the hotline, and phones --------------------------------------------------------------------------------------

    def call_hotline(self, media: frozenset[Medium]) -> None:
        country, known = self.country, self.country.holder(self.person).attributes
        claims = Claims(known.name.text, known.birth_date.digits, known.address.text)
        people = {each.holder: country.holder(each.holder) for each in country.records.values()}
        call, change = take_call(country.at(HOTLINE), claims, people.values())
        country.do(change)
        cards, phones = list(country.cards.values()), list(country.phones.values())
        country.do(suspend(country.at(HOTLINE), call, media, cards, phones))

    def enrol_phone(self, card: str) -> str:
        country = self.country
        signed = self._sign(card, *OrderedKind)
        phones = list(country.phones.values())
        change = apply_for_phone(country.at(JLIS), signed, country.cards[card], country.holder(self.person), phones)
        country.do(change)
        self._answer_phone(change.records[-1].id)
        return change.records[-1].id

    def sign_phone_again(self, phone: str, card: str) -> None:
        country = self.country
        signed = self._sign(card, OrderedKind.SIGNING)
        now, holder = country.phones[phone], country.holder(self.person)
        country.do(apply_for_phone_signing_again(country.at(JLIS), signed, now, country.cards[card], holder))
        self._answer_phone(phone)

    def find_phone(self, phone: str) -> None:
        self.country.do(lift_phone_hold(self.country.at(JLIS), self.country.phones[phone]))

    def phone_certificates(self, phone: str) -> dict[OrderedKind, bytes]:
        notes = self.country.phones[phone].certificates
        return {each.kind: self.country.issued[each.order][0].certificate for each in notes}

    def _answer_phone(self, phone: str) -> None:
        for each in self.country.phones[phone].certificates:
            answer, ends = self.country.issued[each.order]
            self.country.do(note_phone_answer(self.country.at(JLIS), self.country.phones[phone], answer, ends))

    def _sign(self, card: str, *kinds: OrderedKind) -> SignedByCard:
        keys = {kind: self._phone_key() for kind in kinds}
        return SignedByCard(card, self.chips.sign_applications(card, keys, self.country.now))

    def _phone_key(self) -> bytes:
        self._phone_keys += 1
        return key(self._phone_keys).public_key_info
