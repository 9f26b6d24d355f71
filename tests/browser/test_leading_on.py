"""The way back to the client is gone once, whoever of the page's two sides hears first that the login is decided.

A second visit would break off the first, and a client that was reached already would meet a state that it has used up.
"""

from typing import TypeVar

import pytest
from playwright.sync_api import APIResponse, BrowserContext, Page, Route, expect

from tests.browser.conftest import PATIENCE
from tests.browser.square import Square
from tests.browser.walk import heading, press, to_login

pytestmark = pytest.mark.browser
T = TypeVar("T")


def first(page: Page, arrived: list[T]) -> T:
    """What arrives first, once it has; `limited` ends who waits in vain."""
    while not arrived:
        page.wait_for_timeout(20)
    return arrived[0]


def test_a_state_that_is_heard_before_the_decisions_answer(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    press(page, "カードリーダーで読み取る")
    allow = page.get_by_role("button", name="許可する", exact=True)
    expect(allow).to_be_visible()
    ways: list[Route] = []
    decided: list[tuple[Route, APIResponse]] = []
    page.route("**/continue", lambda route: ways.append(route))
    page.route("**/decision", lambda route: decided.append((route, route.fetch(timeout=PATIENCE))))
    with page.expect_request("**/continue"):  # the page asks for the state every second
        allow.click(no_wait_after=True)
    asked, answer = first(page, decided)
    asked.fulfill(response=answer)
    first(page, ways)
    page.wait_for_timeout(500)
    [way] = ways
    way.continue_()
    heading(page, "ログインしました")


def test_a_state_that_is_heard_before_the_forms_answer(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    ways: list[Route] = []
    cancelled: list[tuple[Route, APIResponse]] = []
    page.route("**/continue", lambda route: ways.append(route))
    page.route("**/decision", lambda route: cancelled.append((route, route.fetch(max_redirects=0, timeout=PATIENCE))))
    page.get_by_role("button", name="ログインをやめる").click(no_wait_after=True)
    asked, answer = first(page, cancelled)
    page.wait_for_timeout(2500)
    assert ways == []
    page.unroute("**/continue")
    asked.fulfill(response=answer)
    heading(page, "ログインできませんでした")
    expect(page.locator("[data-description]")).to_have_text("cancelled")
