"""docs/clients.md as a script: a test runs the very commands that the page shows, and types what they ask for."""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.real.pcscd import Pcscd
from tests.real.terminal import Terminal
from tests.waiting import until

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "clients.md"
_SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ENDED = "commands ended with "


def sections() -> dict[str, str]:
    """The sections of the page that have commands: title and commands."""
    found = {title: "".join(_COMMANDS.findall(text)) for title, text in _SECTION.findall(PAGE.read_text("utf-8"))}
    return {title: commands for title, commands in found.items() if commands}


class Reader:
    """Somebody who follows the page, section by section, in one folder, with the card in the reader."""

    def __init__(self, pcscd: Pcscd, folder: Path) -> None:
        self._pcscd = pcscd
        self.folder = folder

    def follow(self, title: str, *typed: tuple[str, str], environment: Mapping[str, str] | None = None) -> str:
        """Run a section's commands until one fails; `typed` are prompts, and what is typed then.

        Returns:
            What the commands said. None of them failed.
        """
        with self.following(title, environment) as running:
            for prompt, answer in typed:
                running.wait_for(prompt)
                running.type_hidden(answer)
        assert running.said.splitlines()[-1] == f"{_ENDED}0", running.said
        return running.said

    @contextmanager
    def following(self, title: str, environment: Mapping[str, str] | None = None) -> Iterator[Terminal]:
        """A section's commands as they run; once the block has done what they ask for, they have to end."""
        script = f"trap 'echo \"{_ENDED}$?\"' EXIT\ncd '{self.folder}'\nset -eu\n{sections()[title]}"
        names = [f"{name}={value}" for name, value in {**self._environment(), **(environment or {})}.items()]
        command = self._pcscd.command("env", "-u", "PCSCLITE_CSOCK_NAME", *names, "setsid", "--ctty", "bash", "-c")
        with Terminal([*command, script]) as running:
            yield running
            running.wait_for(_ENDED)
            running.wait()

    def end(self, pid_file: str) -> None:
        """End a server that a section started, and wait until it is gone: it takes the file with it."""
        path = self.folder / pid_file
        assert self._pcscd.run("kill", path.read_text().strip()).returncode == 0
        until(lambda: not path.exists(), lambda: f"{pid_file} is still there")

    def _environment(self) -> dict[str, str]:
        """A home of its own, and Python's programs from where pytest runs."""
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"], "/usr/sbin"))
        return {"HOME": str(self.folder), "PATH": path, "LC_ALL": "C.UTF-8"}
