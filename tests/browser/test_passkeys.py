"""Passkeys in Chromium, with its own virtual authenticator: made after the card, used without it, taken away."""

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from tests.browser.square import Prompt, Square
from tests.browser.walk import claim, heading, look, open_phone, press, tab_to, to_consent, to_login
from tests.idp.world import NOW
from warifu.pki import Reason, Revocation

pytestmark = pytest.mark.browser
REVOKED = Revocation(NOW, Reason.CESSATION_OF_OPERATION)


@dataclass
class Device:
    """Chromium's virtual authenticator (WebAuthn §11.2), in one page."""

    session: CDPSession
    id: str

    @classmethod
    def in_page(cls, page: Page, **options: Any) -> "Device":
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        chosen = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
            **options,
        }
        made = session.send("WebAuthn.addVirtualAuthenticator", {"options": chosen})
        return cls(session, made["authenticatorId"])

    def credentials(self) -> list[dict[str, Any]]:
        told = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        found: list[dict[str, Any]] = told["credentials"]
        return found

    def verifies(self, whether: bool) -> None:
        """The finger fits, or it does not."""
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": whether})


def want(page: Page) -> None:
    """Ask for the passkeys after the login, until the provider has heard it."""
    box = page.get_by_role("checkbox", name="カードでのログインのあと")
    box.check()
    expect(box).to_be_enabled()


def by_reader(page: Page) -> None:
    """The card, by the companion, and to the passkeys afterwards."""
    want(page)
    press(page, "カードリーダーで読み取る")
    press(page, "許可する")
    heading(page, "あなたのパスキー")


def again(page: Page, square: Square) -> None:
    """Out of the shop and to the login page, in the same tab: that is where the device is."""
    square.prompt = Prompt()
    press(page, "ログアウト")
    press(page, "カードでログイン（模擬）")
    heading(page, "「割符商店（模擬）」にログイン")


def make(page: Page, square: Square) -> dict[str, str]:
    """A passkey after the card, and what the shop was told by the card."""
    by_reader(page)
    press(page, "パスキーを作る")
    expect(page.get_by_role("status")).to_contain_text("パスキーを作りました。")
    page.get_by_role("link", name="「割符商店（模擬）」に進む").click()
    heading(page, "ログインしました")
    return told(page)


def use(page: Page) -> dict[str, str]:
    """A login by passkey, and what the shop was told."""
    press(page, "パスキーを使う")
    expect(page.get_by_text("パスキーでのログインのため")).to_be_visible()
    press(page, "許可する")
    heading(page, "ログインしました")
    return told(page)


def told(page: Page) -> dict[str, str]:
    """The claims that the shop shows, once all of them are there."""
    page.wait_for_load_state()
    names = page.locator("[data-claim]").evaluate_all("parts => parts.map(part => part.dataset.claim)")
    return {name: claim(page, name) for name in names}


