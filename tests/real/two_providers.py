"""Two processes of one provider over one PostgreSQL database, behind nginx, which asks them in turn."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.idp.world import EC, NOW, REDIRECT_URI
from tests.town.ports import free_ports
from tests.waiting import PATIENCE, until
from tests.wire import provider_world
from warifu import services
from warifu.idp import PROFILES, Client, Provider
from warifu.wire.clock import SystemEntropy
from warifu.wire.headless import CardInHand, Headless

ROOT = Path(__file__).parents[2]
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
_CONFIGURATION = """
daemon off; worker_processes 1; pid nginx.pid; error_log stderr; events {{ }}
http {{
  log_format who "$upstream_addr $uri"; access_log who.log who;
  client_body_temp_path t; proxy_temp_path t; fastcgi_temp_path t; uwsgi_temp_path t; scgi_temp_path t;
  upstream provider {{ {servers} }}
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass http://provider; proxy_set_header Host $http_host; }}
  }}
}}
"""
KEY = services.ClientKey(EC)
PARTY = services.RelyingParty("RP00000001", REDIRECT_URI, KEY)
CLIENT = Client(PARTY.client_id, "山の銀行", (REDIRECT_URI,), KEY.public_jwks())
SCOPES = ("openid", "name", "address")
ENTROPY = SystemEntropy()


@dataclass(frozen=True)
class Answer:
    """What an endpoint answered: the status and the JSON."""

    status: int
    body: bytes

    @property
    def members(self) -> dict[str, object]:
        return dict(services.read_object(self.body))


class Pair:
    """The two processes, what is before them, and a client of theirs."""

    def __init__(self, folder: Path, provider: Provider, ports: list[int], http: httpx2.Client) -> None:
        self.provider = provider
        self.ports = ports
        self.holder = services.HolderKey.generate()
        self._folder = folder
        self._http = http
        document = http.get(services.discovery_address(provider.issuer)).content
        self.metadata = services.ProviderMetadata.read(document, provider.issuer)
        self.jwks = services.read_object(http.get(self.metadata.jwks_uri).content)

    @property
    def bound(self) -> bool:
        """Whether its tokens are for the holder of a key."""
        return self.metadata.requires_pushed

    def proof(self, address: str, method: str = "POST", token: str | None = None) -> dict[str, str]:
        """The header with a fresh proof, where one is asked for."""
        if not self.bound:
            return {}
        return {services.PROOF_HEADER: self.holder.proof(method, address, NOW, ENTROPY, token)}

    def post(
        self, address: str, form: dict[str, str], process: int | None = None, proof: dict[str, str] | None = None
    ) -> Answer:
        """Post a form through nginx, or to one of the processes past it."""
        headers = self.proof(address) if proof is None else proof
        if process is not None:
            address = address.replace(self.provider.origin, f"http://127.0.0.1:{self.ports[process]}")
        response = self._http.post(address, data=form, headers=headers)
        return Answer(response.status_code, response.content)

    def visit(self, address: str, process: int) -> int:
        """A browser's visit to one of the processes past nginx; the status."""
        past = address.replace(self.provider.origin, f"http://127.0.0.1:{self.ports[process]}")
        return self._http.get(past).status_code

    def go_through(self, response_mode: str | None = None) -> tuple[dict[str, str], services.PendingLogin]:
        """From the request to the callback's parameters, by browser and phone."""
        if self.bound:
            form, pending = services.begin_pushed(PARTY, self.metadata, SCOPES, NOW, ENTROPY, response_mode)
            assert self.metadata.pushed_endpoint is not None
            pushed = self.post(self.metadata.pushed_endpoint, form)
            address = services.pushed_address(pushed.body, PARTY, self.metadata)
        else:
            address, pending = services.begin(PARTY, self.metadata, SCOPES, ENTROPY)
        card = CardInHand(lambda: nullcontext(provider_world.card()), provider_world.PIN, provider_world.TEXT_PIN)
        with Headless([self.provider.origin]) as headless:
            outcome = headless.log_in(address, card)
        assert outcome.fault is None
        callback = dict(httpx2.URL(outcome.callback).params)
        if response_mode is not None:
            assert callback.keys() == {"response"}
            callback = services.read_response(callback, self.jwks, PARTY, self.metadata, NOW)
        return callback, pending

    def code_form(self, callback: dict[str, str], pending: services.PendingLogin) -> dict[str, str]:
        return services.redeem(pending, callback, PARTY, self.metadata, NOW, ENTROPY)

    def refresh_form(self, token: object) -> dict[str, str]:
        return {"grant_type": "refresh_token", "refresh_token": str(token), **self.assertion()}

    def assertion(self) -> dict[str, str]:
        """The client's proof of who it is."""
        signed = KEY.assertion(PARTY.client_id, self.metadata.audience, NOW, ENTROPY)
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        return {"client_assertion_type": kind, "client_assertion": signed}

    def userinfo(self, token: object) -> Answer:
        scheme = "DPoP" if self.bound else "Bearer"
        address = self.metadata.userinfo_endpoint
        headers = {"authorization": f"{scheme} {token}", **self.proof(address, "GET", str(token))}
        response = self._http.get(address, headers=headers)
        return Answer(response.status_code, response.content)

    def served(self) -> list[tuple[int, str]]:
        """Which process answered which path, in order."""
        lines = (self._folder / "who.log").read_text().split("\n")[:-1]
        parted = (line.split(" ") for line in lines)
        return [(self.ports.index(int(upstream.rpartition(":")[2])), path) for upstream, path in parted]


@contextmanager
def pair(folder: Path, database: str, profile: str) -> Iterator[Pair]:
    """Both processes and nginx while the block runs."""
    front = free_ports(1)
    provider = Provider(f"http://localhost:{front}", PROFILES[profile])
    with provider_world.Stage(folder, database).service(provider) as service:
        service.register(CLIENT)
    with ExitStack() as running:
        started = [running.enter_context(_process(folder, database, provider, profile)) for _ in range(2)]
        ports = [_port(each) for each in started]
        running.enter_context(_nginx(folder, front, ports))
        http = running.enter_context(httpx2.Client(trust_env=False, timeout=PATIENCE))
        until(lambda: _answers(http, provider.origin), lambda: "nginx does not answer")
        yield Pair(folder, provider, ports, http)


@contextmanager
def _process(folder: Path, database: str, provider: Provider, profile: str) -> "Iterator[subprocess.Popen[str]]":
    command = [sys.executable, "-m", "tests.real.provider_process", str(folder), database, provider.origin, profile]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()  # it has nothing to lose


def _port(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


@contextmanager
def _nginx(folder: Path, port: int, ports: list[int]) -> Iterator[None]:
    servers = " ".join(f"server 127.0.0.1:{each};" for each in ports)
    (folder / "nginx.conf").write_text(_CONFIGURATION.format(servers=servers, port=port))
    command = [NGINX, "-p", str(folder), "-c", "nginx.conf"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            yield
        finally:
            server.terminate()


def _answers(http: httpx2.Client, origin: str) -> bool:
    with suppress(httpx2.TransportError):
        http.get(f"{origin}/static/nothing")
        return True
    return False
