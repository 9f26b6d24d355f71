"""Whom the phone lets in, and which providers it believes."""

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from tests.wire.phone_world import ORIGIN, PROVIDER, SECRET, Visitor, heading
from warifu.testing import SoftwareCard
from warifu.wire.phone.visit import Entry, Visit


@pytest.fixture
def visitor(my_number_card: SoftwareCard) -> Visitor:
    return Visitor(my_number_card)


@pytest.mark.parametrize(
    "link",
    [
        f"/?hand_over={SECRET}&provider=http%3A%2F%2Felsewhere.example",
        f"/?hand_over={SECRET}&provider=http%3A%2F%2Flocalhost%3A8700%2F",
        f"/?hand_over={SECRET}",
        "/?provider=http%3A%2F%2Flocalhost%3A8700",
        "/?hand_over=..%2F..%2Fadmin&provider=http%3A%2F%2Flocalhost%3A8700",
        "/?hand_over=a%3Fb&provider=http%3A%2F%2Flocalhost%3A8700",
        "/?hand_over=&provider=http%3A%2F%2Flocalhost%3A8700",
    ],
)
def test_a_link_of_an_unknown_provider_is_not_followed(visitor: Visitor, link: str) -> None:
    """Otherwise anybody could make this server send requests wherever they like (SSRF)."""
    page = visitor.browser.get(link)
    assert (page.status_code, heading(page)) == (400, "This code cannot be used")
    assert visitor.provider.requests == []


def test_a_form_naming_an_unknown_provider_is_refused(visitor: Visitor) -> None:
    answer = visitor.post("/start", provider="http://elsewhere.example", hand_over=SECRET)
    assert answer.status_code == 403
    assert visitor.provider.requests == []


@pytest.mark.parametrize("change", [{"origin": "http://localhost:9999"}, {"transaction": "U" * 43}])
def test_an_invitation_that_claims_to_be_another_is_refused(visitor: Visitor, change: dict[str, str]) -> None:
    visitor.provider.invitation = replace(visitor.provider.invitation, **change)  # type: ignore[arg-type]
    page = visitor.start()
    assert (page.status_code, heading(page)) == (403, "The login cannot go on")
    assert heading(visitor.browser.get("/visit")) == "Your place was lost"


@pytest.mark.parametrize("host", ["localhost:8701", "phone.localhost", "rebound.example:8701", ""])
def test_another_host_name_is_refused(visitor: Visitor, host: str) -> None:
    """DNS rebinding: a foreign name that resolves to the loopback must not reach our pages."""
    assert visitor.browser.get("/", headers={"host": host}).status_code == 421


def test_another_machine_is_refused(visitor: Visitor) -> None:
    browser = TestClient(visitor.app, base_url=ORIGIN, client=("192.0.2.7", 50000))
    assert browser.get("/").status_code == 403


@pytest.mark.parametrize("origin", [None, "null", "http://localhost:8700", "http://phone.localhost:8702", ORIGIN + "/"])
def test_a_form_from_another_site_is_refused(visitor: Visitor, origin: str | None) -> None:
    """Cross-site request forgery (RFC 6454 §7, OWASP: verify the Origin)."""
    visitor.choose()
    assert visitor.post("/visit/leave", origin=origin, sure="yes").status_code == 403
    assert visitor.provider.decisions == []


def test_an_action_without_a_visit_does_nothing(visitor: Visitor) -> None:
    assert heading(visitor.post("/visit/hold")) == "Your place was lost"
    assert visitor.wallet.opened == 0


@pytest.mark.parametrize(("body", "status"), [(b"card=hanako&card=taro", 400), (b"card=%ff", 400), (b"x" * 9000, 413)])
def test_an_unreadable_form_is_refused(visitor: Visitor, body: bytes, status: int) -> None:
    visitor.start()
    headers = {"origin": ORIGIN, "content-type": "application/x-www-form-urlencoded"}
    assert visitor.browser.post("/visit/card", content=body, headers=headers).status_code == status
    assert visitor.browser.post("/visit/card", json={}, headers={"origin": ORIGIN}).status_code == 400


def test_a_visit_shows_no_pin_in_its_repr(visitor: Visitor) -> None:
    pin = "no digit"  # any four of them may stand in the address of an object
    visit = Visit(PROVIDER, visitor.provider.invitation, authentication=Entry(pin=pin))
    assert pin not in repr(visit) + repr(visit.authentication)


def test_the_pins_are_gone_once_the_card_has_answered(visitor: Visitor) -> None:
    visit = Visit(PROVIDER, visitor.provider.invitation, authentication=Entry(pin="8642"), text=Entry(pin="9753"))
    visit.finish("allowed")
    assert (visit.authentication.pin, visit.text.pin) == (None, None)
