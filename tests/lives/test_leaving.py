"""Lives that chance finds too rarely: the exceptions of the law, each with its own story."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.lives.country import JLIS, PLACES, Country, card_keys, window
from warifu.messages import OrderedKind
from warifu.person import Address, BirthDate, Name, Sex
from warifu.pki import CertificateKind, Revocation, Standing, Status
from warifu.registry import ABROAD, CardApplication, Collector, Proof, RecordedName, Relationship, pins_of
from warifu.wire.authority import certificates
from warifu.wire.database import reading
from warifu.wire.registry import Person

SIGNING = OrderedKind.SIGNING
HERE, DOMICILE = PLACES[0], PLACES[2]


@pytest.fixture
def country() -> Iterator[Country]:
    made = Country()
    yield made
    made.close()


class Traveller:
    """Somebody with a card, who tells of leaving the country and has the card kept in force."""

    def __init__(self, country: Country) -> None:
        self.country, self.registry = country, country.registry
        self.today = country.clock.now().date()
        born = BirthDate(self.today - timedelta(days=40 * 365))
        name = RecordedName(Name("割符　旅子"), Name("ワリフ　タビコ"))
        person = Person(name, born, Sex.FEMALE, Relationship.HEAD, domicile=DOMICILE)
        come = self.today - timedelta(days=30)
        at_home = Address("東京都清瀬市見本町１－２－３")
        self.holder = self.registry.people.register_arrival(window(HERE), [person], at_home, come).holders[0]
        country.carry()
        self.card = self.registry.cards.apply(JLIS, self.holder, CardApplication()).cards[0]
        self.registry.cards.note_made(JLIS, self.card, card_keys(("signing", "authentication"), 1))
        self.write()
        pins = pins_of(country.card(self.holder, self.card))
        self.registry.cards.deliver(window(HERE), self.card, Collector.HOLDER, Proof.PHOTO_DOCUMENT, pins)
        country.carry()

    def write(self) -> None:
        self.country.carry()
        for each in self.country.card(self.holder, self.card).certificates:
            self.registry.cards.note_written(JLIS, self.card, each.kind)
        self.country.carry()

    def tells_of_leaving(self) -> None:
        planned = self.today + timedelta(days=3)
        self.registry.people.move_out(window(HERE), {self.holder}, planned, ABROAD)
        self.registry.cards.keep_abroad(window(HERE), self.card)

    def gets_another_signing_certificate(self, place: str) -> None:
        key = card_keys(["signing"], 7)[SIGNING]
        self.registry.cards.order_certificate(window(place), self.card, SIGNING, key)
        self.write()

    def leaves(self) -> None:
        self.country.clock.moment += timedelta(days=4)
        self.registry.days.run_due()
        self.country.carry()

    def serial_number(self) -> int:
        known = self.country.card(self.holder, self.card).certificate(SIGNING)
        assert known is not None
        issued = self.country.answer(known.order)
        assert issued is not None
        return issued.serial_number

    def status(self, serial_number: int) -> Status:
        with reading(self.country.authorities.engine) as connection:
            now = self.country.clock.now()
            return certificates.status_of(connection, CertificateKind.SIGNING, serial_number, now)


def test_who_got_a_signing_certificate_after_the_notice_of_leaving_keeps_it_abroad(country: Country) -> None:
    """公的個人認証法 第12条第2号, in brackets: it says already that its holder leaves the country (第7条第2項)."""
    traveller = Traveller(country)
    first = traveller.serial_number()
    traveller.registry.cards.ask_revocation(window(HERE), traveller.card, SIGNING)
    traveller.tells_of_leaving()
    traveller.gets_another_signing_certificate(HERE)
    second = traveller.serial_number()
    traveller.leaves()
    assert isinstance(traveller.status(first), Revocation)
    assert traveller.status(second) is Standing.GOOD
    assert traveller.serial_number() == second, "the window knows that it is there"
    traveller.registry.people.delete_annex(window(DOMICILE), traveller.holder, country.clock.now().date())
    country.carry()
    assert isinstance(traveller.status(second), Revocation)


def test_who_had_the_signing_certificate_before_the_notice_loses_it_and_gets_another_one_abroad(
    country: Country,
) -> None:
    """公的個人認証法 第12条第2号."""
    traveller = Traveller(country)
    first = traveller.serial_number()
    traveller.tells_of_leaving()
    assert traveller.status(first) is Standing.GOOD
    traveller.leaves()
    assert isinstance(traveller.status(first), Revocation)
    traveller.gets_another_signing_certificate(DOMICILE)
    assert traveller.status(traveller.serial_number()) is Standing.GOOD
