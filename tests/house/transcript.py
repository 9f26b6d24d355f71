"""Produces README's transcript by running it: ``python -m tests.house.transcript`` writes it into both READMEs.

The town runs in a folder and on ports of its own; in what is shown, the ports are the usual ones and what chance made
is ``…``. Talk (stderr) comes before results (stdout), as on a terminal.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.town.ports import free_ports
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).parents[2]
PAGES = {ROOT / "README.md": "en", ROOT / "README.ja.md": "ja"}
COMMANDS = ("warifu login --persona ordinary", "warifu login --persona suspended")
_BLOCK = re.compile(r"(?<=<!-- transcript -->\n```console\n).*?(?=```\n<!-- end of transcript -->)", re.DOTALL)
_CHANCE = re.compile(r"(?<=[?&])(state|session_state|code)=[^&\s]+")


def transcript(language: str) -> str:
    """The transcript's lines, as run just now."""
    with tempfile.TemporaryDirectory() as folder, _town(Path(folder), language) as surroundings:
        lines = ["$ make up &"]
        for command in COMMANDS:
            lines += [f"$ {command}", *_said(command, surroundings)]
    return "\n".join(lines) + "\n"


def shown(page: Path) -> str:
    """The transcript in a page."""
    (found,) = _BLOCK.findall(page.read_text("utf-8"))
    return str(found)


@contextmanager
def _town(folder: Path, language: str) -> Iterator[dict[str, str]]:
    base = free_ports()
    binaries = str(Path(sys.executable).parent)
    surroundings = {
        **os.environ,
        "PATH": binaries + os.pathsep + os.environ["PATH"],
        "WARIFU_DATA_DIRECTORY": str(folder),
        "WARIFU_LANGUAGE": language,
        "WARIFU_TOWN_PORT_BASE": str(base),
    }
    read = partial((folder / "said").read_text, "utf-8")
    with (folder / "said").open("w+") as log:
        up = subprocess.Popen(["warifu", "town", "up"], env=surroundings, stdout=log, stderr=log)
        try:
            until(lambda: _is_up(read(), up), read)
            yield surroundings
        finally:
            up.terminate()
            up.wait(PATIENCE)


def _is_up(said: str, up: subprocess.Popen[bytes]) -> bool:
    """Its address is printed in the list, and again in the last line once everybody answers."""
    assert up.poll() is None, said
    return said.count("http://town.localhost") >= 2


def _said(command: str, surroundings: dict[str, str]) -> list[str]:
    run = subprocess.run(
        command.split(), env=surroundings, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    base = int(surroundings["WARIFU_TOWN_PORT_BASE"])
    lines = _CHANCE.sub(r"\1=…", run.stderr + run.stdout)
    for offset in range(5):
        lines = lines.replace(f":{base + offset}/", f":{8700 + offset}/")
    return lines.splitlines()


def main() -> None:
    """Write both pages."""
    for page, language in PAGES.items():
        old = page.read_text("utf-8")
        page.write_text(old.replace(shown(page), transcript(language)), "utf-8")


if __name__ == "__main__":
    main()
