"""The simulated phone has read a code: it shows six digits, waits, and goes on only when they have been typed."""

from datetime import timedelta

import pytest

from tests.wire.phone_world import LINK, NOW, PROVIDER, TOKEN, ScriptedProvider, Visitor, heading
from warifu.testing import SoftwareCard
from warifu.wire.phone.digits import PATIENCE

DIGITS = "012345"


@pytest.fixture
def visitor(my_number_card: SoftwareCard) -> Visitor:
    return Visitor(my_number_card, ScriptedProvider(digits=DIGITS))


def type_them(visitor: Visitor) -> None:
    visitor.provider.typed = True


def state(visitor: Visitor) -> str:
    return str(visitor.browser.get("/digits/state").json()["state"])


def paths(visitor: Visitor) -> list[str]:
    return [request.url.path for request in visitor.provider.requests]


def test_the_phone_shows_the_digits_and_where_they_belong(visitor: Visitor) -> None:
    page = visitor.start()
    assert heading(page) == "Type this number"
    assert "<strong>012 345</strong>" in page.text
    assert f"begins with {PROVIDER.origin}" in page.text
    assert "模擬 Simulated" in page.text


def test_nothing_is_asked_of_the_card_before_they_are_typed(visitor: Visitor) -> None:
    """It knows neither the transaction nor what is to be signed."""
    visitor.start()
    assert heading(visitor.browser.get("/visit")) == "Your place was lost"
    visitor.post("/visit/card", card="hanako")
    visitor.post("/visit/hold")
    assert visitor.wallet.opened == 0
    assert not any(path.endswith("/invitation") for path in paths(visitor))


def test_once_they_are_typed_the_visit_begins_with_or_without_a_script(visitor: Visitor) -> None:
    visitor.start()
    assert state(visitor) == "waiting"
    type_them(visitor)
    assert state(visitor) == "over"
    assert heading(visitor.browser.get("/digits")) == "Choose a card"


def test_without_a_script_the_page_itself_finds_out(visitor: Visitor) -> None:
    visitor.start()
    type_them(visitor)
    assert heading(visitor.browser.get("/digits")) == "Choose a card"


def test_the_last_page_sends_people_back_to_the_pc(visitor: Visitor) -> None:
    """There is no way back from here: the browser that began is elsewhere."""
    visitor.start()
    type_them(visitor)
    visitor.browser.get("/digits")
    visitor.post("/visit/card", card="hanako")
    visitor.enter("1234")
    visitor.enter("5678", "text_pin")
    visitor.hold()
    done = visitor.post("/visit/consent", decision="allow")
    assert "Go back to the PC" in done.text
    assert "/continue" not in done.text
    assert visitor.provider.decisions == [{"decision": "allow", "decision_token": "a-token"}]


def test_on_the_same_device_the_last_page_goes_back_after_ten_seconds_even_without_a_script(
    my_number_card: SoftwareCard,
) -> None:
    visitor = Visitor(my_number_card)
    visitor.to_consent()
    done = visitor.post("/visit/consent", decision="allow")
    assert '<noscript><meta http-equiv="refresh" content="10; url=http://localhost:8700/login/' in done.text
    assert 'data-seconds="10"' in done.text


def test_expired_digits_are_said_and_renewed(visitor: Visitor) -> None:
    visitor.start()
    visitor.clock.moment = NOW + timedelta(minutes=1)
    assert state(visitor) == "expired"
    assert "The number has expired." in visitor.browser.get("/digits").text
    visitor.provider.digits, visitor.provider.digits_until = "987654", NOW + timedelta(minutes=2)
    renewed = visitor.post("/digits/renew")
    assert "<strong>987 654</strong>" in renewed.text
    assert state(visitor) == "waiting"


def test_when_the_login_was_taken_away_the_phone_says_so(visitor: Visitor) -> None:
    visitor.start()
    visitor.provider.refusal = (410, "hand_over_ended")
    assert state(visitor) == "over"
    page = visitor.browser.get("/digits")
    assert (page.status_code, heading(page)) == (410, "The login cannot go on")
    assert "This code cannot be used" in page.text


def test_a_code_that_is_an_old_one_is_said_before_anything(visitor: Visitor) -> None:
    visitor.provider.refusal = (410, "hand_over_ended")
    for page in (visitor.browser.get(LINK), visitor.start()):
        assert "This code cannot be used" in page.text


def test_a_silent_provider_is_asked_again(visitor: Visitor) -> None:
    visitor.start()
    visitor.provider.silent = True
    assert "The login server does not answer." in visitor.browser.get("/digits").text
    assert "The login server does not answer." in visitor.post("/digits/renew").text
    visitor.provider.silent = False
    type_them(visitor)
    assert heading(visitor.browser.get("/digits")) == "Choose a card"


def test_who_leaves_is_forgotten(visitor: Visitor) -> None:
    visitor.start()
    assert heading(visitor.post("/digits/leave")) == "Scan a code"
    type_them(visitor)
    assert heading(visitor.browser.get("/digits")) == "Your place was lost"


def test_who_does_not_come_back_is_forgotten(visitor: Visitor) -> None:
    visitor.start()
    visitor.clock.moment = NOW + PATIENCE
    assert heading(visitor.browser.get("/digits")) == "Your place was lost"


def test_renewing_just_after_they_were_typed_does_no_harm(visitor: Visitor) -> None:
    visitor.start()
    type_them(visitor)
    assert heading(visitor.post("/digits/renew")) == "Choose a card"


@pytest.mark.parametrize("path", ["/digits/renew", "/digits/leave"])
def test_a_form_from_another_site_is_refused(visitor: Visitor, path: str) -> None:
    visitor.start()
    assert visitor.post(path, origin="http://localhost:8700").status_code == 403


@pytest.mark.parametrize("digits", ["12345", "<b>123", "１２３４５６"])
def test_what_is_no_six_digits_is_not_shown(my_number_card: SoftwareCard, digits: str) -> None:
    """Whatever a provider sends."""
    visitor = Visitor(my_number_card, ScriptedProvider(digits=digits))
    page = visitor.start()
    assert (page.status_code, heading(page)) == (400, "The login cannot go on")


def test_neither_the_token_nor_the_secret_is_in_a_page(visitor: Visitor) -> None:
    pages = [visitor.start(), visitor.browser.get("/digits")]
    type_them(visitor)
    pages.append(visitor.browser.get("/digits"))
    assert not any(TOKEN in page.text for page in pages)
