"""A program in a terminal of its own: wait for what it says, type what it asks for, press Ctrl-C."""

import os
import pty
import select
import subprocess
import time

_CTRL_C = b"\x03"


class Terminal:
    """A program whose controlling terminal is ours to type on (pty(7)).

    The command has to make the terminal its own: ``setsid --ctty`` in front of the program, behind whatever must not be
    hit by Ctrl-C.
    """

    def __init__(self, command: list[str]) -> None:
        self.said = ""
        self._ours, theirs = pty.openpty()
        self._program = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=os.environ | {"LC_ALL": "C.UTF-8", "TERM": "dumb"},
        )
        os.close(theirs)

    def wait_for(self, text: str, patience: float = 20) -> None:
        """Wait until it has said `text`; what it said up to there is not looked at again."""
        deadline = time.monotonic() + patience
        heard = b""
        while text.encode() not in heard:
            assert time.monotonic() < deadline, f"it did not say {text!r} but {heard.decode()!r}"
            if select.select([self._ours], [], [], 0.1)[0]:
                heard += os.read(self._ours, 1)
        self.said += heard.decode()

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode() + b"\n")

    def press_ctrl_c(self) -> None:
        os.write(self._ours, _CTRL_C)

    def wait(self) -> int:
        """The exit code, once it has ended."""
        code = self._program.wait(timeout=20)
        while select.select([self._ours], [], [], 0.1)[0]:
            try:
                self.said += os.read(self._ours, 4096).decode("utf-8", "replace")
            except OSError:  # the last one has hung up
                break
        os.close(self._ours)
        return code
