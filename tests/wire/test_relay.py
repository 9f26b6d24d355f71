"""A look-alike site relays live: what it wins from ordinary logins, and nothing from strong ones, whatever it tries.

`docs/phishing.md` says in words what these tests show.
"""

import json
import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.browser.square import PIN, TEXT_PIN, Square, square_for
from tests.waiting import PATIENCE
from tests.wire.look_alike import JSON, LookAlike
from warifu.messages import LoginAnswer, LoginInvitation
from warifu.reader import answer_login
from warifu.wire import companion
from warifu.wire.headless import CardInHand, Headless, Loopback

EVIL = "http://look-alike.localhost:9999"
NAME = "割符　花子"


servers, square = square_for("module")


@pytest.fixture
def look_alike(square: Square) -> Iterator[LookAlike]:
    with LookAlike(EVIL, square.shop, square.companion) as made:
        yield made


class Victim:
    """Somebody with a phone, who does what the pages say and types digits where they are asked for."""

    def __init__(self, square: Square) -> None:
        self.square = square
        self.browser = httpx2.Client(transport=Loopback(), timeout=PATIENCE, trust_env=False, follow_redirects=True)

    def open(self, address: str) -> httpx2.Response:
        """Scan a code, or follow a link into the app, and press start."""
        fields = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return self.post("/start", **fields)

    def digits(self, shown: httpx2.Response) -> str:
        found = re.search(r"<strong>(\d{3} \d{3})</strong>", shown.text)
        assert found
        return found[1]

    def consent(self) -> httpx2.Response:
        """Hold the card and agree to everything."""
        self.post("/visit/card", card="hanako")
        self.post("/visit/pin", step="pin", pin=PIN)
        self.post("/visit/pin", step="text_pin", pin=TEXT_PIN)
        self.post("/visit/hold")
        return self.post("/visit/consent", decision="allow")

    def back(self, page: httpx2.Response) -> httpx2.Response:
        """Where the app's last page leads this person's own browser."""
        found = re.search(r'href="([^"]+)" data-back', page.text)
        assert found
        return self.browser.get(found[1])

    def post(self, path: str, **fields: str) -> httpx2.Response:
        phone = self.square.phone
        headers = {"origin": phone, "content-type": "application/x-www-form-urlencoded"}
        return self.browser.post(phone + path, content=urlencode(fields), headers=headers)


@pytest.fixture
def victim(square: Square) -> Iterator[Victim]:
    made = Victim(square)
    yield made
    made.browser.close()


def at_companion(square: Square, invitation: LoginInvitation, origin: str | None, *allowed: str) -> httpx2.Response:
    """What the victim's companion answers to a page of `origin`; its owner allows the provider and `allowed`."""

    def answer(invitation: LoginInvitation, origin: str) -> LoginAnswer:
        card = nullcontext(square.card)
        return companion.answer_invitation(invitation, origin, square.prompt, lambda _: card, square.clock)

    app = companion.application(8710, {square.provider, *allowed}, answer, lambda: True)
    headers = JSON | ({} if origin is None else {"origin": origin})
    with TestClient(app, base_url="http://localhost:8710") as browser:
        return browser.post("/login", content=invitation.encode(), headers=headers)


# --- ordinary logins: the relay wins ----------------------------------------------------------------------------------


def test_in_the_compatible_mode_a_live_relay_of_code_and_digits_succeeds(look_alike: LookAlike, victim: Victim) -> None:
    """The code and the digits tie the phone to a page, whosever it is. This is the weakness, not a feature."""
    look_alike.begin()
    code = look_alike.code()
    assert code
    digits = victim.digits(victim.open(code))
    assert look_alike.type_digits(digits) == 303
    victim.browser.get(f"{victim.square.phone}/digits")
    assert "許可しました" in victim.consent().text
    assert NAME in (look_alike.loot() or "")


def test_without_the_digits_the_code_alone_wins_nothing(look_alike: LookAlike, victim: Victim) -> None:
    """Blind: the victim scans a code that was sent to them, and types nothing anywhere."""
    look_alike.begin()
    code = look_alike.code()
    assert code
    right = victim.digits(victim.open(code)).replace(" ", "")
    for guess in range(7):
        look_alike.type_digits(f"{(int(right) + 1 + guess) % 1_000_000:06}")
    look_alike.type_digits(right)
    shown = victim.browser.get(f"{victim.square.phone}/digits")
    assert shown.status_code == 410
    assert look_alike.code() is None
    assert look_alike.loot() is None


