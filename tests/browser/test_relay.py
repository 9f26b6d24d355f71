"""A look-alike site in a real browser: it wins an ordinary login by phone, and no strong one (`docs/phishing.md`).

`tests/wire/test_relay.py` has the attempts that need no browser.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import unhurried
from tests.browser.square import Square
from tests.browser.walk import heading, look, press, shown_digits, to_consent
from tests.wire.look_alike import LookAlike
from warifu.wire.serving import reserve, serve_in_thread

pytestmark = pytest.mark.browser
NAME = "割符　花子"


@pytest.fixture
def look_alike(square: Square) -> Iterator[LookAlike]:
    at = reserve("look-alike.localhost")
    with LookAlike(at.origin, square.shop, square.companion) as made, serve_in_thread([(at, made.application())]):
        yield made


@pytest.fixture
def victim(chromium: Browser) -> Iterator[BrowserContext]:
    """A profile whose console nobody watches: the look-alike's pages are refused things all the time."""
    with chromium.new_context(locale="ja-JP", viewport={"width": 1100, "height": 900}) as fresh:
        yield unhurried(fresh)


def lured(victim: BrowserContext, look_alike: LookAlike, path: str = "/") -> Page:
    """The victim follows a link to the look-alike."""
    page = victim.new_page()
    page.goto(look_alike.origin + path)
    assert page.url.startswith(look_alike.origin)
    return page


def follow(page: Page, way: str) -> Page:
    """Scan the code that the look-alike shows, or open the app by its link."""
    with page.context.expect_page() as opened:
        page.locator(f"#{way}").click()
    return opened.value


def test_in_the_compatible_mode_the_look_alike_gets_in(victim: BrowserContext, look_alike: LookAlike) -> None:
    """Everything on the phone is genuine; the digits were typed into the wrong page."""
    page = lured(victim, look_alike)
    phone = follow(page, "code")
    press(phone, "はじめる")
    heading(phone, "番号を入力")
    page.get_by_label("6 桁の番号").fill(shown_digits(phone))
    press(page, "送信")
    heading(phone, "カードを選ぶ")
    to_consent(phone)
    press(phone, "許可する")
    heading(phone, "許可しました")
    assert NAME in (look_alike.loot() or "")


@pytest.mark.parametrize("strong", [False, True])
def test_by_the_link_the_victim_ends_in_their_own_browser_and_is_warned(
    strong: bool, victim: BrowserContext, look_alike: LookAlike, square: Square
) -> None:
    if strong:
        square.strengthen()
    page = lured(victim, look_alike)
    assert page.locator("#code").count() == (0 if strong else 1)
    app = follow(page, "link")
    press(app, "はじめる")
    to_consent(app)
    press(app, "許可する")
    heading(app, "許可しました")
    assert look_alike.loot() is None
    app.get_by_role("link", name="「割符商店（模擬）」に戻る").click()
    heading(app, "このブラウザーで始めたログインではありません")
    expect(app.get_by_text("にせのサイトに案内された恐れがあります")).to_be_visible()
    look(app, "relay-warned")
    assert look_alike.loot() is None


@pytest.mark.parametrize("strong", [False, True])
@pytest.mark.parametrize("rewrites", [False, True])
def test_the_look_alikes_script_gets_nothing_from_the_companion(
    strong: bool, rewrites: bool, victim: BrowserContext, look_alike: LookAlike, square: Square
) -> None:
    """Neither with the provider's invitation nor with one that names the look-alike; nobody is asked for a PIN."""
    if strong:
        square.strengthen()
    page = lured(victim, look_alike)
    look_alike.rewrites = rewrites
    press(page, "カードリーダーで読み取る")
    expect(page.locator("#told")).to_have_text("TypeError")  # the browser shows the refusal to no foreign page
    assert square.prompt.asked == []
    assert look_alike.loot() is None


@pytest.mark.parametrize("rewrites", [False, True])
def test_the_providers_own_page_behind_another_name_gets_nothing_from_the_companion(
    rewrites: bool, victim: BrowserContext, look_alike: LookAlike, square: Square
) -> None:
    """Everything is proxied, its policies left out: the browser still says which origin asks."""
    square.strengthen()
    look_alike.rewrites = rewrites
    page = lured(victim, look_alike, "/proxied")
    heading(page, "「割符商店（模擬）」にログイン")
    press(page, "カードリーダーで読み取る")
    expect(page.get_by_role("alert").first).to_contain_text("コンパニオンが見つかりません。")
    assert square.prompt.asked == []
    assert look_alike.loot() is None


def test_a_strong_login_goes_on_as_ever_with_the_companion(context: BrowserContext, square: Square) -> None:
    """On a PC with a reader: one page less to choose from, and no code."""
    square.strengthen()
    page = context.new_page()
    page.goto(square.shop)
    press(page, "カードでログイン（模擬）")
    heading(page, "「割符商店（模擬）」にログイン")
    assert page.locator("svg.qr").count() == 0
    look(page, "login-strong")
    press(page, "カードリーダーで読み取る")
    press(page, "許可する")
    heading(page, "ログインしました")


def test_a_strong_login_goes_on_as_ever_on_a_phone(handheld: BrowserContext, square: Square) -> None:
    square.strengthen()
    page = handheld.new_page()
    page.goto(square.shop)
    press(page, "カードでログイン（模擬）")
    press(page, "はじめる")
    to_consent(page)
    press(page, "許可する")
    page.get_by_role("link", name="「割符商店（模擬）」に戻る").click()
    heading(page, "ログインしました")
