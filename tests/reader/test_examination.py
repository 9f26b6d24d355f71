"""What a card proves to everybody: each application, each link, and what does not count against a card."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.reader.scripted import SELECT_CARD_MANAGER, SELECT_JPKI, Script
from warifu.card import Profile
from warifu.cardmap import AttributesFile, FaceFile, ManagerData, ManagerObject
from warifu.errors import CardRefused, Malformed, NoCard, NotGenuine, NotOnCard, Unavailable
from warifu.iso7816 import Command
from warifu.messages import AttributesAnswer
from warifu.person import BasicAttributes, BirthDate, Sex
from warifu.reader import (
    Credential,
    ManagerSession,
    TextSession,
    VisualSession,
    check_same_holder,
    contact_atr,
    examine_free,
)
from warifu.reader.genuine import check_manager_chain
from warifu.testing import ATTRIBUTES, SoftwareCard, software_card
from warifu.wire.clock import SystemEntropy

OK = {
    "manager": {"certificate": None},
    "common": {"answer": None},
    "visual": {"certificate": None},
    "text": {"certificate": None},
}


class Meddler:
    """A card whose answers somebody changes on their way."""

    atr = b"\x3b\x00"

    def __init__(self, card: SoftwareCard, change: Callable[[Command, bytes], bytes]) -> None:
        self._card, self._change = card.connection, change

    def transmit(self, command: bytes) -> bytes:
        return self._change(Command.decode(command), self._card.transmit(command))

    def power_cycle(self) -> None:
        self._card.power_cycle()


def later_card() -> SoftwareCard:
    return software_card(profile=Profile.ADULT.of_generation_b())


# --- the card manager -------------------------------------------------------------------------------------------------


def test_the_card_manager_s_objects_are_read_by_their_tags(my_number_card: SoftwareCard) -> None:
    data = ManagerSession(my_number_card.connection).data()
    assert (data.municipality_code, data.leaf, data.atr) == ("13101", None, my_number_card.connection.atr)


def test_a_later_card_has_a_leaf_and_tells_its_answer_to_reset_elsewhere() -> None:
    data = ManagerSession(later_card().connection).data()
    assert data.leaf is not None
    assert data.atr is None


@pytest.mark.parametrize("profile", [Profile.ADULT, Profile.ADULT.of_generation_b(), Profile.ANDROID])
def test_the_contact_answer_to_reset_is_told_in_an_application(profile: Profile) -> None:
    """A contactless reader makes up another (PC/SC part 3); soltia48/myna-card `src/card.rs`."""
    assert contact_atr(software_card(profile=profile).connection) == profile.atr


@pytest.mark.parametrize("answer", ["6A88", "6A82", "9000", "E000FF8131FE4515 9000"])
def test_what_is_no_answer_to_reset_is_none(answer: str) -> None:
    """The last has another check byte."""
    assert contact_atr(Script([SELECT_JPKI, ("00CA5F5100", answer)])) is None


def objects(card: SoftwareCard) -> dict[int, bytes]:
    return dict(ManagerSession(card.connection).data().objects)


def test_a_large_object_is_asked_for_again_with_an_extended_length(my_number_card: SoftwareCard) -> None:
    """6700 to a short Le (soltia48/myna-card `src/mf.rs`); 6A88 is no error."""
    held = objects(my_number_card)
    dialogue = [SELECT_CARD_MANAGER]
    for tag in ManagerObject:
        command, value = f"00CA{tag:04X}00", held.get(tag)
        if tag == ManagerObject.INTERMEDIATE_CERTIFICATE and value is not None:
            dialogue += [(command, "6700"), (f"00CA{tag:04X}000000", value.hex() + "9000")]
        else:
            dialogue.append((command, "6A88" if value is None else value.hex() + "9000"))
    script = Script(dialogue)
    assert dict(ManagerSession(script).data().objects) == held
    script.check_finished()


def test_an_object_that_every_card_has_may_not_be_missing() -> None:
    script = Script([SELECT_CARD_MANAGER, *((f"00CA{tag:04X}00", "6A88") for tag in ManagerObject)])
    with pytest.raises(NotOnCard) as caught:
        ManagerSession(script).data()
    assert caught.value.what == "object 0042 of the card manager"


def test_a_refusal_is_no_absence() -> None:
    with pytest.raises(CardRefused) as caught:
        ManagerSession(Script([SELECT_CARD_MANAGER, ("00CA004200", "6982")])).data()
    assert caught.value.status_word == 0x6982


def test_a_card_without_a_card_manager_says_so() -> None:
    with pytest.raises(NotOnCard):
        ManagerSession(Script([(SELECT_CARD_MANAGER[0], "6A82")]))


@pytest.mark.parametrize("make", [software_card, later_card])
def test_the_chain_is_checked_under_its_own_authority(make: Callable[[], SoftwareCard]) -> None:
    card = make()
    data = ManagerSession(card.connection).data()
    check_manager_chain(data, card.cv_anchors)
    with pytest.raises(Unavailable):
        check_manager_chain(data, card.cv_anchors[:2])
    with pytest.raises(NotGenuine):
        check_manager_chain(_forged(data), card.cv_anchors)


def test_a_leaf_that_the_intermediate_did_not_sign_is_not_genuine() -> None:
    card = later_card()
    data = ManagerSession(card.connection).data()
    assert data.leaf is not None
    with pytest.raises(NotGenuine):
        check_manager_chain(replace(data, leaf=replace(data.leaf, signature=bytes(256))), card.cv_anchors)


def _forged(data: ManagerData) -> ManagerData:
    return replace(data, intermediate=replace(data.intermediate, signature=bytes(255) + b"\1"))


# --- what is free -----------------------------------------------------------------------------------------------------


def test_every_link_of_a_genuine_card_holds(my_number_card: SoftwareCard) -> None:
    assert examine_free(my_number_card.connection, SystemEntropy(), my_number_card.cv_anchors) == OK


def test_a_later_card_proves_itself_without_anything_opened() -> None:
    """Modelled: that its leaf certifies the visual application's key."""
    card = later_card()
    found = examine_free(card.connection, SystemEntropy(), card.cv_anchors)
    assert found == {**OK, "manager": {"certificate": None, "proof": None}}


