"""The simulated phone: what a person does on it, step by step, and what the provider then hears."""

import gc

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.wire.phone_world import (
    LINK,
    NOW,
    ORIGIN,
    PROVIDER,
    SECRET,
    TRANSACTION,
    ScriptedProvider,
    Visitor,
    heading,
    spend,
    tries_left,
)
from warifu.card import Profile
from warifu.testing import SoftwareCard, software_card
from warifu.wire.phone.visit import LINGER, Step, Visit, Visits


@pytest.fixture
def visitor(my_number_card: SoftwareCard) -> Visitor:
    return Visitor(my_number_card)


def test_the_link_shows_who_asks_for_what_and_keeps_nothing(visitor: Visitor) -> None:
    page = visitor.browser.get(LINK)
    assert heading(page) == "Log in to “山の銀行”"
    assert all(scope in page.text for scope in ("Name", "Address", "Birth date", "Sex"))
    assert "visit" not in page.cookies


def test_the_card_signs_for_the_configured_origin_and_the_person_allows(visitor: Visitor) -> None:
    """The provider gets a signed answer and the decision; nothing else leaves the phone."""
    assert heading(visitor.to_consent()) == "Share with “山の銀行”?"
    done = visitor.post("/visit/consent", decision="allow")
    (answer,) = visitor.provider.answers
    key = visitor.wallet.card.authentication_public_key
    key.verify(answer.signature, answer.challenge.encode(), PKCS1v15(), SHA256())
    assert answer.challenge == visitor.provider.invitation.challenge(PROVIDER.origin)
    assert answer.attributes is not None
    assert visitor.provider.decisions == [{"decision": "allow", "decision_token": "a-token"}]
    assert heading(done) == "Allowed"
    assert f'href="{PROVIDER.origin}/login/{TRANSACTION}/continue?finish=a%20finish"' in done.text


def test_the_provider_is_asked_at_its_configured_address(visitor: Visitor) -> None:
    visitor.browser.get(LINK)
    assert str(visitor.provider.requests[0].url) == "http://127.0.0.1:8700/hand-over/offer"


def test_a_person_may_say_no_at_the_end(visitor: Visitor) -> None:
    visitor.to_consent()
    assert heading(visitor.post("/visit/consent", decision="deny")) == "Login cancelled"
    assert visitor.provider.decisions == [{"decision": "deny", "reason": "cancelled"}]


def test_only_openid_asks_for_one_pin(my_number_card: SoftwareCard) -> None:
    visitor = Visitor(my_number_card, ScriptedProvider(("openid",)))
    visitor.choose()
    assert heading(visitor.enter("1234")) == "Hold the card"
    visitor.hold()
    assert visitor.provider.answers[0].attributes is None


def test_without_the_text_pin_no_attributes_are_shared(visitor: Visitor) -> None:
    visitor.choose()
    visitor.enter("1234")
    visitor.post("/visit/skip")
    consent = visitor.hold()
    assert visitor.provider.answers[0].attributes is None
    assert "Name, address, birth date and sex are not shared" in consent.text


def test_the_same_number_can_be_used_for_both(my_number_card: SoftwareCard) -> None:
    """The official app offers the same shortcut."""
    visitor = Visitor(my_number_card)
    visitor.choose()
    visitor.enter("1234")
    assert heading(visitor.post("/visit/pin", step="text_pin", same="yes")) == "Hold the card"
    visitor.hold()
    assert tries_left(my_number_card) == (3, 2)


def test_a_wrong_pin_says_how_many_tries_are_left_and_can_be_entered_again(visitor: Visitor) -> None:
    visitor.choose()
    visitor.enter("9999")
    visitor.enter("5678", "text_pin")
    wrong = visitor.hold()
    assert heading(wrong) == "Authentication PIN"
    assert "Tries left before it is blocked: 2." in wrong.text
    visitor.enter("1234")
    assert heading(visitor.hold()) == "Share with “山の銀行”?"
    assert tries_left(visitor.wallet.card) == (3, 3)


def test_a_wrong_text_pin_returns_to_the_text_pin(visitor: Visitor) -> None:
    visitor.choose()
    visitor.enter("1234")
    visitor.enter("9999", "text_pin")
    wrong = visitor.hold()
    assert heading(wrong) == "Text PIN"
    assert "Tries left before it is blocked: 2." in wrong.text
    # Right above the field: what is further up is out of sight on a small phone, which scrolls to the field.
    assert wrong.text.index("asks for your name") < wrong.text.index('id="pin-error"')
    visitor.enter("5678", "text_pin")
    assert heading(visitor.hold()) == "Share with “山の銀行”?"


@pytest.mark.parametrize("text", ["", "123", "12345", "12a4", "一二三四", "١٢٣٤"])
def test_what_is_no_pin_never_reaches_the_card(visitor: Visitor, text: str) -> None:
    visitor.choose()
    assert "Enter four digits." in visitor.enter(text).text
    assert visitor.wallet.opened == 0


