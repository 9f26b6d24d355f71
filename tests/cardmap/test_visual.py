"""The visual application's files and what describes the applications: round trips, what is signed, who signed it."""

import hashlib
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cardmap.test_formats import filler, key_ids, public_keys, signatures
from tests.cardmap.test_genuineness import CARD, ISSUER, STRANGER, certificate, public_key, sign
from tests.person import people
from warifu.cardmap import (
    AgeRecord,
    CardPublicKey,
    Face,
    FaceFile,
    Implementation,
    KeyId,
    NumberImage,
    SessionDeliveryKey,
    TextInfo,
    VisualInfo,
    png_size,
)
from warifu.errors import Malformed, NotGenuine, NotIntact
from warifu.iso7816 import decode_tlv, encode_tlv
from warifu.person import BirthDate, Sex
from warifu.town import pool

PNG = bytes.fromhex("89504e470d0a1a0a")
JP2 = bytes.fromhex("0000000c6a5020200d0a870a")

pngs = st.binary(max_size=900).map(PNG.__add__)
portraits = st.just(b"") | st.binary(max_size=4000).map(JP2.__add__)
faces = st.builds(Face, people.birth_dates, st.sampled_from(Sex), public_keys, pngs, pngs, portraits)
face_files = st.builds(FaceFile, faces, signatures, st.dates(), pngs)

BORN = BirthDate.decode("19800217")
FACE = Face(BORN, Sex.MALE, public_key(CARD), PNG + b"name", PNG + b"address", JP2 + b"portrait")
PICTURE = PNG + b"number"


def age_record(signer: int = ISSUER) -> AgeRecord:
    return AgeRecord(BORN, public_key(CARD), sign(signer, AgeRecord.part_to_sign(BORN, public_key(CARD))))


def number_image(signer: int = ISSUER) -> NumberImage:
    return NumberImage(PICTURE, public_key(CARD), sign(signer, NumberImage.part_to_sign(PICTURE, public_key(CARD))))


def face_file(signer: int = ISSUER) -> FaceFile:
    return FaceFile(FACE, sign_verbatim(signer, FaceFile.part_to_sign(FACE)), date(2035, 2, 17), PNG + b"code")


def sign_verbatim(index: int, digest_info: bytes) -> bytes:
    """RSASSA-PKCS1-v1_5 by hand (RFC 8017 §9.2 from step 3 on): the DigestInfo is taken as it is."""
    numbers = pool.private_key(index).private_numbers()
    padded = b"\0\1" + b"\xff" * (253 - len(digest_info)) + b"\0" + digest_info
    return pow(int.from_bytes(padded, "big"), numbers.d, numbers.public_numbers.n).to_bytes(256, "big")


# --- round trips ------------------------------------------------------------------------------------------------------


@given(people.birth_dates, public_keys, signatures, filler)
def test_an_age_record_has_547_bytes_and_reads_back(
    birth_date: BirthDate, key: CardPublicKey, signature: bytes, behind: bytes
) -> None:
    written = AgeRecord(birth_date, key, signature)
    assert len(written.encode()) == 547
    assert written.signed == written.encode()[5:-261]
    assert AgeRecord.decode(written.encode() + behind) == written


@given(face_files, filler)
def test_a_face_reads_back(written: FaceFile, behind: bytes) -> None:
    read = FaceFile.decode(written.encode() + behind)
    assert read == written
    assert read.signed == written.signed


@given(face_files)
def test_offsets_lead_to_the_objects_of_a_face(written: FaceFile) -> None:
    """DF21: nine u16 from the first byte of the file to DF22..DF2A (soltia48/myna-card `src/ap/surface.rs`)."""
    image = written.encode()
    table = image.index(bytes.fromhex("df2112")) + 3
    offsets = [int.from_bytes(image[at : at + 2], "big") for at in range(table, table + 18, 2)]
    assert [image[offset : offset + 2].hex() for offset in offsets] == [f"df2{each}" for each in "23456789a"]


