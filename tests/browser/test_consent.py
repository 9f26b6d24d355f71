"""What was agreed to before is shown as such, and what is new is not."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.square import Square
from tests.browser.walk import heading, log_out, look, open_phone, press, to_consent, to_login

pytestmark = pytest.mark.browser

BEFORE, ALL_BEFORE = "前に同意した項目です", "どれも前に同意した項目です"


def test_the_phone_says_what_was_agreed_to_before(context: BrowserContext, square: Square) -> None:
    told = 0
    for _ in range(2):
        page = to_login(context, square)
        phone = open_phone(page)
        to_consent(phone)
        told = phone.get_by_text(BEFORE, exact=True).count()
        press(phone, "許可する")
        heading(page, "ログインしました")
        log_out(page)
        phone.close()
        page.close()
    assert told == 5
    page = to_login(context, square)
    phone = open_phone(page)
    to_consent(phone)
    expect(phone.get_by_text(ALL_BEFORE)).to_be_visible()
    look(phone, "phone-consent-again")
    press(phone, "許可しない")


def test_so_does_the_page_beside_the_companion(context: BrowserContext, square: Square) -> None:
    told = 0
    for _ in range(2):
        page = to_login(context, square)
        square.prompt.pins, square.prompt.texts = ["1234"], ["5678"]
        press(page, "カードリーダーで読み取る")
        expect(page.locator('[data-view="consent"]')).to_be_visible()
        told = page.get_by_text(BEFORE, exact=True).filter(visible=True).count()
        press(page, "許可する")
        heading(page, "ログインしました")
        log_out(page)
        page.close()
    assert told == 5
