"""READ BINARY and the files that it reads; GET CHALLENGE; commands that fit no file."""

import pytest

from tests.card.people import AUTHENTICATION, AUTHORITY, MUNICIPALITY, SIGNING, card, certificate, childs_card
from tests.card.talk import AUTHENTICATION_PIN, SIGNING_PASSWORD, Talk
from warifu.card import Profile
from warifu.cardmap import CertificateAvailability, TokenInfo


def whole_file(talk: Talk, fid: int) -> bytes:
    """In steps of 256 bytes, until the card says that there is no more."""
    assert talk.select_file(fid) == "9000"
    image = b""
    while talk.word(f"00B0{len(image):04X}00") == "9000":
        image += talk.data(f"00B0{len(image):04X}00")
    assert talk(f"00B0{len(image):04X}00") == "6B00"
    return image


@pytest.mark.parametrize(
    ("fid", "owner"), [(0x02, AUTHORITY), (0x0A, AUTHENTICATION), (0x0B, MUNICIPALITY)], ids=["02", "0A", "0B"]
)
def test_a_certificate_is_free_and_filler_follows_it(jpki: Talk, fid: int, owner: int) -> None:
    image = whole_file(jpki, fid)
    assert image.rstrip(b"\xff") == certificate(owner)
    assert len(image) > len(certificate(owner))


def test_the_signing_certificate_needs_the_signing_password(jpki: Talk) -> None:
    assert jpki.read(1) == "6982"
    assert jpki.verify(AUTHENTICATION_PIN, "1234") == "9000"
    assert jpki.read(1) == "6982"
    assert jpki.verify(SIGNING_PASSWORD, "ABC123") == "9000"
    assert whole_file(jpki, 1).rstrip(b"\xff") == certificate(SIGNING)


def test_the_token_information_is_160_bytes(jpki: Talk) -> None:
    image = whole_file(jpki, 6)
    assert TokenInfo.decode(image).label == "JPKIAPICCTOKEN2"
    assert len(image) == 160


def test_both_certificates_are_said_to_be_there(jpki: Talk) -> None:
    assert whole_file(jpki, 8).hex() == "8f8f00"


def test_a_childs_card_says_that_there_is_no_signing_certificate() -> None:
    child = Talk(childs_card())
    child.select_jpki()
    image = whole_file(child, 8)
    assert image.hex() == "008f00"
    assert CertificateAvailability.decode(image) == CertificateAvailability(signing=False)


def test_nobody_reads_0009(jpki: Talk) -> None:
    """soltia48/myna-card `src/ap/jpki.rs`."""
    jpki.verify(AUTHENTICATION_PIN, "1234")
    jpki.verify(SIGNING_PASSWORD, "ABC123")
    assert jpki.read(9) == "6982"


@pytest.mark.parametrize("fid", [0x10, 0x16, 0x17, 0x18, 0x1A, 0x1B])
def test_pins_and_keys_cannot_be_read(jpki: Talk, fid: int) -> None:
    jpki.verify(AUTHENTICATION_PIN, "1234")
    jpki.verify(SIGNING_PASSWORD, "ABC123")
    assert jpki.read(fid) == "6981"
    assert jpki.select_file(fid) == "9000"
    assert jpki("00B0000000") == "6981"


def test_without_a_current_file_there_is_nothing_to_read(jpki: Talk) -> None:
    assert jpki("00B0000000") == "6986"
    assert jpki("00B0800000") == "6986"


def test_a_short_identifier_selects_and_reads_in_one_command(jpki: Talk) -> None:
    """JICSAP Table 5: P1 is 100 and the identifier, P2 the offset; the file becomes current."""
    der = certificate(AUTHENTICATION)
    assert jpki.data("00B08A0004") == der[:4]
    assert jpki.data("00B0000408") == der[4:12]
    assert jpki.data("00B08AF010") == der[0xF0:0x100]
    assert jpki("00B09D0004") == "6A82"


@pytest.mark.parametrize("p1", ["A0", "C0", "E0", "AA"])
def test_the_two_bits_beside_a_short_identifier_are_zero(jpki: Talk, p1: str) -> None:
    assert jpki(f"00B0{p1}0004") == "6A86"


@pytest.mark.parametrize(
    ("offset", "le", "expected"), [(0, 160, 160), (0, 0, 160), (150, 0, 10), (159, 1, 1), (159, 255, 1), (100, 20, 20)]
)
def test_up_to_le_bytes_are_read_and_fewer_at_the_end(jpki: Talk, offset: int, le: int, expected: int) -> None:
    jpki.select_file(6)
    assert jpki.data(f"00B0{offset:04X}{le:02X}") == TokenInfo().encode()[offset : offset + expected]


@pytest.mark.parametrize("offset", [160, 161, 0x7FFF])
def test_beyond_the_end_there_is_nothing(jpki: Talk, offset: int) -> None:
    jpki.select_file(6)
    assert jpki(f"00B0{offset:04X}01") == "6B00"


