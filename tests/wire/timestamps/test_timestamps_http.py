"""The timestamp authority over HTTP, its files, and its client."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from asn1crypto import tsp
from cryptography import x509
from starlette.testclient import TestClient

from tests.ca.town import Moment
from tests.tsa.test_timestamps import Refusal
from tests.tsa.world import NOW, authority
from warifu.errors import InUse, Malformed, NotAllowed, Unavailable
from warifu.pki.timestamps import TimestampRequest
from warifu.town.pool import refuse_pooled
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.serving import reserve, serve_in_thread
from warifu.wire.settings import Settings, read_settings
from warifu.wire.timestamps import (
    TimestampClient,
    application,
    found_timestamps,
    open_timestamps,
    root_certificate,
)

ASKED = TimestampRequest.of(b"a deed", nonce=5)
QUERY = {"content-type": "application/timestamp-query"}


@pytest.fixture
def clock() -> Moment:
    return Moment(NOW)


@pytest.fixture
def desk(clock: Moment) -> Iterator[TestClient]:
    with TestClient(application(authority(), clock, SystemEntropy())) as client:
        yield client


def status(answer: httpx2.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.headers["content-type"], Refusal.load(answer.content)["status"]["status"].native


def test_a_request_by_post_is_answered_with_a_token(desk: TestClient) -> None:
    """RFC 3161 §3.4."""
    answer = desk.post("/tsa", content=ASKED.encode(), headers=QUERY)
    assert status(answer) == (200, "application/timestamp-reply", "granted")


def test_no_two_tokens_have_the_same_serial_number(desk: TestClient) -> None:
    """RFC 3161 §2.4.2: unique for each token of an authority, also after a crash; 158 bits of chance."""
    answers = [desk.post("/tsa", content=ASKED.encode(), headers=QUERY).content for _ in range(20)]
    tokens = [tsp.TimeStampResp.load(answer)["time_stamp_token"]["content"] for answer in answers]
    numbers = {token["encap_content_info"]["content"].parsed["serial_number"].native for token in tokens}
    assert len(numbers) == 20
    assert all(0 < number < 1 << 160 for number in numbers)


def test_nonsense_is_refused_in_the_language_of_the_protocol(desk: TestClient) -> None:
    answer = desk.post("/tsa", content=b"nonsense", headers=QUERY)
    assert status(answer) == (200, "application/timestamp-reply", "rejection")


def test_another_content_type_is_malformed(desk: TestClient) -> None:
    answer = desk.post("/tsa", content=ASKED.encode(), headers={"content-type": "text/plain"})
    assert (answer.status_code, answer.json()["error"]) == (400, "malformed")


def test_a_request_without_end_is_too_large(desk: TestClient) -> None:
    """RFC 9110 §15.5.14."""
    answer = desk.post("/tsa", content=bytes(5000), headers=QUERY)
    assert (answer.status_code, answer.json()["error"]) == (413, "content_too_large")


def test_a_clock_that_was_set_back_stamps_nothing(desk: TestClient, clock: Moment) -> None:
    """Within the accuracy it may wander; further back, no token until it has caught up."""
    assert status(desk.post("/tsa", content=ASKED.encode(), headers=QUERY))[2] == "granted"
    clock.go_on(timedelta(seconds=-1))
    assert status(desk.post("/tsa", content=ASKED.encode(), headers=QUERY))[2] == "granted"
    clock.go_on(timedelta(seconds=-1))
    assert status(desk.post("/tsa", content=ASKED.encode(), headers=QUERY))[2] == "rejection"
    clock.go_on(timedelta(seconds=2))
    assert status(desk.post("/tsa", content=ASKED.encode(), headers=QUERY))[2] == "granted"


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"data_directory": tmp_path / "data"}, environment={"WARIFU_CONFIG": ""})


def test_a_unit_is_founded_once_and_serves(settings: Settings) -> None:
    root = found_timestamps(settings, SystemClock().now())
    assert root == root_certificate(settings)
    with pytest.raises(InUse):
        found_timestamps(settings, SystemClock().now())
    with open_timestamps(settings, refuse_pooled) as app, TestClient(app) as client:
        assert status(client.post("/tsa", content=ASKED.encode(), headers=QUERY))[2] == "granted"
    assert {path.name for path in root.parent.iterdir()} == {"root.crl", "root.crt", "unit.crt", "unit.key"}
    assert (root.parent / "unit.key").stat().st_mode & 0o077 == 0


def test_whoever_keeps_evidence_gets_the_roots_list(settings: Settings) -> None:
    """RFC 5280 §5: signed by the root, and covering the whole life of the unit, which nobody can revoke any more."""
    found_timestamps(settings, SystemClock().now())
    with open_timestamps(settings, refuse_pooled) as app, TestClient(app) as client:
        given, root = client.get("/root.crl"), x509.load_der_x509_certificate(client.get("/root.crt").content)
    assert given.headers["content-type"] == "application/pkix-crl"
    listed = x509.load_der_x509_crl(given.content)
    assert listed.is_signature_valid(root.public_key())  # type: ignore[arg-type]  # an RSA key
    assert (len(listed), listed.issuer) == (0, root.subject)
    assert listed.next_update_utc == root.not_valid_after_utc


def test_a_key_that_must_not_be_relied_on_does_not_serve(settings: Settings) -> None:
    found_timestamps(settings, SystemClock().now())

    def refuse(_modulus: int, _file: Path) -> None:
        raise NotAllowed("everybody has this key")

    with pytest.raises(NotAllowed), open_timestamps(settings, refuse):
        pass


def test_without_files_there_is_nothing_to_serve(settings: Settings) -> None:
    with pytest.raises(Unavailable), open_timestamps(settings, refuse_pooled):
        pass


# --- the client -------------------------------------------------------------------------------------------------------


def test_the_client_asks_over_http(clock: Moment) -> None:
    address = reserve()
    with serve_in_thread([(address, application(authority(), clock, SystemEntropy()))]):
        answer = TimestampClient(f"{address.origin}/tsa").ask(ASKED.encode())
    assert tsp.TimeStampResp.load(answer)["status"]["status"].native == "granted"


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(500),
        httpx2.Response(302, headers={"location": "http://127.0.0.1:1/"}),
        httpx2.Response(200, headers={"content-type": "text/html"}, content=b"hello"),
        httpx2.Response(200, headers={"content-type": "application/timestamp-reply"}, content=iter([bytes(70_000)])),
    ],
    ids=["error", "redirect", "page", "endless"],
)
def test_a_service_that_answers_something_else_has_given_nothing(answer: httpx2.Response) -> None:
    client = TimestampClient("http://tsa.example/tsa", transport=httpx2.MockTransport(lambda _request: answer))
    with pytest.raises(Unavailable):
        client.ask(ASKED.encode())


def test_a_service_that_is_not_there_may_be_there_later() -> None:
    with pytest.raises(Unavailable):
        TimestampClient("http://127.0.0.1:9/tsa", seconds=1).ask(ASKED.encode())


def test_only_http_is_asked() -> None:
    with pytest.raises(Malformed):
        TimestampClient("file:///etc/passwd")
