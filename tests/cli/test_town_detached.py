"""A town for scripts: ``warifu town up --detach`` comes back when it is ready, ``warifu town down`` ends it."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.town.ports import free_ports
from tests.waiting import PATIENCE
from warifu.services import ClientKey, ClientSettings
from warifu.town.ground import Ground
from warifu.town.running import find_running, is_held

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the signals are POSIX")


def warifu(*arguments: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """The command as a script runs it."""
    command = [sys.executable, "-m", "warifu", "--lang", "en", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=5 * PATIENCE, check=False, cwd=cwd)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A town in the background: its directory, and what was told about it."""
    directory = tmp_path_factory.mktemp("detached")
    base = str(free_ports(12))
    started = warifu("town", "up", "--detach", "--directory", str(directory), "--port-base", base, "--json")
    try:
        assert started.returncode == 0, started.stderr
        assert "'warifu town down' ends it" in started.stderr
        yield directory, json.loads(started.stdout)
    finally:
        ended = warifu("town", "down", "--directory", str(directory))
    assert (ended.returncode, ended.stdout) == (0, "")
    assert "the town is closed" in ended.stderr
    again = warifu("town", "down", "--directory", str(directory))
    assert again.returncode == 0
    assert "the town is not up" in again.stderr
    assert not is_held(Ground(directory))
    assert not (directory / "running.json").exists()


def test_when_it_comes_back_everything_answers(up: tuple[Path, dict[str, Any]]) -> None:
    _, told = up
    for issuer in (told["issuer"], told["sandbox_issuer"]):
        port = httpx2.URL(issuer).port
        address = f"http://127.0.0.1:{port}/api/realms/main/.well-known/openid-configuration"
        assert httpx2.get(address, trust_env=False).json()["issuer"] == issuer
    assert ClientKey.load(Path(told["private_key"]).read_bytes()).algorithm == "ES256"


def test_up_again_finds_the_one_that_is_up(up: tuple[Path, dict[str, Any]]) -> None:
    directory, told = up
    again = warifu("town", "up", "--detach", "--directory", str(directory), "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == told
    assert "already" in again.stderr


def test_what_is_told_can_be_taken_as_variables(up: tuple[Path, dict[str, Any]]) -> None:
    directory, told = up
    lines = warifu("town", "up", "--detach", "--env", "--directory", str(directory)).stdout.splitlines()
    assert f"WARIFU_ISSUER={told['issuer']}" in lines
    assert all(line.startswith("WARIFU_") for line in lines)


def test_a_directory_that_is_no_variable_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    """The usual place of data has a blank in it on macOS."""
    directory = tmp_path / "Application Support"
    ended = warifu("town", "up", "--detach", "--env", "--directory", str(directory))
    assert (ended.returncode, directory.exists()) == (3, False)
    assert "--directory without blanks" in ended.stderr


def test_another_town_than_the_one_that_is_up_is_refused(up: tuple[Path, dict[str, Any]]) -> None:
    directory, _ = up
    fresh = warifu("town", "up", "--detach", "--fresh", "--directory", str(directory))
    assert fresh.returncode == 3
    assert "warifu town down" in fresh.stderr
    other = warifu("town", "up", "--detach", "--seed", "77", "--directory", str(directory))
    assert other.returncode == 1
    assert "seed 1" in other.stderr


def test_a_client_is_registered_by_one_command_while_it_runs(up: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    """Key and settings are made; the town knows it at once; nothing is overwritten."""
    directory, told = up
    command = ("town", "client", "my-app", "--redirect-uri", "http://localhost:3000/callback")
    made = warifu(*command, "--directory", str(directory), "--json", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "knows it already" in made.stderr
    client = json.loads(made.stdout)
    key_file = tmp_path / "my-app.key.pem"
    assert key_file.stat().st_mode & 0o077 == 0
    settings = ClientSettings.decode((tmp_path / "login.json").read_bytes())
    assert (settings.current.client_id, settings.current.issuer) == (client["client_id"], told["issuer"])
    asked = (
        "client",
        "doctor",
        told["issuer"],
        "--client-id",
        client["client_id"],
        "--key",
        str(key_file),
        "--redirect-uri",
        "http://localhost:3000/callback",
    )
    assert warifu(*asked).returncode == 0
    again = warifu(*command, "--directory", str(directory), cwd=tmp_path)
    assert again.returncode == 1
    assert "--jwks" in again.stderr


def test_one_that_cannot_start_says_why(tmp_path: Path) -> None:
    """A port that is taken, for example."""
    base = free_ports(12)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", base + 2))
        taken.listen()
        failed = warifu("town", "up", "--detach", "--directory", str(tmp_path / "t"), "--port-base", str(base))
    assert failed.returncode == 3
    assert f"port {base + 2}" in failed.stderr


def test_one_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    base, directory = str(free_ports(12)), tmp_path / "t"
    late = warifu("town", "up", "--detach", "--wait", "0.2", "--directory", str(directory), "--port-base", base)
    assert late.returncode == 3
    assert "not ready after 0.2 seconds" in late.stderr
    assert str(directory / "town.log") in late.stderr


def test_what_a_killed_town_left_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "running.json").write_text('{"process_id": 1, "told": {}}')
    assert find_running(Ground(tmp_path)) is None
    assert warifu("town", "down", "--directory", str(tmp_path)).returncode == 0
