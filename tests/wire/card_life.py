"""A card's life over a recording disk, and what must hold on every disk that a power cut leaves behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.card.people import SeededEntropy, store
from tests.wire.power_cut import RecordingFiles, Snapshot, states_after_cut
from warifu.card import Card, Profile
from warifu.cardmap import (
    AUTHENTICATION_PIN,
    COMMON_PIN,
    NEXT_PIN,
    NEXT_SIGNING_PASSWORD,
    RESIDENT_PIN,
    SIGNING_PASSWORD,
    TEXT_PIN,
    Application,
    PinSpec,
)
from warifu.chip import PinRecord
from warifu.wire.card_store import JournalStore

PATH = Path("card.journal")
SELECT_JPKI = "00A4040C0AD392F000260100000001"
PINS = {
    AUTHENTICATION_PIN: "1234",
    SIGNING_PASSWORD: "ABC123",
    TEXT_PIN: "5678",
    RESIDENT_PIN: "2468",
    COMMON_PIN: "3579",
    NEXT_PIN: "1234",
    NEXT_SIGNING_PASSWORD: "ABC123",
}
WRONG, RIGHT, CHANGE = "wrong", "right", "change"


def verify(spec: PinSpec, pin: str) -> str:
    return f"002000{0x80 | spec.file:02X}{len(pin):02X}{pin.encode().hex()}"


def change(spec: PinSpec, pin: str) -> str:
    """In the dialect of the PIN's application: CHANGE KEY or CHANGE REFERENCE DATA."""
    how = "803200" if spec.application in (Application.RESIDENT, Application.COMMON) else "002401"
    return f"{how}{0x80 | spec.file:02X}{len(pin):02X}{pin.encode().hex()}"


def send(card: Card, *commands: str) -> str:
    """The answer to the last of these commands."""
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


def ordinary_steps(spec: PinSpec) -> list[str]:
    """Wrong PINs, right ones, changes, and a blocked end."""
    return [WRONG, RIGHT, CHANGE, RIGHT, WRONG, WRONG, RIGHT, CHANGE, *[WRONG] * (spec.tries + 1)]


def random_steps(seed: int, length: int = 12) -> list[str]:
    """Any steps that a holder can take: a change follows a right PIN."""
    random = Random(seed)
    steps = random.choices([[WRONG], [RIGHT], [RIGHT, CHANGE]], weights=[2, 2, 1], k=length)
    return [each for step in steps for each in step]


def live(files: RecordingFiles, spec: PinSpec, steps: Sequence[str], slack: int) -> list[Span]:
    """Live through `steps`; what each did to the PIN is told by arithmetic here, not by the card."""
    merged = spec.application is Application.NEXT_AUTHENTICATION
    kind = Profile.NEXT_GENERATION if merged else Profile.ADULT
    JournalStore.create(PATH, store(kind).read(), files=files).close()
    card = Card(JournalStore(PATH, files=files, slack=slack), SeededEntropy())
    send(card, f"00A4040C0A{spec.application.aid.hex()}")
    pin, tries, spans = PINS[spec], spec.tries, []
    for step in steps:
        start, before = len(files.history), PinRecord(tries, pin.encode())
        compared = None if step == CHANGE or not tries else PinRecord(tries - 1, pin.encode())
        if step == WRONG or not tries:
            expected = f"63c{tries - 1}" if tries else "6984"
            tries = max(tries - 1, 0)
            assert send(card, verify(spec, pin[::-1])) == expected
        elif step == RIGHT:
            tries = spec.tries
            assert send(card, verify(spec, pin)) == "9000"
        else:
            pin = pin[::-1]
            assert send(card, change(spec, pin)) == "9000"
        spans.append(Span(start, len(files.history), before, PinRecord(tries, pin.encode()), compared))
    return spans


def check_every_cut(files: RecordingFiles, spec: PinSpec, spans: list[Span], *, places: int = 100) -> int:
    """Cut the power at every moment, reopen every disk that may leave, check what was promised; how many disks."""
    seen = 0
    for span in spans:
        for moment in range(span.start - 1, span.end):
            snapshot = files.history[moment]
            for disk in states_after_cut(snapshot, step=_step(snapshot, places)):
                check_promises(record_on(disk, spec), span, moment)
                seen += 1
    return seen


def _step(snapshot: Snapshot, places: int) -> int:
    """Tear a small record at every byte, and a new journal at so many places."""
    added = [len(pending[-1]) - len(durable) for durable, pending in snapshot.inodes.values() if pending]
    return max(1, max(added, default=0) // places)


def record_on(disk: dict[Path, bytes], spec: PinSpec) -> PinRecord:
    """The PIN's record as a card reopened on this disk has it."""
    journal = JournalStore(PATH, files=RecordingFiles.holding(disk))
    return PinRecord.decode(journal.read()[f"{spec.application.name.lower()}/{spec.file:04X}"])


def check_promises(record: PinRecord, span: Span, moment: int) -> None:
    """No try is won, no changed PIN is lost."""
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
