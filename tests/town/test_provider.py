"""The town's provider has limits and tells clients of ended sessions, as in earnest; a developer can see both."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.journeys.running_town import founded
from tests.town.console_world import Developer
from tests.waiting import PATIENCE, until
from warifu import services
from warifu.errors import Malformed
from warifu.idp import LOGOUT_EVENT, Parameters
from warifu.services import ClientKey, RelyingParty
from warifu.town.parties import serving
from warifu.town.provider import Conduct
from warifu.wire.client_files import add_client
from warifu.wire.provider import Limits
from warifu.wire.serving import serve_in_thread
from warifu.wire.settings import TownSettings

CALLBACK = "http://localhost:3000/callback"


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """A client's server that hears logout tokens: its address, and what it heard."""
    heard = list[str]()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            heard.append(Parameters.decode(body).read("logout_token"))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.timeout = 2 * PATIENCE  # a thread that waits for ever would keep the whole run from ending
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/told", heard
    finally:
        thread.join()
        server.server_close()


def test_a_developer_sees_a_logout_and_a_refusal_for_asking_too_often(tmp_path: Path) -> None:
    """OpenID Connect Back-Channel Logout 1.0 §2.5; RFC 6585 §4."""
    conduct, key = Conduct(requests_a_minute=2, logout=True), ClientKey.generate()
    with founded(tmp_path / "town") as (town, reserved), listening() as (told, heard):
        own = add_client(town.ground.clients, "mine", [CALLBACK], key.public_jwks(), backchannel_logout_uri=told)
        with serving(town, reserved, conduct=conduct) as served, serve_in_thread(served.sites):
            developer = Developer(town)
            tokens = developer.log_in(RelyingParty(own.id, CALLBACK, key))
            end = f"{town.addresses.sandbox}/api/realms/main/protocol/openid-connect/logout"
            assert developer.post(end, {"id_token_hint": tokens["id_token"]}).status_code == 200
            at_provider = f"{town.issuer}/protocol/openid-connect/auth?client_id=nobody"
            statuses = [developer.get(at_provider).status_code for _ in range(3)]
            metadata = developer.get(services.discovery_address(town.issuer)).json()
            until(lambda: heard)
            developer.http.close()
    assert statuses == [400, 400, 429]
    assert metadata["backchannel_logout_supported"] is True
    [token] = heard
    assert (services.read_token(token).claims or {})["events"] == {LOGOUT_EVENT: {}}


def test_without_a_word_nobodys_test_run_meets_a_limit_and_there_is_no_logging_out() -> None:
    conduct = Conduct.of(TownSettings())
    assert (conduct.limits, conduct.logout) == (Limits(3000, 3000, 3000, 3000), False)
    assert Conduct.of(TownSettings(requests_a_minute=0)).limits == Limits(0, 0, 0, 0)
    with pytest.raises(Malformed):
        Conduct.of(TownSettings(requests_a_minute=-1))
