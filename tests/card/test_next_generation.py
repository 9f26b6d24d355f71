"""The card of the next generation: two applications, P-384, one PIN. Modelled: entirely; the whole table by hand.

What is published of that card is only that (次期個人番号カードタスクフォース, as summarised at
pki.world-tls.com/ecdsa384-mynumber-card); expected values are written here and not taken from `cardmap`.
"""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.card.people import (
    ATTRIBUTES,
    AUTHENTICATION,
    BIRTH_DATE_KEY,
    CODE_B,
    NUMBER,
    RECORD_CODE,
    SIGNING,
    TEXT,
    VISUAL,
    SeededEntropy,
    card,
    issuer,
    next_certificate,
    next_key,
    next_person,
    private_bytes,
    store,
)
from tests.card.talk import COMMON, JPKI, NEXT_AUTHENTICATION, NEXT_FACE, RESIDENT, Talk
from tests.card.talk import TEXT as TEXT_AID
from tests.card.talk import VISUAL as VISUAL_AID
from tests.card.test_terminals import intermediate, leaf, present, prove
from warifu.card import Card, MemoryStore, Profile, block_pin, personalise, set_pin, tries_left, unblock_pin
from warifu.cardmap import (
    NEXT_MATCHING_NUMBER_A,
    NEXT_PIN,
    NEXT_SIGNING_PASSWORD,
    Application,
    AttributesFile,
    InternalKey,
    PlainSignature,
)
from warifu.errors import DataTooNew, Malformed, NotAllowed
from warifu.town import pool

A = NUMBER.reveal()
DIGEST = hashlib.sha384(b"tally").digest()
HASHED = ec.ECDSA(Prehashed(hashes.SHA384()))
ECDSA_384 = ec.ECDSA(hashes.SHA384())
AUTHENTICATION_FILES = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B}
FACE_FILES = set(range(0x01, 0x0A))
OPENED: dict[str, dict[int | None, set[int]]] = {
    NEXT_AUTHENTICATION: {
        None: {0x02, 0x06, 0x07, 0x08, 0x0A, 0x0B, 0x13},
        0x18: {0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x13, 0x17},
        0x1B: {0x01, 0x02, 0x06, 0x07, 0x08, 0x0A, 0x0B, 0x13, 0x1A},
    },
    NEXT_FACE: {
        None: {0x03, 0x04, 0x0C, 0x1A},
        0x11: {0x01, 0x03, 0x04, 0x0C, 0x1A},
        0x12: {0x02, 0x03, 0x04, 0x07, 0x08, 0x09, 0x0C, 0x1A},
        0x13: {0x02, 0x03, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0C, 0x1A},
    },
}
SECRETS = {
    NEXT_AUTHENTICATION: {0x18: "1234", 0x1B: "ABC123"},
    NEXT_FACE: {0x11: BIRTH_DATE_KEY, 0x12: CODE_B, 0x13: A},
}
FILES = {NEXT_AUTHENTICATION: AUTHENTICATION_FILES, NEXT_FACE: FACE_FILES}
KEYS = {NEXT_AUTHENTICATION: {0x13, 0x17, 0x1A}, NEXT_FACE: {0x1A}}


@pytest.fixture
def talk() -> Talk:
    return Talk(profile=Profile.NEXT_GENERATION)


@pytest.fixture
def authentication(talk: Talk) -> Talk:
    """The 認証AP is selected, nothing verified."""
    assert talk.select(NEXT_AUTHENTICATION) == "9000"
    return talk


@pytest.fixture
def verified(authentication: Talk) -> Talk:
    """Its PIN and its password are verified."""
    assert authentication.verify(0x18, "1234") == authentication.verify(0x1B, "ABC123") == "9000"
    return authentication


def opened(talk: Talk, aid: str) -> set[int]:
    words = {fid: talk.read(fid) for fid in FILES[aid]}
    words[0x0C] = talk.word(f"00B201{0x0C << 3 | 4:02X}00")
    words |= {fid: talk.sign(fid, DIGEST.hex()) for fid in KEYS[aid]}
    assert set(words.values()) <= {"9000", "6982"}
    return {fid for fid, word in words.items() if word == "9000"}


