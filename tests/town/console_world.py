"""A town that runs, a developer in front of its console, and a client whose requests are watched."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

from tests.journeys.running_town import served_town
from tests.waiting import PATIENCE
from warifu import services
from warifu.services import ClientKey, PendingLogin, ProviderMetadata, RelyingParty
from warifu.town.clients import TRIAL, TRIAL_REDIRECT_URIS, trial_key_file
from warifu.town.town import Town
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.key_files import read_key
from warifu.wire.sandbox.responses import HEADER

CLOCK, ENTROPY = SystemClock(), SystemEntropy()


def here(address: str) -> tuple[str, dict[str, str]]:
    """Names under localhost are this machine (RFC 6761 §6.3)."""
    parts = urlsplit(address)
    return address.replace(parts.netloc, f"127.0.0.1:{parts.port}", 1), {"host": parts.netloc}


@dataclass
class Developer:
    """Somebody with a browser at the console and a client at the sandbox."""

    town: Town
    http: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=PATIENCE, trust_env=False))

    # --- the client ---

    @property
    def provider(self) -> ProviderMetadata:
        issuer = f"{self.town.addresses.sandbox}/api/realms/main"
        return ProviderMetadata.read(self.get(services.discovery_address(issuer)).content, issuer)

    @property
    def trial(self) -> RelyingParty:
        key = ClientKey.load(read_key(trial_key_file(self.town.folder)).private_bytes())
        return RelyingParty(TRIAL, TRIAL_REDIRECT_URIS[0], key)

    def ask(self, party: RelyingParty, **changes: str | None) -> tuple[httpx2.Response, PendingLogin]:
        """An authorization request with `changes`; None leaves a parameter out."""
        address, pending = services.begin(party, self.provider, ("openid", "name"), ENTROPY)
        base, _, query = address.partition("?")
        told = {name: values[0] for name, values in parse_qs(query).items()} | changes
        pairs = {name: value for name, value in told.items() if value is not None}
        address = str(httpx2.URL(base, params=pairs))
        return self.get(address, {HEADER: "persona=ordinary"}), pending

    def log_in(self, party: RelyingParty) -> dict[str, Any]:
        """A whole login; the tokens."""
        response, pending = self.ask(party)
        tokens: dict[str, Any] = self.redeem(party, pending, response.headers["location"]).json()
        return tokens

    def redeem(self, party: RelyingParty, pending: PendingLogin, back: str, **changes: str) -> httpx2.Response:
        callback = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
        form = dict(services.redeem(pending, callback, party, self.provider, CLOCK.now(), ENTROPY)) | changes
        return self.post(self.provider.token_endpoint, form)

    # --- the browser ---

    def get(self, address: str, headers: dict[str, str] | None = None) -> httpx2.Response:
        url, host = here(address if "://" in address else self.town.addresses.town + address)
        return self.http.get(url, headers={**host, **(headers or {})})

    def post(self, address: str, form: dict[str, str], origin: str | None = None) -> httpx2.Response:
        place = address if "://" in address else self.town.addresses.town + address
        url, host = here(place)
        parts = urlsplit(place)
        sent = {**host, "origin": origin or f"{parts.scheme}://{parts.netloc}"}
        return self.http.post(url, data=form, headers=sent)

    def requests(self, client_id: str = TRIAL) -> list[dict[str, Any]]:
        """What is kept of a client, the newest first."""
        told: list[dict[str, Any]] = self.get(f"/console/clients/{client_id}/requests.json").json()["requests"]
        return told

    def last(self, client_id: str = TRIAL) -> dict[str, Any]:
        return self.requests(client_id)[0]

    def register(self, name: str, redirect_uri: str, algorithm: str = "ES256") -> RelyingParty:
        """By the page; the key is what the page shows."""
        form = {"name": name, "redirect_uris": redirect_uri, "algorithm": algorithm}
        page = self.post("/console/clients", form)
        assert page.status_code == 200, page.text
        client_id = re.search(r"RP[0-9]{8}", page.text)
        pem = re.search(r"-----BEGIN PRIVATE KEY-----.+?-----END PRIVATE KEY-----", page.text, re.DOTALL)
        assert client_id is not None
        assert pem is not None
        return RelyingParty(client_id.group(), redirect_uri, ClientKey.load(html.unescape(pem.group()).encode()))


def broken(kept: dict[str, Any]) -> list[str]:
    return [each["rule"] for each in kept["findings"] if each["standing"] == "broken"]


@contextmanager
def running(directory: Path) -> Iterator[Developer]:
    with served_town(directory) as town:
        developer = Developer(town)
        yield developer
        developer.http.close()
