"""The town's own pages in a browser: its front page, and people of the town logging in with their phones."""

from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.walk import claim, heading, look, open_phone, press, start
from tests.journeys.running_town import served_town
from warifu import services
from warifu.services import ClientKey, ProviderMetadata, RelyingParty
from warifu.town.clients import TRIAL, TRIAL_REDIRECT_URIS, trial_key_file
from warifu.town.town import Town
from warifu.wire.clock import SystemEntropy
from warifu.wire.headless import Loopback
from warifu.wire.key_files import read_key

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served_town(tmp_path_factory.mktemp("town")) as town:
        yield town


def log_in(context: BrowserContext, town: Town, name: str) -> tuple[Page, Page]:
    """The person `name` at the shop, with both PINs entered and the card held; the PC's page and the phone's."""
    person, card = town.find_card(name)
    page = context.new_page()
    page.goto(town.addresses.relying_party)
    press(page, "カードでログイン（模擬）")
    phone = open_phone(page)
    start(phone)
    phone.locator(f'input[name="card"][value="{card.name}"]').check()
    look(phone, "town-cards")
    press(phone, "次へ")
    heading(phone, "利用者証明用暗証番号")
    expect(phone.locator(".holder")).to_contain_text(person.holder)
    phone.get_by_label("利用者証明用暗証番号（4 桁）").fill(card.authentication_pin)
    press(phone, "次へ")
    phone.get_by_label("券面事項入力補助用暗証番号（4 桁）").fill(card.text_pin)
    press(phone, "次へ")
    press(phone, "カードをかざす")
    return page, phone


def test_the_front_page_lists_places_and_people(context: BrowserContext, town: Town) -> None:
    page = context.new_page()
    page.goto(town.addresses.town)
    heading(page, "割符の町")
    look(page, "town")
    for person in town.roster.people:
        expect(page.locator("tbody")).to_contain_text(person.holder)
    page.get_by_role("link", name="English").click()
    look(page, "town-en")
    page.get_by_role("link", name="shop", exact=True).click()
    page.wait_for_url(f"{town.addresses.relying_party}/**")


def test_the_front_page_fits_320_pixels(narrow: BrowserContext, town: Town) -> None:
    page = narrow.new_page()
    page.goto(town.addresses.town)
    look(page, "narrow-town")


@pytest.mark.parametrize("name", ["ordinary", "gaiji", "long-address", "foreign"])
def test_a_person_of_the_town_logs_in(context: BrowserContext, town: Town, name: str) -> None:
    page, phone = log_in(context, town, name)
    look(phone, f"town-{name}-consent")
    press(phone, "許可する")
    heading(page, "ログインしました")
    person = town.roster.person(name)
    assert claim(page, "name") == person.holder
    assert claim(page, "address") == person.address
    look(page, f"town-{name}")


def test_a_revoked_certificate_is_said_on_the_phone_and_at_the_shop(context: BrowserContext, town: Town) -> None:
    page, phone = log_in(context, town, "deceased")
    expect(phone.get_by_role("status")).to_have_text("このカードの電子証明書は失効しています。")
    look(phone, "town-revoked-phone")
    heading(page, "ログインできませんでした")
    expect(page.locator("[data-description]")).to_have_text("certificate_revoked")
    look(page, "town-revoked-shop")


def test_the_sandbox_asks_what_shall_come_of_a_login(context: BrowserContext, town: Town) -> None:
    issuer = f"{town.addresses.sandbox}/api/realms/main"
    key = ClientKey.load(read_key(trial_key_file(town.folder)).private_bytes())
    party = RelyingParty(TRIAL, TRIAL_REDIRECT_URIS[0], key)
    with httpx2.Client(transport=Loopback(), trust_env=False) as http:
        document = http.get(services.discovery_address(issuer)).content
    address, _ = services.begin(party, ProviderMetadata.read(document, issuer), ("openid",), SystemEntropy())
    page = context.new_page()
    page.goto(address)
    expect(page.locator("body")).to_have_attribute("data-template", "sandbox.html")
    look(page, "sandbox")
