"""Reading either generation of the card by the same calls; all of the next one is modelled."""

from collections.abc import Callable

import pytest

from tests.reader.scripted import Script
from warifu.card import Profile
from warifu.errors import NotOnCard, PinRequired, WrongPin
from warifu.ports import Connection
from warifu.reader import (
    CommonSession,
    Credential,
    ResidentSession,
    TextSession,
    VisualSession,
    check_attributes,
    check_same_holder,
    examine_free,
    examine_printed,
    open_resident,
    open_text,
    open_visual,
    read_card_record,
)
from warifu.testing import SoftwareCard, software_card
from warifu.wire.clock import SystemEntropy

A, B = Credential.TEXT_MATCHING_NUMBER_A, Credential.TEXT_MATCHING_NUMBER_B
VISUAL_A, VISUAL_B = Credential.VISUAL_MATCHING_NUMBER_A, Credential.VISUAL_MATCHING_NUMBER_B
NONCE = bytes(range(32))
KINDS = {"today": Profile.ADULT, "next": Profile.NEXT_GENERATION}


@pytest.fixture(params=KINDS)
def card(request: pytest.FixtureRequest) -> SoftwareCard:
    return software_card(profile=KINDS[request.param])


@pytest.fixture
def next_card() -> SoftwareCard:
    return software_card(profile=Profile.NEXT_GENERATION)


# --- both -------------------------------------------------------------------------------------------------------------


def test_the_pin_opens_attributes_and_number(card: SoftwareCard) -> None:
    session = open_text(card.connection)
    session.verify(card.text_pin)
    assert session.attributes() == card.attributes
    assert session.number() == card.individual_number


def test_matching_number_a_opens_the_number_alone(card: SoftwareCard) -> None:
    session = open_text(card.connection)
    session.verify(card.matching_number_a, credential=A)
    assert session.number() == card.individual_number
    with pytest.raises(PinRequired):
        session.attributes()


def test_matching_number_b_opens_the_attributes_alone(card: SoftwareCard) -> None:
    session = open_text(card.connection)
    session.verify(card.matching_number_b, credential=B)
    assert session.attributes() == card.attributes
    with pytest.raises(PinRequired):
        session.number()


@pytest.mark.parametrize("credential", [Credential.TEXT_PIN, B])
def test_what_either_opens_is_proved(card: SoftwareCard, credential: Credential) -> None:
    session = open_text(card.connection)
    session.verify(
        card.text_pin if credential is Credential.TEXT_PIN else card.matching_number_b, credential=credential
    )
    answer = session.attributes_answer(NONCE)
    assert check_attributes(answer, NONCE, card.cv_anchors) == card.attributes


def test_nothing_is_read_before_a_credential(card: SoftwareCard) -> None:
    for read in (TextSession.attributes, TextSession.number):
        with pytest.raises(PinRequired):
            read(open_text(card.connection))


def test_a_wrong_pin_is_counted_once(card: SoftwareCard) -> None:
    session = open_text(card.connection)
    with pytest.raises(WrongPin):
        session.verify("0000")
    assert session.tries_left() == 2
    assert session.tries_left(A) == 10


def test_what_is_printed_is_read_and_vouched_for(card: SoftwareCard) -> None:
    session = open_visual(card.connection)
    session.verify(VISUAL_A, card.matching_number_a)
    session.verify(Credential.BIRTH_DATE, card.birth_date_key)
    for signed in (session.age_record(), session.face(), session.number_image()):
        found = examine_printed(signed, session.certificate(), NONCE, session.prove(NONCE), card.cv_anchors)
        assert set(found.values()) == {None}


def test_face_and_attributes_are_one_person_s(card: SoftwareCard) -> None:
    visual = open_visual(card.connection)
    visual.verify(VISUAL_B, card.matching_number_b)
    face = visual.face()
    text = open_text(card.connection)
    text.verify(card.matching_number_b, credential=B)
    check_same_holder(face, text.attributes_answer(NONCE))


def test_the_card_record_is_free(card: SoftwareCard) -> None:
    assert read_card_record(card.connection).municipality_code == "13101"


def test_the_record_code_stands_behind_its_pin(card: SoftwareCard) -> None:
    session = open_resident(card.connection)
    with pytest.raises(PinRequired):
        session.record_code()
    session.verify(card.resident_pin)
    assert session.record_code() == card.resident_record_code


# --- the next one -----------------------------------------------------------------------------------------------------


def test_todays_sessions_are_not_on_it(next_card: SoftwareCard) -> None:
    for session in (TextSession, VisualSession, ResidentSession, CommonSession):
        with pytest.raises(NotOnCard):
            session(next_card.connection)


def test_its_chains_are_examined_where_they_are(next_card: SoftwareCard) -> None:
    found = examine_free(next_card.connection, SystemEntropy(), next_card.cv_anchors)
    assert {place: set(links.values()) for place, links in found.items()} == {
        "manager": {None},
        "visual": {None},
        "text": {None},
    }


def test_it_has_no_secure_messaging_and_no_description_of_a_text_application(next_card: SoftwareCard) -> None:
    session = open_text(next_card.connection)
    session.verify(next_card.text_pin)
    with pytest.raises(NotOnCard, match="secure messaging"):
        session.protect(SystemEntropy())
    with pytest.raises(NotOnCard):
        session.info()
    with pytest.raises(NotOnCard):
        open_resident(next_card.connection).key_reference()


# --- neither ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opened", "what"),
    [
        (open_text, "the text application"),
        (open_visual, "the visual application"),
        (open_resident, "the resident register application"),
        (read_card_record, "the common application"),
    ],
)
def test_where_both_are_missing_todays_is_what_is_missing(opened: Callable[[Connection], object], what: str) -> None:
    class Phone:
        """It finds nothing."""

        atr = b"\x3b\x00"

        def transmit(self, command: bytes) -> bytes:
            return b"\x6a\x82"

        def power_cycle(self) -> None:
            """Nothing."""

    with pytest.raises(NotOnCard) as caught:
        opened(Phone())
    assert caught.value.what == what


def test_a_card_of_today_is_asked_for_nothing_more() -> None:
    script = Script([("00A4040C0A D3921000310001010408", "9000")])
    open_text(script)
    script.check_finished()
