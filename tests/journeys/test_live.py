"""Journey C, living: from birth to death, and what becomes of numbers, cards and certificates on the way.

One life, in one process: the register, the party that numbers, J-LIS, both authorities through eight of their keys, and
the chips. Whether a certificate is good is asked of the authority with OCSP; what is on a card is read by a reader.
"""

import hashlib
from datetime import UTC, date, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tests.ca.town import KIYOSE, SHIBUYA, key
from tests.journeys.country import ENTROPY, HOTLINE, JLIS, PINS, RULES, Country
from tests.registry import people as registry_people
from warifu.errors import NotAllowed, PinBlocked
from warifu.messages import MinorCorrection, OrderedKind
from warifu.person import Address, BirthDate
from warifu.registry import (
    ABROAD,
    Act,
    Applicant,
    Arrival,
    CardApplication,
    CardPin,
    CardState,
    CardStep,
    Claims,
    Collector,
    Correction,
    Ground,
    Medium,
    Newcomer,
    PhoneState,
    PinsSet,
    Proof,
    Relationship,
    Route,
    SignedByCard,
    apply_for_card,
    apply_for_phone,
    apply_for_phone_signing_again,
    begin_delivery,
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
    order_certificate,
    pins_of,
    present_after_move,
    register_arrival,
    register_birth,
    register_death,
    report_lost,
    suspend,
    take_call,
)

SIGNING, AUTHENTICATION = OrderedKind.SIGNING, OrderedKind.AUTHENTICATION
BIRTH = date(2026, 4, 10)
HOME, ELSEWHERE = Address("東京都清瀬市架空町一丁目２番３号"), Address("東京都渋谷区架空町四丁目５番６号")


class Story:
    """A person, told scene by scene."""

    def __init__(self) -> None:
        self.country = Country(datetime(2026, 4, 1, 3, tzinfo=UTC))
        self.old: list[bytes] = []

    @property
    def here(self) -> Act:
        return self.country.window(self.country.record_of(self.person).municipality)

    def is_born(self) -> None:
        """Into a household that came ten days ago; with a code out of the municipality's store, and then a number."""
        mother = registry_people.newcomer(1, Relationship.HEAD)
        self.country.do(register_arrival(self.country.window(KIYOSE.code), [mother], HOME, date(2026, 4, 1), ENTROPY))
        (parent,) = self.country.records.values()
        self.country.go_to(date(2026, 4, 20))
        family = self.country.household_of(parent.holder)
        child = Newcomer(
            registry_people.named("割符", "未来"),
            BirthDate(BIRTH),
            mother.sex,
            Relationship.CHILD,
            registry_people.code(2),
            domicile=SHIBUYA.code,
        )
        self.country.do(register_birth(self.country.window(KIYOSE.code), family, child, ENTROPY))
        (self.person,) = {each.holder for each in self.country.records.values()} - {parent.holder}

    def applies(self, application: CardApplication) -> str:
        """For a card, at the own municipality; the card's id."""
        cards = [card for card in self.country.cards.values() if card.holder == self.person]
        change = apply_for_card(self.here, application, self.country.holder(self.person), cards, RULES)
        self.country.do(change)
        return change.records[0].id

    def collects(self, card: str, collector: Collector, proof: Proof) -> None:
        """The clerk sees who comes, the holder sets the PINs, the card is given out."""
        country = self.country
        holder = country.holder(self.person)
        opened = begin_delivery(self.here, country.cards[card], holder, collector, proof, RULES)
        set_now = country.set_pins(card, opened.pins)
        keys = {kind: key(number).public_key_info for (of, kind), number in country._keys.items() if of == card}
        before = country.cards.get(country.cards[card].replaces or "")
        country.do(complete_delivery(self.here, opened, country.cards[card], holder, set_now, old=before, keys=keys))
        country.write(card, self.here)

    def gets_card(self, application: CardApplication) -> str:
        """From application to hand-over at the counter."""
        card = self.applies(application)
        self.country.make(card)
        self.collects(card, Collector.HOLDER, Proof.PHOTO_DOCUMENT)
        return card

    def statuses(self, card: str) -> tuple[str, str]:
        """What the authorities say of the signing and the authentication certificate that are on the card."""
        signing, authentication = (self.country.on_card(card, kind) for kind in (SIGNING, AUTHENTICATION))
        return self.country.status(signing), self.country.status(authentication)

    def check_signs(self, card: str, kind: OrderedKind) -> None:
        """The key on the card is the one in its certificate."""
        public = x509.load_der_x509_certificate(self.country.on_card(card, kind)).public_key()
        assert isinstance(public, RSAPublicKey)
        signature = self.country.sign(card, kind, hashlib.sha256(b"a document").digest())
        public.verify(signature, b"a document", PKCS1v15(), hashes.SHA256())

    def calls_the_hotline(self, media: frozenset[Medium]) -> None:
        """At night: name, birth date, address."""
        country, known = self.country, self.country.record_of(self.person).attributes
        claims = Claims(known.name.text, known.birth_date.digits, known.address.text)
        people = [country.holder(each.holder) for each in country.records.values()]
        call, change = take_call(country.at(HOTLINE), claims, {each.id: each for each in people}.values())
        country.do(change)
        cards, phones = list(country.cards.values()), list(country.phones.values())
        country.do(suspend(country.at(HOTLINE), call, media, cards, phones))

    def moves(self, to: str, address: Address) -> None:
        """Gives notice at one municipality and then at the other."""
        country = self.country
        today, family = country.now.date(), country.household_of(self.person)
        country.do(move_out(self.here, family, {self.person}, today, to))
        record = country.record_of(self.person)
        left = country.household_of(self.person)
        country.do(move_in(country.window(to), [Arrival(record)], address, today, left=left))

    def leaves_the_country(self) -> None:
        """Gives notice, and is gone the same day."""
        today, family = self.country.now.date(), self.country.household_of(self.person)
        self.country.do(move_out(self.here, family, {self.person}, today, ABROAD))
        self.country.do(delete_departed(self.here, self.country.household_of(self.person)))

    def dies(self) -> None:
        record, home = self.country.record_of(self.person), self.country.household_of(self.person)
        self.country.do(register_death(self.here, record, home, self.country.now.date()))


