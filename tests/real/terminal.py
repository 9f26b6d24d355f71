"""A program in a terminal of its own: wait for what it says, type what it asks for, press Ctrl-C."""

import os
import pty
import select
import subprocess
import termios
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Self

from tests.waiting import PATIENCE

_CTRL_C = b"\x03"
_REACTION = 0.4


class Terminal:
    """A program whose controlling terminal is ours to type on (pty(7)).

    The command has to make the terminal its own: ``setsid --ctty`` in front of the program, behind whatever must not be
    hit by Ctrl-C.
    """

    def __init__(self, command: list[str], environment: Mapping[str, str] | None = None) -> None:
        self.said = ""
        self._ours, theirs = pty.openpty()
        self._program = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=os.environ | {"LC_ALL": "C.UTF-8", "TERM": "dumb"} | dict(environment or {}),
        )
        os.close(theirs)

    def wait_for(self, text: str, patience: float = PATIENCE) -> None:
        """Wait until it has said `text`; what it said up to there is not looked at again."""
        deadline = time.monotonic() + patience
        heard = b""
        while text.encode() not in heard:
            assert time.monotonic() < deadline, f"it did not say {text!r} but {heard.decode()!r}"
            if select.select([self._ours], [], [], 0.1)[0]:
                byte = self._read(1)
                assert byte, f"it ended before it said {text!r}: {heard.decode()!r}"
                heard += byte
        self.said += heard.decode()

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode() + b"\n")

    def type_hidden(self, text: str) -> None:
        """Type what is not shown, once the program has switched echo off: what came before may be thrown away.

        TCSAFLUSH, termios(3).
        """
        deadline = time.monotonic() + PATIENCE
        while termios.tcgetattr(self._ours)[3] & termios.ECHO:
            assert time.monotonic() < deadline, f"it did not switch echo off: {self.said!r}"
            time.sleep(0.01)
        self.type(text)

    def press_ctrl_c(self, seen: Callable[[], bool] = lambda: True) -> None:
        """Give it a moment first, as fingers do: a signal between a prompt and the wait for input is seen after it.

        Who says how it is `seen` presses again when nothing comes of it.
        """
        for _ in range(2):
            time.sleep(_REACTION)
            os.write(self._ours, _CTRL_C)
            ends = time.monotonic() + PATIENCE / 2
            while time.monotonic() < ends:
                if seen():
                    return
                time.sleep(0.02)

    def wait(self) -> int:
        """The exit code, once it has ended."""
        deadline, rest = time.monotonic() + PATIENCE, b""
        while self._program.poll() is None or select.select([self._ours], [], [], 0)[0]:
            assert time.monotonic() < deadline, f"it did not end: {self.said!r}"
            # Somebody has to read, or a program with much to say waits for ever.
            if select.select([self._ours], [], [], 0.1)[0]:
                if not (heard := self._read(4096)):
                    break
                rest += heard
        self.said += rest.decode("utf-8", "replace")
        return self._program.wait(timeout=PATIENCE)

    def end(self) -> None:
        """Press Ctrl-C; it has to end well."""
        self.press_ctrl_c()
        assert self.wait() == 0, self.said
        assert "Traceback" not in self.said

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Whatever happened, it runs no longer."""
        self._program.kill()
        self._program.wait()
        os.close(self._ours)

    def _read(self, length: int) -> bytes:
        """What it said; nothing once it has hung up (EIO, pty(7))."""
        with suppress(OSError):
            return os.read(self._ours, length)
        return b""