# --- what opens what --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("aid", "credential"), [(aid, each) for aid, table in OPENED.items() for each in table])
def test_what_each_credential_opens(talk: Talk, aid: str, credential: int | None) -> None:
    talk.select(aid)
    if credential is not None:
        assert talk.verify(credential, SECRETS[aid][credential]) == "9000"
    assert opened(talk, aid) == OPENED[aid][credential]


@pytest.mark.parametrize(("here", "there"), [(NEXT_AUTHENTICATION, NEXT_FACE), (NEXT_FACE, NEXT_AUTHENTICATION)])
def test_what_is_proved_in_one_application_opens_nothing_in_the_other(talk: Talk, here: str, there: str) -> None:
    talk.select(here)
    for credential, secret in SECRETS[here].items():
        assert talk.verify(credential, secret) == "9000"
    talk.select(there)
    assert opened(talk, there) == OPENED[there][None]


@pytest.mark.parametrize(
    ("aid", "fid", "tries"),
    [
        (NEXT_AUTHENTICATION, 0x18, 3),
        (NEXT_AUTHENTICATION, 0x1B, 5),
        (NEXT_FACE, 0x11, 10),
        (NEXT_FACE, 0x12, 10),
        (NEXT_FACE, 0x13, 10),
    ],
)
def test_each_credential_blocks_after_its_own_number_of_tries(talk: Talk, aid: str, fid: int, tries: int) -> None:
    talk.select(aid)
    assert talk.tries(fid) == f"63C{tries:X}"
    assert [talk.verify(fid, "9999") for _ in range(tries)] == [f"63C{left:X}" for left in reversed(range(tries))]
    assert talk.verify(fid, SECRETS[aid][fid]) == "6984"
    assert opened(talk, aid) == OPENED[aid][None]


@pytest.mark.parametrize("fid", [0x0D, 0x0E, 0x0F, 0x10, 0x11, 0x14, 0x19, 0x1C, 0x1D, 0x1E])
def test_there_is_no_other_file(authentication: Talk, fid: int) -> None:
    assert authentication.select_file(fid) == "6A82"


@pytest.mark.parametrize("aid", [JPKI, TEXT_AID, VISUAL_AID, RESIDENT, COMMON])
def test_none_of_todays_applications_is_there(talk: Talk, aid: str) -> None:
    assert talk.select(aid) == "6A82"


@pytest.mark.parametrize("aid", [NEXT_AUTHENTICATION, NEXT_FACE])
def test_todays_cards_have_none_of_the_next_generations_applications(aid: str) -> None:
    assert Talk().select(aid) == "6A82"


def test_the_pin_and_the_password_are_changed_and_matching_numbers_are_not(verified: Talk) -> None:
    assert verified.change(0x18, "4321") == verified.change(0x1B, "XYZ987") == "9000"
    assert verified.verify(0x18, "4321") == verified.verify(0x1B, "XYZ987") == "9000"
    verified.select(NEXT_FACE)
    verified.verify(0x13, A)
    assert verified.change(0x13, "9" * 12) == "6982"
    assert verified("803200930434333231") == "6D00"


def test_what_stands_in_the_files_is_what_today_stands_elsewhere(verified: Talk) -> None:
    assert A.encode() in verified.data("00B0830000")
    assert AttributesFile.decode(verified.data("00B0840000")).attributes == ATTRIBUTES
    assert RECORD_CODE.reveal().encode() in verified.data("00B2016400")
    assert verified.data("00B0860020") == b"WARIFUNEXTTOKEN".ljust(32)
    assert verified.data("00B0880000") == b"\x8f\x8f\x00"
    assert verified.data("00B08A0000").startswith(next_certificate(AUTHENTICATION)[:200])


def test_each_application_vouches_for_its_own_internal_key(verified: Talk) -> None:
    of_authentication = InternalKey.decode(verified.data("00B08900000300"))
    verified.select(NEXT_FACE)
    verified.verify(0x12, CODE_B)
    of_face = InternalKey.decode(verified.data("00B08900000300"))
    moduli = [pool.private_key(owner).public_key().public_numbers().n for owner in (TEXT, VISUAL)]
    assert [of_authentication.public_key.modulus, of_face.public_key.modulus] == moduli
    for key in (of_authentication, of_face):
        key.check_signed_by(issuer().certificate)