@pytest.mark.parametrize("strong", [False, True])
def test_the_link_for_the_same_device_ends_in_the_victims_browser_and_wins_nothing(
    strong: bool, look_alike: LookAlike, victim: Victim
) -> None:
    """Shown as a code, or put behind a button on the victim's phone: the last step is not the look-alike's to take."""
    if strong:
        victim.square.strengthen()
    look_alike.begin()
    victim.open(look_alike.link())
    landed = victim.back(victim.consent())
    assert landed.status_code == 403
    assert "にせのサイトに案内された恐れがあります" in landed.text
    assert look_alike.loot() is None
    told = look_alike.session.get(f"{look_alike.page}/continue")
    assert (told.status_code, "code=" in str(told.headers)) == (403, False)


# --- strong logins ----------------------------------------------------------------------------------------------------


def test_a_strong_login_has_no_code_to_relay(look_alike: LookAlike, square: Square) -> None:
    square.strengthen()
    assert "data-code>" not in look_alike.begin()
    assert look_alike.code() is None
    headers = {"origin": look_alike.provider}
    renewed = look_alike.session.post(f"{look_alike.page}/code", headers=headers)
    assert renewed.status_code == 303
    assert look_alike.code() is None
    assert look_alike.type_digits("000000") == 303
    assert look_alike.loot() is None


def test_a_strong_login_cannot_be_talked_into_an_ordinary_one(look_alike: LookAlike, square: Square) -> None:
    """The client's own setting counts, whatever the request says: here it asks for nothing."""
    square.strengthen()
    look_alike.begin()
    for path in ("", "?strong=no", "?note=hand_over_ended"):
        assert "data-code>" not in look_alike.session.get(look_alike.page + path).text


@pytest.mark.parametrize("strong", [False, True])
def test_the_companion_answers_no_page_of_another_origin(strong: bool, look_alike: LookAlike, square: Square) -> None:
    """The browser says whose page asks (Fetch, the Origin header); nobody is even asked for a PIN."""
    if strong:
        square.strengthen()
    look_alike.begin()
    for origin in (EVIL, "null", None, square.provider + "/", square.provider.upper()):
        refused = at_companion(square, look_alike.invitation(), origin)
        assert (refused.status_code, refused.json()["error"]) == (403, "not_allowed")
    assert square.prompt.asked == []
    assert look_alike.loot() is None


@pytest.mark.parametrize("strong", [False, True])
def test_what_is_signed_names_the_origin_that_the_browser_saw(
    strong: bool, look_alike: LookAlike, square: Square
) -> None:
    """Even a companion whose owner let the look-alike in signs for that origin, and the provider refuses it."""
    if strong:
        square.strengthen()
    look_alike.begin()
    unchanged = at_companion(square, look_alike.invitation(), EVIL, EVIL)
    assert (unchanged.status_code, unchanged.json()["error"]) == (403, "wrong_origin")
    look_alike.rewrites = True
    signed = at_companion(square, look_alike.invitation(), EVIL, EVIL)
    assert signed.status_code == 200
    assert LoginAnswer.decode(signed.content).challenge.origin == EVIL
    refused = look_alike.answer(signed.content)
    assert (refused.status_code, refused.json()["error"]) == (403, "wrong_origin")
    assert look_alike.loot() is None


def test_a_signature_for_another_origin_is_not_made_good_by_rewriting_it(look_alike: LookAlike, square: Square) -> None:
    square.strengthen()
    look_alike.begin()
    look_alike.rewrites = True
    signed = LoginAnswer.decode(at_companion(square, look_alike.invitation(), EVIL, EVIL).content)
    forged = replace(signed, challenge=replace(signed.challenge, origin=look_alike.provider), attributes=None)
    refused = look_alike.answer(forged.encode())
    assert (refused.status_code, refused.json()["error"]) == (403, "wrong_signature")
    assert look_alike.loot() is None