@pytest.mark.parametrize(("le", "expected"), [("0000", 2048), ("0400", 1024), ("0001", 1), ("FFFF", 2048)])
def test_an_extended_le_reads_a_file_at_once(jpki: Talk, le: str, expected: int) -> None:
    jpki.select_file(0x0A)
    assert len(jpki.data("00B0000000" + le)) == expected


@pytest.mark.parametrize("command", ["00B00000", "00B0000001AA", "00B0000001AA00"])
def test_reading_wants_le_and_no_data(jpki: Talk, command: str) -> None:
    jpki.select_file(6)
    assert jpki(command) == "6700"


@pytest.mark.parametrize("command", ["00B2010400", "00B2010500", "00B2013400"])
def test_no_file_is_made_of_records(jpki: Talk, command: str) -> None:
    jpki.select_file(6)
    assert jpki(command) == "6981"


@pytest.mark.parametrize(
    ("command", "word"),
    [("00B2010400", "6986"), ("00B201EC00", "6A82"), ("00B2010000", "6A86"), ("00B2010300", "6A86")],
)
def test_a_record_of_no_file_is_refused(jpki: Talk, command: str, word: str) -> None:
    assert jpki(command) == word


@pytest.mark.parametrize("application", ["", "D392F000260100000001", "D3921000310001010408"])
@pytest.mark.parametrize(("le", "expected"), [("01", 1), ("10", 16), ("00", 256), ("000008", 8), ("000100", 256)])
def test_chance_is_given_anywhere(talk: Talk, application: str, le: str, expected: int) -> None:
    if application:
        talk.select(application)
    assert len(talk.data("00840000" + le)) == expected


def test_chance_differs(talk: Talk) -> None:
    assert talk.data("0084000010") != talk.data("0084000010")


def test_more_chance_than_256_bytes_is_refused(talk: Talk) -> None:
    assert talk("00840000000101") == talk("00840000000000") == "6985"


@pytest.mark.parametrize(
    ("command", "word"),
    [("0084000110", "6A86"), ("0084010010", "6A86"), ("00840000", "6700"), ("0084000001AA", "6700")],
)
def test_a_request_for_chance_has_one_form(talk: Talk, command: str, word: str) -> None:
    assert talk(command) == word


# --- commands that the card does not know -----------------------------------------------------------------------------


@pytest.mark.parametrize("cla", ["01", "02", "03", "09", "0D", "81", "82", "83"])
def test_there_is_no_logical_channel_but_0(jpki: Talk, cla: str) -> None:
    assert jpki(cla + "A4040C0AD392F000260100000001") == "6881"


@pytest.mark.parametrize("cla", ["10", "20", "40", "60", "84", "90", "A0", "C0", "FF"])
def test_an_unknown_class_is_refused(jpki: Talk, cla: str) -> None:
    assert jpki(cla + "B0000000") == "6E00"


@pytest.mark.parametrize(
    "command",
    ["00000000", "002A008002AABB00", "0044000000", "002C008000", "00D6000001AA", "80CA9F7F00", "80200080"],
)
def test_an_unknown_instruction_is_refused(jpki: Talk, command: str) -> None:
    assert jpki(command) == "6D00"


def test_the_last_command_indicator_of_phones_has_a_wrong_length_on_plastic(jpki: Talk) -> None:
    """soltia48/myna-card `src/card.rs` (LAST_COMMAND_INDICATOR)."""
    assert jpki("80FC0000") == "6700"


def test_secure_messaging_is_refused_outside_of_a_session(jpki: Talk) -> None:
    """soltia48/myna-card `src/sm.rs`: SELECT 6882, everything else 69FC; the other class 6987."""
    assert jpki("08A4020C02000A") == "6882"
    assert jpki("08B0000000") == jpki("08200080") == "69FC"
    assert jpki("0CB0000000") == "6987"


@pytest.mark.parametrize("command", ["", "00", "00A4", "00A404", "00A4040C0AD392", "00B000000000", "0020008000000031"])
def test_bytes_that_are_no_command_have_a_wrong_length(jpki: Talk, command: str) -> None:
    assert jpki(command) == "6700"


@pytest.mark.parametrize(
    ("profile", "atr"),
    [
        (Profile.ADULT, "3BE000FF8131FE4514"),
        (Profile.ADULT.of_generation_b(), "3BDA13FF8131FB468012392F31C173C601C03B"),
    ],
    ids=["A", "B"],
)
def test_both_generations_tell_their_answer_to_reset(profile: Profile, atr: str) -> None:
    answer = card(profile).atr
    assert answer.hex().upper() == atr
    check = 0
    for byte in answer[1:]:
        check ^= byte
    assert check == 0  # TCK: ISO/IEC 7816-3:2006 §8.2.5
