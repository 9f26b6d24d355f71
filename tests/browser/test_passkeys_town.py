"""A resident of a running town makes a passkey after the card; after the death in the register it says nothing more."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_passkeys import Device, told, use, want
from tests.browser.walk import heading, look, press
from tests.journeys.running_town import served_town
from tests.town.clerks import live, person_of, write
from tests.waiting import until
from warifu.pki import JST
from warifu.town.town import Town

pytestmark = pytest.mark.browser
NAME = "gaiji"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served_town(tmp_path_factory.mktemp("data") / "town") as town:
        yield town


def to_login(page: Page, town: Town) -> None:
    page.goto(town.addresses.relying_party)
    if page.get_by_role("button", name="ログアウト").count():
        press(page, "ログアウト")
    press(page, "カードでログイン（模擬）")


def by_app(page: Page, town: Town) -> None:
    """The app on the same device, with the resident's card; to the passkeys afterwards."""
    _, card = town.find_card(NAME)
    want(page)
    page.get_by_role("link", name="この端末のアプリを開く").click()
    press(page, "はじめる")
    page.locator(f'input[name="card"][value="{card.name}"]').check()
    press(page, "次へ")
    page.get_by_label("利用者証明用暗証番号（4 桁）").fill(card.authentication_pin)
    press(page, "次へ")
    page.get_by_label("券面事項入力補助用暗証番号（4 桁）").fill(card.text_pin)
    press(page, "次へ")
    press(page, "カードをかざす")
    press(page, "許可する")
    page.get_by_role("link", name=re.compile("に戻る$")).click()
    heading(page, "あなたのパスキー")


def test_a_resident_keeps_the_login_and_loses_the_claim(context: BrowserContext, town: Town) -> None:
    """公的個人認証法 第31条第1項第1号: a death ends the card's certificate, whatever is on a device."""
    page = context.new_page()
    to_login(page, town)
    Device.in_page(page, defaultBackupEligibility=True, defaultBackupState=True)
    by_app(page, town)
    press(page, "パスキーを作る")
    expect(page.get_by_role("status")).to_contain_text("パスキーを作りました。")
    look(page, "town-passkey")
    page.get_by_role("link", name=re.compile("に進む$")).click()
    heading(page, "ログインしました")
    with_card = told(page)
    to_login(page, town)
    without = use(page)
    assert (without["sub"], without["acr"]) == (with_card["sub"], "aal2")
    assert "ial3" in without["proofed"]
    yesterday = datetime.now(JST).date() - timedelta(days=1)
    write(town, NAME, f"/people/{person_of(town, NAME).id}/death", {"on": yesterday.isoformat()})
    until(lambda: live(town, NAME) == [])
    to_login(page, town)
    after = use(page)
    assert after["sub"] == with_card["sub"]
    assert "proofed" not in after
