"""A shop, a provider, a phone and a companion on the loopback, with one card, for a browser to walk through."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.types import ASGIApp

from tests.ca.town import Moment
from tests.services.world import CLIENT_KEY
from tests.wire import provider_world
from warifu.card import Card
from warifu.errors import Cancelled, WrongPin
from warifu.idp import Client, Provider
from warifu.messages import LoginAnswer, LoginInvitation
from warifu.pki import Standing
from warifu.ports import Connection
from warifu.wire import companion, provider, relying_party
from warifu.wire import phone as phone_page
from warifu.wire.clock import SystemEntropy
from warifu.wire.serving import Reserved, reserve, serve_in_thread

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
    prompt: Prompt = field(default_factory=Prompt)
    card: Card = field(default_factory=provider_world.card)

    def start_over(self) -> None:
        """A new card, somebody willing in front of the companion, and nothing revoked."""
        self.prompt, self.card, self.authority.status = Prompt(), provider_world.card(), Standing.GOOD

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
    square = Square(shop.origin, op.origin, handset.origin, desk.origin, stage.authority, stage.clock)
    with stage.service(Provider(op.origin)) as service:
        service.register(Client("RP00000001", SHOP, (f"{shop.origin}/callback",), CLIENT_KEY.public_jwks()))
        settings = relying_party.ShopSettings(Provider(op.origin).issuer, "RP00000001", shop.origin, CLIENT_KEY)
        known, chance = [phone_page.KnownProvider(op.origin)], SystemEntropy()
        sites: list[tuple[Reserved, ASGIApp]] = [
            (shop, relying_party.application(settings, stage.clock, chance)),
            (op, provider.application(service, provider.Places(handset.origin, desk.origin))),
            (handset, phone_page.application(square, known, origin=handset.origin, clock=stage.clock, entropy=chance)),
            (desk, companion_app(square, desk, stage)),
        ]
        with serve_in_thread(sites):
            yield square


def companion_app(square: Square, desk: Reserved, stage: provider_world.Stage) -> ASGIApp:
    """The companion with the square's card in its reader."""

    @contextmanager
    def open_card(_waiting: Callable[[], None]) -> Iterator[Connection]:
        yield square.card

    def answer(invitation: LoginInvitation, origin: str) -> LoginAnswer:
        return companion.answer_invitation(invitation, origin, square.prompt, open_card, stage.clock)

    return companion.application(desk.port, {square.provider}, answer, lambda: True)
