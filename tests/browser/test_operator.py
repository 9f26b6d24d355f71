"""The operator's page in a browser."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.desks import OperatorDesk, operating
from tests.browser.walk import heading, look, press, tab_to

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperatorDesk]:
    with operating(tmp_path_factory.mktemp("operator")) as desk:
        yield desk


def test_the_page_shows_counts_chart_freshness_log_and_queues(context: BrowserContext, desk: OperatorDesk) -> None:
    page = desk.sign_in(context)
    heading(page, "認証局の今")
    look(page, "operator")
    row = page.locator("tbody tr", has_text="利用者証明用 第 1 世代").first
    expect(row.locator("td")).to_have_text(["0", "1", "1", "0", "0", "2"])  # one delivered, one suspended
    expect(page.get_by_role("img", name=re.compile("発行 3 件.*一時停止 1 件"))).to_be_visible()
    expect(page.locator("#log + dl")).to_contain_text("同じ根を預かっています")
    expect(page.get_by_text("待っているものはありません。")).to_be_visible()
    page.get_by_role("link", name="English").click()
    heading(page, "The authorities now")
    look(page, "operator-en")


def test_overdue_lists_stand_out_until_they_are_published(context: BrowserContext, desk: OperatorDesk) -> None:
    desk.world.clock.go_on(timedelta(hours=25))
    page = desk.sign_in(context)
    expect(page.locator("tr.late").first).to_be_visible()
    expect(page.get_by_text(re.compile("期限を過ぎた失効リストが 4 件"))).to_be_visible()
    look(page, "operator-overdue")
    press(page, "すべての失効リストをいま公開する")
    expect(page.get_by_text("失効リストの作成を始めました。")).to_be_visible()
    page.wait_for_function("fetch('/').then(a => a.text()).then(t => t.includes('4 件を作成し'))")
    page.reload()
    expect(page.locator("tr.late")).to_have_count(0)
    look(page, "operator-published")


def test_the_figures_refresh_by_themselves_and_can_be_stopped(context: BrowserContext, desk: OperatorDesk) -> None:
    """WCAG 2.2 §2.2.2."""
    page = context.new_page()
    page.clock.install(time=0)
    page.goto(desk.link())
    page.clock.pause_at(3600)
    press(page, "サインインする")
    heading(page, "認証局の今")
    first = page.get_by_text("（日本時間）の状態").inner_text()
    desk.world.clock.go_on(timedelta(minutes=3))
    page.clock.run_for(16_000)
    expect(page.get_by_text("（日本時間）の状態")).not_to_have_text(first)
    second = page.get_by_text("（日本時間）の状態").inner_text()
    page.get_by_label("15 秒ごとに新しくする").uncheck()
    desk.world.clock.go_on(timedelta(minutes=3))
    page.clock.run_for(31_000)
    assert page.get_by_text("（日本時間）の状態").inner_text() == second


def test_the_page_fits_320_pixels(narrow: BrowserContext, desk: OperatorDesk) -> None:
    """WCAG 2.2 §1.4.10; the chart scrolls in its own frame, and its table does not."""
    page = desk.sign_in(narrow)
    page.get_by_text("表で見る").click()
    look(page, "narrow-operator")


def test_the_page_works_by_keyboard_and_without_a_script(scriptless: BrowserContext, desk: OperatorDesk) -> None:
    page = scriptless.new_page()
    page.goto(desk.link())
    page.get_by_role("button", name="サインインする").focus()
    page.keyboard.press("Enter")
    heading(page, "認証局の今")
    tab_to(page, "表で見る")
    page.keyboard.press("Enter")
    expect(page.locator("details").first).to_have_attribute("open", "")
    tab_to(page, "すべての失効リストをいま公開する")


def test_nobody_gets_in_without_the_key_or_with_it_twice(context: BrowserContext, desk: OperatorDesk) -> None:
    page = context.new_page()
    page.goto(desk.origin)
    heading(page, "サインイン")
    look(page, "operator-door")
    link = desk.link()
    for expected in ("認証局の今", "サインイン"):
        context.clear_cookies()
        page.goto(link)
        press(page, "サインインする")
        heading(page, expected)
    expect(page.get_by_role("alert")).to_contain_text("使い終わったか")