def test_the_card_manager_tells_what_it_tells_today(talk: Talk) -> None:
    assert talk.data("00CA00F000") == b"13101"
    assert talk.data("00CA00F200") == b"20350217"


# --- signing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fid", "owner"), [(0x17, AUTHENTICATION), (0x1A, SIGNING)])
def test_a_key_signs_a_sha384_value_with_two_numbers_of_48_bytes(verified: Talk, fid: int, owner: int) -> None:
    answer = verified.data(f"802A00{0x80 | fid:02X}30{DIGEST.hex()}00")
    assert len(answer) == 96
    numbers = int.from_bytes(answer[:48], "big"), int.from_bytes(answer[48:], "big")
    next_key(owner).public_key().verify(encode_dss_signature(*numbers), DIGEST, HASHED)
    next_key(owner).public_key().verify(PlainSignature.decode(answer).der, b"tally", ECDSA_384)


def test_room_for_96_bytes_is_enough(verified: Talk) -> None:
    assert len(verified.data(f"802A009730{DIGEST.hex()}60")) == 96
    assert verified(f"802A009730{DIGEST.hex()}5F") == "6700"
    assert verified(f"802A009730{DIGEST.hex()}") == "6700"


def test_numbers_have_48_bytes_also_when_they_begin_with_zero(verified: Talk) -> None:
    """One signature in 128 has a zero in front of a number; no length of an answer may tell; 5000 never lack one."""
    for _ in range(5000):
        answer = verified.data(f"802A009730{DIGEST.hex()}00")
        assert len(answer) == 96
        if not answer[0] or not answer[48]:
            return
    pytest.fail("no number began with zero")


@pytest.mark.parametrize("length", [1, 32, 47, 49, 51, 67, 96, 255])
def test_a_value_of_another_length_is_refused(verified: Talk, length: int) -> None:
    """A SHA-256 value of 32 bytes or its DigestInfo of 51 among them: no downgrade on the card either."""
    assert verified.sign(0x17, "AA" * length) == "6985"


@pytest.mark.parametrize("scheme", range(1, 6))
def test_the_schemes_of_rsa_are_refused(verified: Talk, scheme: int) -> None:
    assert verified.sign(0x17, DIGEST.hex(), scheme) == "6A86"


def test_no_data_is_refused(verified: Talk) -> None:
    assert verified("802A009700") == "6700"


def test_the_keys_answer_no_internal_authentication(verified: Talk) -> None:
    assert verified("0088009708AABBCCDDEEFF001100") == "6985"


