"""Formats of the card's files: round trips, the published test card, what is signed, what is never shown."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.person import people
from warifu.cardmap import (
    AttributesFile,
    CardPublicKey,
    CertificateAvailability,
    CvCertificate,
    IntegrityFile,
    InternalKey,
    KeyId,
    NumberFile,
    TokenInfo,
)
from warifu.errors import Malformed
from warifu.person import Address, BasicAttributes, BirthDate, IndividualNumber, Name, Sex

# EF 0001 and EF 0002 of a JPKI test card, fictional holder: soltia48/myna-card src/ap/text.rs, tests (MIT).
NUMBER_FILE = bytes.fromhex("ff100c") + b"537686677188" + bytes.fromhex("ffff")
ATTRIBUTES_FILE = bytes.fromhex(
    "ff2065df2108000e002000590064df220fe9bb92e6a190e38080e5b9b9e4b99fdf2336e69db1e4baace983bde6b885e7"
    "80ace5b882e8a6b3e5b883e5ad90e58d97efbc91efbc92efbc8defbc97efbc8defbc92efbc90efbc92df240831393830"
    "30323137df250131"
)
HOLDER = BasicAttributes(
    Name("黒桐　幹也"), Address("東京都清瀬市観布子南１２－７－２０２"), BirthDate.decode("19800217"), Sex.MALE
)

filler = st.binary(max_size=0) | st.integers(0, 600).map(lambda n: b"\xff" * n)
digests = st.binary(min_size=32, max_size=32)
signatures = st.binary(min_size=256, max_size=256)
public_keys = st.builds(
    CardPublicKey,
    st.integers(2**2046, 2**2047 - 1).map(lambda n: 2 * n + 1),
    st.integers(32768, 2**23 - 1).map(lambda n: 2 * n + 1),
)
key_ids = st.builds(
    KeyId,
    st.integers(0, 9999999).map("{:07d}".format),
    st.integers(0, 999).map("{:03d}".format),
    st.binary(min_size=4, max_size=4),
)


def test_a_test_cards_attributes() -> None:
    assert AttributesFile.decode(ATTRIBUTES_FILE).attributes == HOLDER
    assert AttributesFile(HOLDER).encode() == ATTRIBUTES_FILE


def test_the_attributes_digest_skips_the_offset_table() -> None:
    """DF32: SHA-256 of EF 0002 from DF22 to the end of its object (soltia48/myna-card `Attributes::digest_source`)."""
    file = AttributesFile.decode(ATTRIBUTES_FILE + b"\xff" * 100)
    assert file.signed_part == ATTRIBUTES_FILE[14:]
    assert file.digest().hex() == "b9e0d09427b23b1d4beda2848512b4103752dc2667e51f9712872d65f472cb3b"
    assert AttributesFile(HOLDER).digest() == file.digest()


def test_the_numbers_digest_includes_the_filler() -> None:
    """DF31: SHA-256 of EF 0001 as it physically is, 17 bytes (soltia48/myna-card `matches_my_number_file`)."""
    file = NumberFile.decode(NUMBER_FILE)
    assert file.number == IndividualNumber.parse("537686677188")
    assert file.digest().hex() == "6d5a4c1ef9ab15bf506862d7e66b9c0f179ca065bc936c8e634e9e57449ca9cd"
    assert NumberFile.decode(NUMBER_FILE[:-2]).digest() == file.digest()


def test_the_signed_part_is_kept_in_the_form_that_was_read() -> None:
    """A length of 128 to 255 may be written as 81 hh or 82 00 hh; the digest covers the form on the card."""
    written = AttributesFile(BasicAttributes(HOLDER.name, Address("東" * 50), HOLDER.birth_date, HOLDER.sex))
    before, after = written.signed_part.split(bytes.fromhex("df23820096"))
    signed_part = before + bytes.fromhex("df238196") + after
    offsets = bytes.fromhex("df2108") + b"".join(at.to_bytes(2, "big") for at in (16, 34, 188, 199))
    inner = offsets + signed_part
    read = AttributesFile.decode(bytes.fromhex("ff2082") + len(inner).to_bytes(2, "big") + inner)
    assert read == written
    assert read.signed_part == signed_part
    assert read.digest() == hashlib.sha256(signed_part).digest() != written.digest()


@given(people.attributes, filler)
def test_attributes_read_back(attributes: BasicAttributes, behind: bytes) -> None:
    written = AttributesFile(attributes)
    read = AttributesFile.decode(written.encode() + behind)
    assert read == written
    assert read.signed_part == written.signed_part


@given(people.attributes)
def test_offsets_lead_to_the_attributes(attributes: BasicAttributes) -> None:
    """DF21: u16 from the first byte of the file to DF22, DF23, DF24 and DF25."""
    image = AttributesFile(attributes).encode()
    table = image.index(b"\xdf\x21\x08") + 3
    offsets = [int.from_bytes(image[at : at + 2], "big") for at in range(table, table + 8, 2)]
    assert [image[offset : offset + 2].hex() for offset in offsets] == ["df22", "df23", "df24", "df25"]


@given(st.integers(1, 10**11 - 1), filler)
def test_a_number_reads_back(body: int, behind: bytes) -> None:
    written = NumberFile(IndividualNumber.of_body(f"{body:011d}"))
    assert len(written.encode()) == 17
    assert NumberFile.decode(written.encode() + behind) == written


@given(public_keys)
def test_a_public_key_has_265_bytes_and_reads_back(key: CardPublicKey) -> None:
    assert len(key.encode()) == 265
    assert CardPublicKey.decode(key.encode()) == key


@given(key_ids, key_ids, public_keys, signatures, filler)
def test_a_cv_certificate_has_568_bytes_and_reads_back(
    issuer: KeyId, subject: KeyId, key: CardPublicKey, signature: bytes, behind: bytes
) -> None:
    written = CvCertificate(issuer, subject, key, signature)
    assert (len(written.body), len(written.encode())) == (297, 568)
    assert CvCertificate.decode(written.encode() + behind) == written


@given(public_keys, signatures, filler)
def test_a_signed_key_has_536_bytes_and_reads_back(key: CardPublicKey, signature: bytes, behind: bytes) -> None:
    written = InternalKey(key, signature)
    assert len(written.encode()) == 536
    assert written.signed in written.encode()
    assert InternalKey.decode(written.encode() + behind) == written


@given(digests, digests, signatures, filler)
def test_an_integrity_file_has_336_bytes_and_reads_back(
    number: bytes, attributes: bytes, signature: bytes, behind: bytes
) -> None:
    written = IntegrityFile(number, attributes, signature)
    assert len(written.encode()) == 336
    assert written.signed == written.encode()[5:75]
    assert IntegrityFile.decode(written.encode() + behind) == written


@given(st.booleans(), st.booleans(), st.integers(0, 255))
def test_an_availability_reads_back(signing: bool, authentication: bool, third: int) -> None:
    written = CertificateAvailability(signing, authentication, third)
    assert CertificateAvailability.decode(written.encode()) == written


@pytest.mark.parametrize("label", [TokenInfo.PLASTIC, TokenInfo.PHONE, "", "x" * 32])
def test_a_token_info_has_160_bytes_and_reads_back(label: str) -> None:
    written = TokenInfo(label=label)
    assert len(written.encode()) == 160
    assert TokenInfo.decode(written.encode()) == written


@pytest.mark.parametrize(
    "field",
    [{"label": "x" * 33}, {"label": "é"}, {"label": "x "}, {"model": "x\0"}, {"flags": -1}, {"max_pin_length": 2**32}],
)
def test_a_token_info_that_cannot_be_written_is_not_made(field: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        TokenInfo(**field)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_digest_has_32_bytes(length: int) -> None:
    for digests_of in ((b"x" * length, b"x" * 32), (b"x" * 32, b"x" * length)):
        with pytest.raises(Malformed):
            IntegrityFile(*digests_of, b"x" * 256)


@pytest.mark.parametrize("length", [0, 255, 257])
def test_a_signature_has_256_bytes(length: int) -> None:
    key = CardPublicKey(2**2048 - 1)
    for make in (
        lambda signature: CvCertificate(KeyId("9000033"), KeyId("9132210"), key, signature),
        lambda signature: InternalKey(key, signature),
        lambda signature: IntegrityFile(b"x" * 32, b"x" * 32, signature),
    ):
        with pytest.raises(Malformed):
            make(b"x" * length)


@pytest.mark.parametrize(
    "key_id",
    [{"number": "600003"}, {"number": "60000333"}, {"number": "600003３"}, {"group": "01"}, {"padding": b"\0\0\0"}],
)
def test_a_key_id_that_cannot_be_written_is_not_made(key_id: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        KeyId(**{"number": "9000033"} | key_id)


def test_a_key_id_is_shown_by_its_digits() -> None:
    assert str(KeyId("9000033", "002")) == "9000033/002"


def test_files_about_a_person_are_not_shown() -> None:
    """The digest of an individual number is as good as the number: 10^11 trials find it."""
    number = NumberFile.decode(NUMBER_FILE)
    attributes = AttributesFile.decode(ATTRIBUTES_FILE)
    integrity = IntegrityFile(number.digest(), attributes.digest(), b"x" * 256)
    for each in (number, attributes, integrity):
        assert repr(each) == str(each) == f"{type(each).__name__}(not shown)"


def test_a_refused_file_is_not_repeated() -> None:
    with pytest.raises(Malformed) as caught:
        AttributesFile.decode(ATTRIBUTES_FILE.replace("幹".encode(), b"\xff\xff\xff"))
    assert caught.value.__cause__ is None
    assert "黒" not in str(caught.value) + caught.value.detail
