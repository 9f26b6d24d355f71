"""The journal of a card: durable, whole after any power cut, refused when damaged."""

import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.card.people import SeededEntropy, store
from tests.wire.card_life import (
    CHANGE,
    PATH,
    RIGHT,
    SELECT_JPKI,
    WRONG,
    check_every_cut,
    check_promises,
    live,
    ordinary_steps,
    record_on,
    send,
    verify,
)
from tests.wire.power_cut import RecordingFiles, states_after_cut
from warifu.card import Card, tries_left
from warifu.cardmap import (
    AUTHENTICATION_PIN,
    COMMON_PIN,
    NEXT_PIN,
    NEXT_SIGNING_PASSWORD,
    RESIDENT_PIN,
    SIGNING_PASSWORD,
    TEXT_PIN,
    PinSpec,
)
from warifu.errors import DataTooNew, InUse, Malformed, NoCard, Unavailable
from warifu.wire.card_store import JournalStore, SystemFiles

CONTENTS = {"a": b"1", "b": b"two", "empty": b""}


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    first = JournalStore.create(tmp_path / "card", CONTENTS)
    first.write({"a": b"new", "c": bytes(300)})
    first.write({"b": b""})
    first.close()
    assert JournalStore(tmp_path / "card").read() == {"a": b"new", "b": b"", "empty": b"", "c": bytes(300)}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such file modes")
def test_only_the_owner_reads_the_file(tmp_path: Path) -> None:
    JournalStore.create(tmp_path / "card", CONTENTS).close()
    assert stat.S_IMODE((tmp_path / "card").stat().st_mode) == 0o600


def test_a_card_is_not_written_over(tmp_path: Path) -> None:
    JournalStore.create(tmp_path / "card", CONTENTS).close()
    with pytest.raises(InUse):
        JournalStore.create(tmp_path / "card", {"a": b"other"})


def test_no_file_is_no_card(tmp_path: Path) -> None:
    with pytest.raises(NoCard):
        JournalStore(tmp_path / "card")


