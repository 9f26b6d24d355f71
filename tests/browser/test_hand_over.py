"""The code and the six digits as people see them: expiring, renewed, typed wrong, without scripts, by keyboard."""

from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.square import Square
from tests.browser.walk import (
    heading,
    look,
    open_phone,
    press,
    shown_digits,
    start,
    tab_to,
    to_consent,
    to_login,
    type_digits,
)

pytestmark = pytest.mark.browser


def code_address(page: Page) -> str:
    address = page.get_by_role("link", name="スマートフォンの画面を開く").get_attribute("href")
    assert address
    return address


def test_a_code_that_expired_is_announced_and_renewed_by_keyboard(narrow: BrowserContext, square: Square) -> None:
    """WCAG 2.2 §4.1.3 and §2.1.1: the change is in a live region, the button is reached by Tab."""
    page = to_login(narrow, square)
    old = code_address(page)
    square.clock.go_on(timedelta(minutes=2))
    expect(page.get_by_role("status")).to_have_text(
        "二次元コードの期限が過ぎました。「二次元コードを更新」を選んでください。"
    )
    expect(page.locator("svg.qr")).to_be_hidden()
    look(page, "narrow-code-gone")
    tab_to(page, "二次元コードを更新")
    page.keyboard.press("Enter")
    expect(page.locator("svg.qr")).to_be_visible()
    assert code_address(page) != old
    stranger = narrow.new_page()
    stranger.goto(old)
    heading(stranger, "ログインを続けられません")
    look(stranger, "narrow-old-code")


def test_digits_that_expired_are_renewed_on_the_phone(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    phone = open_phone(page)
    press(phone, "はじめる")
    heading(phone, "番号を入力")
    old = shown_digits(phone)
    square.clock.go_on(timedelta(minutes=1))
    expect(phone.get_by_role("status")).to_have_text("番号の期限が過ぎました。番号を更新してください。")
    expect(phone.locator(".digits")).to_be_hidden()
    look(phone, "phone-digits-expired")
    type_digits(phone, old)
    expect(page.get_by_role("alert").first).to_contain_text("番号の期限が過ぎました。")
    look(page, "login-digits-expired")
    press(phone, "番号を更新")
    type_digits(phone, shown_digits(phone))
    heading(phone, "カードを選ぶ")


def test_too_many_wrong_digits_end_it_on_both_sides(narrow: BrowserContext, square: Square) -> None:
    page = to_login(narrow, square)
    phone = open_phone(page)
    press(phone, "はじめる")
    heading(phone, "番号を入力")
    wrong = f"{(int(shown_digits(phone).replace(' ', '')) + 1) % 1_000_000:06}"
    for left in (4, 3, 2, 1):
        type_digits(phone, wrong)
        expect(page.get_by_role("alert").first).to_have_text(f"番号が違います。あと {left} 回入力できます。")
        page.bring_to_front()
        expect(page.get_by_label("6 桁の番号")).to_be_focused()
    look(page, "narrow-login-wrong-digits")
    type_digits(phone, wrong)
    expect(page.get_by_text("番号を何度も間違えたため")).to_be_visible()
    look(page, "narrow-login-over")
    heading(phone, "ログインを続けられません")


def test_starting_over_with_a_new_code_sends_the_phone_away(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    phone = open_phone(page)
    press(phone, "はじめる")
    expect(page.get_by_label("6 桁の番号")).to_be_focused()
    press(page, "二次元コードからやり直す")
    expect(page.locator("svg.qr")).to_be_visible()
    heading(phone, "ログインを続けられません")
    again = open_phone(page)
    start(again)


def test_without_javascript_code_and_digits_work_as_well(scriptless: BrowserContext, square: Square) -> None:
    """Forms and pages that load themselves again; the one with the field does not, for that would empty it."""
    page = to_login(scriptless, square)
    old = code_address(page)
    press(page, "二次元コードを更新")
    assert code_address(page) != old
    phone = open_phone(page)
    press(phone, "はじめる")
    heading(phone, "番号を入力")
    digits = shown_digits(phone)
    page.reload()
    assert page.locator('meta[http-equiv="refresh"]').count() == 0
    page.get_by_label("6 桁の番号").fill(f"{(int(digits.replace(' ', '')) + 1) % 1_000_000:06}")
    press(page, "送信")
    expect(page.get_by_text("番号が違います。あと 4 回入力できます。")).to_be_visible()
    page.get_by_label("6 桁の番号").fill(digits)
    press(page, "送信")
    heading(phone, "カードを選ぶ")
    expect(page.get_by_role("heading", name="スマートフォンで続けてください")).to_be_visible()
    look(page, "scriptless-handed")
    to_consent(phone)
    press(phone, "許可する")
    page.get_by_role("link", name="続ける").click()
    heading(page, "ログインしました")
