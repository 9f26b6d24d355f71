"""What a person does in front of the pages, in words."""

import os
import re
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.accessibility import examine
from tests.browser.square import PIN, TEXT_PIN, Square

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNLABELLED = """
[...document.querySelectorAll("input:not([type=hidden]), button, a")]
  .filter(part => !part.closest("[hidden]"))
  .filter(part => !(part.labels?.length || part.textContent.trim() || part.getAttribute("aria-label")))
  .map(part => part.outerHTML)
"""
UNMARKED = """
(() => { const style = getComputedStyle(document.activeElement.closest(".choice") || document.activeElement);
  return style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2; })()
"""


def look(page: Page, name: str) -> None:
    """Look at a page: it has a language, a title, one heading, labels, and fits its window; keep a picture if asked."""
    expect(page.locator("h1")).to_have_count(1)
    page.wait_for_load_state()
    assert page.title().strip()
    assert page.locator("html").get_attribute("lang") in {"ja", "en"}
    if os.environ.get("WARIFU_PICTURES"):
        page.screenshot(path=Path(os.environ["WARIFU_PICTURES"]) / f"{name}.png", full_page=True)
    overflow, unlabelled = page.evaluate(OVERFLOW), page.evaluate(UNLABELLED)
    assert overflow <= 0, f"{name} is {overflow} pixels too wide"
    assert unlabelled == []
    if not name.startswith("scriptless"):  # axe is a script
        examine(page, name)


def heading(page: Page, text: str) -> None:
    """Wait until the page says this at its top, and all the rest of it is there, too."""
    expect(page.locator("h1")).to_have_text(text)
    page.wait_for_load_state()


def press(page: Page, name: str) -> None:
    """Press the button of that name."""
    page.get_by_role("button", name=name, exact=True).click()


def to_login(context: BrowserContext, square: Square) -> Page:
    """Open the shop and press its button."""
    page = context.new_page()
    page.goto(square.shop)
    press(page, "カードでログイン（模擬）")
    heading(page, "「割符商店（模擬）」にログイン")
    return page


def log_out(page: Page) -> None:
    """Out of the shop, until it says so: a tab that is closed on its way to a page may never be gone."""
    press(page, "ログアウト")
    expect(page.get_by_role("status")).to_have_text("ログアウトしました。")


def open_phone(page: Page) -> Page:
    """Open the phone's page from the login page."""
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="スマートフォンの画面を開く").click()
    return opened.value


def start(phone: Page) -> None:
    """Start on the phone, which has read a code, and type its digits into the login page."""
    press(phone, "はじめる")
    heading(phone, "番号を入力")
    type_digits(phone, shown_digits(phone))
    heading(phone, "カードを選ぶ")


def shown_digits(phone: Page) -> str:
    """The six digits that the phone shows."""
    return phone.locator(".digits strong").inner_text()


def type_digits(phone: Page, digits: str) -> Page:
    """Type digits into the login page of the same browser, which this returns."""
    page = next(page for page in phone.context.pages if "/login/" in page.url)
    page.bring_to_front()
    page.wait_for_load_state()
    if page.evaluate("!document.querySelector('#digits').hidden") or not scripted(page):
        page.reload()
    page.get_by_label("6 桁の番号").fill(digits)
    press(page, "送信")
    phone.bring_to_front()
    return page


def scripted(page: Page) -> bool:
    """Whether the page's own script runs, which shows what it has for scripts only."""
    return bool(page.evaluate("[...document.querySelectorAll('[data-scripted]')].some(part => !part.hidden)"))


def to_pin(phone: Page) -> None:
    """Start on the phone and choose the first card."""
    phone.wait_for_load_state()
    if phone.get_by_role("button", name="はじめる").count():
        start(phone)
    choose(phone)


def choose(phone: Page) -> None:
    """Choose the first card."""
    phone.get_by_text("割符　花子").click()
    press(phone, "次へ")
    heading(phone, "利用者証明用暗証番号")


def enter(phone: Page, pin: str) -> None:
    """Type a PIN and go on."""
    phone.get_by_label(re.compile("暗証番号（4 桁）")).fill(pin)
    press(phone, "次へ")


def to_consent(phone: Page) -> None:
    """Everything on the phone up to the question whether to share."""
    to_pin(phone)
    enter(phone, PIN)
    heading(phone, "入力補助用暗証番号")
    enter(phone, TEXT_PIN)
    heading(phone, "カードをかざす")
    press(phone, "カードをかざす")
    heading(phone, "「割符商店（模擬）」に情報を渡しますか")


def claim(page: Page, name: str) -> str:
    """What the shop shows for a claim."""
    return page.locator(f'[data-claim="{name}"]').first.inner_text()


def tab_to(page: Page, name: str, *, most: int = 60) -> None:
    """Press Tab until the part that is called `name` has the focus, and see that one can see it."""
    page.wait_for_load_state()
    for _ in range(most):
        page.keyboard.press("Tab")
        called = page.evaluate(
            "(document.activeElement.labels?.[0] || document.activeElement).textContent.replace(/\\s+/g, ' ').trim()"
        )
        if called.startswith(name):
            assert not page.evaluate(UNMARKED), f"the focus on {name} cannot be seen"
            return
    raise AssertionError(f"no way to {name} by keyboard")
