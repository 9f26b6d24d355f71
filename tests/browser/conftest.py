"""Chromium from Debian, driven by Playwright; never a browser that Playwright would download.

Where it is installed, the same Chromium without tool bars and tabs (`chromium-headless-shell`), which takes less time:
the other one makes a whole window for each page, though nobody sees it.

`WARIFU_PICTURES=DIRECTORY` keeps a picture of every page that a test looks at.
"""

import os
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Route, expect, sync_playwright

from tests.browser.square import square_for

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LAST = "test_every_page_was_examined_in_both_languages"
PATIENCE = 120_000  # milliseconds, for machines with much to do
LONGEST = 1200  # seconds for one test
# Some pages change or leave by themselves after ten or fifteen seconds, which one look may take on a busy machine. The
# tests of that have a clock of their own (`page.clock`); for all others nothing happens by itself at such intervals.
UNHURRIED = "window.setInterval = () => 0"
# What pages may say on the console: that a request was answered with an error, which the test then looks at.
HARMLESS = ("Failed to load resource: the server responded with a status of", "net::ERR_CONNECTION_REFUSED")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all these tests; closed with them, for its event loop would disturb others."""
    if not Path(CHROMIUM).exists():
        reason = "chromium is not installed (apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def limited() -> Iterator[None]:
    """No test waits for ever: some of what Playwright does (evaluate, close a tab) has no limit of its own."""

    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError("the browser did not answer")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, LONGEST, LONGEST / 10)  # and again, for what is tidied up after a test
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


servers, square = square_for("package")


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh profile of a person in Japan; a page that breaks its own policy or has a script error fails the test."""
    with chromium.new_context(locale="ja-JP", viewport={"width": 1100, "height": 900}) as fresh:
        yield from watched(fresh)


@pytest.fixture
def narrow(chromium: Browser) -> Iterator[BrowserContext]:
    """A window 320 CSS pixels wide (WCAG 2.2 §1.4.10), for somebody who wants no motion."""
    size = {"width": 320, "height": 640}
    with chromium.new_context(locale="ja-JP", viewport=size, reduced_motion="reduce") as fresh:  # type: ignore[arg-type]
        yield from watched(fresh)


@pytest.fixture
def handheld(chromium: Browser) -> Iterator[BrowserContext]:
    """A phone's browser, which says so (User-Agent Client Hints)."""
    agent = "Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile"
    size = {"width": 390, "height": 800}
    with chromium.new_context(locale="ja-JP", viewport=size, is_mobile=True, user_agent=agent) as fresh:  # type: ignore[arg-type]
        yield from watched(fresh)


@pytest.fixture
def scriptless(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser with JavaScript switched off, where a login's page loads itself again when a test has it do so."""
    with chromium.new_context(locale="ja-JP", java_script_enabled=False) as fresh:
        fresh.route(re.compile(r"/login/[^/]+$"), _seldom)
        yield from watched(fresh)


def _seldom(route: Route) -> None:
    """The page as the provider gives it, but that it would load itself again after an hour."""
    if route.request.method != "GET":
        return route.continue_()
    answer = route.fetch(max_redirects=0, timeout=PATIENCE)
    return route.fulfill(
        response=answer, body=answer.text().replace('"refresh" content="10"', '"refresh" content="3600"')
    )


def unhurried(context: BrowserContext) -> BrowserContext:
    """The context, for whom nothing has to be done within some seconds."""
    context.set_default_timeout(PATIENCE)
    context.add_init_script(UNHURRIED)
    return context


def watched(context: BrowserContext) -> Iterator[BrowserContext]:
    """The context, and a look at everything it complained about."""
    unhurried(context)
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in HARMLESS):
            complaints.append(message.text)

    context.on("console", note)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    assert complaints == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks whether every page was examined comes after all that examine pages."""
    items.sort(key=lambda item: item.name == LAST)


def whole_walk(session: pytest.Session) -> bool:
    """Whether all the tests here are run, and none alone."""
    here = Path(__file__).parent
    chosen = {Path(item.path).name for item in session.items if item.path.parent == here}
    return chosen == {file.name for file in here.glob("test_*.py")} and not session.config.getoption("keyword")