def test_a_leaf_of_another_key_says_nothing_against_a_card() -> None:
    card = later_card()

    def meddle(command: Command, answer: bytes) -> bytes:
        return bytes(256) + b"\x90\x00" if (command.cla, command.ins) == (0x80, 0x2A) else answer

    found = examine_free(Meddler(card, meddle), SystemEntropy(), card.cv_anchors)
    assert isinstance(found["manager"]["proof"], CardRefused)


def test_without_anchors_nobody_can_tell(my_number_card: SoftwareCard) -> None:
    found = examine_free(my_number_card.connection, SystemEntropy(), [])
    kinds = {place: {name: type(fault) for name, fault in links.items()} for place, links in found.items()}
    assert kinds == {
        "manager": {"certificate": Unavailable},
        "common": {"answer": type(None)},
        "visual": {"certificate": Unavailable},
        "text": {"certificate": Unavailable},
    }


@pytest.mark.parametrize(("place", "session"), [("visual", VisualSession), ("text", TextSession)])
def test_a_forged_certificate_is_told_where_it_stands(
    my_number_card: SoftwareCard, place: str, session: type[VisualSession | TextSession]
) -> None:
    signature = session(my_number_card.connection).certificate().signature

    def meddle(command: Command, answer: bytes) -> bytes:
        return answer.replace(signature[-8:], bytes(8))

    found = examine_free(Meddler(my_number_card, meddle), SystemEntropy(), my_number_card.cv_anchors)
    faulty = {each for each, links in found.items() if isinstance(links.get("certificate"), NotGenuine)}
    assert faulty == {place}


def test_a_certificate_that_is_none_is_malformed_there_and_the_rest_goes_on(my_number_card: SoftwareCard) -> None:
    def meddle(command: Command, answer: bytes) -> bytes:
        return answer.replace(bytes.fromhex("7F21"), bytes.fromhex("7F22"))

    found = examine_free(Meddler(my_number_card, meddle), SystemEntropy(), my_number_card.cv_anchors)
    assert {each for each, links in found.items() if isinstance(links.get("certificate"), Malformed)} == {
        "visual",
        "text",
    }


@pytest.mark.parametrize("ins", [0xCA, 0x88, 0xB0])
def test_a_card_that_is_taken_away_ends_the_examination(my_number_card: SoftwareCard, ins: int) -> None:
    """It must not be told as something that nobody can know."""

    def meddle(command: Command, answer: bytes) -> bytes:
        if command.ins == ins:
            raise NoCard
        return answer

    with pytest.raises(NoCard):
        examine_free(Meddler(my_number_card, meddle), SystemEntropy(), my_number_card.cv_anchors)


def test_a_card_that_plays_a_recording_answers_two_nonces_alike(my_number_card: SoftwareCard) -> None:
    def meddle(command: Command, answer: bytes) -> bytes:
        return bytes(256) + b"\x90\x00" if command.ins == 0x88 else answer

    found = examine_free(Meddler(my_number_card, meddle), SystemEntropy(), my_number_card.cv_anchors)
    assert isinstance(found["common"]["answer"], NotGenuine)


def test_an_application_that_is_not_there_is_left_out() -> None:
    card = software_card(profile=Profile.ANDROID)
    found = examine_free(card.connection, SystemEntropy(), card.cv_anchors)
    assert set(found) == {"manager"}


def test_a_card_manager_that_tells_little_is_told_as_such(my_number_card: SoftwareCard) -> None:
    def meddle(command: Command, answer: bytes) -> bytes:
        return b"\x6a\x88" if command.ins == 0xCA else answer

    found = examine_free(Meddler(my_number_card, meddle), SystemEntropy(), my_number_card.cv_anchors)
    assert isinstance(found["manager"]["certificate"], CardRefused)


# --- one holder -------------------------------------------------------------------------------------------------------


@pytest.fixture
def face(my_number_card: SoftwareCard) -> FaceFile:
    session = VisualSession(my_number_card.connection)
    session.verify(Credential.VISUAL_MATCHING_NUMBER_B, my_number_card.matching_number_b)
    return session.face()


@pytest.fixture
def answer(my_number_card: SoftwareCard) -> AttributesAnswer:
    session = TextSession(my_number_card.connection)
    session.verify(my_number_card.matching_number_b, credential=Credential.TEXT_MATCHING_NUMBER_B)
    return session.attributes_answer(bytes(32))


def test_face_and_attributes_of_one_card_are_of_one_person(face: FaceFile, answer: AttributesAnswer) -> None:
    check_same_holder(face, answer)


@pytest.mark.parametrize(
    "other", [replace(ATTRIBUTES, sex=Sex.MALE), replace(ATTRIBUTES, birth_date=BirthDate.decode("19800218"))]
)
def test_attributes_of_somebody_else_are_not(face: FaceFile, answer: AttributesAnswer, other: BasicAttributes) -> None:
    put_together = replace(answer, attributes=AttributesFile(other).encode())
    with pytest.raises(NotGenuine):
        check_same_holder(face, put_together)