def test_full_width_digits_are_digits(visitor: Visitor) -> None:
    """A Japanese input method gives them."""
    visitor.choose()
    visitor.enter("１２３４")
    visitor.enter("５６７８", "text_pin")
    assert heading(visitor.hold()) == "Share with “山の銀行”?"


def test_the_last_try_is_not_spent_unless_confirmed(visitor: Visitor) -> None:
    card = visitor.wallet.card
    spend(card, 2)
    visitor.choose()
    visitor.enter("9999")
    visitor.enter("5678", "text_pin")
    asked = visitor.hold()
    assert "This is the last try." in asked.text
    assert 'name="confirmed"' in asked.text
    assert tries_left(card) == (1, 3)
    assert "This is the last try." in visitor.enter("1234").text
    visitor.enter("1234", confirmed="yes")
    assert heading(visitor.hold()) == "Share with “山の銀行”?"
    assert tries_left(card) == (3, 3)


def test_confirming_one_last_try_spends_no_other(visitor: Visitor) -> None:
    card = visitor.wallet.card
    spend(card, 2)
    spend(card, 2, text=True)
    visitor.choose()
    visitor.enter("1234")
    visitor.enter("9999", "text_pin")
    visitor.hold()
    visitor.enter("1234", confirmed="yes")
    asked = visitor.hold()
    assert heading(asked) == "Text PIN"
    assert tries_left(card) == (1, 1)


def test_a_blocked_pin_ends_the_login_and_the_provider_is_told(visitor: Visitor) -> None:
    spend(visitor.wallet.card, 3)
    visitor.choose()
    visitor.enter("1234")
    visitor.enter("5678", "text_pin")
    assert heading(visitor.hold()) == "The PIN is blocked"
    assert visitor.provider.decisions == [{"decision": "deny", "reason": "pin_blocked"}]


def test_blocking_the_pin_here_ends_the_login_too(visitor: Visitor) -> None:
    spend(visitor.wallet.card, 2)
    visitor.choose()
    visitor.enter("9999")
    visitor.enter("5678", "text_pin")
    visitor.hold()
    visitor.enter("9999", confirmed="yes")
    assert heading(visitor.hold()) == "The PIN is blocked"
    assert visitor.provider.decisions == [{"decision": "deny", "reason": "pin_blocked"}]


def test_a_blocked_text_pin_leaves_the_way_without_attributes(visitor: Visitor) -> None:
    spend(visitor.wallet.card, 3, text=True)
    visitor.choose()
    visitor.enter("1234")
    visitor.enter("5678", "text_pin")
    assert "The text PIN is blocked." in visitor.hold().text
    assert heading(visitor.enter("5678", "text_pin")) == "Text PIN"
    visitor.post("/visit/skip")
    assert heading(visitor.hold()) == "Share with “山の銀行”?"
    assert tries_left(visitor.wallet.card) == (3, 0)


def test_cancelling_asks_back_first(visitor: Visitor) -> None:
    """The official app asks whether to stop; then the client gets an error callback."""
    visitor.choose()
    assert heading(visitor.post("/visit/leave")) == "Cancel the login?"
    assert visitor.provider.decisions == []
    assert heading(visitor.post("/visit/leave", sure="no")) == "Authentication PIN"
    visitor.post("/visit/leave")
    assert heading(visitor.post("/visit/leave", sure="yes")) == "Login cancelled"
    assert visitor.provider.decisions == [{"decision": "deny", "reason": "cancelled"}]


def test_going_back_forgets_what_was_entered(visitor: Visitor) -> None:
    visitor.choose()
    visitor.enter("9999")
    visitor.enter("9999", "text_pin")
    assert heading(visitor.post("/visit/back")) == "Authentication PIN"
    assert heading(visitor.post("/visit/back")) == "Choose a card"
    assert visitor.wallet.opened == 0


def test_what_the_provider_refuses_is_said_in_words(visitor: Visitor) -> None:
    visitor.choose()
    visitor.enter("1234")
    visitor.enter("5678", "text_pin")
    visitor.provider.refusal = (403, "revoked")
    assert "certificate has been revoked" in visitor.hold().text


def test_a_card_in_use_can_be_held_again(visitor: Visitor) -> None:
    visitor.choose()
    visitor.enter("1234")
    visitor.enter("5678", "text_pin")
    visitor.wallet.taken = True
    assert "Another program may be using it." in visitor.hold().text
    visitor.wallet.taken = False
    assert heading(visitor.hold()) == "Share with “山の銀行”?"


def test_a_silent_provider_can_be_asked_again(visitor: Visitor) -> None:
    visitor.choose()
    visitor.enter("1234")
    visitor.enter("5678", "text_pin")
    visitor.provider.silent = True
    assert "The login server does not answer." in visitor.hold().text
    visitor.provider.silent = False
    assert heading(visitor.hold()) == "Share with “山の銀行”?"
    visitor.provider.silent = True
    assert "The login server does not answer." in visitor.post("/visit/consent", decision="allow").text
    visitor.provider.silent = False
    assert heading(visitor.post("/visit/consent", decision="allow")) == "Allowed"