def test_a_card_cannot_be_kept_where_there_is_no_directory(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        JournalStore.create(tmp_path / "nowhere" / "card", CONTENTS)


def test_another_file_is_no_card(tmp_path: Path) -> None:
    (tmp_path / "card").write_bytes(b"SQLite format 3\0" * 8)
    with pytest.raises(Malformed):
        JournalStore(tmp_path / "card")


def test_what_lies_beside_another_file_is_left_alone(tmp_path: Path) -> None:
    """A path that was mistyped."""
    (tmp_path / "letter").write_bytes(b"dear")
    (tmp_path / "letter.new").write_bytes(b"precious")
    with pytest.raises(Malformed):
        JournalStore(tmp_path / "letter")
    assert (tmp_path / "letter.new").read_bytes() == b"precious"


def test_a_newer_version_is_refused(tmp_path: Path) -> None:
    JournalStore.create(tmp_path / "card", CONTENTS).close()
    journal = bytearray((tmp_path / "card").read_bytes())
    journal[15] += 1
    (tmp_path / "card").write_bytes(journal)
    with pytest.raises(DataTooNew):
        JournalStore(tmp_path / "card")


def test_damage_before_the_end_is_refused_and_no_state_is_rolled_back(tmp_path: Path) -> None:
    journal = JournalStore.create(tmp_path / "card", CONTENTS)
    for tries in b"\x02\x01\x00":
        journal.write({"a": bytes((tries,))})
    journal.close()
    damaged = bytearray((tmp_path / "card").read_bytes())
    damaged[-50] ^= 1
    (tmp_path / "card").write_bytes(damaged)
    with pytest.raises(Malformed):
        JournalStore(tmp_path / "card")


def test_an_old_record_behind_the_end_is_not_taken_for_new(tmp_path: Path) -> None:
    """Each digest covers the one before it, so a record fits in one place only."""
    journal = JournalStore.create(tmp_path / "card", CONTENTS)
    before = (tmp_path / "card").stat().st_size
    journal.write({"a": b"3"})
    record = (tmp_path / "card").read_bytes()[before:]
    journal.write({"a": b"2"})
    journal.close()
    (tmp_path / "card").write_bytes((tmp_path / "card").read_bytes() + record)
    assert JournalStore(tmp_path / "card").read()["a"] == b"2"


def test_a_torn_tail_is_cut_off_the_file(tmp_path: Path) -> None:
    journal = JournalStore.create(tmp_path / "card", CONTENTS)
    journal.write({"a": b"2"})
    journal.close()
    whole = (tmp_path / "card").read_bytes()
    (tmp_path / "card").write_bytes(whole + b"\0\0\0\x09torn")
    JournalStore(tmp_path / "card").close()
    assert (tmp_path / "card").read_bytes() == whole


def test_a_long_journal_is_written_anew(tmp_path: Path) -> None:
    JournalStore.create(tmp_path / "card", CONTENTS).close()
    journal = JournalStore(tmp_path / "card", slack=1000)
    for number in range(200):
        journal.write({"a": bytes((number,))})
        assert (tmp_path / "card").stat().st_size < 1100
    journal.close()
    assert JournalStore(tmp_path / "card").read() == CONTENTS | {"a": b"\xc7"}
    assert [path.name for path in tmp_path.iterdir()] == ["card"]


def test_of_two_who_make_a_card_at_once_one_does(tmp_path: Path) -> None:
    class Slow(SystemFiles):
        """Somebody else is done between our looking and our naming."""

        def name(self, source: Path, target: Path) -> None:
            JournalStore.create(target, {"a": b"first"}).close()
            super().name(source, target)

    with pytest.raises(InUse):
        JournalStore.create(tmp_path / "card", CONTENTS, files=Slow())
    assert JournalStore(tmp_path / "card").read() == {"a": b"first"}
    assert [path.name for path in tmp_path.iterdir()] == ["card"]


class FailingFiles(SystemFiles):
    """A disk whose `sync` fails when told to."""

    failing = False

    def sync(self, handle: int) -> None:
        if self.failing:
            raise OSError(5, "input/output error")
        super().sync(handle)


def test_after_a_failed_sync_nothing_is_written_until_the_file_is_opened_anew(tmp_path: Path) -> None:
    files = FailingFiles()
    journal = JournalStore.create(tmp_path / "card", CONTENTS, files=files)
    files.failing = True
    with pytest.raises(Unavailable):
        journal.write({"a": b"2"})
    files.failing = False
    with pytest.raises(Unavailable):
        journal.write({"a": b"3"})
    assert journal.read() == CONTENTS
    JournalStore(tmp_path / "card").write({"a": b"3"})


def test_a_card_whose_storage_fails_answers_6581_and_compares_nothing(tmp_path: Path) -> None:
    """The try could not be counted, so the right PIN opens nothing."""
    files = FailingFiles()
    card = Card(JournalStore.create(tmp_path / "card", store().read(), files=files), SeededEntropy())
    files.failing = True
    assert send(card, SELECT_JPKI, verify(AUTHENTICATION_PIN, "1234")) == "6581"
    assert send(card, "00A4020C020017", "802A008002AAAA00") == "6982"


# --- power cuts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slack", [1 << 20, 200], ids=["one journal", "written anew again and again"])
@pytest.mark.parametrize("spec", [AUTHENTICATION_PIN, SIGNING_PASSWORD], ids=["authentication", "signing"])
def test_no_power_cut_buys_a_try_or_loses_a_pin(spec: PinSpec, slack: int) -> None:
    """Every state of the disk that a cut at any moment allows opens, and holds what was promised before the cut."""
    files = RecordingFiles()
    spans = live(files, spec, ordinary_steps(spec), slack)
    assert check_every_cut(files, spec, spans) > 1000


@pytest.mark.parametrize("spec", [RESIDENT_PIN, COMMON_PIN, TEXT_PIN], ids=["resident", "common", "text"])
def test_nor_does_one_in_another_application(spec: PinSpec) -> None:
    """CHANGE KEY writes as CHANGE REFERENCE DATA does."""
    files = RecordingFiles()
    spans = live(files, spec, [WRONG, RIGHT, CHANGE, RIGHT, WRONG], 1 << 20)
    assert check_every_cut(files, spec, spans) > 100


@pytest.mark.parametrize("spec", [NEXT_PIN, NEXT_SIGNING_PASSWORD], ids=["PIN", "password"])
def test_nor_does_one_on_a_card_of_the_next_generation(spec: PinSpec) -> None:
    files = RecordingFiles()
    spans = live(files, spec, ordinary_steps(spec), 1 << 20)
    assert check_every_cut(files, spec, spans) > 1000


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_card_opens_and_counts_on_after_a_cut(cut: str) -> None:
    """The reopened card is a working card, not only readable bytes."""
    files = RecordingFiles()
    JournalStore.create(PATH, store().read(), files=files).close()
    card = Card(JournalStore(PATH, files=files), SeededEntropy())
    send(card, SELECT_JPKI, verify(AUTHENTICATION_PIN, "0000"))
    *_, last = states_after_cut(files.history[-2 if cut == "before" else -1])
    disk = RecordingFiles.holding(last)
    again = JournalStore(PATH, files=disk)
    assert tries_left(again, AUTHENTICATION_PIN) == 2
    assert send(Card(again, SeededEntropy()), SELECT_JPKI, verify(AUTHENTICATION_PIN, "1234")) == "9000"
    assert tries_left(JournalStore(PATH, files=disk), AUTHENTICATION_PIN) == 3


def test_a_new_card_is_there_whole_or_not_at_all() -> None:
    files = RecordingFiles()
    JournalStore.create(PATH, CONTENTS, files=files).close()
    found: dict[str, int] = {"none": 0, "whole": 0}
    for snapshot in files.history:
        for disk in states_after_cut(snapshot):
            try:
                assert JournalStore(PATH, files=RecordingFiles.holding(disk)).read() == CONTENTS
                found["whole"] += 1
            except NoCard:
                found["none"] += 1
    assert all(found.values())


def test_the_cutting_disk_would_catch_a_store_that_does_not_sync() -> None:
    """The judge is judged: without fsync the promise breaks in some state."""

    class Careless(RecordingFiles):
        def sync(self, handle: int) -> None:
            self._remember()

    assert _broken_by(Careless)


def test_the_cutting_disk_would_catch_a_replaced_name_that_is_not_synced() -> None:
    """The judge is judged: a new journal written to while its name is not durable."""

    class Careless(RecordingFiles):
        def sync_directory(self, path: Path) -> None:
            if len(self.history) < 10:  # the card itself is made with care
                super().sync_directory(path)
            self._remember()

    assert _broken_by(Careless)


def _broken_by(kind: Callable[[], RecordingFiles]) -> bool:
    files = kind()
    spans = live(files, AUTHENTICATION_PIN, ordinary_steps(AUTHENTICATION_PIN), 200)
    for span in spans:
        for disk in states_after_cut(files.history[span.end - 1], step=50):
            try:
                check_promises(record_on(disk, AUTHENTICATION_PIN), span, span.end - 1)
            except (AssertionError, NoCard, Malformed):
                return True
    return False