@given(pngs, public_keys, signatures, filler)
def test_a_picture_of_the_number_reads_back(
    picture: bytes, key: CardPublicKey, signature: bytes, behind: bytes
) -> None:
    written = NumberImage(picture, key, signature)
    read = NumberImage.decode(written.encode() + behind)
    assert read == written
    assert read.signed == written.signed


@given(key_ids, key_ids, st.binary(min_size=256, max_size=256), st.integers(0, 255), filler)
def test_a_description_of_the_visual_application_has_320_bytes_and_reads_back(
    key_id: KeyId, other: KeyId, opaque: bytes, version: int, behind: bytes
) -> None:
    written = VisualInfo(key_id, "13221", other, opaque, version)
    assert len(written.encode()) == 320
    assert VisualInfo.decode(written.encode() + behind) == written


@given(key_ids, st.binary(min_size=32, max_size=32), filler)
def test_a_description_of_the_text_application_reads_back(key_id: KeyId, opaque: bytes, behind: bytes) -> None:
    written = TextInfo(key_id, opaque)
    assert TextInfo.decode(written.encode() + behind) == written


@given(public_keys, filler)
def test_a_delivery_key_has_269_bytes_and_reads_back(key: CardPublicKey, behind: bytes) -> None:
    written = SessionDeliveryKey(key)
    assert len(written.encode()) == 269
    assert SessionDeliveryKey.decode(written.encode() + behind) == written


@pytest.mark.parametrize(
    ("implementation", "wire"), [(Implementation.VISUAL, "06030e01"), (Implementation.TEXT, "01030e01")]
)
def test_the_implementations_are_those_of_the_cards_seen(implementation: Implementation, wire: str) -> None:
    assert implementation.encode().hex() == wire


# --- what cannot be made ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", [{"name": JP2}, {"address": b""}, {"name": b"\xffPNG"}, {"portrait": PNG}, {"portrait": JP2[:-1]}]
)
def test_a_face_has_pictures_of_the_cards_kinds(change: dict[str, bytes]) -> None:
    with pytest.raises(Malformed):
        replace(FACE, **change)  # type: ignore[arg-type]


def test_a_picture_of_the_number_is_a_png() -> None:
    with pytest.raises(Malformed):
        NumberImage(JP2, public_key(CARD), b"x" * 256)


def test_a_security_code_is_a_png() -> None:
    with pytest.raises(Malformed):
        FaceFile(FACE, b"x" * 256, date(2035, 2, 17), JP2)


@pytest.mark.parametrize("length", [0, 255, 257])
def test_a_signature_has_256_bytes(length: int) -> None:
    signature = b"x" * length
    for make in (
        lambda: AgeRecord(BORN, public_key(CARD), signature),
        lambda: FaceFile(FACE, signature, date(2035, 2, 17), PNG),
        lambda: NumberImage(PICTURE, public_key(CARD), signature),
    ):
        with pytest.raises(Malformed):
            make()


def test_pictures_too_long_for_one_object_are_not_written() -> None:
    """Lengths have 16 bits."""
    with pytest.raises(Malformed):
        FaceFile(replace(FACE, portrait=JP2 + bytes(65000)), b"x" * 256, date(2035, 2, 17), PNG).encode()


@pytest.mark.parametrize("byte", [-1, 256])
def test_an_implementation_is_four_bytes(byte: int) -> None:
    with pytest.raises(Malformed):
        Implementation(6, 3, byte, 1)