@pytest.mark.parametrize(("aid", "owner"), [(NEXT_AUTHENTICATION, TEXT), (NEXT_FACE, VISUAL)])
def test_internal_authentication_is_rsa_and_needs_no_pin(talk: Talk, aid: str, owner: int) -> None:
    talk.select(aid)
    info = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(b"nonce").digest()
    answer = talk.data(f"802A000033{info.hex()}00")
    pool.private_key(owner).public_key().verify(answer, b"nonce", PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize(("aid", "word"), [(NEXT_AUTHENTICATION, "6982"), (NEXT_FACE, "66F1")])
def test_there_is_no_secure_messaging(talk: Talk, aid: str, word: str) -> None:
    talk.select(aid)
    assert talk("80AE0000000100" + "00" * 256) == word


def test_a_terminal_that_proves_itself_signs_with_the_authentication_key_and_reads_nothing(talk: Talk) -> None:
    """As with today's cards (80 A2, then what is modelled there)."""
    talk.select(NEXT_AUTHENTICATION)
    assert present(talk, intermediate(), leaf()) == ["9000"] * 4
    assert prove(talk) == "9000"
    assert (talk.sign(0x17, DIGEST.hex()), talk.sign(0x1A, DIGEST.hex())) == ("9000", "6982")
    assert talk.read(0x04) == "6982"


# --- personalisation and the store ------------------------------------------------------------------------------------


def test_its_store_is_of_format_3_and_holds_two_applications() -> None:
    stored = store(Profile.NEXT_GENERATION).read()
    assert stored["format"] == b"\x03"
    assert {place.partition("/")[0] for place in stored} == {
        "format",
        "profile",
        "manager",
        "next_authentication",
        "next_face",
    }


@pytest.mark.parametrize(("version", "error"), [(b"\x02", Malformed), (b"", Malformed), (b"\x04", DataTooNew)])
def test_another_format_is_refused(version: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        Card(MemoryStore({**store(Profile.NEXT_GENERATION).read(), "format": version}), SeededEntropy())


def test_a_store_that_lacks_a_file_is_refused() -> None:
    stored = dict(store(Profile.NEXT_GENERATION).read())
    del stored["next_authentication/0003"]
    with pytest.raises(Malformed):
        Card(MemoryStore(stored), SeededEntropy())


def p256() -> bytes:
    key = ec.derive_private_key(7, ec.SECP256R1())
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize("name", ["authentication_key", "signing_key"])
@pytest.mark.parametrize("key", [p256(), private_bytes(AUTHENTICATION)], ids=["P-256", "RSA"])
def test_another_kind_of_key_is_not_personalised(name: str, key: bytes) -> None:
    changes: Any = {name: key}
    with pytest.raises(Malformed, match="P-384"):
        personalise(replace(next_person(), **changes), issuer())


def test_a_p384_key_is_not_personalised_into_todays_card() -> None:
    with pytest.raises(Malformed, match="RSA"):
        personalise(replace(next_person(), profile=Profile.ADULT), issuer())


def test_a_stored_key_of_another_kind_makes_no_card() -> None:
    stored = {**store(Profile.NEXT_GENERATION).read(), "next_authentication/0017": private_bytes(AUTHENTICATION)}
    with pytest.raises(Malformed, match="P-384"):
        Card(MemoryStore(stored), SeededEntropy())


@pytest.mark.parametrize("changes", [{"text_pin": "5678"}, {"others": None}, {"authentication_pin": None}])
def test_it_has_one_pin_and_both_applications(changes: Any) -> None:
    with pytest.raises(Malformed, match="one PIN"):
        replace(next_person(), **changes)


def test_a_minor_may_have_one_without_signing_certificate() -> None:
    none: Any = dict.fromkeys(("signing_password", "signing_key", "signing_certificate", "signing_ca_certificate"))
    childs = replace(next_person(), **none, profile=replace(Profile.NEXT_GENERATION, signing=False))
    talk = Talk(Card(MemoryStore(personalise(childs, issuer())), SeededEntropy()))
    talk.select(NEXT_AUTHENTICATION)
    assert talk.data("00B0880000") == b"\x00\x8f\x00"
    assert talk.verify(0x1B, "ABC123") == "6984"
    talk.verify(0x18, "1234")
    assert talk.sign(0x17, DIGEST.hex()) == "9000"
    assert talk.sign(0x1A, DIGEST.hex()) == "6982"


def test_the_window_sets_and_unblocks_its_pins() -> None:
    kept = store(Profile.NEXT_GENERATION)
    block_pin(kept, NEXT_PIN)
    assert tries_left(kept, NEXT_PIN) == 0
    unblock_pin(kept, NEXT_PIN)
    set_pin(kept, NEXT_PIN, "8642")
    set_pin(kept, NEXT_SIGNING_PASSWORD, "NEW123")
    talk = Talk(Card(kept, SeededEntropy()))
    talk.select(NEXT_AUTHENTICATION)
    assert talk.verify(0x18, "8642") == talk.verify(0x1B, "NEW123") == "9000"


@pytest.mark.parametrize("pin", ["1980", "0217", "8002", "5502", "2285"])
def test_the_window_refuses_what_stands_on_its_face(pin: str) -> None:
    with pytest.raises(NotAllowed):
        set_pin(store(Profile.NEXT_GENERATION), NEXT_PIN, pin)


def test_the_tables_name_the_application_of_each_pin() -> None:
    assert NEXT_PIN.application is Application.NEXT_AUTHENTICATION
    assert NEXT_MATCHING_NUMBER_A.application is Application.NEXT_FACE


def test_its_answer_to_reset_is_its_own() -> None:
    """ISO/IEC 7816-3:2006 §8.2.5: the last byte makes the sum of all but the first zero."""
    atr, check = card(Profile.NEXT_GENERATION).atr, 0
    for byte in atr[1:]:
        check ^= byte
    assert check == 0
    assert atr not in (card().atr, card(Profile.ADULT.of_generation_b()).atr)
    assert Talk(profile=Profile.NEXT_GENERATION).select("F05741") == "9000"
