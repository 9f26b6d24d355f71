"""Long campaigns against a card's journal: random lives under power cuts, and a process that is killed."""

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.card.people import store
from tests.soak import CAMPAIGN
from tests.wire.card_life import check_every_cut, live, random_steps
from tests.wire.power_cut import RecordingFiles
from warifu.card import tries_left, unblock_pin
from warifu.cardmap import AUTHENTICATION_PIN, SIGNING_PASSWORD, PinSpec
from warifu.wire.card_store import JournalStore

pytestmark = CAMPAIGN


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("spec", [AUTHENTICATION_PIN, SIGNING_PASSWORD], ids=["authentication", "signing"])
def test_no_power_cut_in_a_random_life_buys_a_try_or_loses_a_pin(spec: PinSpec, seed: int) -> None:
    files = RecordingFiles()
    spans = live(files, spec, random_steps(seed), slack=50 * (seed % 7))
    assert check_every_cut(files, spec, spans) > 1000


HOLDER = """
import sys
from pathlib import Path
from tests.card.people import SeededEntropy
from tests.wire.card_life import SELECT_JPKI, send, verify
from warifu.card import Card
from warifu.cardmap import SIGNING_PASSWORD
from warifu.wire.card_store import JournalStore

card = Card(JournalStore(Path(sys.argv[1]), slack=300), SeededEntropy())
send(card, SELECT_JPKI)
while True:
    for pin in ("ABC123", "WRONG1", "WRONG2", "ABC123", "WRONG3"):
        print(pin, end=" ", flush=True)
        print(send(card, verify(SIGNING_PASSWORD, pin)), flush=True)
"""


def test_a_killed_process_leaves_a_card_that_counted_every_try(tmp_path: Path) -> None:
    """SIGKILL at random moments: what was answered is kept, a try that had begun is counted or not begun."""
    path, random = tmp_path / "card", Random(1)
    JournalStore.create(path, store().read()).close()
    left = 5
    for _ in range(100):
        for pin, answer in told_until_killed(path, random.uniform(0.0, 0.05)):
            if answer:
                left = 5 if answer == "9000" else int(answer[-1], 16)
            else:
                found = tries_left(JournalStore(path), SIGNING_PASSWORD)
                assert found in {left, left - 1} | ({5} if pin == "ABC123" else set())
                left = found
        kept = JournalStore(path)
        assert tries_left(kept, SIGNING_PASSWORD) == left
        if not left:  # tries that began and were never answered may use up all
            unblock_pin(kept, SIGNING_PASSWORD)
            left = 5


def told_until_killed(path: Path, seconds: float) -> list[tuple[str, str]]:
    """PINs presented and their answers; the last may be without."""
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    first = holder.stdout.read(1)  # it has begun
    try:
        holder.wait(seconds)
    except subprocess.TimeoutExpired:
        holder.kill()
    told = first + holder.stdout.read()
    holder.stdout.close()
    holder.wait()
    lines = [line.split(" ") for line in told.splitlines()]
    return [(line[0], line[1] if len(line) > 1 else "") for line in lines]
