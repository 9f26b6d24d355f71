"""The developers' console in a browser: a client is registered, its requests are looked at, one is sent again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.walk import heading, look, press, tab_to
from tests.town.console_world import Developer, running
from warifu.services import ClientKey, RelyingParty
from warifu.town.clients import TRIAL

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def developer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Developer]:
    with running(tmp_path_factory.mktemp("console") / "town") as made:
        yield made


def opened(context: BrowserContext, developer: Developer, path: str = "") -> Page:
    page = context.new_page()
    page.goto(f"{developer.town.addresses.town}/console{path}")
    return page


def registered(page: Page, name: str, folder: Path) -> RelyingParty:
    """By keyboard and pointer; the private key is what was downloaded."""
    page.get_by_label("名前").fill(name)
    page.get_by_label("リダイレクトURI（一行に一つ）").fill("http://localhost:3000/callback")
    press(page, "鍵をつくって登録する")
    heading(page, "登録しました")
    with page.expect_download() as saving:
        page.get_by_role("link", name=f"{name}.key.pem を保存する").click()
    saved = folder / saving.value.suggested_filename
    saving.value.save_as(saved)
    client_id = page.locator(".outcome code").inner_text()
    return RelyingParty(client_id, "http://localhost:3000/callback", ClientKey.load(saved.read_bytes()))


def test_a_client_is_registered_and_its_key_is_shown_once(
    context: BrowserContext, developer: Developer, tmp_path: Path
) -> None:
    page = opened(context, developer)
    heading(page, "開発者コンソール")
    look(page, "console")
    party = registered(page, "my-app", tmp_path)
    look(page, "console-registered")
    assert "id_token" in developer.log_in(party)
    page.get_by_role("link", name="リクエストとコードを見る").click()
    heading(page, "my-app")
    assert "PRIVATE KEY" not in page.content()
    expect(page.locator(".exchanges li")).to_have_count(2)
    look(page, "console-client")
    page.get_by_role("link", name="TypeScript").click()
    expect(page.locator("pre").first).to_contain_text(party.client_id)
    look(page, "console-code")


def test_a_broken_request_says_how_to_mend_it_and_is_sent_again(context: BrowserContext, developer: Developer) -> None:
    developer.ask(developer.trial, nonce=None, code_challenge_method="plain")
    page = opened(context, developer, f"/clients/{TRIAL}")
    page.locator(".exchanges a").first.click()
    heading(page, "認可リクエスト")
    expect(page.locator(".rules > .broken")).to_have_count(2)
    look(page, "console-request")
    page.get_by_role("link", name="English").click()
    look(page, "console-request-en")
    edited = page.locator("#parameters").input_value().replace("method=plain", "method=S256") + "\nnonce=given"
    page.locator("#parameters").fill(edited)
    press(page, "Send this")
    expect(page.locator(".outcome")).to_have_text("Every rule is kept.")
    expect(page.locator(".rules > .broken")).to_have_count(0)


def test_it_fits_320_pixels(narrow: BrowserContext, developer: Developer) -> None:
    developer.log_in(developer.trial)
    number = developer.last()["number"]
    for path, name in (
        ("", "console"),
        (f"/clients/{TRIAL}", "client"),
        (f"/clients/{TRIAL}/requests/{number}", "request"),
        (f"/clients/{TRIAL}/code/python", "code"),
    ):
        look(opened(narrow, developer, path), f"narrow-console-{name}")


def test_without_scripts_and_by_keyboard_alone(scriptless: BrowserContext, developer: Developer) -> None:
    """The pages have no scripts at all."""
    page = opened(scriptless, developer)
    assert page.locator("script").count() == 0


def test_every_control_is_reached_by_keyboard(context: BrowserContext, developer: Developer) -> None:
    page = opened(context, developer)
    tab_to(page, "開発用クライアント")
    page.keyboard.press("Enter")
    heading(page, "開発用クライアント（模擬）")
    back = opened(context, developer)
    for name in ("名前", "リダイレクトURI", "署名の方式", "鍵をつくって登録する"):
        tab_to(back, name)
