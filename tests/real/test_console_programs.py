"""The programs that the console hands out, as they stand, log the people of a town in; and break no rule doing it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx2
import pytest

from tests.real.node import PACKAGES, node, package
from tests.town.console_world import Developer, broken, running
from warifu.services import RelyingParty
from warifu.wire.headless import CardInHand, Headless
from warifu.wire.serving import reserve

pytestmark = pytest.mark.real

_SECONDS = 30


@pytest.fixture(scope="module")
def developer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Developer]:
    with running(tmp_path_factory.mktemp("programs") / "town") as made:
        yield made


def copied(developer: Developer, stack: str, file: str, folder: Path) -> RelyingParty:
    """Register a client in the console and save what it offers, as its page says."""
    port = reserve("localhost")
    redirect_uri = f"{port.origin}/callback"
    port.close()
    party = developer.register(f"my-{stack}-app", redirect_uri, "RS256" if stack == "typescript" else "ES256")
    folder.mkdir()
    (folder / f"my-{stack}-app.key.pem").write_bytes(party.key.private_pem())
    for name in ("login.json", file):
        answer = developer.get(f"/console/clients/{party.client_id}/code/{stack}/{name}")
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        (folder / name).write_bytes(answer.content)
    return party


@contextmanager
def started(command: list[str], folder: Path, origin: str, environment: str = "warifu") -> Iterator[None]:
    """The program, from when it answers until it is stopped."""
    known = {**os.environ, "LOGIN_ENVIRONMENT": environment, "PYTHONDONTWRITEBYTECODE": "1"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=known)
        try:
            _wait(process, folder, origin)
            yield
        finally:
            process.terminate()
            process.wait(_SECONDS)


def _wait(process: "subprocess.Popen[bytes]", folder: Path, origin: str) -> None:
    for _ in range(_SECONDS * 10):
        assert process.poll() is None, (folder / "log").read_text()
        if f"open {origin}/" in (folder / "log").read_text():
            return
        time.sleep(0.1)
    raise AssertionError((folder / "log").read_text())


def log_in(developer: Developer, origin: str, *, cancel: bool = False) -> httpx2.Response:
    """Somebody's browser goes through a login; what the program shows at the end."""
    _, row = developer.town.find_card("ordinary")
    card = CardInHand(partial(developer.town.card, row.name), row.authentication_pin, row.text_pin)
    with Headless([developer.town.addresses.provider]) as headless:
        outcome = headless.cancel(f"{origin}/") if cancel else headless.log_in(f"{origin}/", card)
        return headless.browser.get(outcome.callback)


def check(developer: Developer, party: RelyingParty, command: list[str], folder: Path) -> None:
    """A login, a second use of its callback, a cancelled login, and the same at the sandbox."""
    origin = party.redirect_uri.removesuffix("/callback")
    person, _ = developer.town.find_card("ordinary")
    with started(command, folder, origin):
        told = log_in(developer, origin)
        assert told.status_code == 200, told.text
        assert told.json()["name"] == person.holder
        assert told.json().keys() == {"sub", "name", "address", "birthdate", "gender"}
        refused = log_in(developer, origin, cancel=True)
        assert (refused.status_code, refused.json()["error"]) == (400, "access_denied")
        stranger = httpx2.get(f"{origin}/callback?code=x&state=y", trust_env=False)
        assert (stranger.status_code, stranger.json()["error"]) == (400, "invalid_state")
    kept = developer.requests(party.client_id)
    assert [each["kind"] for each in kept] == ["authorization", "userinfo", "token", "authorization"]
    assert [broken(each) for each in kept] == [[], [], [], []]
    with started(command, folder, origin, "sandbox"):
        address = httpx2.get(f"{origin}/", trust_env=False).headers["location"]
        assert address.startswith(developer.town.addresses.sandbox)


def test_the_python_program(developer: Developer, tmp_path: Path) -> None:
    """authlib and joserfc."""
    folder = tmp_path / "app"
    party = copied(developer, "python", "login.py", folder)
    check(developer, party, [sys.executable, "login.py"], folder)


def test_the_typescript_program(developer: Developer, tmp_path: Path) -> None:
    """openid-client 6, run by Node as it is, and accepted by the TypeScript compiler."""
    program, folder = node(), tmp_path / "app"
    party = copied(developer, "typescript", "login.ts", folder)
    (folder / "node_modules").symlink_to(PACKAGES)
    (folder / "package.json").write_text('{"type": "module"}')
    flags = ["--noEmit", "--strict", "--target", "es2023", "--module", "nodenext", "--types", "node", "--skipLibCheck"]
    compiler = [program, str(package("typescript", "bin/tsc")), *flags, "login.ts"]
    compiled = subprocess.run(compiler, cwd=folder, capture_output=True, text=True, check=False)
    assert compiled.returncode == 0, compiled.stdout
    check(developer, party, [program, "login.ts"], folder)
