"""Files of records, CHANGE KEY and INTERNAL AUTHENTICATE, on a small chip of one application."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.card.people import AUTHENTICATION, SIGNING, SeededEntropy
from tests.chip.test_chip import DictStore
from warifu.chip import Application, Chip, File, KeyFile, PinFile, PinRecord, RecordFile, TransparentFile
from warifu.town import pool

FREE, SHUT, PIN, PLAIN, PROOF, RELEASED = 0x01, 0x02, 0x11, 0x03, 0x19, 0x17
VERIFY = "0020009104" + b"1234".hex()


def chip(*, change_key: bool = True) -> tuple[Chip, DictStore]:
    store = DictStore({"pin": PinRecord(3, b"1234").encode()})
    files: list[File] = [
        RecordFile(FREE, (b"first record", b"second")),
        RecordFile(SHUT, (b"for the holder",), frozenset({PIN})),
        TransparentFile(PLAIN, b"no records"),
        PinFile(PIN, "pin", 4, 8, 3),
        KeyFile(PROOF, pool.private_key(AUTHENTICATION), authenticates=True),
        KeyFile(RELEASED, pool.private_key(SIGNING), frozenset({PIN})),
    ]
    application = Application(b"records", {file.fid: file for file in files}, change_key=change_key)
    return Chip([application], store, store.read(), SeededEntropy()), store


def send(to: Chip, command: str) -> str:
    return to.transmit(bytes.fromhex(command)).hex()


def test_a_record_is_read_by_number_from_the_current_file_or_a_named_one() -> None:
    """ISO/IEC 7816-4:2005 §7.3.3: P2 is the short identifier times 8, plus 4; 0 is the current file."""
    card, _ = chip()
    assert send(card, f"00B201{FREE << 3 | 4:02X}00") == b"first record".hex() + "9000"
    send(card, "00A4020C020001")
    assert send(card, "00B2020400") == b"second".hex() + "9000"
    assert send(card, "00B2020A00") == "6a86"


def test_a_short_identifier_makes_the_record_file_current() -> None:
    card, _ = chip()
    assert send(card, f"00B202{FREE << 3 | 4:02X}00") == b"second".hex() + "9000"
    assert send(card, "00B2010400") == b"first record".hex() + "9000"


def test_a_record_that_is_not_there_is_6a83() -> None:
    card, _ = chip()
    send(card, "00A4020C020001")
    assert send(card, "00B2000400") == send(card, "00B2030400") == "6a83"


def test_all_records_at_once_is_6a81() -> None:
    card, _ = chip()
    assert send(card, f"00B201{FREE << 3 | 5:02X}00") == "6a81"


@pytest.mark.parametrize("command", [f"00B201{FREE << 3 | 4:02X}", f"00B201{FREE << 3 | 4:02X}01AA00"])
def test_a_record_is_asked_for_with_le_and_without_data(command: str) -> None:
    assert send(chip()[0], command) == "6700"


def test_le_cuts_a_record() -> None:
    assert send(chip()[0], f"00B201{FREE << 3 | 4:02X}05") == b"first".hex() + "9000"


def test_without_a_current_file_there_is_no_record() -> None:
    assert send(chip()[0], "00B2010400") == "6986"


def test_bytes_are_not_read_as_records() -> None:
    assert send(chip()[0], f"00B201{PLAIN << 3 | 4:02X}00") == "6981"


def test_a_file_of_records_is_not_read_as_bytes() -> None:
    assert send(chip()[0], f"00B0{0x80 | FREE:02X}0000") == "6981"


def test_a_pin_guards_records_whether_they_are_there_or_not() -> None:
    card, _ = chip()
    shut = [f"00B2{number:02X}{SHUT << 3 | 4:02X}00" for number in (1, 9)]
    assert [send(card, each) for each in shut] == ["6982", "6982"]
    assert send(card, VERIFY) == "9000"
    assert [send(card, each) for each in shut] == [b"for the holder".hex() + "9000", "6a83"]


# --- CHANGE KEY (80 32) -----------------------------------------------------------------------------------------------


def test_change_key_replaces_a_verified_pin_in_one_write() -> None:
    """soltia48/myna-card `src/card.rs`: VERIFY the old, then 80 32 00 80 Lc new."""
    card, store = chip()
    assert send(card, "8032009104" + b"5678".hex()) == "6982"
    send(card, VERIFY)
    store.written.clear()
    assert send(card, "8032008004" + b"5678".hex()) == "9000"
    assert store.written == [{"pin": b"\x035678"}]


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("8032019104" + b"5678".hex(), "6a86"),
        ("8032009103" + b"567".hex(), "6700"),
        ("80320091", "6700"),
        ("8032008304" + b"5678".hex(), "6981"),
        ("8032009F04" + b"5678".hex(), "6a82"),
    ],
)
def test_change_key_refuses_what_is_not_a_change(command: str, word: str) -> None:
    card, store = chip()
    send(card, VERIFY)
    store.written.clear()
    assert send(card, command) == word
    assert not store.written


@pytest.mark.parametrize(("change_key", "known", "unknown"), [(True, "803200", "002401"), (False, "002401", "803200")])
def test_an_application_speaks_one_dialect_of_change(change_key: bool, known: str, unknown: str) -> None:
    card, _ = chip(change_key=change_key)
    send(card, VERIFY)
    assert send(card, unknown + "9104" + b"5678".hex()) == "6d00"
    assert send(card, known + "9104" + b"5678".hex()) == "9000"


def test_change_key_does_not_free_a_blocked_pin() -> None:
    card, _ = chip()
    send(card, VERIFY)
    for _ in range(3):
        send(card, "0020009104" + b"0000".hex())
    assert send(card, "8032009104" + b"5678".hex()) == "6984"


# --- INTERNAL AUTHENTICATE (00 88) ------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 32, 255])
def test_internal_authenticate_signs_the_challenge_and_asks_for_no_pin(length: int) -> None:
    """soltia48/myna-card `src/ap/common.rs`: sha256WithRSAEncryption over 1 to 255 bytes."""
    challenge = hashlib.shake_256(b"challenge").digest(length)
    answer = chip()[0].transmit(bytes.fromhex(f"00880099{length:02X}") + challenge + b"\0")
    assert answer[-2:] == b"\x90\x00"
    pool.private_key(AUTHENTICATION).public_key().verify(answer[:-2], challenge, PKCS1v15(), SHA256())


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("0088009900", "6700"),
        ("00880099", "6700"),
        ("0088009902AABB", "6700"),
        ("0088009902AABBFF", "6700"),
        ("00880099000100" + "AA" * 256 + "0000", "6700"),
        ("0088019902AABB00", "6a86"),
        ("0088000002AABB00", "6a86"),
        ("0088008002AABB00", "6986"),
        ("0088009F02AABB00", "6a82"),
        ("0088009102AABB00", "6981"),
        ("0088008102AABB00", "6981"),
    ],
)
def test_internal_authenticate_refuses_what_it_cannot_sign(command: str, word: str) -> None:
    assert send(chip()[0], command) == word


def test_a_signing_key_does_not_authenticate() -> None:
    """Other keys answer 6982 or 6985; which when is modelled."""
    card, _ = chip()
    assert send(card, "0088009702AABB00") == "6982"
    send(card, VERIFY)
    assert send(card, "0088009702AABB00") == "6985"


def test_an_authentication_key_signs_nothing_else() -> None:
    """Or a challenge could be a document."""
    assert send(chip()[0], "802A009902AABB00") == "6985"