@pytest.fixture
def story() -> Story:
    told = Story()
    told.is_born()
    return told


def test_a_child_is_born_into_the_register_and_gets_a_code_and_a_number(story: Story) -> None:
    record = story.country.record_of(story.person)
    assert record.number is not None
    assert record.number.reveal()[:-1] != record.code.reveal(), "not derived"
    assert record.number not in [row.number for row in story.country.numbers if row.code != record.code]


def test_an_infants_card_comes_by_post_and_ends_on_the_fifth_birthday(story: Story) -> None:
    country = story.country
    infants = CardApplication(
        applicant=Applicant.GUARDIAN,
        route=Route.EXPRESS,
        kinds=frozenset({AUTHENTICATION}),
        photo=False,
        in_person=True,
    )
    with pytest.raises(NotAllowed, match="too young"):
        story.applies(CardApplication(applicant=Applicant.GUARDIAN))
    card = story.applies(infants)
    country.make(card, sealed_pins=b"an envelope that the maker's machine opens")
    story.collects(card, Collector.GUARDIAN, Proof.SEEN_AT_APPLICATION)
    certificate = country.on_card(card, AUTHENTICATION)
    assert country.status(certificate) == "good"
    assert country.cards[card].expires == date(2031, 4, 10)
    country.go_to(date(2031, 4, 10))
    assert country.status(certificate) == "good"
    country.go_to(date(2031, 4, 11))
    assert country.cards[card].ended_by is CardStep.EXPIRED
    assert country.status(certificate) == "unknown"


