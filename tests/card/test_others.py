"""Visual, common and resident register application, the card manager's objects: what stands there and who vouches."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.card.people import (
    ATTRIBUTES,
    CODE_B,
    COMMON,
    EXPIRY,
    MUNICIPALITY_CODE,
    NUMBER,
    RECORD_CODE,
    SERIAL,
    SeededEntropy,
    authority,
    issuer,
    others,
    person,
)
from tests.card.talk import JPKI, Talk
from tests.card.talk import TEXT as TEXT_AID
from warifu.card import Card, MemoryStore, Profile, block_pin, personalise, set_pin
from warifu.cardmap import AUTHENTICATION_PIN as AUTHENTICATION_SPEC
from warifu.cardmap import (
    COMMON_PIN,
    RESIDENT_PIN,
    TEXT_PIN,
    AgeRecord,
    CardRecord,
    CvCertificate,
    DigestInfo,
    FaceFile,
    InternalKey,
    ManagerData,
    NumberImage,
    ResidentRecord,
    SessionDeliveryKey,
    TextInfo,
    VisualInfo,
)
from warifu.errors import Malformed, NotAllowed
from warifu.town import pool

BIRTH_DATE, NUMBER_B, NUMBER_A = 0x11, 0x12, 0x13


def image(talk: Talk, fid: int) -> bytes:
    return talk.data(f"00B0{0x80 | fid:02X}00000000")


def issuers_certificate(visual: Talk) -> CvCertificate:
    certificate = CvCertificate.decode(image(visual, 4))
    certificate.check_issued_by(authority().anchor)
    return certificate


# --- visual -----------------------------------------------------------------------------------------------------------


def test_the_age_record_tells_the_birth_date_and_is_vouched_for(visual: Talk) -> None:
    certificate = issuers_certificate(visual)
    visual.verify(BIRTH_DATE, "550217")
    record = AgeRecord.decode(image(visual, 1))
    record.check_signed_by(certificate)
    assert record.birth_date == ATTRIBUTES.birth_date
    assert len(image(visual, 1)) == 547


def test_the_face_is_vouched_for(visual: Talk) -> None:
    """DF28 signs a DigestInfo of 96 bytes (soltia48/myna-card `src/ap/surface.rs`)."""
    certificate = issuers_certificate(visual)
    visual.verify(NUMBER_B, CODE_B)
    read = FaceFile.decode(image(visual, 2))
    read.check_signed_by(certificate)
    assert (read.face.birth_date, read.face.sex, read.expiry) == (ATTRIBUTES.birth_date, ATTRIBUTES.sex, EXPIRY)
    assert read.face.portrait == others().pictures.portrait
    assert read.security_code == others().pictures.security_code


def test_the_picture_of_the_number_is_vouched_for(visual: Talk) -> None:
    certificate = issuers_certificate(visual)
    visual.verify(NUMBER_A, NUMBER.reveal())
    read = NumberImage.decode(image(visual, 5))
    read.check_signed_by(certificate)
    assert read.picture == others().pictures.number


def test_one_key_stands_in_three_files_and_proves_that_the_card_is_no_copy(visual: Talk) -> None:
    info = DigestInfo(hashlib.sha256(b"nonce").digest()).encode()
    signature = visual.data(f"802A0000{len(info):02X}{info.hex()}00")
    visual.verify(BIRTH_DATE, "550217")
    visual.verify(NUMBER_A, NUMBER.reveal())
    key = AgeRecord.decode(image(visual, 1)).public_key
    key.check_signature(signature, b"nonce")
    assert key == FaceFile.decode(image(visual, 2)).face.public_key == NumberImage.decode(image(visual, 5)).public_key


def test_a_foreign_residents_key_has_the_western_year() -> None:
    abroad = replace(person(), others=replace(others(), western_year=True))
    talk = Talk(Card(MemoryStore(personalise(abroad, issuer())), SeededEntropy()))
    talk.select("D3921000310001010402")
    assert talk.verify(BIRTH_DATE, "550217") == "63C9"
    assert talk.verify(BIRTH_DATE, "800217") == "9000"


def test_the_visual_application_describes_itself(visual: Talk) -> None:
    info = VisualInfo.decode(image(visual, 3))
    assert info.municipality_code == MUNICIPALITY_CODE
    assert info.implementation.encode().hex() == "06030e01"


def test_the_face_is_read_in_pieces_from_any_offset(visual: Talk) -> None:
    visual.verify(NUMBER_B, CODE_B)
    whole = image(visual, 2)
    pieces = [visual.data(f"00B0{at:04X}00") for at in range(0, len(whole), 256)]
    assert b"".join(pieces) == whole
    assert visual("00B0400000") == "6B00"


# --- text -------------------------------------------------------------------------------------------------------------


def test_the_text_application_describes_itself_in_256_bytes(text: Talk) -> None:
    """jpki/myna `libmyna/text_ap.go` demands that many."""
    whole = text.data("00B0850000")
    assert len(whole) == 256
    assert TextInfo.decode(whole).implementation.encode().hex() == "01030e01"


def test_the_key_for_session_keys_is_another_than_the_internal_one(text: Talk) -> None:
    text.verify(0x11, "5678")
    assert SessionDeliveryKey.decode(image(text, 6)).public_key != InternalKey.decode(image(text, 7)).public_key


# --- common and resident register -------------------------------------------------------------------------------------


def test_the_card_record_is_free(common: Talk) -> None:
    """jpki/myna `libmyna/unknown.go`: 00 B2 01 0C 00; its P2 says file 0001."""
    assert CardRecord.decode(common.data("00B2010C00")) == CardRecord(SERIAL, MUNICIPALITY_CODE, EXPIRY)


def test_the_resident_record_code_stands_behind_its_pin(resident: Talk) -> None:
    """Synthetic: file and layout are our own."""
    assert resident("00B2010C00") == "6982"
    resident.verify(0x1C, "2468")
    assert ResidentRecord.decode(resident.data("00B2010C00")).code == RECORD_CODE


def test_both_applications_name_the_same_key(talk: Talk) -> None:
    talk.select("D3921000310001010100")
    reference = talk.data("00B2011400")
    talk.select("D3921000310001010401")
    assert talk.data("00B2011400") == reference
    assert len(reference) == 16


def test_the_common_application_signs_a_challenge(common: Talk) -> None:
    """soltia48/myna-card `src/ap/common.rs`: 00 88 00 99, key 0019, no PIN."""
    signature = common.data("00880099" + "09" + b"challenge".hex() + "00")
    pool.private_key(COMMON).public_key().verify(signature, b"challenge", PKCS1v15(), SHA256())
    assert common("802A0099" + "09" + b"challenge".hex() + "00") == "6985"


# --- the card manager -------------------------------------------------------------------------------------------------

TAGS = [0x0042, 0x0045, 0x0066, 0x00F0, 0x00F2, 0x00F7, 0x00F8]


def told(talk: Talk, tags: list[int]) -> dict[int, bytes]:
    return {tag: talk.data(f"00CA{tag:04X}000000") for tag in tags}


def test_the_card_manager_tells_who_issued_the_card(talk: Talk) -> None:
    data = ManagerData.of_objects(told(talk, TAGS))
    data.check_chain(authority().anchor)
    assert (data.municipality_code, data.expiry, data.card_identification) == (MUNICIPALITY_CODE, EXPIRY, SERIAL)
    assert data.leaf is None


def test_a_later_card_has_the_leaf_of_the_chain_too() -> None:
    """7F21 is absent from older cards (soltia48/myna-card `src/mf.rs`)."""
    later = replace(person(), profile=Profile.ADULT.of_generation_b())
    talk = Talk(Card(MemoryStore(personalise(later, issuer())), SeededEntropy()))
    data = ManagerData.of_objects(told(talk, [*TAGS, 0x7F21]))
    data.check_chain(authority().anchor)
    assert data.leaf is not None


def test_the_answer_to_reset_is_told_in_an_application_and_on_some_cards_before() -> None:
    """An application answers too, on some cards only an application: soltia48/myna-card `src/mf.rs`."""
    earlier, later = Talk(), Talk(profile=Profile.ADULT.of_generation_b())
    assert earlier("00CA5F5100") == "E000FF8131FE45149000"
    assert later("00CA5F5100") == "6A88"
    for talk in (earlier, later):
        talk.select(JPKI)
    assert earlier("00CA5F5100") == "E000FF8131FE45149000"
    assert later("00CA5F5100") == "DA13FF8131FB468012392F31C173C601C03B9000"


def test_an_object_that_le_does_not_hold_is_asked_for_again_with_extended_le(talk: Talk) -> None:
    assert talk("00CA00F800") == "6700"
    assert len(talk.data("00CA00F8000000")) == 563


@pytest.mark.parametrize("tag", TAGS)
def test_the_card_managers_objects_are_not_told_in_an_application(text: Talk, tag: int) -> None:
    assert text(f"00CA{tag:04X}000000") == "6A88"
    text.select("A0000001510000")
    assert text.word(f"00CA{tag:04X}000000") == "9000"


# --- making it --------------------------------------------------------------------------------------------------------


def test_without_the_rest_a_card_has_two_applications() -> None:
    talk = Talk(Card(MemoryStore(personalise(replace(person(), others=None), issuer())), SeededEntropy()))
    words = [talk.select(aid) for aid in (JPKI, TEXT_AID, "D3921000310001010402", "D3921000310001010100")]
    assert words == ["9000", "9000", "6A82", "6A82"]


@pytest.mark.parametrize("pin", ["1980", "0217", "8002", "5502", "2285"])
@pytest.mark.parametrize("field", ["authentication_pin", "text_pin"])
def test_a_pin_that_is_the_birth_date_or_the_security_code_is_refused(field: str, pin: str) -> None:
    changed: dict[str, Any] = {field: pin}
    with pytest.raises(NotAllowed) as caught:
        replace(person(), **changed)
    assert pin not in str(caught.value)


@pytest.mark.parametrize("field", ["resident_pin", "common_pin"])
def test_so_are_the_pins_of_the_other_applications(field: str) -> None:
    changed: dict[str, Any] = {field: "0217"}
    with pytest.raises(NotAllowed):
        replace(person(), others=replace(others(), **changed))


@pytest.mark.parametrize("spec", [AUTHENTICATION_SPEC, TEXT_PIN, RESIDENT_PIN, COMMON_PIN])
@pytest.mark.parametrize("pin", ["1980", "0217", "8002", "5502", "2285"])
def test_the_window_refuses_them_too(spec: Any, pin: str) -> None:
    kept = MemoryStore(personalise(person(), issuer()))
    with pytest.raises(NotAllowed):
        set_pin(kept, spec, pin)
    set_pin(kept, spec, "9876")
    block_pin(kept, spec)


def test_all_pins_may_be_equal() -> None:
    """暗証番号の統一."""
    same = replace(others(), resident_pin="1234", common_pin="1234")
    talk = Talk(
        Card(MemoryStore(personalise(replace(person(), text_pin="1234", others=same), issuer())), SeededEntropy())
    )
    for aid, fid in ((JPKI, 0x18), (TEXT_AID, 0x11), ("D3921000310001010401", 0x1C), ("D3921000310001010100", 0x1C)):
        talk.select(aid)
        assert talk.verify(fid, "1234") == "9000"


@pytest.mark.parametrize("changes", [{"serial": "1"}, {"municipality_code": "131016"}, {"visual_key": b""}])
def test_what_does_not_fit_the_card_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        personalise(replace(person(), others=replace(others(), **changes)), issuer())


def test_a_portrait_that_does_not_fit_is_refused() -> None:
    pictures = others().pictures
    large = replace(pictures, portrait=pictures.portrait + bytes(16000))
    with pytest.raises(Malformed, match="visual/0002"):
        personalise(replace(person(), others=replace(others(), pictures=large)), issuer())
