"""Signing the shop's order through the pages: by phone, with the card reader, and when the card cannot."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.square import Square
from tests.browser.walk import enter, heading, look, open_phone, press, to_pin
from tests.wire import signing_world

pytestmark = pytest.mark.browser


def to_signing(context: BrowserContext, square: Square) -> Page:
    """Open the shop and press the button that asks for a signature."""
    page = context.new_page()
    page.goto(square.shop)
    look(page, "shop-home")
    told = digest(page)
    press(page, "注文書に署名する（模擬）")
    heading(page, "「割符商店（模擬）」にログイン")
    assert digest(page) == told
    return page


def digest(page: Page) -> str:
    """The value that a page shows to be signed."""
    return page.locator("code.digest").first.inner_text()


def to_password(phone: Page) -> None:
    """Everything on the phone up to the signing password."""
    to_pin(phone)
    enter(phone, signing_world.PIN)
    heading(phone, "署名用パスワード")


def test_an_order_is_signed_by_phone(context: BrowserContext, square: Square) -> None:
    """The same value is on the provider's page, on the phone and at the shop; the holder's name on the phone only."""
    page = to_signing(context, square)
    look(page, "sign-login")
    shown = digest(page)
    phone = open_phone(page)
    look(phone, "sign-phone-welcome")
    assert digest(phone) == shown
    to_password(phone)
    look(phone, "sign-phone-password")
    phone.get_by_label("署名用パスワード（英数字 6〜16 文字）").fill("WRONG1")
    press(phone, "次へ")
    press(phone, "カードをかざす")
    expect(phone.get_by_role("alert")).to_have_text("パスワードが違います。残り 4 回まちがえるとロックされます。")
    phone.get_by_label("署名用パスワード（英数字 6〜16 文字）").fill(signing_world.PASSWORD.lower())
    press(phone, "次へ")
    press(phone, "カードをかざす")
    heading(phone, "「割符商店（模擬）」に情報を渡しますか")
    expect(phone.get_by_text("東京都清瀬市架空町一丁目２番３号")).to_be_visible()
    look(phone, "sign-phone-consent")
    press(phone, "許可する")
    heading(page, "署名を確認しました")
    look(page, "sign-shop")
    assert digest(page) == shown
    assert page.locator('[data-fact="signed_form"]').inner_text() == "digest_info"


def test_an_order_is_signed_with_the_card_reader(context: BrowserContext, square: Square) -> None:
    """The companion asks for everything in its own prompt."""
    page = to_signing(context, square)
    press(page, "カードリーダーで読み取る")
    press(page, "許可する")
    heading(page, "署名を確認しました")
    assert digest(page) in square.prompt.asked


def test_a_card_that_cannot_sign_is_told(narrow: BrowserContext, square: Square) -> None:
    """On a narrow window, too."""
    square.card = signing_world.childs_card()
    page = to_signing(narrow, square)
    phone = open_phone(page)
    to_password(phone)
    phone.get_by_label("署名用パスワード（英数字 6〜16 文字）").fill(signing_world.PASSWORD)
    press(phone, "次へ")
    press(phone, "カードをかざす")
    heading(phone, "署名できないカードです")
    look(phone, "sign-phone-cannot")
    heading(page, "ログインできませんでした")
