"""Records, the card manager's objects, and the table rows of the applications that need no certificate."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cardmap.test_genuineness import AUTHORITY, CARD, ISSUER, STRANGER, public_key, sign
from warifu.cardmap import (
    ATR_GENERATION_B,
    BIRTH_DATE_KEY,
    COMMON_FILES,
    COMMON_KEYS,
    COMMON_PIN,
    MATCHING_NUMBER_A,
    MATCHING_NUMBER_B,
    RECORD_PINS,
    RECORD_UNUSED_PINS,
    RESIDENT_FILES,
    RESIDENT_PIN,
    TEXT_FURTHER_FILES,
    VISUAL_FILES,
    VISUAL_KEYS,
    VISUAL_MATCHING_NUMBER_A,
    VISUAL_MATCHING_NUMBER_B,
    VISUAL_PINS,
    VISUAL_UNUSED_PINS,
    Application,
    CardRecognition,
    CardRecord,
    CommonFile,
    CvAnchor,
    CvCertificate,
    KeyId,
    ManagerData,
    ManagerObject,
    PinSpec,
    ResidentFile,
    ResidentRecord,
    SimpleTlv,
    TextFile,
    VisualFile,
    birth_date_key,
)
from warifu.errors import Malformed, NotGenuine
from warifu.person import BirthDate, ResidentRecordCode

ROOT_ID, INTERMEDIATE_ID, LEAF_ID = KeyId("9000020"), KeyId("9000021"), KeyId("9132210")

digits = st.text("0123456789", min_size=15, max_size=15)
codes = st.text("0123456789", min_size=5, max_size=5)
arcs = st.integers(0, 127)


def certify(signer: int, subject: int, issuer_id: KeyId, subject_id: KeyId) -> CvCertificate:
    body = CvCertificate.body_to_sign(issuer_id, subject_id, public_key(subject))
    return CvCertificate(issuer_id, subject_id, public_key(subject), sign(signer, body))


def manager_data() -> ManagerData:
    return ManagerData(
        issuer_identification=KeyId("9000022"),
        card_identification="400000000000001",
        municipality_code="13221",
        expiry=date(2035, 2, 17),
        intermediate_key_id=INTERMEDIATE_ID,
        intermediate=certify(AUTHORITY, ISSUER, ROOT_ID, INTERMEDIATE_ID),
        leaf=certify(ISSUER, CARD, INTERMEDIATE_ID, LEAF_ID),
        atr=ATR_GENERATION_B,
    )


ROOT = CvAnchor(ROOT_ID, public_key(AUTHORITY).modulus)

# --- records ----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 254), st.binary(max_size=700), st.binary(max_size=20))
def test_a_record_reads_back_and_leaves_what_follows(tag: int, value: bytes, behind: bytes) -> None:
    written = SimpleTlv(tag, value)
    assert SimpleTlv.decode(written.encode()) == written
    assert SimpleTlv.decode_first(written.encode() + behind) == (written, behind)


def test_records_follow_each_other() -> None:
    """What READ RECORD with all records answers (soltia48/myna-card `src/tlv/simple.rs`, tests)."""
    first, rest = SimpleTlv.decode_first(bytes.fromhex("0102aabb0201cc"))
    assert (first, SimpleTlv.decode(rest)) == (SimpleTlv(1, b"\xaa\xbb"), SimpleTlv(2, b"\xcc"))


@pytest.mark.parametrize(("tag", "size"), [(-1, 0), (0xFF, 0), (0x100, 0), (1, 0x10000)])
def test_a_record_that_cannot_be_written_is_not_made(tag: int, size: int) -> None:
    with pytest.raises(Malformed):
        SimpleTlv(tag, bytes(size))


@given(digits, codes, st.dates())
def test_a_card_record_has_30_bytes_and_reads_back(serial: str, code: str, expiry: date) -> None:
    written = CardRecord(serial, code, expiry)
    assert len(written.encode()) == 30
    assert CardRecord.decode(written.encode()) == written


@pytest.mark.parametrize("change", [{"serial": "1" * 14}, {"serial": "１" * 15}, {"municipality_code": "132210"}])
def test_a_card_record_that_cannot_be_written_is_not_made(change: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        CardRecord(**{"serial": "1" * 15, "municipality_code": "13221", "expiry": date(2035, 2, 17)} | change)  # type: ignore[arg-type]


@given(st.integers(1, 10**10 - 1))
def test_a_resident_record_has_13_bytes_and_reads_back(body: int) -> None:
    written = ResidentRecord(ResidentRecordCode.of_body(f"{body:010d}"))
    assert len(written.encode()) == 13
    assert ResidentRecord.decode(written.encode()) == written


def test_records_about_a_person_are_not_shown() -> None:
    """A serial number designates its holder as well as a name does."""
    record = CardRecord("400000000000001", "13221", date(2035, 2, 17))
    resident = ResidentRecord(ResidentRecordCode.of_body("1234567890"))
    for each in (record, resident, manager_data()):
        assert repr(each) == str(each) == f"{type(each).__name__}(not shown)"
    assert "value" not in repr(SimpleTlv.decode(record.encode()))


# --- the card manager -------------------------------------------------------------------------------------------------


def test_the_card_managers_objects_read_back() -> None:
    assert ManagerData.of_objects(manager_data().objects) == manager_data()
    older = replace(manager_data(), leaf=None, atr=None)
    assert ManagerData.of_objects(older.objects) == older
    assert set(older.objects) == set(ManagerObject) - {ManagerObject.LEAF_CERTIFICATE, ManagerObject.CONTACT_ATR}


def test_the_card_managers_objects_are_values_without_tags() -> None:
    """soltia48/myna-card `src/mf.rs`, tests: 00F0 answers five digits; a certificate begins with its body."""
    objects = manager_data().objects
    assert objects[0x00F0] == b"13221"
    assert objects[0x00F2] == b"20350217"
    assert objects[0x00F7] == INTERMEDIATE_ID.encode()
    assert (len(objects[0x00F8]), objects[0x00F8][:5].hex()) == (563, "5f4e820129")
    assert objects[0x5F51] == ATR_GENERATION_B[1:]


def test_a_certificate_without_its_outer_tag_reads_back() -> None:
    certificate = manager_data().intermediate
    assert certificate.encode()[5:] == certificate.encode_contents()
    assert CvCertificate.decode_contents(certificate.encode_contents()) == certificate
    with pytest.raises(Malformed):
        CvCertificate.decode_contents(certificate.encode())


@pytest.mark.parametrize("tag", sorted(set(ManagerObject) - {0x7F21, 0x5F51}))
def test_an_object_that_every_card_has_may_not_be_missing(tag: ManagerObject) -> None:
    objects = {each: value for each, value in manager_data().objects.items() if each != tag}
    with pytest.raises(Malformed):
        ManagerData.of_objects(objects)


@pytest.mark.parametrize("tag", sorted(set(ManagerObject) - {ManagerObject.CONTACT_ATR}))
def test_an_object_with_something_else_in_it_is_malformed(tag: ManagerObject) -> None:
    with pytest.raises(Malformed):
        ManagerData.of_objects({**manager_data().objects, tag: b"\xff"})


@pytest.mark.parametrize(
    "change",
    [
        {"card_identification": ""},
        {"card_identification": "1" * 17},
        {"card_identification": "é"},
        {"card_identification": "\n"},
        {"municipality_code": "132"},
        {"atr": b""},
        {"atr": b"\x3f\x00"},
    ],
)
def test_manager_data_that_cannot_be_written_is_not_made(change: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        replace(manager_data(), **change)  # type: ignore[arg-type]


def test_the_card_managers_chain_is_believed() -> None:
    manager_data().check_chain(ROOT)
    replace(manager_data(), leaf=None).check_chain(ROOT)


def test_a_chain_of_another_root_is_not_genuine() -> None:
    with pytest.raises(NotGenuine):
        manager_data().check_chain(CvAnchor(ROOT_ID, public_key(STRANGER).modulus))


@pytest.mark.parametrize(
    "leaf",
    [
        certify(STRANGER, CARD, INTERMEDIATE_ID, LEAF_ID),
        certify(ISSUER, CARD, ROOT_ID, LEAF_ID),
        certify(AUTHORITY, CARD, ROOT_ID, LEAF_ID),
    ],
    ids=["signed by a stranger", "names another issuer", "issued by the root"],
)
def test_a_leaf_is_certified_by_the_intermediate(leaf: CvCertificate) -> None:
    with pytest.raises(NotGenuine):
        replace(manager_data(), leaf=leaf).check_chain(ROOT)


@given(st.lists(arcs, min_size=1, max_size=4).map(tuple), arcs, arcs)
def test_card_recognition_data_reads_back(version: tuple[int, ...], scp: int, i: int) -> None:
    written = CardRecognition(version, scp, i)
    assert CardRecognition.decode(written.encode()) == written


@pytest.mark.parametrize(
    ("version", "scp", "further"),
    [((), 2, b""), ((2, 1, 1, 1, 1), 2, b""), ((128,), 2, b""), ((2,), -1, b""), ((2,), 2, b"\x67\x00")],
)
def test_card_recognition_data_that_cannot_be_written_is_not_made(
    version: tuple[int, ...], scp: int, further: bytes
) -> None:
    with pytest.raises(Malformed):
        CardRecognition(version, scp, 0x15, further)


# --- the table --------------------------------------------------------------------------------------------------------


def test_matching_numbers_are_mirrored_between_the_applications() -> None:
    """A is 0014 and B 0015 in the text application, B 0012 and A 0013 in the visual one."""
    text = (MATCHING_NUMBER_A.file, MATCHING_NUMBER_B.file)
    visual = (VISUAL_MATCHING_NUMBER_A.file, VISUAL_MATCHING_NUMBER_B.file)
    assert (text, visual) == ((0x14, 0x15), (0x13, 0x12))


@pytest.mark.parametrize(
    ("file", "birth_date", "a", "b"),
    [
        (0x01, True, False, False),
        (0x02, False, True, True),
        (0x03, True, True, True),
        (0x04, True, True, True),
        (0x05, False, True, False),
        (0x06, False, True, True),
    ],
)
def test_which_credential_opens_which_file_of_the_visual_application(
    file: int, birth_date: bool, a: bool, b: bool
) -> None:
    """Measured on cards: soltia48/myna-card `src/ap/surface.rs`."""
    readers = VISUAL_FILES[VisualFile(file)].opens_with
    assert [readers is None or credential in readers for credential in (0x11, 0x13, 0x12)] == [birth_date, a, b]


def test_the_common_record_is_free_and_the_synthetic_resident_record_needs_its_pin() -> None:
    assert COMMON_FILES[CommonFile.CARD_RECORD].opens_with is None
    assert RESIDENT_FILES[ResidentFile.RECORD_CODE].opens_with == frozenset({0x1C})
    assert COMMON_FILES[CommonFile.CARD_RECORD].lengths == (30,)
    assert COMMON_FILES[CommonFile.KEY_REFERENCE] == RESIDENT_FILES[ResidentFile.KEY_REFERENCE]


def test_the_further_files_of_the_text_application() -> None:
    """Clients read 256 bytes of EF 0005 (jpki/myna); EF 0006 needs the PIN or a matching number."""
    assert (TEXT_FURTHER_FILES[TextFile.BASIC_INFO].size, TEXT_FURTHER_FILES[TextFile.BASIC_INFO].opens_with) == (
        256,
        None,
    )
    assert TEXT_FURTHER_FILES[TextFile.SESSION_KEY].opens_with == frozenset({0x11, 0x14, 0x15})


@pytest.mark.parametrize(
    ("spec", "tries", "changeable"),
    [
        (BIRTH_DATE_KEY, 10, False),
        (VISUAL_MATCHING_NUMBER_A, 10, False),
        (VISUAL_MATCHING_NUMBER_B, 10, False),
        (COMMON_PIN, 3, True),
        (RESIDENT_PIN, 3, True),
    ],
)
def test_tries_of_the_credentials(spec: PinSpec, tries: int, changeable: bool) -> None:
    assert (spec.tries, spec.changeable) == (tries, changeable)


@pytest.mark.parametrize(
    ("application", "files", "keys", "pins"),
    [
        (Application.VISUAL, VISUAL_FILES, VISUAL_KEYS, (*VISUAL_PINS, *VISUAL_UNUSED_PINS)),
        (Application.COMMON, COMMON_FILES, COMMON_KEYS, (*RECORD_PINS, *RECORD_UNUSED_PINS)),
        (Application.RESIDENT, RESIDENT_FILES, {}, RECORD_PINS),
    ],
)
def test_files_of_an_application_have_numbers_of_their_own_that_fit_a_short_identifier(
    application: Application, files: dict[int, object], keys: dict[int, object], pins: tuple[PinSpec, ...]
) -> None:
    numbers = [*files, *keys, *(pin.file for pin in pins if pin.application is application)]
    assert len(numbers) == len(set(numbers))
    assert all(1 <= number <= 0x1E for number in numbers)


def test_the_birth_date_key_has_the_year_of_the_era() -> None:
    """The test card's key is 550217 (soltia48/myna-card `tests/fixtures/README.md`); a foreign face prints 1980."""
    born = BirthDate.decode("19800217")
    assert birth_date_key(born) == "550217"
    assert birth_date_key(born, western_year=True) == "800217"
    assert birth_date_key(BirthDate.decode("20190501")) == "010501"
    assert BIRTH_DATE_KEY.encode(birth_date_key(born)) == b"550217"
