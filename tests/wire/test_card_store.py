"""The journal of a card: durable, whole after any power cut, refused when damaged."""

import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.card.people import SeededEntropy, store
from tests.wire.power_cut import RecordingFiles, states_after_cut
from warifu.card import Card, tries_left
from warifu.cardmap import AUTHENTICATION_PIN, SIGNING_PASSWORD, PinSpec
from warifu.chip import PinRecord
from warifu.errors import DataTooNew, InUse, Malformed, NoCard, Unavailable
from warifu.wire.card_store import JournalStore, SystemFiles

PATH = Path("card.journal")
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
    assert _send(card, SELECT_JPKI, verify(AUTHENTICATION_PIN, "1234")) == "6581"
    assert _send(card, "00A4020C020017", "802A008002AAAA00") == "6982"


# --- power cuts -------------------------------------------------------------------------------------------------------

SELECT_JPKI = "00A4040C0AD392F000260100000001"


def verify(spec: PinSpec, pin: str) -> str:
    return f"002000{0x80 | spec.file:02X}{len(pin):02X}{pin.encode().hex()}"


def change(spec: PinSpec, pin: str) -> str:
    return f"002401{0x80 | spec.file:02X}{len(pin):02X}{pin.encode().hex()}"


def _send(card: Card, *commands: str) -> str:
    answer = b""
    for command in commands:
        answer = card.transmit(bytes.fromhex(command))
    return answer.hex()


@dataclass
class Span:
    """One command: the disk's history before its first call and after its last, and what may be there meanwhile.

    `before` and `after` are the record of the PIN when the command has not begun and when it has been answered.
    `compared` is the record on stable storage when the PIN was compared, or None when it was not.
    """

    start: int
    end: int
    before: PinRecord
    after: PinRecord
    compared: PinRecord | None


def live_a_life(files: RecordingFiles, spec: PinSpec, slack: int) -> list[Span]:
    """Wrong PINs, right ones, changes, a blocked end; what each command did to the PIN is told by arithmetic here."""
    JournalStore.create(PATH, store().read(), files=files).close()
    card = Card(JournalStore(PATH, files=files, slack=slack), SeededEntropy())
    _send(card, SELECT_JPKI)
    pin, tries, spans = (
        {"AUTH": "1234", "SIGN": "ABC123"}["AUTH" if spec is AUTHENTICATION_PIN else "SIGN"],
        spec.tries,
        [],
    )
    spare = pin[::-1]
    for step in (
        "wrong",
        "right",
        "change",
        "right",
        "wrong",
        "wrong",
        "right",
        "change",
        *["wrong"] * (spec.tries + 1),
    ):
        start, before = len(files.history), PinRecord(tries, pin.encode())
        compared = None if step == "change" or not tries else PinRecord(tries - 1, pin.encode())
        if step == "change":
            pin, spare = spare, pin
            assert _send(card, change(spec, pin)) == "9000"
        elif step == "right":
            tries = spec.tries
            assert _send(card, verify(spec, pin)) == "9000"
        else:
            expected = f"63c{tries - 1}" if tries else "6984"
            tries = max(tries - 1, 0)
            assert _send(card, verify(spec, spare)) == expected
        spans.append(Span(start, len(files.history), before, PinRecord(tries, pin.encode()), compared))
    return spans


@pytest.mark.parametrize("slack", [1 << 20, 200], ids=["one journal", "written anew again and again"])
@pytest.mark.parametrize("spec", [AUTHENTICATION_PIN, SIGNING_PASSWORD], ids=["authentication", "signing"])
def test_no_power_cut_buys_a_try_or_loses_a_pin(spec: PinSpec, slack: int) -> None:
    """Every state of the disk that a cut at any moment allows opens, and holds what was promised before the cut."""
    files = RecordingFiles()
    spans = live_a_life(files, spec, slack)
    seen = 0
    for span in spans:
        for moment in range(span.start - 1, span.end):
            snapshot = files.history[moment]
            for disk in states_after_cut(snapshot, step=_step(snapshot.inodes.values())):
                record = _record_on(disk, spec)
                seen += 1
                _check_promises(record, span, moment)
    assert seen > 1000


def _step(inodes: object) -> int:
    """Tear every byte of a small record, and a new journal at some hundred places."""
    longest = max((len(p[-1]) - len(d) for d, p in inodes if p), default=0)  # type: ignore[attr-defined]
    return max(1, longest // 100)


def _record_on(disk: dict[Path, bytes], spec: PinSpec) -> PinRecord:
    journal = JournalStore(PATH, files=RecordingFiles.holding(disk))
    return PinRecord.decode(journal.read()[f"jpki/{spec.file:04X}"])


def _check_promises(record: PinRecord, span: Span, moment: int) -> None:
    if moment == span.end - 1:
        assert record == span.after  # answered: it stays
    elif span.compared is None:
        assert record in (span.before, span.after)
    elif moment == span.start - 1:
        assert record == span.before
    else:
        # The first call writes the try; from the second on, its sync, the PIN may have been compared.
        counted = moment >= span.start + 1
        assert record in ((span.compared, span.after) if counted else (span.before, span.compared))


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_card_opens_and_counts_on_after_a_cut(cut: str) -> None:
    """The reopened card is a working card, not only readable bytes."""
    files = RecordingFiles()
    JournalStore.create(PATH, store().read(), files=files).close()
    card = Card(JournalStore(PATH, files=files), SeededEntropy())
    _send(card, SELECT_JPKI, verify(AUTHENTICATION_PIN, "0000"))
    *_, last = states_after_cut(files.history[-2 if cut == "before" else -1])
    disk = RecordingFiles.holding(last)
    again = JournalStore(PATH, files=disk)
    assert tries_left(again, AUTHENTICATION_PIN) == 2
    assert _send(Card(again, SeededEntropy()), SELECT_JPKI, verify(AUTHENTICATION_PIN, "1234")) == "9000"
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
    spans = live_a_life(files, AUTHENTICATION_PIN, 200)
    for span in spans:
        for disk in states_after_cut(files.history[span.end - 1], step=50):
            try:
                _check_promises(_record_on(disk, AUTHENTICATION_PIN), span, span.end - 1)
            except (AssertionError, NoCard, Malformed):
                return True
    return False
