"""Clients from npm at our provider, and at the one that npm has: the same scripts, the same questions."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2

from tests.ca.town import Moment
from tests.idp.world import CLIENT, EC, NOW, REDIRECT_URI, RSA
from tests.real.node import HOME, node
from tests.town.ports import free_ports
from tests.waiting import PATIENCE
from tests.wire import provider_world
from warifu.errors import OAuthRefused
from warifu.idp import PROFILES, Provider
from warifu.wire.clock import SystemEntropy
from warifu.wire.headless import CardInHand, Headless, Loopback
from warifu.wire.provider import application
from warifu.wire.serving import reserve, serve_in_thread

SCOPES = "openid name address birthdate gender"
Visit = Callable[[str], dict[str, str]]


@dataclass(frozen=True)
class Way:
    """How a client logs people in: profile, algorithm of its assertions, of its proofs, and whether by JARM."""

    profile: str
    algorithm: str
    proof: str = "ES256"
    signed_response: bool = False

    def __str__(self) -> str:
        words = [self.profile, self.algorithm, *([f"proofs {self.proof}", "JARM"] if self.signed_response else [])]
        return " ".join(words)

    @property
    def key(self) -> Any:
        return EC if self.algorithm == "ES256" else RSA


WAYS = (
    Way("da-compat", "RS256"),
    Way("da-compat", "ES256"),
    Way("fapi2", "ES256"),
    Way("fapi2", "PS256", "PS256", signed_response=True),
)


class Ticking(Moment):
    """Begins at the tests' moment, for which there are cards, and goes on as the client's own clock does."""

    def __init__(self) -> None:
        super().__init__(NOW)
        self._started = time.monotonic()

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=time.monotonic() - self._started)


@dataclass(frozen=True)
class Place:
    """A provider that is running: its issuer, how far its clock is off, and what a person does in a browser there."""

    issuer: str
    skew: int
    visit: Visit


@contextmanager
def ours(folder: Path, way: Way) -> Iterator[Place]:
    """Our provider; whoever is sent there has a card."""
    stage = provider_world.Stage(folder)
    stage.entropy, stage.clock = SystemEntropy(), Ticking()
    own = reserve("localhost")
    provider = Provider(own.origin, PROFILES[way.profile])
    card = CardInHand(lambda: nullcontext(provider_world.card()), provider_world.PIN, provider_world.TEXT_PIN)

    def visit(address: str) -> dict[str, str]:
        try:
            with Headless([provider.origin]) as headless:
                return {"address": headless.log_in(address, card).callback}
        except OAuthRefused:
            return {"shown": "a page"}

    with stage.service(provider) as service:
        service.register(CLIENT)
        with serve_in_thread([(own, application(service))]):
            yield Place(provider.issuer, int(NOW.timestamp() - time.time()), visit)


@contextmanager
def theirs(_folder: Path, way: Way) -> Iterator[Place]:
    """npm oidc-provider, where whoever comes is logged in."""
    with npm_provider(way, REDIRECT_URI, {"keys": [way.key.as_dict(private=False)]}) as issuer:
        yield Place(issuer, 0, _follow)


@contextmanager
def npm_provider(way: Way, redirect_uri: str, jwks: Mapping[str, Any]) -> Iterator[str]:
    """npm oidc-provider with the one client; its issuer."""
    port = free_ports(1)
    issuer = f"http://localhost:{port}"
    asked = {**_client(way), "issuer": issuer, "port": port, "profile": way.profile, "redirect_uri": redirect_uri}
    asked["jwks"] = jwks
    with _script("provider.mjs", asked) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        yield issuer


def _follow(address: str) -> dict[str, str]:
    """What a browser does: it goes where it is sent, until it is back at the client or shown a page."""
    with httpx2.Client(transport=Loopback(), trust_env=False, timeout=PATIENCE) as browser:
        while True:
            response = browser.get(address)
            if not response.has_redirect_location:
                return {"shown": "a page"}
            address = str(response.url.join(response.headers["location"]))
            if address.startswith(REDIRECT_URI):
                return {"address": address}


def look(place: Place, way: Way) -> dict[str, Any]:
    """Have the relying party log somebody in and try everything it can think of; what it saw."""
    jwk = way.key.as_dict(private=True)
    asked = {**_client(way), "issuer": place.issuer, "skew": place.skew, "profile": way.profile, "jwk": jwk}
    asked |= {"scope": SCOPES, "jarm": way.signed_response, "proof": way.proof}
    with _script("relying_party.mjs", asked) as running:
        assert running.stdout is not None
        assert running.stdin is not None
        for line in running.stdout:
            told = json.loads(line)
            if "seen" in told:
                seen: dict[str, Any] = told["seen"]
                return seen
            running.stdin.write(json.dumps(place.visit(told["visit"])) + "\n")
            running.stdin.flush()
    raise AssertionError("the relying party failed; what it said is on stderr")


def _client(way: Way) -> dict[str, Any]:
    return {"client_id": CLIENT.id, "redirect_uri": REDIRECT_URI, "alg": way.algorithm}


@contextmanager
def _script(name: str, asked: dict[str, Any]) -> "Iterator[subprocess.Popen[str]]":
    """A script that is told what to do in its first line, and ended with the block."""
    command = [node(), str(HOME / name)]
    with subprocess.Popen(command, cwd=HOME, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdin is not None
        try:
            running.stdin.write(json.dumps(asked) + "\n")
            running.stdin.flush()
            yield running
        finally:
            running.kill()
