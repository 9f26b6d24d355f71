"""Every page was examined in both languages (`tests.browser.accessibility`), whichever test came by it.

Here are the pages that no other test has a reason to look at, and the question whether any page was forgotten.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.accessibility import ANSWERS, SEEN, templates
from tests.browser.conftest import whole_walk
from tests.browser.desks import WindowDesk, at_window
from tests.browser.square import Square
from tests.browser.walk import heading, look, open_phone, press, to_login, to_pin
from tests.idp.world import CLIENT, SIGNER
from tests.verifier.document_scene import Judgement
from tests.waiting import PATIENCE
from tests.wire.provider_world import Stage
from tests.wire.registry.world import HOTLINE
from warifu.card import Card
from warifu.idp import FAPI2, Provider
from warifu.verifier import ReportLanguage
from warifu.wire.pages import report_page
from warifu.wire.provider import application
from warifu.wire.serving import reserve, serve_in_thread

pytestmark = pytest.mark.browser

NEVER_STANDS = {"login_open.html", "phone/deciding.html"}
"""Left at once: on the way to the phone's page, and while the provider writes a decision down."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WindowDesk]:
    with at_window(tmp_path_factory.mktemp("window")) as desk:
        yield desk


class Slow:
    """A card that answers when it may."""

    def __init__(self, card: Card) -> None:
        self.asked, self.may = threading.Event(), threading.Event()
        self._card = card

    def transmit(self, command: bytes) -> bytes:
        self.asked.set()
        self.may.wait(PATIENCE)
        return self._card.transmit(command)


def test_a_phone_without_a_login(context: BrowserContext, square: Square) -> None:
    page = context.new_page()
    page.goto(square.phone)
    look(page, "phone-empty")


def test_a_code_that_nobody_gave(context: BrowserContext, square: Square) -> None:
    page = context.new_page()
    page.goto(f"{square.phone}/?provider={square.provider}&hand_over={'x' * 43}")
    expect(page.locator("body")).to_have_attribute("data-template", "phone/closed.html")
    look(page, "phone-closed")


def test_the_hotlines_page(context: BrowserContext, desk: WindowDesk) -> None:
    page = desk.sign_in(context, HOTLINE, case="")
    expect(page.locator("body")).to_have_attribute("data-template", "window/hotline.html")
    look(page, "window-hotline")


def test_while_the_card_is_being_read(context: BrowserContext, square: Square) -> None:
    """Somebody who reloads is told to wait."""
    phone = open_phone(to_login(context, square))
    to_pin(phone)
    phone.get_by_label("利用者証明用暗証番号（4 桁）").fill("1234")
    press(phone, "次へ")
    press(phone, "入力せずに進む（氏名などは渡さない）")
    heading(phone, "カードをかざす")
    slow = Slow(square.card)
    square.card = slow  # type: ignore[assignment]
    phone.get_by_role("button", name="カードをかざす", exact=True).click(no_wait_after=True)
    assert slow.asked.wait(PATIENCE)
    again = context.new_page()
    again.goto(f"{square.phone}/visit")
    expect(again.locator("body")).to_have_attribute("data-template", "phone/reading.html")
    look(again, "phone-reading")
    slow.may.set()


def test_a_page_of_a_desk_that_says_no(context: BrowserContext, desk: WindowDesk) -> None:
    page = desk.sign_in(context)
    desk.open_person(page, "nobody")
    look(page, "desk-problem")


def test_where_a_logout_ends_that_leads_nowhere(context: BrowserContext, tmp_path: Path) -> None:
    """OpenID Connect RP-Initiated Logout 1.0 §2: the client named no address to go back to."""
    own, stage = reserve("localhost"), Stage(tmp_path)
    provider = Provider(own.origin, FAPI2)
    token = SIGNER.sign({"iss": provider.issuer, "aud": CLIENT.id, "sub": "s", "sid": "over"}, "JWT")
    with stage.service(provider) as service, serve_in_thread([(own, application(service))]):
        service.register(CLIENT)
        page = context.new_page()
        page.goto(f"{provider.issuer}{provider.profile.end_session}?id_token_hint={token}")
        expect(page.locator("body")).to_have_attribute("data-template", "logged_out.html")
        look(page, "logged-out")
        page.close()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_report_on_a_document(context: BrowserContext, tmp_path: Path, language: ReportLanguage) -> None:
    """A file of its own, without script and address."""
    file = tmp_path / "report.html"
    file.write_text(report_page(Judgement().report(), language, "deed.pdf"), "utf-8")
    page = context.new_page()
    page.goto(file.as_uri())
    look(page, f"report-{language}")


def test_every_page_was_examined_in_both_languages(request: pytest.FixtureRequest) -> None:
    """Runs after all others of this folder; where only some of them ran, nothing can be said."""
    if not whole_walk(request.session):
        pytest.skip("only some of the browser's tests were asked for")
    pages = templates() - NEVER_STANDS
    missed = sorted(pages - SEEN.keys())
    assert not missed, f"looked at by no test: {', '.join(missed)}"
    halves = sorted(name for name in pages - ANSWERS if len(SEEN[name]) < 2)
    assert not halves, f"looked at in one language alone: {', '.join(halves)}"
