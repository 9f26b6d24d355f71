"""The resident's page as people use it: in, look, revoke, reset, out; narrow, in English, without scripts."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.square import PIN, Square
from tests.browser.walk import (
    choose,
    claim,
    enter,
    heading,
    log_out,
    look,
    open_phone,
    press,
    tab_to,
    to_consent,
    to_login,
)

pytestmark = pytest.mark.browser

TITLE = "ログインの記録"
ASKED = "「ログインの記録」に情報を渡しますか"


def shop_at_home(context: BrowserContext, square: Square) -> str:
    """Log in to the shop by phone; the subject that it is told."""
    page = to_login(context, square)
    phone = open_phone(page)
    to_consent(phone)
    press(phone, "許可する")
    heading(page, "ログインしました")
    subject = claim(page, "sub")
    log_out(page)
    phone.close()
    page.close()
    return subject


def enter_page(context: BrowserContext, square: Square) -> Page:
    """Log in to the resident's page by the app on the same device: there is no code that a page could relay."""
    page = context.new_page()
    page.goto(f"{square.provider}/account")
    heading(page, TITLE)
    look(page, "account-welcome")
    press(page, "カードなどでログイン")
    expect(page.get_by_text("二次元コードを使いません")).to_be_visible()
    page.get_by_role("link", name="この端末のアプリを開く").click()
    press(page, "はじめる")
    choose(page)
    enter(page, PIN)
    heading(page, "カードをかざす")
    press(page, "カードをかざす")
    heading(page, ASKED)
    press(page, "許可する")
    page.get_by_role("link", name=f"「{TITLE}」に戻る").click()
    expect(page.get_by_role("button", name="ログアウト")).to_be_visible()
    return page


def test_who_received_what_and_an_identifier_is_reset(context: BrowserContext, square: Square) -> None:
    first = shop_at_home(context, square)
    page = enter_page(context, square)
    look(page, "account")
    expect(page.get_by_role("heading", name="割符商店（模擬）")).to_be_visible()
    expect(page.locator("code")).to_have_text(first)
    with page.expect_download() as download:
        page.get_by_role("link", name="記録を受け取る（JSON）").click()
    told = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert [one["subject"] for one in told["clients"]] == [first]

    page.get_by_text("識別子を新しくする", exact=True).click()
    look(page, "account-reset")
    press(page, "「割符商店（模擬）」での識別子を新しくする")
    expect(page.get_by_role("status")).to_contain_text("識別子を新しくしました")
    page.get_by_text("同意を取り消す", exact=True).click()
    press(page, "「割符商店（模擬）」への同意を取り消す")
    expect(page.get_by_role("status")).to_contain_text("同意を取り消しました")
    look(page, "account-revoked")
    expect(page.get_by_text("つながっていません（同意もありません）")).to_be_visible()
    press(page, "ログアウト")
    expect(page.get_by_role("button", name="カードなどでログイン")).to_be_visible()
    page.close()
    assert shop_at_home(context, square) != first


def test_narrow_by_keyboard_in_english_and_without_scripts(narrow: BrowserContext, square: Square) -> None:
    """WCAG 2.2 §1.4.10, §2.1.1; the page has no script at all."""
    shop_at_home(narrow, square)
    page = enter_page(narrow, square)
    look(page, "account-narrow")
    assert page.locator("script").count() == 0
    page.goto(f"{square.provider}/account?lang=en")
    look(page, "account-narrow-english")
    tab_to(page, "Revoke consent")
    page.keyboard.press("Enter")
    tab_to(page, "Revoke consent for")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Your consent is revoked")
