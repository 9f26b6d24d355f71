"""docs/operating.md: every command on the page is run, as it stands there, but for the ports."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.town.ports import free_ports
from tests.waiting import PATIENCE, until

PAGE = Path(__file__).parents[2] / "docs" / "operating.md"
PORTS = ("8703", "8706", "8713", "8716")
_SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the page is for a shell")


class Follower:
    """Somebody who follows the page in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        text = PAGE.read_text("utf-8")
        base = free_ports(len(PORTS))
        self.ports = {port: str(base + place) for place, port in enumerate(PORTS)}
        # All at once: a free port may have another one's digits in it (18706).
        text = re.sub("|".join(PORTS), lambda found: self.ports[found.group()], text)
        self.sections = {title: "".join(_COMMANDS.findall(section)) for title, section in _SECTION.findall(text)}
        self.exports = "".join(line + "\n" for line in text.splitlines() if line.startswith("export "))
        [configuration] = re.findall(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        (folder / "warifu.toml").write_text(configuration, "utf-8")
        (folder / "first.txt").write_text("correct horse battery\n")
        (folder / "second.txt").write_text("staple of the other one\n")
        program = folder / "bin" / "warifu"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m warifu \"$@\"\n")
        program.chmod(0o755)

    def follow(self, title: str) -> str:
        """Run a section's commands; what they said. None of them fails."""
        script = f"set -eu\n{self.exports}{self.sections[title]}"
        ports = {"WARIFU_AUTHORITY_PORT": self.ports["8703"], "WARIFU_REGISTRY_PORT": self.ports["8706"]}
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env={**os.environ, **ports, "PATH": path, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=5 * PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def log(self, name: str) -> str:
        """What a server said."""
        return (self.folder / name).read_text("utf-8")


@pytest.fixture
def follower(tmp_path: Path) -> Iterator[Follower]:
    somebody = Follower(tmp_path)
    yield somebody
    for name in ("ca.pid", "registry.pid"):
        path = tmp_path / name
        if path.exists():
            try:
                os.kill(int(path.read_text()), 9)
            except ProcessLookupError:
                path.unlink()


def signed_in(address: str, key: str) -> str:
    """Sign in as a browser does; the page that opens, or why none did."""
    origin = re.sub(r"/sign-in.*", "", address)
    port = origin.rpartition(":")[2]
    headers = {"host": origin.partition("://")[2], "origin": origin}
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False) as client:
        answer = client.post("/sign-in", data={"key": key})
        if answer.status_code != 303:
            return f"{answer.status_code}"
        cookie = answer.headers["set-cookie"].partition(";")[0]
        return client.get("/", headers={"cookie": cookie}).text


def test_every_command_of_the_page_works(follower: Follower) -> None:
    follower.follow("Set up")
    said = follower.follow("Serve")
    operator, window = (re.findall(r"http://\S+", line)[0] for line in said.splitlines())
    key = operator.partition("key=")[2]
    assert "認証局の今" in signed_in(operator, key)
    assert signed_in(operator, key) == "401"
    tokens = {name: (follower.folder / f"{name}.token").read_text().strip() for name in ("clerk-1", "caller-1")}
    assert "clerk-1" in signed_in(window, tokens["clerk-1"])
    assert "一時停止の受付" in signed_in(window, tokens["caller-1"])
    follower.follow("Every day")
    follower.follow("Stop")
    logs = ("ca.log", "registry.log")
    until(lambda: all("stopped" in follower.log(name) for name in logs), lambda: [follower.log(name) for name in logs])
    assert all(token not in follower.log(name) for token in tokens.values() for name in logs)


def test_the_page_shows_every_section_that_is_followed(follower: Follower) -> None:
    assert [title for title, commands in follower.sections.items() if commands] == [
        "Set up",
        "Serve",
        "Every day",
        "Stop",
    ]
