"""A screen that nobody sees, for programs with windows: Xvfb, and xdotool for fingers.

The display is reached through an abstract socket alone, which belongs to the network namespace (unix(7)): no other
screen on the machine can be meant.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.real.pcscd import Pcscd
from tests.waiting import until

DISPLAY = ":77"


class Screen:
    """A screen in the namespaces of a pcscd."""

    def __init__(self, pcscd: Pcscd) -> None:
        self._pcscd = pcscd

    def wait_for(self, title: str) -> str:
        """Wait until a window's title contains `title`; the whole title."""
        return until(
            lambda: [shown for shown in self._titles() if title in shown],
            lambda: f"no window says {title!r}, but {self._titles()}",
        )[0]

    def type(self, title: str, text: str) -> None:
        """Type into the window of this title, and press Return."""
        self.wait_for(title)
        said = self._xdotool("search", "--onlyvisible", "--name", title, "windowfocus", "--sync")
        assert not said, said
        self._xdotool("type", "--delay", "60", text)
        self._xdotool("key", "Return")

    def wait_until_on(self) -> None:
        until(lambda: self._xdotool("getdisplaygeometry").startswith("1000 "), lambda: "no screen")

    def _titles(self) -> list[str]:
        windows = self._xdotool("search", "--onlyvisible", "--name", ".").split()
        return [self._xdotool("getwindowname", window).strip() for window in windows if window.isdigit()]

    def _xdotool(self, *arguments: str) -> str:
        return self._pcscd.run("xdotool", *arguments, environment={"DISPLAY": DISPLAY}).stdout


@contextmanager
def unseen_screen(pcscd: Pcscd) -> Iterator[Screen]:
    """A screen while the block runs."""
    server = f"echo $$; exec Xvfb {DISPLAY} -screen 0 1000x700x24 -nolock -nolisten tcp -nolisten unix 2>/dev/null"
    with subprocess.Popen(pcscd.command("sh", "-c", server), stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        number_inside = running.stdout.readline().strip()
        try:
            screen = Screen(pcscd)
            screen.wait_until_on()
            yield screen
        finally:
            pcscd.run("kill", number_inside)
            running.wait()