def test_a_life(story: Story) -> None:
    """The whole of it."""
    country = story.country

    # At fifteen she applies herself, collects the card and sets its PINs.
    country.go_to(date(2041, 5, 7))
    card = story.applies(CardApplication())
    country.make(card)
    with pytest.raises(PinBlocked):
        country.sign(card, AUTHENTICATION, bytes(32))
    story.collects(card, Collector.HOLDER, Proof.TWO_DOCUMENTS)
    assert story.statuses(card) == ("good", "good")
    story.check_signs(card, SIGNING)
    story.check_signs(card, AUTHENTICATION)
    assert country.cards[card].expires == date(2046, 4, 10)

    # The town is renamed: a minor correction, and nothing ends.
    country.go_to(date(2042, 3, 3))
    family = country.household_of(story.person)
    renamed = Correction(address=Address("東京都清瀬市新架空町一丁目２番３号"))
    country.do(correct(story.here, family, story.person, renamed, MinorCorrection.DISTRICT_RENAMED))
    assert story.statuses(card) == ("good", "good")

    # She moves: the signing certificate ends, the card is shown and gets a new one.
    country.go_to(date(2042, 4, 1))
    story.moves(SHIBUYA.code, ELSEWHERE)
    assert story.statuses(card) == ("affiliationChanged", "good")
    holder = country.holder(story.person)
    country.do(present_after_move(story.here, country.cards[card], holder, pin_verified=True))
    country.order(card, SIGNING)
    assert story.statuses(card) == ("good", "good")
    story.check_signs(card, SIGNING)

    # She misses it: one call, and it is held; found in a coat, it is back in force with new certificates.
    country.go_to(date(2042, 9, 1))
    story.calls_the_hotline(frozenset({Medium.CARD}))
    held = [country.on_card(card, kind) for kind in (SIGNING, AUTHENTICATION)]
    assert [country.status(each) for each in held] == ["certificateHold", "certificateHold"]
    country.do(note_found(story.here, country.cards[card]))
    assert {country.status(each) for each in held} == {"superseded"}, "a card's hold is never released"
    assert country.cards[card].state is CardState.IN_FORCE
    for kind in (AUTHENTICATION, SIGNING):
        country.order(card, kind)
    assert story.statuses(card) == ("good", "good")

    # It is gone for good: reported, another one asked for, and the old one never comes back.
    country.go_to(date(2043, 2, 2))
    lost = [country.on_card(card, kind) for kind in (SIGNING, AUTHENTICATION)]
    country.do(report_lost(story.here, country.cards[card]))
    assert [country.status(each) for each in lost] == ["keyCompromise", "keyCompromise"]
    second = story.gets_card(CardApplication(ground=Ground.LOST, proof_of_loss=True))
    assert country.cards[card].ended_by is CardStep.REISSUE_ASKED
    with pytest.raises(NotAllowed, match="cannot be found"):
        note_found(story.here, country.cards[card])
    assert story.statuses(second) == ("good", "good")
    assert country.cards[second].expires == date(2047, 4, 10), "the fifth birthday: she is sixteen"

    # She comes of age and nothing happens. In the last three months the card is exchanged for an adult's.
    country.go_to(date(2044, 4, 10))
    assert story.statuses(second) == ("good", "good")
    country.go_to(date(2047, 2, 1))
    assert [notice.last_day for notice in find_renewals(country.cards.values(), country.now.date())] == [
        date(2047, 4, 10)
    ]
    running = [country.on_card(second, kind) for kind in (SIGNING, AUTHENTICATION)]
    third = story.applies(CardApplication(ground=Ground.SOON_OVER))
    country.make(third, old=country.cards[second])
    assert [country.status(each) for each in running] == ["good", "good"], "until the exchange"
    story.collects(third, Collector.HOLDER, Proof.PHOTO_DOCUMENT)
    assert [country.status(each) for each in running] == ["superseded", "superseded"]
    assert country.cards[second].ended_by is CardStep.EXCHANGED
    assert story.statuses(third) == ("good", "good")
    assert country.cards[third].expires == date(2057, 4, 10), "the eleventh birthday"
    assert last_day(country.on_card(third, SIGNING)) == date(2052, 4, 10), "the sixth birthday"

    # Five years later the certificates are renewed alone.
    country.go_to(date(2052, 1, 20))
    assert len(find_renewals(country.cards.values(), country.now.date())) == 2
    for kind in (AUTHENTICATION, SIGNING):
        country.order(third, kind)
    assert story.statuses(third) == ("good", "good")
    assert last_day(country.on_card(third, SIGNING)) == date(2057, 4, 10), "the card's own end comes first"

    # A phone gets certificates on top of the card's.
    signed = SignedByCard(third, country.now, {kind: key(190).public_key_info for kind in OrderedKind})
    change = apply_for_phone(country.at(JLIS), signed, country.cards[third], country.holder(story.person), [])
    country.do(change)
    phone = change.records[-1].id
    country.answer_phone(phone)
    on_phone = [country.certificates[each.order][0].certificate for each in country.phones[phone].certificates]
    assert [country.status(each) for each in on_phone] == ["good", "good"]

    # She dies. Everything ends, on the phone too, and nobody orders anything for her any more.
    country.go_to(date(2055, 8, 8))
    alive = [country.on_card(third, kind) for kind in (SIGNING, AUTHENTICATION)]
    window = story.here
    story.dies()
    assert {country.status(each) for each in (*alive, *on_phone)} == {"cessationOfOperation"}
    assert {card.state for card in country.cards.values()} == {CardState.ENDED}
    with pytest.raises(NotAllowed, match="dead"):
        order_certificate(window, country.cards[third], country.holder(story.person), SIGNING, b"k", RULES)
    assert country.refusals == [], "the register asked for nothing that the authorities refused"


