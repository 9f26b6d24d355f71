"""A shop, a provider, a phone and a companion on the loopback, with one card, for a browser to walk through."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from starlette.types import ASGIApp

from tests.ca.town import Moment
from tests.idp import signing
from tests.pki import world as pki
from tests.services.world import CLIENT_KEY
from tests.verifier.scene import anchors, ocsp
from tests.wire import provider_world, signing_world
from warifu.card import Card
from warifu.errors import Cancelled, WrongPin
from warifu.idp import Client, Provider
from warifu.messages import LoginAnswer, LoginInvitation, SigningData
from warifu.pki import Standing
from warifu.ports import Connection
from warifu.verifier import Evidence
from warifu.wire import answers, companion, provider, relying_party
from warifu.wire import phone as phone_page
from warifu.wire.clock import SystemEntropy
from warifu.wire.serving import Reserved, reserve, serve_in_thread
from warifu.wire.verification import KnownUsers, Platform, platform_routes

SHOP = "割符商店（模擬）"
PIN, TEXT_PIN = provider_world.PIN, provider_world.TEXT_PIN


@dataclass
class Prompt:
    """The companion's prompt, with somebody who answers; `pins` are entered one after another."""

    pins: list[str] = field(default_factory=lambda: [PIN])
    texts: list[str | None] = field(default_factory=lambda: [TEXT_PIN])
    willing: bool = True
    asked: list[str] = field(default_factory=list)

    def confirm(self, client_name: str, origin: str, attributes: bool) -> None:
        self.asked.append(client_name)
        if not self.willing:
            raise Cancelled

    def confirm_signing(self, client_name: str, origin: str, data: SigningData) -> None:
        self.asked.append(data.text)

    def signing_password(self, tries_left: int) -> str:
        return signing_world.PASSWORD

    def wait_for_card(self) -> None:
        self.asked.append("card")

    def authentication_pin(self, tries_left: int) -> str:
        return self.pins.pop(0)

    def text_pin(self, tries_left: int) -> str | None:
        return self.texts.pop(0)

    def share_attributes(self) -> bool:
        return self.texts.pop(0) is not None

    def no_text_pin(self, tries_left: int) -> None:
        self.asked.append("no text PIN")

    def wrong_pin(self, error: WrongPin) -> None:
        self.asked.append(f"wrong, {error.tries_left} left")


@dataclass
class Square:
    """Where everything is, and the card that phone and companion hold."""

    shop: str
    provider: str
    phone: str
    companion: str
    authority: provider_world.Authority
    clock: Moment
    register: Callable[[bool], None]
    prompt: Prompt = field(default_factory=Prompt)
    card: Card = field(default_factory=signing_world.card)

    def start_over(self) -> None:
        """A new card, somebody willing in front of the companion, nothing revoked, and a shop with ordinary logins."""
        self.register(False)
        self.prompt, self.card, self.authority.status = Prompt(), signing_world.card(), Standing.GOOD

    def strengthen(self) -> None:
        """From now on the shop wants logins that cannot be relayed."""
        self.register(True)

    def people(self) -> list[phone_page.WalletCard]:
        """The phone's wallet shows two people; both have the same card."""
        return [
            phone_page.WalletCard("hanako", "割符　花子", "ふつうの大人", "ordinary adult"),
            phone_page.WalletCard("kirin", "𠮷髙　﨑子", "外字のある名前", "a name with rare characters"),
        ]

    @contextmanager
    def open(self, name: str) -> Iterator[Connection]:
        """The wallet's card."""
        yield self.card


@contextmanager
def standing(directory: Path) -> Iterator[Square]:
    """The square, from the servers' start to their end."""
    stage = provider_world.Stage(directory)
    shop, op, handset, desk = (reserve(name) for name in ("rp.localhost", "localhost", "phone.localhost", "localhost"))
    operator = reserve("127.0.0.1")
    with stage.service(Provider(op.origin)) as service:
        keys, scopes = CLIENT_KEY.public_jwks(), signing.CLIENT.scopes
        callback, jwks = f"{shop.origin}/callback", signing.CLIENT.operator_jwks
        client = Client("RP00000001", SHOP, (callback,), keys, scopes, operator_jwks=jwks)

        def register(strong: bool) -> None:
            service.register(replace(client, phishing_resistant=strong))

        register(False)
        places = (shop.origin, op.origin, handset.origin, desk.origin)
        square = Square(*places, stage.authority, stage.clock, register)
        asked = relying_party.Operator(f"{operator.origin}/platform/verify", "a-token")
        settings = relying_party.ShopSettings(Provider(op.origin).issuer, "RP00000001", shop.origin, CLIENT_KEY, asked)
        known, chance = [phone_page.KnownProvider(op.origin)], SystemEntropy()
        sites: list[tuple[Reserved, ASGIApp]] = [
            (shop, relying_party.application(settings, stage.clock, chance)),
            (op, provider.application(service, provider.Places(handset.origin, desk.origin))),
            (handset, phone_page.application(square, known, origin=handset.origin, clock=stage.clock, entropy=chance)),
            (desk, companion_app(square, desk, stage)),
            (operator, operator_app(directory, stage)),
        ]
        with serve_in_thread(sites):
            yield square


def square_for(scope: Literal["module", "package"]) -> tuple[Callable[..., Iterator[Square]], Callable[..., Square]]:
    """The fixtures `servers`, started once for all tests of a module or a package, and `square`, for each test anew."""

    @pytest.fixture(scope=scope)
    def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Square]:
        with standing(tmp_path_factory.mktemp("square")) as built:
            yield built

    @pytest.fixture
    def square(servers: Square) -> Square:
        servers.start_over()
        return servers

    return servers, square


def operator_app(directory: Path, stage: provider_world.Stage) -> ASGIApp:
    """The platform operator, of whom the authority says nothing but good."""
    issuer, until = pki.authority(pki.SIGNING), pki.NOW + timedelta(days=30)

    def gather(_needs: object) -> Evidence:
        return Evidence(ocsp(nonce=None, about=issuer, signed_by=issuer, this_update=pki.NOW, next_update=until))

    users = KnownUsers(directory / "platform")
    platform = Platform((signing.OPERATOR,), anchors(), gather, bytes(32), users, stage.clock)
    return answers.application(platform_routes(platform, lambda _token: "shop"))


def companion_app(square: Square, desk: Reserved, stage: provider_world.Stage) -> ASGIApp:
    """The companion with the square's card in its reader."""

    @contextmanager
    def open_card(_waiting: Callable[[], None]) -> Iterator[Connection]:
        yield square.card

    def answer(invitation: LoginInvitation, origin: str) -> LoginAnswer:
        return companion.answer_invitation(invitation, origin, square.prompt, open_card, stage.clock)

    return companion.application(desk.port, {square.provider}, answer, lambda: True)