def test_a_passkey_is_made_after_the_card_and_logs_in_without_it(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    look(page, "login-with-passkey")
    device = Device.in_page(page, defaultBackupEligibility=True, defaultBackupState=True)
    with_card = make(page, square)
    kept = device.credentials()
    assert [each["rpId"] for each in kept] == ["localhost"]
    assert [each["isResidentCredential"] for each in kept] == [True]
    again(page, square)
    without = use(page)
    look(page, "shop-by-passkey")
    assert with_card["name"] == "割符　花子"
    assert "name" not in without
    assert without["sub"] == with_card["sub"]
    assert (with_card["acr"], without["acr"]) == ("aal3", "aal2")
    assert "pop" in without["amr"]
    assert "ial3" in without["proofed"]
    assert "proofed" not in with_card


def test_the_page_shows_what_is_there_and_removes_it(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    device = Device.in_page(page)
    make(page, square)
    again(page, square)
    by_reader(page)
    look(page, "passkeys")
    before = page.locator("[data-passkey-entry]").count()
    expect(page.locator("[data-passkey-entry]").last).to_contain_text("作った端末だけにある種類")
    page.locator("[data-passkey-entry]").last.get_by_role("button").click()
    expect(page.get_by_role("status")).to_contain_text("パスキーを削除しました。")
    expect(page.locator("[data-passkey-entry]")).to_have_count(before - 1)
    look(page, "passkey-removed")
    page.get_by_role("link", name="「割符商店（模擬）」に進む").click()
    heading(page, "ログインしました")
    assert len(device.credentials()) == 1, "the device still has it"
    again(page, square)
    press(page, "パスキーを使う")
    expect(page.get_by_role("alert")).to_contain_text("登録されていないか、削除されています")
    look(page, "passkey-unknown")


def test_a_revoked_card_takes_the_claim_and_the_card_gives_it_back(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    Device.in_page(page, defaultBackupEligibility=True, defaultBackupState=True)
    make(page, square)
    square.authority.status = REVOKED
    again(page, square)
    assert "proofed" not in use(page)
    square.start_over()
    again(page, square)
    assert "proofed" not in use(page), "for good, whatever the authority says later"
    again(page, square)
    by_reader(page)
    expect(page.locator("[data-state]").last).to_contain_text("失効したため")
    look(page, "passkey-dropped")
    press(page, "パスキーをこのカードで確かめ直す")
    expect(page.get_by_role("status")).to_contain_text("確かめ直しました")
    page.get_by_role("link", name="「割符商店（模擬）」に進む").click()
    heading(page, "ログインしました")
    again(page, square)
    assert "ial3" in use(page)["proofed"]


def test_a_device_that_does_not_know_its_holder_is_refused(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    device = Device.in_page(page)
    make(page, square)
    device.verifies(False)
    again(page, square)
    press(page, "パスキーを使う")
    expect(page.get_by_role("alert")).to_contain_text("取り消されたか")
    device.verifies(True)
    assert use(page)["acr"] == "aal2"


def test_one_device_makes_one_passkey(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    Device.in_page(page)
    by_reader(page)
    press(page, "パスキーを作る")
    expect(page.get_by_role("status")).to_contain_text("パスキーを作りました。")
    press(page, "パスキーを作る")
    expect(page.get_by_role("alert")).to_contain_text("すでにパスキーがあります")
    expect(page.get_by_role("status")).to_have_count(0)  # one made and one refused are not told at once


def test_a_login_by_a_code_from_another_screen_makes_none(context: BrowserContext, square: Square) -> None:
    """It may have been relayed; the person goes straight on to the shop."""
    page = to_login(context, square)
    want(page)
    phone = open_phone(page)
    to_consent(phone)
    press(phone, "許可する")
    heading(page, "ログインしました")


def test_the_app_on_the_same_device_leads_to_the_passkeys(context: BrowserContext, square: Square) -> None:
    page = to_login(context, square)
    Device.in_page(page)
    want(page)
    page.get_by_role("link", name="この端末のアプリを開く").click()
    press(page, "はじめる")
    to_consent(page)
    press(page, "許可する")
    page.get_by_role("link", name="「割符商店（模擬）」に戻る").click()
    heading(page, "あなたのパスキー")
    press(page, "パスキーを作る")
    expect(page.get_by_role("status")).to_contain_text("パスキーを作りました。")
    page.get_by_role("link", name="「割符商店（模擬）」に進む").click()
    heading(page, "ログインしました")


def test_everything_by_keyboard_in_english_and_narrow(narrow: BrowserContext, square: Square) -> None:
    page = to_login(narrow, square)
    Device.in_page(page)
    page.goto(f"{page.url}?lang=en")
    tab_to(page, "After a login with the card")
    page.keyboard.press("Space")
    tab_to(page, "Read with the card reader")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Allow", exact=True)).to_be_visible()
    tab_to(page, "Allow")
    page.keyboard.press("Enter")
    heading(page, "Your passkeys")
    look(page, "narrow-passkeys")
    tab_to(page, "Make a passkey")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The passkey has been made.")
    look(page, "narrow-passkey-made")
    tab_to(page, "Continue to")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{square.shop}/**")


def test_without_scripts_nothing_is_promised(scriptless: BrowserContext, square: Square) -> None:
    page = to_login(scriptless, square)
    expect(page.get_by_role("button", name="パスキーを使う")).to_be_hidden()