@pytest.mark.parametrize(
    "change",
    [{"municipality_code": "1322"}, {"municipality_code": "１３２２１"}, {"opaque": b"x" * 255}, {"version": 256}],
)
def test_a_description_of_the_visual_application_that_cannot_be_written_is_not_made(change: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        replace(VisualInfo(KeyId("9000024"), "13221", KeyId("9900025"), b"x" * 256), **change)  # type: ignore[arg-type]


@pytest.mark.parametrize("length", [31, 33])
def test_a_description_of_the_text_application_has_32_bytes_of_its_own(length: int) -> None:
    with pytest.raises(Malformed):
        TextInfo(KeyId("9000034"), b"x" * length)


def test_the_size_of_a_png_is_read_from_its_header() -> None:
    header = PNG + bytes.fromhex("0000000d") + b"IHDR" + bytes.fromhex("000000480000000c")
    assert png_size(header + b"\1\0\0\0\0") == (72, 12)
    for broken in (header[:-1], PNG, JP2, b""):
        with pytest.raises(Malformed):
            png_size(broken)


# --- what is signed ---------------------------------------------------------------------------------------------------


def test_a_face_is_signed_in_three_groups() -> None:
    """Its DigestInfo is not the standard's: SHA-256 and 96 bytes (soltia48/myna-card `CardFace::verify`)."""
    objects = [encode_tlv(0xDF22 + at, value) for at, value in enumerate(values_of(FACE))]
    groups = b"".join(objects[:3]), b"".join(objects[3:5]), objects[5]
    digests = b"".join(hashlib.sha256(group).digest() for group in groups)
    assert FaceFile.part_to_sign(FACE) == bytes.fromhex("3071300d060960864801650304020105000460") + digests
    assert len(FaceFile.part_to_sign(FACE)) == 115


def values_of(face: Face) -> list[bytes]:
    return [b"19800217", b"1", face.public_key.encode(), face.name, face.address, face.portrait]


def test_the_form_that_was_read_is_what_is_signed() -> None:
    """A length of 128 to 255 may be written as 81 hh or 82 00 hh; the signature covers the form on the card."""
    picture = PNG + bytes(150)
    objects = bytes.fromhex("df41819e") + picture + encode_tlv(0xDF42, public_key(CARD).encode())
    read = NumberImage.decode(encode_tlv(0xFF40, objects + encode_tlv(0xDF43, sign(ISSUER, objects))))
    assert read.signed == objects != NumberImage.part_to_sign(picture, public_key(CARD))
    read.check_signed_by(certificate())


def test_the_form_of_a_face_that_was_read_is_what_is_signed() -> None:
    face = replace(FACE, name=PNG + bytes(150))
    values = values_of(face)
    objects = [encode_tlv(0xDF22 + at, value) for at, value in enumerate(values)]
    objects[3] = bytes.fromhex("df25819e") + face.name
    digests = b"".join(hashlib.sha256(b"".join(group)).digest() for group in (objects[:3], objects[3:5], objects[5:]))
    signature = sign_verbatim(ISSUER, FaceFile.DIGEST_INFO + digests)
    tail = [encode_tlv(0xDF28, signature), encode_tlv(0xDF29, b"20350217"), encode_tlv(0xDF2A, PNG)]
    read = FaceFile.decode(with_offsets(objects + tail))
    assert read.face == face
    assert read.signed == FaceFile.DIGEST_INFO + digests != FaceFile.part_to_sign(face)
    read.check_signed_by(certificate())


def with_offsets(objects: list[bytes]) -> bytes:
    content = b"".join(objects)
    start, table = 5 + 3 + 2 * len(objects), b""
    for each in objects:
        table += start.to_bytes(2, "big")
        start += len(each)
    return encode_tlv(0xFF20, encode_tlv(0xDF21, table) + content)


# --- who signed it ----------------------------------------------------------------------------------------------------


def test_what_the_issuer_signed_is_believed_after_it_was_written_and_read() -> None:
    AgeRecord.decode(age_record().encode() + b"\xff").check_signed_by(certificate())
    FaceFile.decode(face_file().encode() + b"\xff").check_signed_by(certificate())
    NumberImage.decode(number_image().encode() + b"\xff").check_signed_by(certificate())


def test_what_a_stranger_signed_is_not_intact() -> None:
    for record in (age_record(STRANGER), face_file(STRANGER), number_image(STRANGER)):
        with pytest.raises(NotIntact):
            record.check_signed_by(certificate())


@pytest.mark.parametrize("change", [{"birth_date": BirthDate.decode("19800218")}, {"public_key": public_key(STRANGER)}])
def test_a_changed_age_record_is_not_intact(change: dict[str, object]) -> None:
    with pytest.raises(NotIntact):
        replace(age_record(), **change).check_signed_by(certificate())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"birth_date": BirthDate.decode("19800218")},
        {"sex": Sex.FEMALE},
        {"public_key": public_key(STRANGER)},
        {"name": PNG + b"nbme"},
        {"address": PNG + b"bddress"},
        {"portrait": b""},
    ],
)
def test_a_changed_face_is_not_intact(change: dict[str, object]) -> None:
    changed = replace(face_file(), face=replace(FACE, **change), signed=b"")  # type: ignore[arg-type]
    with pytest.raises(NotIntact):
        FaceFile.decode(changed.encode()).check_signed_by(certificate())