def test_the_signing_certificate_falls_and_the_phones_with_it_and_the_other_kind_stays(story: Story) -> None:
    """公的個人認証法 第16条の13: of the same kind only."""
    country = story.country
    country.go_to(date(2046, 5, 1))
    card = story.gets_card(CardApplication())
    signed = SignedByCard(card, country.now, {kind: key(190).public_key_info for kind in OrderedKind})
    change = apply_for_phone(country.at(JLIS), signed, country.cards[card], country.holder(story.person), [])
    country.do(change)
    phone = country.phones[change.records[-1].id]
    on_phone = {each.kind: country.certificates[each.order][0].certificate for each in phone.certificates}
    story.moves(SHIBUYA.code, ELSEWHERE)
    assert country.status(on_phone[SIGNING]) != "good"
    assert country.status(on_phone[AUTHENTICATION]) == "good"
    holder = country.holder(story.person)
    country.do(present_after_move(story.here, country.cards[card], holder, pin_verified=True))
    country.order(card, SIGNING)
    again = SignedByCard(card, country.now, {SIGNING: key(191).public_key_info})
    country.do(apply_for_phone_signing_again(country.at(JLIS), again, phone, country.cards[card], holder))
    notes = {each.kind: each for each in country.phones[phone.id].certificates}
    new = country.certificates[notes[SIGNING].order][0].certificate
    assert country.status(new) == "good"

    story.calls_the_hotline(frozenset({Medium.PHONE}))
    assert country.phones[phone.id].state is PhoneState.HELD
    both = [new, on_phone[AUTHENTICATION]]
    assert [country.status(each) for each in both] == ["certificateHold", "certificateHold"]
    country.do(lift_phone_hold(country.at(JLIS), country.phones[phone.id]))
    assert [country.status(each) for each in both] == ["superseded", "good"], "only the authentication one comes back"


def test_who_does_not_show_the_card_after_a_move_loses_it(story: Story) -> None:
    """施行令 第14条第3号: ninety days."""
    country = story.country
    country.go_to(date(2046, 5, 1))
    card = story.gets_card(CardApplication())
    certificate = country.on_card(card, AUTHENTICATION)
    story.moves(SHIBUYA.code, ELSEWHERE)
    country.go_to(date(2046, 7, 30))
    assert country.status(certificate) == "good"
    country.go_to(date(2046, 7, 31))
    assert country.cards[card].ended_by is CardStep.NOT_PRESENTED
    assert country.status(certificate) == "cessationOfOperation"


def test_who_leaves_the_country_takes_the_card_along_if_it_was_shown(story: Story) -> None:
    """番号法 第17条第6項, 施行令 第14条第1号; the annex's municipality looks after it and certifies anew."""
    country = story.country
    country.go_to(date(2046, 5, 1))
    card = story.gets_card(CardApplication())
    certificates = [country.on_card(card, kind) for kind in (SIGNING, AUTHENTICATION)]
    country.do(keep_abroad(story.here, country.cards[card], country.holder(story.person)))
    story.leaves_the_country()
    assert [country.status(each) for each in certificates] == ["affiliationChanged", "good"]
    assert (country.cards[card].state, country.cards[card].municipality) == (CardState.IN_FORCE, SHIBUYA.code)
    country.order(card, SIGNING)
    assert story.statuses(card) == ("good", "good")
    annex = country.annex_of(story.person)
    assert annex is not None
    country.do(delete_annex(country.window(SHIBUYA.code), annex, country.now.date()))
    assert country.cards[card].ended_by is CardStep.ANNEX_DELETED
    assert story.statuses(card) == ("cessationOfOperation", "cessationOfOperation")


def test_who_leaves_the_country_without_showing_it_loses_it(story: Story) -> None:
    """施行令 第14条第1号."""
    country = story.country
    country.go_to(date(2046, 5, 1))
    card = story.gets_card(CardApplication())
    certificate = country.on_card(card, AUTHENTICATION)
    story.leaves_the_country()
    assert country.cards[card].ended_by is CardStep.LEFT_COUNTRY
    assert country.status(certificate) == "cessationOfOperation"


def test_a_forgetful_clerk_cannot_hand_over_a_card_without_pins(story: Story) -> None:
    country = story.country
    country.go_to(date(2046, 5, 1))
    card = story.applies(CardApplication())
    country.make(card)
    holder = country.holder(story.person)
    opened = begin_delivery(story.here, country.cards[card], holder, Collector.HOLDER, Proof.PHOTO_DOCUMENT, RULES)
    with pytest.raises(NotAllowed, match="not set"):
        complete_delivery(story.here, opened, country.cards[card], holder, PinsSet(card, frozenset()))
    assert pins_of(country.cards[card]) == frozenset(CardPin)


def test_no_pin_and_no_number_is_in_the_log(story: Story) -> None:
    country = story.country
    country.go_to(date(2046, 5, 1))
    story.gets_card(CardApplication())
    record = country.record_of(story.person)
    assert record.number is not None
    kept = b"".join(entry.encode() for entry in country.log).decode()
    secrets = [record.number.reveal(), record.code.reveal(), record.attributes.name.text]
    assert not any(secret in kept for secret in (*secrets, *(typed for _, typed in PINS.values() if len(typed) > 4)))


def last_day(certificate: bytes) -> date:
    """The day in Japan on which its validity ends, a second before midnight."""
    return x509.load_der_x509_certificate(certificate).not_valid_after_utc.date()
