"""SELECT: what it finds, what it refuses, what it clears."""

import pytest

from tests.card.people import card
from tests.card.talk import (
    AUTHENTICATION_KEY,
    AUTHENTICATION_PIN,
    CARD_MANAGER,
    CODE_B,
    JPKI,
    SIGNING_KEY,
    SIGNING_PASSWORD,
    TEXT,
    TEXT_PIN,
    Talk,
)
from warifu.card import Profile
from warifu.chip import Behaviour


@pytest.mark.parametrize("aid", [JPKI, TEXT, CARD_MANAGER])
def test_an_application_is_selected_by_its_name_without_control_information(talk: Talk, aid: str) -> None:
    assert talk.select(aid) == "9000"


@pytest.mark.parametrize("length", range(1, 11))
def test_the_beginning_of_a_name_selects(talk: Talk, length: int) -> None:
    """JICSAP §4.2; D392 and shorter mean the first of the family."""
    assert talk.select(JPKI[: 2 * length]) == "9000"
    assert talk.tries(AUTHENTICATION_PIN) == "63C3"


def test_a_beginning_that_only_the_text_application_has_selects_it(talk: Talk) -> None:
    talk.select(TEXT[:16])
    assert talk.tries(TEXT_PIN) == "63C3"


FOREIGN = [
    # Names that OpenSC's other drivers ask for before jpki's turn.
    "7627601FF00000",
    "A00000000101",
    "E82B0601040181C31F0201",
    "D23300000045737445494420763335",
    "A000000308000010000100",
    "A00000007901",
    "A0000000790200",
    "F276A288BCFBA69D34F31001",
    "A0000003974254465900",
    "D2760001240100",
    # Neighbours of ours.
    JPKI + "00",
    JPKI[:-2] + "02",
    CARD_MANAGER + "00",
    "A0000001510001",
    # Neighbours of the others.
    "D3921000310001010101",
    "D3921000310001010403",
    "D392100031000101040800",
]


@pytest.mark.parametrize("aid", FOREIGN)
def test_a_foreign_application_is_not_found(talk: Talk, aid: str) -> None:
    """A card that said yes would be claimed by another OpenSC driver."""
    assert talk.select(aid) == "6A82"


@pytest.mark.parametrize("command", ["00CADF3005", "00CA010700", "00CA004300", "00CA7F21000000"])
def test_a_data_object_that_is_not_there_is_not_found(talk: Talk, command: str) -> None:
    assert talk(command) == "6A88"


def test_the_get_data_of_other_cards_is_unknown(talk: Talk) -> None:
    """What OpenSC's PIV driver tries."""
    assert talk("00CB3FFF035C017E08") == "6D00"


def test_the_card_manager_tells_the_contact_answer_to_reset_without_its_first_byte(talk: Talk) -> None:
    """soltia48/myna-card `src/card.rs` (contact_atr)."""
    assert talk("00CA5F5100") == "E000FF8131FE4514" + "9000"
    assert talk("00CA5F5107") == "6700"


def test_a_selection_that_finds_nothing_changes_nothing(jpki: Talk) -> None:
    jpki.verify(AUTHENTICATION_PIN, "1234")
    jpki.select_file(AUTHENTICATION_KEY)
    assert jpki.select("A00000000101") == "6A82"
    assert jpki.select_file(0x1D) == "6A82"
    assert jpki.word("802A008002AABB00") == "9000"


@pytest.mark.parametrize("p2", ["00", "0C", "02", "0E"])
def test_control_information_may_be_asked_for_and_is_empty(talk: Talk, p2: str) -> None:
    assert talk(f"00A404{p2}0A{JPKI}00") == "9000"


def test_the_next_occurrence_of_a_name_is_the_next_of_the_family(talk: Talk) -> None:
    assert talk("00A4040002D39200") == "9000"
    assert talk.tries(AUTHENTICATION_PIN) == "63C3"
    assert talk("00A4040202D39200") == "9000"
    assert talk.tries(TEXT_PIN) == "63C3"
    assert [talk("00A4040202D39200") for _ in range(4)] == ["9000", "9000", "9000", "6A82"]


@pytest.mark.parametrize(
    "command", ["00A404040A" + JPKI, "00A4020402000A", "00A401000200AA", "00A40300", "00A40900023F00"]
)
def test_another_way_of_selecting_is_refused(jpki: Talk, command: str) -> None:
    assert jpki(command) == "6A86"


@pytest.mark.parametrize(
    "command", ["00A4040C", "00A4040C00", "00A4040C11" + "D3" * 17, "00A4020C010A", "00A4020C03000A00"]
)
def test_a_name_has_1_to_16_bytes_and_a_file_number_2(jpki: Talk, command: str) -> None:
    assert jpki(command) == "6700"


@pytest.mark.parametrize("fid", [1, 2, 6, 8, 9, 0x0A, 0x0B, 0x10, 0x16, 0x17, 0x18, 0x1A, 0x1B])
def test_every_file_of_the_jpki_application_is_there(jpki: Talk, fid: int) -> None:
    assert jpki.select_file(fid) == "9000"


@pytest.mark.parametrize("fid", [1, 2, 3, 4, 5, 6, 7, 8, 0x11, 0x12, 0x13, 0x14, 0x15])
def test_every_file_of_the_text_application_is_there(text: Talk, fid: int) -> None:
    assert text.select_file(fid) == "9000"


