"""The demonstration shop at a provider of the profile `fapi2`, over HTTP: it does what the metadata ask for."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.services import world
from tests.wire import provider_world
from warifu.idp import PROFILES, Client, Provider
from warifu.ports import Clock
from warifu.services import Health, RelyingParty
from warifu.wire import relying_party
from warifu.wire.client_doctor import examine_client
from warifu.wire.clock import SystemEntropy
from warifu.wire.headless import CardInHand, Headless, Outcome
from warifu.wire.provider import application
from warifu.wire.serving import reserve, serve_in_thread

CLIENT_ID = "RP00000001"


class Town:
    """A provider and a shop, and somebody with a card."""

    def __init__(self, provider: Provider, shop: str, party: RelyingParty, clock: Clock) -> None:
        self.provider, self.party, self.clock = provider, party, clock
        self.shop = shop
        self.browser = Headless([provider.origin])

    def log_in(self, *, agree: bool = True) -> Outcome:
        card = CardInHand(lambda: nullcontext(provider_world.card()), provider_world.PIN, provider_world.TEXT_PIN)
        address = f"{self.shop}/login"
        return self.browser.log_in(address, card) if agree else self.browser.cancel(address)

    def visit(self, address: str) -> httpx2.Response:
        return self.browser.browser.get(address, headers={"accept-language": "en"}, follow_redirects=True)


@pytest.fixture(params=["fapi2", "da-compat"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    stage = provider_world.Stage(tmp_path, entropy=SystemEntropy())
    own, shops = reserve("localhost"), reserve("rp.localhost")
    provider = Provider(own.origin, PROFILES[request.param])
    settings = relying_party.ShopSettings(provider.issuer, CLIENT_ID, shops.origin, world.CLIENT_KEY)
    shop = relying_party.application(settings, stage.clock, SystemEntropy())
    with stage.service(provider) as service:
        redirects, keys = (settings.party.redirect_uri,), world.CLIENT_KEY.public_jwks()
        service.register(Client(CLIENT_ID, "山の銀行", redirects, keys))
        with serve_in_thread([(own, application(service)), (shops, shop)]):
            made = Town(provider, shops.origin, settings.party, stage.clock)
            with made.browser:
                yield made


def test_the_customer_sees_what_the_shop_was_told(town: Town) -> None:
    """RFC 9126, RFC 9449, JARM and RFC 9207 where they are asked for; the plain code flow elsewhere."""
    outcome = town.log_in()
    callback = parse_qs(urlsplit(outcome.callback).query)
    signed = town.provider.profile is PROFILES["fapi2"]
    assert callback.keys() == ({"response"} if signed else {"code", "state", "session_state"})
    page = town.visit(outcome.callback)
    assert "You are logged in" in page.text
    assert "割符　花子" in page.text


def test_the_doctor_finds_the_client_well(town: Town) -> None:
    """RFC 9449 §5.1: where tokens are bound it shows a proof, or it would be refused for that alone."""
    found = examine_client(town.provider.issuer, town.party, town.clock, SystemEntropy())
    health = {one.name: one.health for one in found if one.name != "clock"}  # the world's stands still
    assert set(health.values()) == {Health.WELL}


def test_a_cancelled_login_is_told(town: Town) -> None:
    """RFC 6749 §4.1.2.1, in a signed response as well (JARM §2.1)."""
    page = town.visit(town.log_in(agree=False).callback)
    assert "access_denied" in page.text
    assert "You are logged in" not in page.text


@pytest.mark.parametrize("town", ["fapi2"], indirect=True)
def test_a_response_that_is_not_signed_is_not_believed(town: Town) -> None:
    """Who could strip the signature could put another code in (FAPI 2.0 Message Signing §5.4)."""
    callback = town.log_in().callback
    page = town.visit(f"{callback.partition('?')[0]}?code=a&state=b&iss={town.provider.issuer}")
    assert page.status_code >= 400
    assert "You are logged in" not in page.text