def test_a_login_that_expired_meanwhile_is_over(visitor: Visitor) -> None:
    visitor.choose()
    visitor.clock.moment = visitor.provider.invitation.expires_at
    assert heading(visitor.enter("1234")) == "Time is up"


def test_a_visit_is_forgotten_in_the_end(visitor: Visitor) -> None:
    visitor.choose()
    visitor.clock.moment = NOW.replace(hour=12)
    assert heading(visitor.browser.get("/visit")) == "Your place was lost"


def test_a_pin_of_a_visit_that_nobody_finished_is_dropped_when_the_login_ends(visitor: Visitor) -> None:
    """Also when nobody comes by any more: the page's server looks by itself."""
    visitor.choose()
    visitor.enter("4711")
    (visit,) = [each for each in gc.get_objects() if type(each) is Visit and each.authentication.pin == "4711"]
    visitor.clock.moment = visit.ends
    with visitor.browser:  # runs what the server runs besides answering
        visitor.browser.get("/")
    assert visit.authentication.pin is None
    assert visit.step is Step.DONE


def test_visits_that_are_long_over_are_swept_away() -> None:
    visits, provider = Visits(), ScriptedProvider()
    visit = Visit(PROVIDER, provider.invitation)
    visits.add("secret", visit)
    visits.sweep(visit.ends + LINGER)
    assert visits.find("secret", NOW) is None


def test_steps_cannot_be_jumped(visitor: Visitor) -> None:
    visitor.start()
    for action, fields in (("hold", {}), ("skip", {}), ("consent", {"decision": "allow"}), ("pin", {"pin": "1234"})):
        assert heading(visitor.post(f"/visit/{action}", step="pin", **fields)) == "Choose a card"
    assert heading(visitor.post("/visit/card", card="somebody")) == "Choose a card"
    assert visitor.provider.decisions == []


def test_nothing_happens_after_the_end(visitor: Visitor) -> None:
    visitor.to_consent()
    visitor.post("/visit/consent", decision="allow")
    visitor.post("/visit/leave", sure="yes")
    assert heading(visitor.post("/visit/consent", decision="deny")) == "Allowed"
    assert len(visitor.provider.decisions) == 1


def test_without_a_link_the_page_says_how_to_begin(visitor: Visitor) -> None:
    page = visitor.browser.get("/")
    assert (page.status_code, heading(page)) == (200, "Scan a code")


def test_a_login_that_is_over_is_said_so(visitor: Visitor) -> None:
    visitor.provider.refusal = (404, "not_found")
    page = visitor.browser.get(LINK)
    assert "There is no such login." in page.text


def test_every_page_says_that_it_is_simulated(visitor: Visitor) -> None:
    """No page may be taken for a real app."""
    pages = [visitor.browser.get("/"), visitor.browser.get(LINK), visitor.start()]
    pages += [visitor.post("/visit/card", card="hanako"), visitor.enter("1234"), visitor.enter("5678", "text_pin")]
    pages += [visitor.post("/visit/leave"), visitor.post("/visit/leave", sure="no"), visitor.hold()]
    pages += [visitor.post("/visit/consent", decision="allow")]
    assert len({heading(page) for page in pages}) == 9
    assert all(page.text.count("模擬 Simulated") >= 2 for page in pages)


def test_the_pin_is_in_no_page_and_in_no_message(visitor: Visitor) -> None:
    pages = [visitor.choose(), visitor.enter("1234"), visitor.enter("5678", "text_pin"), visitor.hold()]
    assert not any(pin in page.text for page in pages for pin in ("1234", "5678"))
    bodies = [request.content + str(request.url).encode() for request in visitor.provider.requests]
    assert not any(b'"1234"' in body or b'"5678"' in body for body in bodies)


def test_the_visit_is_kept_by_a_cookie_that_other_sites_cannot_use(visitor: Visitor) -> None:
    response = visitor.browser.post(
        "/start",
        data={"provider": PROVIDER.origin, "hand_over": SECRET},
        headers={"origin": ORIGIN},
        follow_redirects=False,
    )
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "domain" not in cookie


def test_a_card_without_pins_cannot_log_in_and_the_provider_is_told() -> None:
    """The face-verification card (顔認証マイナンバーカード) has no PINs: it is for windows where a face is compared."""
    visitor = Visitor(software_card(profile=Profile.FACE_VERIFICATION))
    visitor.choose()
    visitor.enter("1234")
    visitor.enter("5678", "text_pin")
    assert heading(visitor.hold()) == "The PIN is blocked"
    assert visitor.provider.decisions == [{"decision": "deny", "reason": "pin_blocked"}]


def test_where_no_login_is_possible_no_try_of_the_text_pin_is_spent(visitor: Visitor) -> None:
    spend(visitor.wallet.card, 3)
    visitor.choose()
    visitor.enter("1234")
    visitor.enter("9999", "text_pin")
    visitor.hold()
    assert tries_left(visitor.wallet.card) == (0, 3)
