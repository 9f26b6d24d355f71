"""Cards that earlier versions personalised, and the formats of the store."""

import shutil
from pathlib import Path

import pytest

from tests.card.people import NUMBER, SeededEntropy, store
from tests.card.talk import AUTHENTICATION_KEY, AUTHENTICATION_PIN, TEXT_PIN, Talk
from warifu.card import Card, MemoryStore
from warifu.cardmap import Application
from warifu.errors import DataTooNew, Malformed
from warifu.wire.card_store import JournalStore

FORMAT_1 = Path(__file__).parent.parent / "vectors" / "card" / "format1.card"
"""The journal of an adult's card, written by the last version that knew two applications only."""


@pytest.fixture
def old(tmp_path: Path) -> JournalStore:
    return JournalStore(Path(shutil.copy(FORMAT_1, tmp_path / "old.card")))


def test_a_card_of_format_1_does_all_it_ever_did(old: JournalStore) -> None:
    talk = Talk(Card(old, SeededEntropy()))
    talk.select_jpki()
    assert talk.verify(AUTHENTICATION_PIN, "1234") == "9000"
    assert talk.sign(AUTHENTICATION_KEY) == "9000"
    talk.select_text()
    assert talk.verify(TEXT_PIN, "5678") == "9000"
    assert NUMBER.reveal().encode() in talk.data("00B0810000")


def test_a_card_of_format_1_does_not_have_what_it_was_not_given(old: JournalStore) -> None:
    talk = Talk(Card(old, SeededEntropy()))
    for application in (Application.VISUAL, Application.COMMON, Application.RESIDENT):
        assert talk.select(application.aid.hex()) == "6A82"
    talk.select_text()
    assert [talk.select_file(fid) for fid in (5, 6, 8)] == ["6A82"] * 3
    assert Talk(Card(old, SeededEntropy()))("00CA004200") == "6A88"


def test_a_card_of_format_1_stays_one_whatever_is_changed(old: JournalStore) -> None:
    """So that the version that wrote it can still read it."""
    before = old.read()
    talk = Talk(Card(old, SeededEntropy()))
    talk.select_jpki()
    talk.verify(AUTHENTICATION_PIN, "1234")
    assert talk.change(AUTHENTICATION_PIN, "4321") == "9000"
    assert {name for name, value in old.read().items() if value != before[name]} == {"jpki/0018"}


def test_cards_are_written_in_format_2() -> None:
    """A version that knows two applications must not show half a card as a whole one; it answers `DataTooNew`."""
    assert store().read()["format"] == b"\x02"


@pytest.mark.parametrize(
    ("version", "error"), [(b"", Malformed), (b"\0", Malformed), (b"\x03", DataTooNew), (b"\x02\0", DataTooNew)]
)
def test_another_format_is_refused(version: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        Card(MemoryStore({**store().read(), "format": version}), SeededEntropy())