@pytest.mark.parametrize("strong", [False, True])
def test_an_answer_to_one_login_is_worth_nothing_in_another(
    strong: bool, look_alike: LookAlike, square: Square
) -> None:
    """The victim really logs in somewhere; what the card signed there is replayed here."""
    if strong:
        square.strengthen()
    with LookAlike(EVIL, square.shop, square.companion) as genuine:  # the victim's own browser, at the provider itself
        genuine.begin()
        signed = at_companion(square, genuine.invitation(), square.provider).content
        look_alike.begin()
        refused = look_alike.answer(signed)
        assert (refused.status_code, refused.json()["error"]) == (403, "wrong_transaction")
        assert genuine.allow(genuine.answer(signed)).status_code == 204
        assert NAME in (genuine.loot() or "")
    assert look_alike.loot() is None


def test_the_same_answer_again_from_elsewhere_opens_nothing(look_alike: LookAlike, square: Square) -> None:
    """Who has seen transaction and answer of a strong login is neither its browser nor its phone."""
    square.strengthen()
    with LookAlike(EVIL, square.shop, square.companion) as genuine:
        genuine.begin()
        signed = at_companion(square, genuine.invitation(), square.provider).content
        look_alike.begin()
        look_alike.page = genuine.page
        for refused in (
            look_alike.answer(signed),
            look_alike.session.get(f"{genuine.page}/invitation"),
            look_alike.session.post(f"{genuine.page}/decision", json={"decision": "deny", "reason": "cancelled"}),
            look_alike.session.get(f"{genuine.page}/state"),
        ):
            assert (refused.status_code, refused.json()["error"]) == (403, "not_allowed")
        assert genuine.answer(signed).is_success
        assert look_alike.answer(signed).status_code == 403
    assert look_alike.loot() is None


def test_a_phone_of_the_look_alikes_own_has_no_card_of_the_victims(look_alike: LookAlike, square: Square) -> None:
    """It takes the login over itself and relays what is to be signed to the victim's companion."""
    square.strengthen()
    look_alike.begin()
    secret = parse_qs(urlsplit(look_alike.link()).query)["hand_over"][0]
    taken = look_alike.session.post(f"{look_alike.provider}/hand-over/take", json={"secret": secret}).json()
    bearer = {"authorization": f"Bearer {taken['token']}"}
    told = look_alike.session.get(f"{look_alike.page}/invitation", headers=bearer)
    assert at_companion(square, LoginInvitation.decode(told.content), EVIL).status_code == 403
    assert look_alike.loot() is None


@pytest.mark.parametrize("strong", [False, True])
def test_a_login_without_a_browser_goes_on_as_ever(strong: bool, square: Square) -> None:
    """`warifu login` and continuous integration: its browser and its companion are one program."""
    if strong:
        square.strengthen()
    card = CardInHand(lambda: nullcontext(square.card), PIN, TEXT_PIN)
    with Headless({square.provider}) as headless:
        outcome = headless.log_in(f"{square.shop}/login?ask=all", card)
        assert outcome.fault is None
        assert headless.follow(outcome) == 200
        assert NAME in headless.browser.get(square.shop).text


def test_everything_rests_on_who_signs_for_the_providers_own_origin(look_alike: LookAlike, square: Square) -> None:
    """A program on the victim's machine that has the card sign for the provider's origin wins: that is the limit.

    Here the look-alike is the phone as well, so that it has both the last token and the cookie.
    """
    square.strengthen()
    look_alike.begin()
    secret = parse_qs(urlsplit(look_alike.link()).query)["hand_over"][0]
    taken = look_alike.session.post(f"{look_alike.provider}/hand-over/take", json={"secret": secret}).json()
    headers = JSON | {"authorization": f"Bearer {taken['token']}"}
    invitation = LoginInvitation.decode(
        look_alike.session.get(f"{look_alike.page}/invitation", headers=headers).content
    )
    stolen = answer_login(square.card, invitation.challenge(square.provider), PIN, TEXT_PIN)
    shared = look_alike.session.post(f"{look_alike.page}/answer", content=stolen.encode(), headers=headers).json()
    decision = json.dumps({"decision": "allow", "decision_token": shared["decision_token"]})
    done = look_alike.session.post(f"{look_alike.page}/decision", content=decision, headers=headers)
    assert look_alike.loot() is None
    ended = look_alike.session.get(f"{look_alike.page}/continue?finish={done.json()['finish']}")
    assert "code=" in ended.headers["location"]
