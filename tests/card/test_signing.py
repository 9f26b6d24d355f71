"""COMPUTE DIGITAL SIGNATURE: its schemes, its keys, its refusals."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from tests.card.people import AUTHENTICATION, SIGNING, TEXT
from tests.card.talk import AUTHENTICATION_KEY, AUTHENTICATION_PIN, INTERNAL_KEY, SIGNING_KEY, SIGNING_PASSWORD, Talk
from warifu.town import pool

DIGEST = hashlib.sha256(b"tally").digest()
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420") + DIGEST
SHA1_INFO = bytes.fromhex("3021300906052b0e03021a05000414") + hashlib.sha1(b"tally").digest()
PSS_32 = PSS(MGF1(SHA256()), 32)


@pytest.fixture
def open_jpki(jpki: Talk) -> Talk:
    """Both PINs verified."""
    assert jpki.verify(AUTHENTICATION_PIN, "1234") == jpki.verify(SIGNING_PASSWORD, "ABC123") == "9000"
    return jpki


def signature(talk: Talk, scheme: int, data: bytes, p2: int = 0x80 | AUTHENTICATION_KEY) -> bytes:
    return talk.data(f"802A{scheme:02X}{p2:02X}{len(data):02X}{data.hex()}00")


def padded(owner: int, signed: bytes) -> bytes:
    """What the key signed, its padding and all: RFC 8017 §9.2 step 5, without the leading zero."""
    numbers = pool.private_key(owner).public_key().public_numbers()
    return pow(int.from_bytes(signed, "big"), numbers.e, numbers.n).to_bytes(256, "big")


def type_1(content: bytes) -> bytes:
    return b"\0\1" + b"\xff" * (253 - len(content)) + b"\0" + content


@pytest.mark.parametrize("content", [DIGEST_INFO, SHA1_INFO, b"\0", b"x" * 245], ids=["SHA-256", "SHA-1", "1", "245"])
def test_00_pads_anything(open_jpki: Talk, content: bytes) -> None:
    assert padded(AUTHENTICATION, signature(open_jpki, 0, content)) == type_1(content)


@pytest.mark.parametrize("message", [b"tally", b"m", b"m" * 255])
def test_01_pads_the_bare_hash(open_jpki: Talk, message: bytes) -> None:
    assert padded(AUTHENTICATION, signature(open_jpki, 1, message)) == type_1(hashlib.sha256(message).digest())


def test_02_wraps_a_hash(open_jpki: Talk) -> None:
    assert padded(AUTHENTICATION, signature(open_jpki, 2, DIGEST)) == type_1(DIGEST_INFO)


@pytest.mark.parametrize("message", [b"tally", b"m", b"m" * 255])
def test_03_hashes_and_wraps(open_jpki: Talk, message: bytes) -> None:
    key = pool.private_key(AUTHENTICATION).public_key()
    key.verify(signature(open_jpki, 3, message), message, PKCS1v15(), SHA256())


def test_04_signs_a_hash_with_pss_and_a_new_salt_each_time(open_jpki: Talk) -> None:
    first, second = signature(open_jpki, 4, DIGEST), signature(open_jpki, 4, DIGEST)
    key = pool.private_key(AUTHENTICATION).public_key()
    key.verify(first, DIGEST, PSS_32, Prehashed(SHA256()))
    key.verify(second, DIGEST, PSS_32, Prehashed(SHA256()))
    assert first != second


@pytest.mark.parametrize("message", [b"tally", b"m" * 255])
def test_05_hashes_and_signs_with_pss(open_jpki: Talk, message: bytes) -> None:
    pool.private_key(AUTHENTICATION).public_key().verify(signature(open_jpki, 5, message), message, PSS_32, SHA256())


@pytest.mark.parametrize("p1", ["06", "0F", "80", "9E", "FF"])
def test_there_is_no_other_scheme(open_jpki: Talk, p1: str) -> None:
    assert open_jpki(f"802A{p1}9701AA00") == "6A86"


@pytest.mark.parametrize(
    ("scheme", "length"), [(0, 246), (0, 255), (2, 31), (2, 33), (2, 51), (4, 1), (4, 31), (4, 33)]
)
def test_an_input_of_another_length_is_refused(open_jpki: Talk, scheme: int, length: int) -> None:
    assert open_jpki.sign(AUTHENTICATION_KEY, "AA" * length, scheme) == "6985"


@pytest.mark.parametrize("scheme", [1, 3, 5])
def test_more_than_255_bytes_to_be_hashed_are_refused(open_jpki: Talk, scheme: int) -> None:
    assert open_jpki(f"802A{scheme:02X}97000100{'AA' * 256}0000") == "6985"


@pytest.mark.parametrize(
    "command", ["802A0097", "802A009700", "802A009701AA", "802A009701AAFF", "802A0097000001AA0010"]
)
def test_a_signature_wants_data_and_room_for_256_bytes(open_jpki: Talk, command: str) -> None:
    assert open_jpki(command) == "6700"


def test_extended_commands_sign_too(open_jpki: Talk) -> None:
    answer = open_jpki.data(f"802A0097000033{DIGEST_INFO.hex()}0000")
    assert padded(AUTHENTICATION, answer) == type_1(DIGEST_INFO)


def test_the_current_file_or_a_short_identifier_names_the_key(open_jpki: Talk) -> None:
    open_jpki.select_file(AUTHENTICATION_KEY)
    current = signature(open_jpki, 0, DIGEST_INFO, 0x80)
    assert current == signature(open_jpki, 0, DIGEST_INFO, 0x97)
    assert signature(open_jpki, 0, DIGEST_INFO, 0x9A) != current
    assert padded(SIGNING, signature(open_jpki, 0, DIGEST_INFO, 0x80)) == type_1(DIGEST_INFO)  # 9A made it current


@pytest.mark.parametrize(
    ("p2", "word"),
    [("80", "6981"), ("8A", "6981"), ("98", "6981"), ("9D", "6A82"), ("17", "6A86"), ("B7", "6A86"), ("00", "6A88")],
)
def test_only_a_key_signs(open_jpki: Talk, p2: str, word: str) -> None:
    """The JPKI application has no default key (P2=00)."""
    assert open_jpki(f"802A00{p2}01AA00") == word


def test_without_a_current_file_nothing_signs(jpki: Talk) -> None:
    assert jpki("802A008001AA00") == "6986"


def test_each_key_needs_its_own_pin(jpki: Talk) -> None:
    assert jpki.sign(AUTHENTICATION_KEY) == jpki.sign(SIGNING_KEY) == "6982"
    jpki.verify(AUTHENTICATION_PIN, "1234")
    assert (jpki.sign(AUTHENTICATION_KEY), jpki.sign(SIGNING_KEY)) == ("9000", "6982")
    jpki.select(TEXT_AID)
    jpki.select_jpki()
    jpki.verify(SIGNING_PASSWORD, "ABC123")
    assert (jpki.sign(AUTHENTICATION_KEY), jpki.sign(SIGNING_KEY)) == ("6982", "9000")


TEXT_AID = "D3921000310001010408"


def test_several_signatures_follow_one_verification(open_jpki: Talk) -> None:
    """jpki/myna signs many digests after one VERIFY."""
    assert [open_jpki.sign(SIGNING_KEY) for _ in range(5)] == ["9000"] * 5


@pytest.mark.parametrize("p2", [0x00, 0x80 | INTERNAL_KEY])
def test_internal_authentication_needs_no_pin(text: Talk, p2: int) -> None:
    """The default key of the text application, over the DigestInfo of a nonce's hash."""
    assert padded(TEXT, signature(text, 0, DIGEST_INFO, p2)) == type_1(DIGEST_INFO)


def test_the_default_key_does_not_become_the_current_file(text: Talk) -> None:
    text.sign(0, DIGEST_INFO.hex())
    assert text("802A008001AA00") == "6986"
