"""A program that the console hands out: saved as its page says, started, and somebody logs in at it."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from tests.town.console_world import CLOCK, ENTROPY, Developer, broken
from tests.town.ports import free_ports
from tests.waiting import PATIENCE, until
from warifu.services import RelyingParty
from warifu.town.examiner import examine_client, issuer_at
from warifu.wire.headless import CardInHand, Headless
from warifu.wire.serving import reserve


def copied(developer: Developer, stack: str, file: str, folder: Path, algorithm: str = "ES256") -> RelyingParty:
    """Register a client in the console and save what it offers, as its page says."""
    redirect_uri = f"http://localhost:{free_ports(1)}/callback"
    name = f"my-{stack}-{algorithm.lower()}-app"
    party = developer.register(name, redirect_uri, algorithm)
    folder.mkdir()
    (folder / f"{name}.key.pem").write_bytes(party.key.private_pem())
    for each in ("login.json", file):
        answer = developer.get(f"/console/clients/{party.client_id}/code/{stack}/{each}")
        assert answer.headers["content-disposition"] == f'attachment; filename="{each}"'
        (folder / each).write_bytes(answer.content)
    return party


@contextmanager
def started(command: list[str], folder: Path, origin: str, environment: str = "warifu") -> Iterator[None]:
    """The program, from when it listens until it is stopped."""
    known = {**os.environ, "LOGIN_ENVIRONMENT": environment, "PYTHONDONTWRITEBYTECODE": "1"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=known)
        try:
            until(lambda: _listens(process, folder, urlsplit(origin).port or 80), (folder / "log").read_text)
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _listens(process: "subprocess.Popen[bytes]", folder: Path, port: int) -> bool:
    assert process.poll() is None, (folder / "log").read_text()
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def log_in(developer: Developer, origin: str, *, cancel: bool = False, more: str = "") -> httpx2.Response:
    """Somebody's browser goes through a login; what the program shows at the end, with `more` in its callback."""
    _, row = developer.town.find_card("ordinary")
    card = CardInHand(partial(developer.town.card, row.name), row.authentication_pin, row.text_pin)
    with Headless([developer.town.addresses.provider]) as headless:
        outcome = headless.cancel(f"{origin}/") if cancel else headless.log_in(f"{origin}/", card)
        return headless.browser.get(outcome.callback + more, follow_redirects=True)


def check(developer: Developer, party: RelyingParty, command: list[str], folder: Path) -> None:
    """A login, a cancelled one, callbacks of another provider and of nobody, and the same at the sandbox."""
    origin = party.redirect_uri.removesuffix("/callback")
    person, _ = developer.town.find_card("ordinary")
    with started(command, folder, origin):
        told = log_in(developer, origin)
        assert told.status_code == 200, told.text
        assert told.json()["name"] == person.holder
        assert told.json().keys() == {"sub", "name", "address", "birthdate", "gender"}
        refused = log_in(developer, origin, cancel=True)
        assert (refused.status_code, refused.json()["error"]) == (400, "access_denied")
        mixed_up = log_in(developer, origin, cancel=True, more="&iss=https%3A%2F%2Fother.example")  # RFC 9207 §2.4
        assert mixed_up.status_code == 400
        assert mixed_up.json()["error"] != "access_denied"
        stranger = httpx2.get(f"{origin}/callback?code=x&state=y", trust_env=False)
        assert (stranger.status_code, stranger.json()["error"]) == (400, "invalid_state")
    kept = developer.requests(party.client_id)
    assert [each["kind"] for each in kept] == ["authorization"] * 2 + ["userinfo", "token", "authorization"]
    assert [broken(each) for each in kept] == [[]] * 5
    with started(command, folder, origin, "sandbox"):
        address = httpx2.get(f"{origin}/", trust_env=False).headers["location"]
        assert address.startswith(developer.town.addresses.sandbox)


def examine(party: RelyingParty, command: list[str], folder: Path) -> None:
    """At a provider that misbehaves: the program swallows no fault."""
    at, origin = reserve("localhost"), party.redirect_uri.removesuffix("/callback")
    examiner = issuer_at(at, CLOCK, ENTROPY)
    settings = json.loads((folder / "login.json").read_text("utf-8"))
    own = settings["environments"]["warifu"]
    known = urlsplit(own["issuer"])
    there = {name: value.replace(f"{known.scheme}://{known.netloc}", at.origin, 1) for name, value in own.items()}
    settings["environments"]["examiner"] = there
    (folder / "login.json").write_text(json.dumps(settings), "utf-8")
    with started(command, folder, origin, "examiner"):
        found = examine_client(f"{origin}/", examiner, at, marker='"sub"')
    at.close()
    assert [(each.code, each.saw) for each in found if not each.kept] == []
    assert len(found) > 20
