"""Logging in with the PC's card reader: the page carries messages between the provider and the companion."""

from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.square import SHOP, Square
from tests.browser.walk import claim, heading, look, press, to_login
from tests.idp.world import NOW
from warifu.pki import Reason, Revocation

pytestmark = pytest.mark.browser
YESTERDAY = NOW - timedelta(days=1)


def test_a_login_by_card_reader(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    press(page, "カードリーダーで読み取る")
    expect(page.get_by_role("heading", name="「割符商店（模擬）」に情報を渡しますか")).to_be_focused()
    look(page, "reader-consent")
    assert square.prompt.asked == [SHOP]
    press(page, "許可する")
    heading(page, "ログインしました")
    assert claim(page, "name") == "割符　花子"


def test_consent_survives_a_reload(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    press(page, "カードリーダーで読み取る")
    expect(page.get_by_role("button", name="許可する", exact=True)).to_be_visible()
    page.reload()
    press(page, "許可する")
    heading(page, "ログインしました")


def test_saying_no_to_sharing_on_the_pc(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    press(page, "カードリーダーで読み取る")
    press(page, "許可しない")
    heading(page, "ログインできませんでした")
    expect(page.locator("[data-description]")).to_have_text("cancelled")


def test_without_the_text_pin_the_page_says_what_is_not_shared(context: BrowserContext, square: Square) -> None:
    square.prompt.texts = [None]
    page = to_login(context, square)
    press(page, "カードリーダーで読み取る")
    expect(page.locator("[data-only-openid='card']")).to_be_visible()
    expect(page.locator('[data-share="openid"]')).to_be_visible()
    expect(page.locator('[data-share="name"]')).to_be_hidden()


def test_a_companion_that_does_not_run_is_explained(context: BrowserContext, square: Square) -> None:
    context.route(f"{square.companion}/**", lambda route: route.abort("connectionrefused"))
    page = to_login(context, square)
    press(page, "カードリーダーで読み取る")
    expect(page.get_by_role("alert")).to_contain_text("コンパニオンが見つかりません。")
    expect(page.get_by_role("button", name="カードリーダーで読み取る")).to_be_visible()
    look(page, "reader-absent")


def test_cancelling_in_the_companion_leaves_the_choice_open(context: BrowserContext, square: Square) -> None:
    square.prompt.willing = False
    page = to_login(context, square)
    press(page, "カードリーダーで読み取る")
    expect(page.get_by_role("alert")).to_have_text("コンパニオンで取り消されました。")
    square.prompt.willing = True
    press(page, "カードリーダーで読み取る")
    expect(page.get_by_role("button", name="許可する", exact=True)).to_be_visible()


def test_wrong_pins_end_before_the_last_try(context: BrowserContext, square: Square) -> None:
    square.prompt.pins = ["9999", "9998"]
    page = to_login(context, square)
    press(page, "カードリーダーで読み取る")
    expect(page.get_by_role("alert")).to_contain_text("残りの入力回数が 1 回のため")
    assert square.prompt.asked == [SHOP, "wrong, 2 left", "wrong, 1 left"]
    look(page, "reader-last-try")


def test_what_the_provider_refuses_is_said_before_going_back(context: BrowserContext, square: Square) -> None:
    square.authority.status = Revocation(YESTERDAY, Reason.KEY_COMPROMISE)
    page = to_login(context, square)
    press(page, "カードリーダーで読み取る")
    expect(page.get_by_role("heading", name="ログインできませんでした")).to_be_focused()
    expect(page.locator("[data-reason]")).to_have_text("このカードの電子証明書は失効しています。")
    look(page, "reader-revoked")
    page.get_by_role("link", name="「割符商店（模擬）」に戻る").click()
    expect(page.locator("[data-description]")).to_have_text("certificate_revoked")
