"""Logging in through the pages as people do: by phone, by keyboard, in English, without scripts, and not at all."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.square import Square
from tests.browser.walk import (
    claim,
    enter,
    heading,
    log_out,
    look,
    open_phone,
    press,
    shown_digits,
    tab_to,
    to_consent,
    to_login,
    to_pin,
    type_digits,
)
from warifu.reader import JpkiSession, Key

pytestmark = pytest.mark.browser


def test_a_login_by_phone(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    look(page, "login")
    phone = open_phone(page)
    look(phone, "phone-welcome")
    to_consent(phone)
    look(phone, "phone-consent")
    expect(page.locator('[data-view="answered"]')).to_be_visible()
    look(page, "login-answered")
    press(phone, "許可する")
    heading(phone, "許可しました")
    look(phone, "phone-done")
    heading(page, "ログインしました")
    look(page, "shop-claims")
    assert claim(page, "name") == "割符　花子"
    assert claim(page, "aud") == "RP00000001"
    log_out(page)


def test_the_keypad_enters_the_pin(context: BrowserContext, square: Square) -> None:
    phone = open_phone(to_login(context, square))
    to_pin(phone)
    look(phone, "phone-pin")
    for digit in "1934":
        press(phone, digit)
    press(phone, "1 文字消す")
    press(phone, "消去")
    for digit in "1234":
        press(phone, digit)
    field = phone.get_by_label("利用者証明用暗証番号（4 桁）")
    assert field.input_value() == "1234"
    assert field.get_attribute("type") == "password"
    press(phone, "次へ")
    look(phone, "phone-text-pin")
    press(phone, "入力せずに進む（氏名などは渡さない）")
    look(phone, "phone-hold")
    press(phone, "カードをかざす")
    expect(phone.get_by_text("氏名・住所・生年月日・性別は「割符商店（模擬）」に渡されません")).to_be_visible()


def test_a_wrong_pin_and_then_the_right_one(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    phone = open_phone(page)
    to_pin(phone)
    enter(phone, "9999")
    press(phone, "入力せずに進む（氏名などは渡さない）")
    press(phone, "カードをかざす")
    expect(phone.get_by_role("alert")).to_have_text("暗証番号が違います。残り 2 回まちがえるとロックされます。")
    assert phone.title().startswith("エラー: ")
    expect(phone.get_by_label("利用者証明用暗証番号（4 桁）")).to_have_attribute("aria-invalid", "true")
    look(phone, "phone-wrong-pin")
    enter(phone, "1234")
    press(phone, "カードをかざす")
    press(phone, "許可する")
    heading(page, "ログインしました")
    assert page.locator('[data-claim="name"]').count() == 0


def test_the_last_try_has_to_be_confirmed_and_can_block(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    phone = open_phone(page)
    to_pin(phone)
    for pin in ("9999", "9998"):
        enter(phone, pin)
        if pin == "9999":
            press(phone, "入力せずに進む（氏名などは渡さない）")
        press(phone, "カードをかざす")
    look(phone, "phone-last-try")
    enter(phone, "9997")
    heading(phone, "利用者証明用暗証番号")
    assert JpkiSession(square.card).tries_left(Key.AUTHENTICATION) == 1
    phone.get_by_role("checkbox").check()
    enter(phone, "9997")
    press(phone, "カードをかざす")
    heading(phone, "暗証番号がロックされています")
    look(phone, "phone-blocked")
    heading(page, "ログインできませんでした")
    expect(page.locator("[data-description]")).to_have_text("pin_blocked")
    look(page, "shop-blocked")


def test_giving_up_on_the_pc(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    press(page, "ログインをやめる")
    heading(page, "ログインできませんでした")
    expect(page.locator("[data-error]")).to_have_text("access_denied")
    expect(page.locator("[data-description]")).to_have_text("cancelled")
    look(page, "shop-cancelled")


def test_giving_up_on_the_phone_brings_the_pc_back_to_the_shop(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    phone = open_phone(page)
    to_pin(phone)
    press(phone, "やめる")
    look(phone, "phone-leave")
    press(phone, "やめる")
    heading(phone, "ログインをやめました")
    heading(page, "ログインできませんでした")
    expect(page.locator("[data-description]")).to_have_text("cancelled")


def test_saying_no_to_sharing(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    phone = open_phone(page)
    to_consent(phone)
    press(phone, "許可しない")
    heading(phone, "ログインをやめました")
    heading(page, "ログインできませんでした")


def test_everything_on_one_device(context: BrowserContext, square: Square) -> None:
    """The app is opened by a link, asks for no digits, and its last page leads back to the shop in the same browser."""
    page = to_login(context, square)
    page.get_by_role("link", name="この端末のアプリを開く").click()
    press(page, "はじめる")
    to_consent(page)
    press(page, "許可する")
    heading(page, "許可しました")
    look(page, "phone-done-same-device")
    page.get_by_role("link", name="「割符商店（模擬）」に戻る").click()
    heading(page, "ログインしました")


def test_on_one_device_the_app_goes_back_by_itself_unless_one_wants_to_stay(
    context: BrowserContext, square: Square
) -> None:
    """The official app does so after ten seconds; WCAG 2.2 §2.2.1 asks for a way to stop it."""
    page = to_login(context, square)
    page.get_by_role("link", name="この端末のアプリを開く").click()
    press(page, "はじめる")
    to_consent(page)
    page.clock.install(time=0)
    page.clock.pause_at(3600)
    press(page, "許可する")
    heading(page, "許可しました")
    page.clock.run_for(3000)
    expect(page.get_by_role("status").last).to_contain_text("秒後に自動で戻ります")
    press(page, "この画面にとどまる")
    page.clock.run_for(30_000)
    heading(page, "許可しました")
    page.reload()
    page.clock.run_for(12_000)
    heading(page, "ログインしました")


def test_a_browser_on_a_phone_is_taken_to_the_app_at_once(handheld: BrowserContext, square: Square) -> None:
    page = handheld.new_page()
    page.goto(square.shop)
    press(page, "カードでログイン（模擬）")
    heading(page, "「割符商店（模擬）」へのログイン")
    assert page.url.startswith(square.phone)
    press(page, "はじめる")
    to_consent(page)
    press(page, "許可する")
    page.get_by_role("link", name="「割符商店（模擬）」に戻る").click()
    heading(page, "ログインしました")


def test_another_tab_says_where_a_login_on_the_same_device_goes_on(context: BrowserContext, square: Square) -> None:
    page, app = to_login(context, square), context.new_page()
    address = page.get_by_role("link", name="この端末のアプリを開く").get_attribute("href")
    assert address
    app.goto(address)
    press(app, "はじめる")
    to_consent(app)
    press(app, "許可する")
    heading(app, "許可しました")
    expect(page.get_by_role("heading", name="スマートフォンのアプリから戻ってください")).to_be_visible()
    look(page, "login-returning")
    app.get_by_role("link", name="「割符商店（模擬）」に戻る").click()
    heading(app, "ログインしました")
    expect(page.get_by_role("heading", name="終わりました")).to_be_visible()
    look(page, "login-ended")


def test_a_login_by_keyboard_alone(context: BrowserContext, square: Square) -> None:
    """WCAG 2.2 §2.1.1 and §2.4.7: everything can be reached, and one sees where one is."""
    page = context.new_page()
    page.goto(square.shop)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "本文へ移動"
    tab_to(page, "カードでログイン")
    page.keyboard.press("Enter")
    heading(page, "「割符商店（模擬）」にログイン")
    with context.expect_page() as opened:
        tab_to(page, "スマートフォンの画面を開く")
        page.keyboard.press("Enter")
    phone = opened.value
    tab_to(phone, "はじめる")
    phone.keyboard.press("Enter")
    heading(phone, "番号を入力")
    page.bring_to_front()
    expect(page.get_by_label("6 桁の番号")).to_be_focused()
    page.keyboard.type(shown_digits(phone))
    page.keyboard.press("Enter")
    heading(phone, "カードを選ぶ")
    phone.bring_to_front()
    tab_to(phone, "見本 割符 花子")
    phone.keyboard.press("Space")
    tab_to(phone, "次へ")
    phone.keyboard.press("Enter")
    heading(phone, "利用者証明用暗証番号")
    expect(phone.get_by_label("利用者証明用暗証番号（4 桁）")).to_be_focused()
    phone.keyboard.type("1234")
    phone.keyboard.press("Enter")
    heading(phone, "入力補助用暗証番号")
    for digit in "5678":
        tab_to(phone, digit)
        phone.keyboard.press("Space")
    tab_to(phone, "次へ")
    phone.keyboard.press("Enter")
    heading(phone, "カードをかざす")
    tab_to(phone, "カードをかざす")
    phone.keyboard.press("Enter")
    heading(phone, "「割符商店（模擬）」に情報を渡しますか")
    tab_to(phone, "許可する")
    phone.keyboard.press("Enter")
    heading(phone, "許可しました")
    heading(page, "ログインしました")


def test_english(context: BrowserContext, square: Square) -> None:
    page = context.new_page()
    page.goto(square.shop)
    page.get_by_role("link", name="English").click()
    heading(page, "Welcome to Warifu Store")
    look(page, "shop-en")
    press(page, "Log in with the card (simulated)")
    page.get_by_role("link", name="English").click()
    heading(page, "Log in to “割符商店（模擬）”")
    look(page, "login-en")
    with context.expect_page() as opened:
        page.get_by_role("link", name=re.compile("Open the phone's page")).click()
    phone = opened.value
    phone.get_by_role("link", name="English").click()
    heading(phone, "Log in to “割符商店（模擬）”")
    press(phone, "Start")
    heading(phone, "Type this number")
    look(phone, "phone-digits-en")
    page.get_by_label("Six digits").fill("000000" if shown_digits(phone) != "000 000" else "000001")
    press(page, "Send")
    expect(page.get_by_role("alert").first).to_have_text("The number is wrong. Tries left: 4.")
    look(page, "login-digits-en")
    page.get_by_label("Six digits").fill(shown_digits(phone))
    press(page, "Send")
    phone.get_by_text("割符　花子").click()
    press(phone, "Next")
    heading(phone, "Authentication PIN")
    look(phone, "phone-pin-en")
    phone.get_by_role("link", name="日本語").click()
    heading(phone, "利用者証明用暗証番号")


def test_every_page_fits_320_pixels(narrow: BrowserContext, square: Square) -> None:
    """WCAG 2.2 §1.4.10: no scrolling in two dimensions."""
    page = to_login(narrow, square)
    look(page, "narrow-login")
    phone = open_phone(page)
    look(phone, "narrow-welcome")
    press(phone, "はじめる")
    heading(phone, "番号を入力")
    look(phone, "narrow-digits")
    expect(page.get_by_label("6 桁の番号")).to_be_visible()
    look(page, "narrow-login-digits")
    type_digits(phone, shown_digits(phone))
    look(page, "narrow-login-handed")
    heading(phone, "カードを選ぶ")
    look(phone, "narrow-card")
    phone.get_by_text("割符　花子").click()
    press(phone, "次へ")
    look(phone, "narrow-pin")
    enter(phone, "1234")
    look(phone, "narrow-text-pin")
    enter(phone, "5678")
    look(phone, "narrow-hold")
    assert phone.locator(".holding .card").evaluate("part => getComputedStyle(part).animationName") == "none"
    press(phone, "カードをかざす")
    look(phone, "narrow-consent")
    press(phone, "許可する")
    look(phone, "narrow-done")
    heading(page, "ログインしました")
    look(page, "narrow-claims")
    page.goto(f"{square.provider}/api/realms/main/protocol/openid-connect/auth")
    look(page, "narrow-problem")


def test_a_login_without_javascript(scriptless: BrowserContext, square: Square) -> None:
    page = to_login(scriptless, square)
    look(page, "scriptless-login")
    assert page.get_by_role("button", name="カードリーダーで読み取る").count() == 0
    phone = open_phone(page)
    to_consent(phone)
    press(phone, "許可する")
    heading(phone, "許可しました")
    page.get_by_role("link", name="続ける").click()
    heading(page, "ログインしました")
    assert claim(page, "name") == "割符　花子"


def test_giving_up_without_javascript(scriptless: BrowserContext, square: Square) -> None:
    page = to_login(scriptless, square)
    press(page, "ログインをやめる")
    heading(page, "ログインできませんでした")


def test_a_login_that_another_browser_began_is_not_shown(
    context: BrowserContext, narrow: BrowserContext, square: Square
) -> None:
    address = to_login(context, square).url
    page = narrow.new_page()
    page.goto(address)
    heading(page, "このブラウザーで始めたログインではありません")
    look(page, "narrow-no-session")


def test_an_unknown_client_is_told_to_the_person(context: BrowserContext, square: Square) -> None:
    page = context.new_page()
    page.goto(f"{square.provider}/api/realms/main/protocol/openid-connect/auth?client_id=RP99999999")
    heading(page, "このサービスは登録されていません")
    look(page, "problem-client")


def test_a_login_that_nobody_finishes_expires_and_leads_back(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    phone = open_phone(page)
    to_pin(phone)
    square.clock.go_on(timedelta(minutes=6))
    expect(page.get_by_role("heading", name="時間切れになりました")).to_be_focused()
    look(page, "login-expired")
    enter(phone, "1234")
    heading(phone, "時間切れになりました")
    page.get_by_role("link", name="「割符商店（模擬）」に戻る").click()
    heading(page, "ログインできませんでした")
    expect(page.locator("[data-description]")).to_have_text("login_expired")
