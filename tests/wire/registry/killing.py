"""Killing the register and the authorities, now one and now the other, and starting them again."""

import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.town.ports import free_ports
from tests.waiting import PATIENCE, until
from tests.wire.conftest import Place
from tests.wire.registry.kill_worker import introduce
from tests.wire.registry.nation import Life, Nation
from warifu.ca import State
from warifu.registry import CardState
from warifu.wire.database import reading
from warifu.wire.registry.reading import cards_of

ROOT = Path(__file__).parents[3]


@dataclass
class Program:
    """One of the two, running or not; what it told is heard in a thread."""

    arguments: list[str]
    lines: list[str] = field(default_factory=list)
    process: "subprocess.Popen[str] | None" = None

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.wire.registry.kill_worker", *self.arguments]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self._hear, args=(self.process,), daemon=True).start()

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def _hear(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                if line.endswith("\n"):  # else it died while it spoke
                    self.lines.append(line.strip())


@dataclass
class Pair:
    """Both programs over one directory."""

    directory: Path
    lived: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        port = free_ports(1)
        introduce(self.directory, port)
        self.authority = Program(["authority", str(self.directory), str(port)])
        self.register = Program(["register", str(self.directory), "0"])

    def start(self) -> None:
        for program in (self.authority, self.register):
            if program.process is None or program.process.poll() is not None:
                if program is self.register:
                    program.arguments[2] = str(self.heard())
                program.start()

    def heard(self) -> int:
        """Take in what the register told; the number of the next life."""
        for line in self.register.lines:
            if line.startswith("lived"):
                _, number, holder = line.split()
                assert self.lived.setdefault(int(number), holder) == holder, "a life twice, with two holders"
        return len(self.lived)

    def stop(self) -> None:
        for program in (self.authority, self.register):
            if program.process is not None and program.process.poll() is None:
                program.kill()


def kill_again_and_again(directory: Path, *, kills: int, seed: int) -> None:
    """Kill now one and now the other; in the end every life that was told of must be as it was told, once."""
    chance, pair = random.Random(seed), Pair(directory)
    try:
        for _ in range(kills):
            pair.start()
            await_lives(pair, pair.heard() + 1)
            time.sleep(chance.random())
            chance.choice((pair.authority, pair.register)).kill()
        pair.start()
        await_lives(pair, pair.heard() + 2)
    finally:
        pair.stop()
    check(directory, pair)


def await_lives(pair: Pair, count: int) -> None:
    """Wait until so many lives were told of: the programs found into their work again."""
    until(lambda: pair.heard() >= count, lambda: "nothing moves any more")


def check(directory: Path, pair: Pair) -> None:
    names = {"registry": "registry/register.db", "numbering": "numbering/numbers.db"}
    places = {party: str(directory / file) for party, file in names.items()}
    places["authority"] = str(directory / "authority" / "authority.sqlite")
    nation = Nation(Place(directory, None, places))
    try:
        nation.settle()
        assert nation.registry.queues() == []
        nation.registry.check_log()
        for number, holder in pair.lived.items():
            check_life(nation, number, holder)
    finally:
        nation.close()
    assert len(pair.lived) >= 2


def check_life(nation: Nation, number: int, holder: str) -> None:
    with reading(nation.engine) as connection:
        [card] = cards_of(connection, [holder])
    life = Life(nation, number, holder, card.id)
    life.check_arrived()
    life.check_card(CardState.IN_FORCE)
    life.check_certificates(authentication=State.VALID, signing=State.REVOKED)
