"""Answers at hand for a second: the same bytes, nobody's secret, and never longer than that."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.ca.town import AUTHENTICATION
from tests.ca.town import application as applied
from tests.wire.authority.world import open_world
from warifu.ca import Event
from warifu.pki import build_ocsp_request, encode_ocsp_get
from warifu.wire.authority import Access, application
from warifu.wire.authority.warm import Warm
from warifu.wire.clock import SystemEntropy

KEPT = {"cache-control": "max-age=60, public"}


class Counted:
    """An application that counts how often it is asked, behind answers at hand, and a clock for them."""

    def __init__(self, headers: Mapping[str, str] = KEPT, status: int = 200, most: int = 4096) -> None:
        self.asked, self.seconds = 0, 0.0
        self._headers, self._status = headers, status
        inner = Starlette(routes=[Route("/{path:path}", self.answer, methods=["GET", "POST"])])
        self.client = TestClient(Warm(inner, lambda: self.seconds, most))

    def answer(self, _request: Request) -> Response:
        self.asked += 1
        return Response(str(self.asked), self._status, headers=self._headers)


def test_what_was_answered_a_moment_ago_is_answered_alike() -> None:
    app = Counted()
    first, again = (app.client.get("/ocsp/signing/abc") for _ in range(2))
    assert (first.text, again.text, app.asked) == ("1", "1", 1)
    assert first.headers == again.headers
    assert app.client.get("/ocsp/signing/abd").text == "2"


def test_a_second_later_it_is_asked_for_again() -> None:
    app = Counted()
    app.client.get("/ocsp/signing/abc")
    app.seconds = 0.9
    assert app.client.get("/ocsp/signing/abc").text == "1"
    app.seconds = 1.0
    assert app.client.get("/ocsp/signing/abc").text == "2"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/crl/signing/13221.crl", {}),
        ("/ocsp/signing/abc?x=1", {}),
        ("/ocsp/signing/" + "a" * 300, {}),
        ("/ocsp/signing/abc", {"authorization": "Bearer x"}),
        ("/ocsp/signing/abc", {"warifu-recipient": "b" * 32}),
    ],
)
def test_what_may_be_counted_or_differ_is_asked_for_each_time(path: str, headers: dict[str, str]) -> None:
    app = Counted()
    for _ in range(2):
        app.client.get(path, headers=headers)
    assert app.asked == 2


def test_a_question_by_post_is_asked_each_time() -> None:
    app = Counted()
    for _ in range(2):
        app.client.post("/ocsp/signing/abc")
    assert app.asked == 2


@pytest.mark.parametrize(
    "app", [Counted({}), Counted({"cache-control": "no-cache"}), Counted(status=404)], ids=["none", "no-cache", "404"]
)
def test_what_does_not_say_that_it_may_be_kept_is_not(app: Counted) -> None:
    for _ in range(2):
        app.client.get("/ocsp/signing/abc")
    assert app.asked == 2


def test_not_everything_is_kept() -> None:
    app = Counted(most=16)
    for number in range(17):
        app.client.get(f"/ocsp/signing/{number}")
    assert app.client.get("/ocsp/signing/16").text == "17"
    assert app.client.get("/ocsp/signing/0").text == "18"


def test_the_authoritys_answer_is_at_hand_and_the_closed_ones_never(tmp_path: Path) -> None:
    """Who is registered is counted at each question; so nothing is kept there."""
    world = open_world(tmp_path / "authority.sqlite", tmp_path)
    issued = world.authorities.issue(applied(AUTHENTICATION))
    issuer = world.authorities.authority(AUTHENTICATION).issuer.certificate_der
    world.authorities.status.presign(AUTHENTICATION)
    path = f"/ocsp/authentication/{encode_ocsp_get(build_ocsp_request(issued.certificate, issuer))}"
    closed = Access.of(world.engine, world.clock, SystemEntropy(), closed=True)
    everybody, nobody = (TestClient(application(world.authorities, it)) for it in (None, closed))
    signed = everybody.get(path)
    world.authorities.record(AUTHENTICATION, issued.entry.serial_number, Event.DELIVERED)
    assert everybody.get(path).content == signed.content
    assert "etag" not in nobody.get(path).headers
    world.close()
