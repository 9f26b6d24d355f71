"""Running ``warifu`` on the card in the reader of our own pcscd, and a card that can be taken out half-way."""

import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.real.pcscd import Pcscd
from tests.waiting import PATIENCE
from warifu.ports import Connection

Run = Callable[..., "tuple[int, str, str]"]
"""``warifu`` with these arguments: exit code, stdout, stderr."""


def command_line(pcscd: Pcscd, program: str, arguments: tuple[str, ...]) -> subprocess.Popen[str]:
    environment = {**os.environ, "PCSCLITE_CSOCK_NAME": str(pcscd.socket_path), "WARIFU_CONFIG": ""}
    command = [program, "--lang", "en", *arguments]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=environment, text=True, **pipes)  # type: ignore[call-overload, no-any-return]


def secret(folder: Path, text: str) -> str:
    path = folder / f"{len(list(folder.iterdir()))}.pin"
    path.write_text(text + "\n")
    return str(path)


class TakenOut:
    """A card that answers one command only after somebody has taken it out."""

    def __init__(self, card: Connection, at: int) -> None:
        self._card, self._left = card, at
        self._reached, self._gone = threading.Event(), threading.Event()

    def at_that_command(self, take_out: Callable[[], None]) -> None:
        assert self._reached.wait(PATIENCE)
        take_out()
        self._gone.set()

    @property
    def atr(self) -> bytes:
        return self._card.atr

    def transmit(self, command: bytes) -> bytes:
        self._left -= 1
        if not self._left:
            self._reached.set()
            assert self._gone.wait(PATIENCE)
            time.sleep(0.5)  # vpcd often loses the next card if this one's line is closed sooner
        return self._card.transmit(command)

    def power_cycle(self) -> None:
        self._card.power_cycle()
