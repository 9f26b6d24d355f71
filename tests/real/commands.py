"""Running ``warifu`` on the card in the reader of our own pcscd, and a card that can be taken out half-way."""

import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.real.pcscd import Pcscd
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
    """A card that is held on to at one command, so that somebody can take it out meanwhile."""

    def __init__(self, card: Connection, at: int) -> None:
        self._card, self._left = card, at
        self.reached = threading.Event()

    @property
    def atr(self) -> bytes:
        return self._card.atr

    def transmit(self, command: bytes) -> bytes:
        self._left -= 1
        if not self._left:
            self.reached.set()
            time.sleep(0.5)
        return self._card.transmit(command)

    def power_cycle(self) -> None:
        self._card.power_cycle()
