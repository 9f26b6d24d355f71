"""Asking the authorities: answers come from where we asked, in time and in size, or there is none."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from tests.ca.town import AUTHENTICATION, Moment, application, issuer
from tests.waiting import PATIENCE
from tests.wire.authorities import open_authorities
from warifu.pki import OcspAnswer, Standing
from warifu.verifier import Anchors, Evidence, Needs, needs
from warifu.wire.authority import OcspClient
from warifu.wire.authority import application as desk
from warifu.wire.authority.client import MAX_ANSWER
from warifu.wire.clock import SystemEntropy
from warifu.wire.serving import reserve, serve_in_thread

OWN = issuer(AUTHENTICATION, 1)
ADDRESS = "http://127.0.0.1:1/ocsp/authentication"
HEADERS = {"content-type": "application/ocsp-response"}


@pytest.fixture(scope="module")
def needed(tmp_path_factory: pytest.TempPathFactory) -> Needs:
    authorities = open_authorities(tmp_path_factory.mktemp("authority"))
    issued = authorities.issue(application())
    authorities.close()
    return needs(issued.certificate, Anchors.load([OWN.certificate_der]))


def fetch(needed: Needs, answer: Callable[[httpx2.Request], httpx2.Response], seconds: float = PATIENCE) -> Evidence:
    transport = httpx2.MockTransport(answer)
    with OcspClient({OWN.key_id: ADDRESS}, SystemEntropy(), seconds=seconds, transport=transport) as client:
        return client.fetch(needed)


def test_the_answer_comes_with_the_nonce_that_was_asked(tmp_path: Path) -> None:
    """RFC 9654 §2.1: 32 bytes."""
    authorities = open_authorities(tmp_path, Moment())
    issued = authorities.issue(application())
    with (
        serve_in_thread([(at := reserve(), desk(authorities))]),
        OcspClient({OWN.key_id: f"{at.origin}/ocsp/authentication"}, SystemEntropy(), seconds=PATIENCE) as client,
    ):
        evidence = client.fetch(needs(issued.certificate, Anchors.load([OWN.certificate_der])))
    authorities.close()
    assert evidence.ocsp is not None
    assert evidence.nonce is not None
    answer = OcspAnswer.decode(evidence.ocsp)
    assert answer.status is Standing.GOOD
    assert answer.about.nonce == evidence.nonce
    assert len(evidence.nonce) == 32


def test_each_question_has_another_nonce(needed: Needs) -> None:
    questions: list[bytes] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        questions.append(request.content)
        return httpx2.Response(200, headers=HEADERS, stream=httpx2.ByteStream(b"x"))

    assert fetch(needed, answer).nonce != fetch(needed, answer).nonce
    assert questions[0] != questions[1]


def test_the_address_in_the_certificate_is_never_asked(needed: Needs) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        assert str(request.url) == ADDRESS
        return httpx2.Response(200, headers=HEADERS, stream=httpx2.ByteStream(b"x"))

    assert needed.ocsp_address != ADDRESS
    assert fetch(needed, answer).ocsp == b"x"


def test_an_authority_without_a_configured_service_is_not_asked(needed: Needs) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        raise AssertionError("asked")

    with OcspClient({bytes(20): ADDRESS}, SystemEntropy(), transport=httpx2.MockTransport(answer)) as client:
        assert client.fetch(needed) == Evidence()


def test_nobody_there_is_no_evidence(needed: Needs) -> None:
    closed = reserve()
    closed.close()
    with OcspClient({OWN.key_id: closed.origin}, SystemEntropy()) as client:
        assert client.fetch(needed) == Evidence()


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(302, headers={"location": "http://127.0.0.1:2/"}),
        httpx2.Response(500, headers=HEADERS, content=b"x"),
        httpx2.Response(200, headers={"content-type": "text/html"}, content=b"x"),
        httpx2.Response(200, content=b"x"),
        httpx2.Response(200, headers=HEADERS, stream=httpx2.ByteStream(bytes(MAX_ANSWER + 1))),
    ],
    ids=["redirect", "error", "page", "untyped", "too long"],
)
def test_what_is_no_answer_is_no_evidence(needed: Needs, answer: httpx2.Response) -> None:
    assert fetch(needed, lambda _request: answer) == Evidence()


def test_an_answer_that_trickles_is_given_up(needed: Needs) -> None:
    """A timeout between two pieces alone would let a responder hold us for hours."""

    class Trickle(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for _ in range(6000):
                time.sleep(0.02)
                yield b"x"

    start = time.monotonic()
    assert fetch(needed, lambda _: httpx2.Response(200, headers=HEADERS, stream=Trickle()), 0.1) == Evidence()
    assert time.monotonic() - start < 60
