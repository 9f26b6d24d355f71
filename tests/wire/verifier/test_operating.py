"""The verifier as platform operator over loopback HTTP: with a key of its own, for service providers with tokens."""

import json
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import pytest
from joserfc import jwe
from joserfc.jwk import ECKey

from tests.idp import signing
from tests.pki import world as pki
from tests.pki.world import NOW
from tests.wire.verifier.world import Service, served
from warifu.messages import SigningAnswer, SigningData
from warifu.messages import json as messages_json
from warifu.pki import KeySigner, OcspRequest, Reason, Revocation, Standing, Status, build_ocsp_response
from warifu.verifier import write_result
from warifu.wire.key_files import write_key

ISSUER = pki.authority(pki.SIGNING)
HEADER = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}


class Authority(ThreadingHTTPServer):
    """Says what `status` is, None for nothing; the nonce comes back."""

    daemon_threads = True
    status: Status | None = Standing.GOOD

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Authority

    def do_POST(self) -> None:
        question = OcspRequest.decode(self.rfile.read(int(self.headers["content-length"])))
        status, body = self.server.status, b""
        if status is not None:
            times = {"produced_at": NOW, "this_update": NOW, "next_update": NOW + timedelta(minutes=5)}
            body = build_ocsp_response(ISSUER, question, status, **times)
        self.send_response(200 if body else 503)
        self.send_header("content-type", "application/ocsp-response")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_told: object) -> None:
        pass


@pytest.fixture(scope="module")
def authority() -> Iterator[Authority]:
    with Authority() as running:
        Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Service]:
    """The operator has its key from before."""
    folder = tmp_path_factory.mktemp("operator")
    write_key(folder / "results.key", OWN)
    with served(folder, signing_ocsp=f"http://127.0.0.1:{authority.server_address[1]}/ocsp", workers=1) as running:
        yield running


@pytest.fixture(autouse=True)
def _good(authority: Authority) -> None:
    authority.status = Standing.GOOD


OWN = KeySigner.generate("ES256")


def published(service: Service) -> Any:
    answer = httpx2.get(f"{service.origin}/platform/jwks", trust_env=False)
    assert answer.status_code == 200
    return answer.json()["keys"]


def encrypted(service: Service, answer: SigningAnswer | None = None) -> str:
    """As a provider makes it: for the key that the operator tells."""
    [key] = published(service)
    plain = write_result(answer or signing.signed())
    return jwe.encrypt_compact(HEADER, plain, ECKey.import_key(key), algorithms=list(HEADER.values()))


def ask(service: Service, result: str | None = None, data: SigningData = signing.DATA, caller: str = "bank") -> Any:
    body = {"sign_certificate_jwe": result or encrypted(service), "data": messages_json.to_base64(data.encode())}
    headers = {"content-type": "application/json"}
    return service.ask("/platform/verify", json.dumps(body).encode(), caller=caller, headers=headers)


def test_the_operators_own_key_is_told_and_nothing_secret(service: Service) -> None:
    [key] = published(service)
    assert "d" not in key
    assert (key["kty"], key["crv"]) == ("EC", "P-256")
    assert key["x"] == ECKey.import_key(OWN.private_bytes()).as_dict()["x"]


def test_who_signed_is_told_with_the_form(service: Service) -> None:
    """docs.p8n.app, verification-result."""
    told = ask(service).json()
    assert told["verification"]["result"] == "ok"
    assert told["verification"]["source"] == "ocsp"
    assert told["certificate_content"]["name"] == "割符　花子"
    told.pop("user")  # an id of hexadecimal digits, among which any eight may come up
    assert str(pki.SERIAL) not in json.dumps(told)


def test_users_are_one_callers_own(service: Service) -> None:
    """The same to one service provider, another one to the next (公的個人認証法 第63条)."""
    first, again, elsewhere = ask(service).json(), ask(service).json(), ask(service, caller="shop").json()
    assert first["user"] == again["user"] != elsewhere["user"]
    assert again["is_new_user"] is False


def test_a_revoked_certificate(service: Service, authority: Authority) -> None:
    authority.status = Revocation(NOW, Reason.KEY_COMPROMISE)
    other = signing.certificate(serial_number=pki.SERIAL + 7)
    answer = SigningAnswer(other, signing.signed().signature)
    told = ask(service, encrypted(service, answer)).json()
    assert told == {"verification": {"result": "certificate_has_been_revoked"}}


def test_when_nobody_can_know_it_is_503(service: Service, authority: Authority) -> None:
    authority.status = None
    assert ask(service).status_code == 503


def test_a_result_for_another_operator_is_refused(service: Service) -> None:
    plain = write_result(signing.signed())
    other = jwe.encrypt_compact(HEADER, plain, signing.OPERATOR.key, algorithms=list(HEADER.values()))
    assert ask(service, other).status_code == 400


def test_another_scope_is_not_enough(service: Service) -> None:
    assert ask(service, caller="clerk").status_code == 403
    assert httpx2.post(f"{service.origin}/platform/verify", trust_env=False).status_code == 401


def test_who_is_no_operator_has_no_such_address(tmp_path: Path) -> None:
    from starlette.testclient import TestClient

    from tests.wire.verifier.world import StandingClock, opening
    from warifu.wire.clock import SystemEntropy
    from warifu.wire.verifier import Callers, Processes, application

    callers = Callers(tmp_path / "callers", StandingClock(), SystemEntropy())
    made = application(Processes(opening(tmp_path), 1, seconds=5, patience=1), callers)
    assert TestClient(made).post("/platform/verify").status_code == 404