def test_no_other_file_of_the_jpki_application_is_there(jpki: Talk) -> None:
    there = {1, 2, 6, 8, 9, 0x0A, 0x0B, 0x10, 0x16, 0x17, 0x18, 0x1A, 0x1B}
    assert {jpki.select_file(fid) for fid in range(0x200) if fid not in there} == {"6A82"}
    assert jpki.select_file(0x2F10) == jpki.select_file(0x3F00) == "6A82"


def test_after_power_on_no_file_but_one_is_there_and_nothing_can_be_read(talk: Talk) -> None:
    """soltia48/myna-card `src/mf.rs`: 001E can be selected and answers 6981."""
    assert [fid for fid in range(0x20) if talk.select_file(fid) == "9000"] == [0x1E]
    assert talk("00B0000000") == "6981"


def test_the_master_file_is_refused_after_power_on_and_nothing_in_an_application(talk: Talk) -> None:
    """soltia48/myna-card `src/card.rs`: 6A86, then 9000 without effect; 3F00 by number is 6A82."""
    assert talk("00A40000") == "6A86"
    talk.select_jpki()
    talk.select_file(AUTHENTICATION_PIN)
    assert talk("00A40000") == "9000"
    assert talk("00200080") == "63C3"
    assert talk("00A40000023F00") == "6A82"


def test_selecting_an_application_leaves_no_file_current(jpki: Talk) -> None:
    jpki.select_file(AUTHENTICATION_PIN)
    jpki.select_jpki()
    assert jpki("00200080") == "6986"


@pytest.mark.parametrize("other", [TEXT, CARD_MANAGER])
def test_selecting_another_application_forgets_the_pin(jpki: Talk, other: str) -> None:
    """JICSAP §5.1.3."""
    jpki.verify(AUTHENTICATION_PIN, "1234")
    jpki.select(other)
    jpki.select_jpki()
    assert jpki.sign(AUTHENTICATION_KEY) == "6982"


def test_selecting_the_same_application_keeps_the_pin(jpki: Talk) -> None:
    """JICSAP §5.1.3, measured by soltia48/myna-sign `src/card.rs`."""
    jpki.verify(AUTHENTICATION_PIN, "1234")
    jpki.select_jpki()
    assert jpki.sign(AUTHENTICATION_KEY) == "9000"


def test_a_profile_may_forget_on_selecting_the_same_application() -> None:
    """OpenSC `jpki_logout` counts on it."""
    talk = Talk(profile=Profile(behaviour=Behaviour(reselection_clears=True)))
    talk.select_jpki()
    talk.verify(AUTHENTICATION_PIN, "1234")
    assert talk.sign(AUTHENTICATION_KEY) == "9000"
    talk.select_jpki()
    assert talk.sign(AUTHENTICATION_KEY) == "6982"


def test_a_pin_of_one_application_opens_nothing_in_another(text: Talk) -> None:
    """The text application's 0015 and the JPKI application's numbers do not meet."""
    text.verify(TEXT_PIN, "5678")
    text.select_jpki()
    assert text.read(1) == text.sign(AUTHENTICATION_KEY) == text.sign(SIGNING_KEY) == "6982"


def test_a_power_cycle_forgets_everything(jpki: Talk) -> None:
    jpki.verify(SIGNING_PASSWORD, "ABC123")
    jpki.card.power_cycle()
    assert jpki.tries(SIGNING_PASSWORD) == "6A82"  # the card manager is current
    jpki.select_jpki()
    assert jpki.sign(SIGNING_KEY) == "6982"


def test_a_warm_reset_keeps_what_was_verified_for_its_application(jpki: Talk) -> None:
    """soltia48/myna-card `src/transport/pcsc.rs`: measured over SCardDisconnect and reset."""
    jpki.verify(AUTHENTICATION_PIN, "1234")
    jpki.card.reset()
    assert jpki.sign(AUTHENTICATION_KEY) == "6A82"  # the card manager is current
    jpki.select_jpki()
    assert jpki.sign(AUTHENTICATION_KEY) == "9000"


@pytest.mark.parametrize("other", [TEXT, CARD_MANAGER])
def test_after_a_warm_reset_another_application_forgets_all_the_same(jpki: Talk, other: str) -> None:
    jpki.verify(AUTHENTICATION_PIN, "1234")
    jpki.card.reset()
    jpki.select(other)
    jpki.select_jpki()
    assert jpki.sign(AUTHENTICATION_KEY) == "6982"


def test_a_profile_may_forget_on_warm_reset() -> None:
    """ISO/IEC 7816-4:2005 §5.4.1, and what OpenSC expects."""
    talk = Talk(profile=Profile(behaviour=Behaviour(warm_reset_clears=True)))
    talk.select_jpki()
    talk.verify(AUTHENTICATION_PIN, "1234")
    talk.card.reset()
    talk.select_jpki()
    assert talk.sign(AUTHENTICATION_KEY) == "6982"


def test_two_cards_do_not_share_anything() -> None:
    first, second = Talk(card()), Talk(card())
    first.select_jpki()
    second.select_jpki()
    first.verify(AUTHENTICATION_PIN, "0000")
    first.verify(SIGNING_PASSWORD, "ABC123")
    assert second.tries(AUTHENTICATION_PIN) == "63C3"
    assert second.sign(SIGNING_KEY) == "6982"


def test_code_b_is_a_file_of_the_text_application_only(jpki: Talk) -> None:
    assert jpki.tries(CODE_B) == "6A82"