def test_nothing_signs_expiry_and_security_code() -> None:
    """Known of the real cards: DF29 and DF2A stand behind the signature (soltia48/myna-card `CardFace`)."""
    changed = replace(face_file(), expiry=date(2099, 1, 1), security_code=PNG + b"other")
    FaceFile.decode(changed.encode()).check_signed_by(certificate())


@pytest.mark.parametrize("change", [{"picture": PNG + b"numbed"}, {"public_key": public_key(STRANGER)}])
def test_a_changed_picture_of_the_number_is_not_intact(change: dict[str, object]) -> None:
    changed = replace(number_image(), **change, signed=b"")  # type: ignore[arg-type]
    with pytest.raises(NotIntact):
        NumberImage.decode(changed.encode()).check_signed_by(certificate())


def test_a_standard_signature_over_a_face_is_not_intact() -> None:
    """The 96 bytes hashed once more, as RSASSA-PKCS1-v1_5 would have it, are something else."""
    signature = sign(ISSUER, FaceFile.part_to_sign(FACE))
    with pytest.raises(NotIntact):
        replace(face_file(), signature=signature).check_signed_by(certificate())


@pytest.mark.parametrize("forged", [b"", b"\0", FaceFile.part_to_sign(FACE) + b"\0", FaceFile.part_to_sign(FACE)[:-1]])
def test_all_of_a_digest_info_is_compared(forged: bytes) -> None:
    """Trailing bytes behind the hash are how signatures are forged under small exponents (CVE-2006-4339)."""
    with pytest.raises(NotGenuine):
        public_key(ISSUER).check_digest_info(sign_verbatim(ISSUER, forged), FaceFile.part_to_sign(FACE))


def test_a_signature_without_padding_is_not_genuine() -> None:
    with pytest.raises(NotGenuine):
        public_key(ISSUER).check_digest_info(b"\0" * 255 + b"\1", FaceFile.part_to_sign(FACE))


def test_files_about_a_person_are_not_shown() -> None:
    for each in (age_record(), FACE, face_file(), number_image()):
        assert repr(each) == str(each) == f"{type(each).__name__}(not shown)"


def test_a_refused_date_is_not_repeated() -> None:
    image = age_record().encode().replace(b"19800217", b"19801317")
    with pytest.raises(Malformed) as caught:
        AgeRecord.decode(image)
    assert caught.value.__cause__ is None
    assert "1980" not in str(caught.value) + caught.value.detail


def test_an_offset_table_is_checked_and_not_followed() -> None:
    image = face_file().encode()
    header = decode_tlv(image)[0].value[:3].hex()
    assert header == "df2112"
    for at in range(8, 8 + 18):
        damaged = image[:at] + bytes((image[at] ^ 1,)) + image[at + 1 :]
        with pytest.raises(Malformed):
            FaceFile.decode(damaged)


def test_damage_anywhere_is_malformed_or_not_intact() -> None:
    """Every byte of the file but filler, expiry and security code is covered by a rule or by the signature."""
    image = face_file().encode()
    end = image.index(bytes.fromhex("df2908"))
    for at in range(0, end, 7):
        damaged = image[:at] + bytes((image[at] ^ 1,)) + image[at + 1 :]
        with pytest.raises((Malformed, NotIntact)):
            FaceFile.decode(damaged).check_signed_by(certificate())
