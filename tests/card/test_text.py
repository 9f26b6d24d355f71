"""The text application: what opens what, and whether it proves itself to whoever knows the authority."""

import hashlib

import pytest

from tests.card.people import ATTRIBUTES, NUMBER, authority
from tests.card.people import CODE_B as CODE_B_VALUE
from tests.card.talk import CODE_A, CODE_B, TEXT_PIN, Talk
from warifu.card import matching_number_b
from warifu.cardmap import (
    AttributesFile,
    CvCertificate,
    DigestInfo,
    IntegrityFile,
    InternalKey,
    NumberFile,
)

CREDENTIALS = {TEXT_PIN: "5678", CODE_A: NUMBER.reveal(), CODE_B: CODE_B_VALUE}


def image(talk: Talk, fid: int) -> bytes:
    return talk.data(f"00B0{0x80 | fid:02X}00000000")


@pytest.mark.parametrize(
    ("credential", "opened"),
    [
        (None, {4}),
        (TEXT_PIN, {1, 2, 3, 4, 7}),
        (CODE_A, {1, 3, 4, 7}),
        (CODE_B, {2, 3, 4, 7}),
    ],
    ids=["nothing", "PIN", "A", "B"],
)
def test_what_each_credential_opens(text: Talk, credential: int | None, opened: set[int]) -> None:
    """A opens the number and not the attributes, B the other way round: soltia48/myna-card `src/ap/text.rs`."""
    if credential is not None:
        assert text.verify(credential, CREDENTIALS[credential]) == "9000"
    words = {fid: text.read(fid) for fid in (1, 2, 3, 4, 7)}
    assert {fid for fid, word in words.items() if word == "9000"} == opened
    assert set(words.values()) <= {"9000", "6982"}


@pytest.mark.parametrize(("fid", "tries"), [(TEXT_PIN, 3), (CODE_A, 10), (CODE_B, 10)])
def test_the_tries_of_each_credential(text: Talk, fid: int, tries: int) -> None:
    assert text.tries(fid) == f"63C{tries:X}"
    assert text.verify(fid, "0000") == f"63C{tries - 1:X}"


def test_the_number_file_is_17_bytes(text: Talk) -> None:
    text.verify(TEXT_PIN, "5678")
    data = image(text, 1)
    assert data == b"\xff\x10\x0c" + NUMBER.reveal().encode() + b"\xff\xff"
    assert NumberFile.decode(data).number == NUMBER


def test_the_attributes_are_followed_by_filler(text: Talk) -> None:
    text.verify(TEXT_PIN, "5678")
    data = image(text, 2)
    assert len(data) == 1024
    assert AttributesFile.decode(data).attributes == ATTRIBUTES


@pytest.mark.parametrize(("fid", "size"), [(3, 336), (4, 568), (7, 536)])
def test_the_signed_files_have_the_sizes_of_their_objects(text: Talk, fid: int, size: int) -> None:
    text.verify(TEXT_PIN, "5678")
    assert len(image(text, fid)) == size


def test_the_issuers_certificate_stands_under_the_authority(text: Talk) -> None:
    certificate = CvCertificate.decode(image(text, 4))
    certificate.check_issued_by(authority().anchor)
    assert (str(certificate.issuer_key_id), str(certificate.subject_key_id)) == ("9000033/001", "9131016/000")


def test_number_and_attributes_are_vouched_for(text: Talk) -> None:
    """DF31 covers the number's file with its filler, DF32 the attributes from DF22 on."""
    text.verify(TEXT_PIN, "5678")
    integrity = IntegrityFile.decode(image(text, 3))
    integrity.check_signed_by(CvCertificate.decode(image(text, 4)))
    integrity.check_covers(AttributesFile.decode(image(text, 2)))
    assert integrity.number_digest == hashlib.sha256(image(text, 1)).digest()


def test_the_card_proves_over_a_nonce_that_it_is_no_copy(text: Talk) -> None:
    """Internal authentication (内部認証): the key of EF 0007, vouched for by the issuer, signs without a PIN."""
    info = DigestInfo(hashlib.sha256(b"nonce").digest()).encode()
    signature = text.data(f"802A0000{len(info):02X}{info.hex()}00")
    text.verify(TEXT_PIN, "5678")
    key = InternalKey.decode(image(text, 7))
    key.check_signed_by(CvCertificate.decode(image(text, 4)))
    key.public_key.check_signature(signature, b"nonce")


def test_matching_number_b_has_the_era_year_of_the_face() -> None:
    """soltia48/myna-card `src/data.rs`: 昭和55 for 1980."""
    assert matching_number_b(ATTRIBUTES.birth_date, 2035, "2285") == "55021720352285"
    assert matching_number_b(ATTRIBUTES.birth_date, 2035, "2285", western_year=True) == "80021720352285"
