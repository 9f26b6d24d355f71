"""Asking real authorities over HTTP what a certificate never seen before took the place of."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import httpx2
import pytest

from tests.ca.town import ATTRIBUTES, AUTHENTICATION, ENDS, KIYOSE, SIGNING, key
from tests.wire.authority.world import World, open_world
from warifu.ca import CertificateApplication, Event, Recipient, RecipientKind
from warifu.errors import Unavailable
from warifu.idp import How
from warifu.pki import CertificateKind, Medium
from warifu.wire.authority import SERVICES_PATH, Access, application, mounted_services
from warifu.wire.clock import SystemEntropy
from warifu.wire.provider import SuccessionClient
from warifu.wire.serving import reserve, serve_in_thread

PROVIDER, HOLDER = "d" * 32, "a1" * 16


@dataclass
class Town:
    world: World
    ask: SuccessionClient

    def issue(self, kind: CertificateKind = AUTHENTICATION, medium: Medium = Medium.CARD, index: int = 10) -> int:
        """Another certificate of the holder, in the place of the one before it; its number."""
        cards = [each for each in self.world.authorities.live_of(HOLDER) if each.kind is SIGNING]
        signed_with = cards[0].serial_number if medium is Medium.PHONE else None
        attributes = ATTRIBUTES if kind is SIGNING else None
        public = key(index).public_key_info
        applied = CertificateApplication(
            kind, HOLDER, KIYOSE, public, ENDS, attributes, medium, signed_with=signed_with
        )
        there = any((each.kind, each.medium) == (kind, medium) for each in self.world.authorities.live_of(HOLDER))
        issued = self.world.authorities.issue(applied, renew=there)
        self.world.authorities.record(kind, issued.entry.serial_number, Event.DELIVERED)
        return issued.entry.serial_number

    def told(self, serial_number: int) -> list[tuple[int, How]]:
        issuer = self.world.authorities.authority(AUTHENTICATION).generation
        found = self.ask(issuer, serial_number)
        assert {each.issuer_key_id for each in found} <= {issuer}
        return [(each.serial_number, each.how) for each in found]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    world = open_world(tmp_path / "record.db", tmp_path)
    access = Access.of(world.engine, world.clock, SystemEntropy(), closed=True)
    kinds = frozenset({AUTHENTICATION})
    provider = Recipient(PROVIDER, "割符 認証", RecipientKind.ADMINISTRATIVE_ORGAN, kinds, date(2026, 1, 1))
    access.recipients.register(provider)
    token = access.tokens.make("provider", {"links"}, PROVIDER)
    more = [mounted_services(world.authorities, access, world.heads)]
    with (
        serve_in_thread([(at := reserve(), application(world.authorities, access, more))]),
        SuccessionClient(at.origin + SERVICES_PATH, token) as ask,
    ):
        yield Town(world, ask)
    world.close()


def test_a_certificate_alone_follows_none(town: Town) -> None:
    assert town.told(town.issue()) == []


def test_renewals_are_told_back_to_the_first(town: Town) -> None:
    first, second = town.issue(), town.issue()
    assert town.told(town.issue()) == [(second, How.SUCCESSION), (first, How.SUCCESSION)]


def test_a_phone_is_linked_with_the_card_and_what_that_one_followed(town: Town) -> None:
    """公的個人認証法 第37条第3項; the card may have been renewed since its holder logged in with it."""
    town.issue(SIGNING)
    old, new = town.issue(), town.issue()
    phone = town.issue(medium=Medium.PHONE, index=11)
    assert town.told(phone) == [(new, How.LINKED), (old, How.LINKED)]
    assert town.told(new) == [(old, How.SUCCESSION), (phone, How.LINKED)]


def test_another_phone_is_known_by_the_one_before_and_by_the_card(town: Town) -> None:
    town.issue(SIGNING)
    card = town.issue()
    first = town.issue(medium=Medium.PHONE, index=11)
    town.world.authorities.record(AUTHENTICATION, first, Event.REVOCATION_REQUESTED)
    town.world.clock.go_on(timedelta(days=90))
    second = town.issue(medium=Medium.PHONE, index=12)
    assert town.told(second) == [(card, How.LINKED)]


def test_after_a_time_without_any_nothing_is_told(town: Town) -> None:
    first = town.issue()
    town.world.authorities.record(AUTHENTICATION, first, Event.REVOCATION_REQUESTED)
    town.world.clock.go_on(timedelta(days=2))
    assert town.told(town.issue()) == []


def test_who_may_not_ask_is_not_told_that_there_is_nothing(town: Town) -> None:
    """A refusal is no answer: nobody becomes a new person by it."""
    number = town.issue()
    access = Access.of(town.world.engine, town.world.clock, SystemEntropy(), closed=True)
    access.recipients.stop(PROVIDER)
    with pytest.raises(Unavailable):
        town.told(number)
    with pytest.raises(Unavailable):
        town.told(number + 1000)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (302, b"{}"),
        (403, b'{"error": "not_allowed"}'),
        (200, b"[]"),
        (200, b"{"),
        (200, b'{"medium": "cloud", "predecessors": []}'),
        (200, b'{"medium": "card", "predecessors": [{"serial_number": "1", "generation": "00"}]}'),
        (200, b'{"medium": "card", "predecessors": [{"serial_number": 1, "generation": "xx"}]}'),
        (200, b'{"medium": "card", "predecessors": [7]}'),
        (200, b'{"medium": "card", "predecessors": [{"serial_number": -1, "generation": "00"}]}'),
        (200, b"[" * 8_000 + b"]" * 8_000),
        (200, b" " * 20_000),
    ],
)
def test_whatever_else_is_said_is_no_answer(status: int, body: bytes) -> None:
    def said(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(status, stream=httpx2.ByteStream(body), headers={"content-type": "application/json"})

    with (
        SuccessionClient("http://authorities", "token", transport=httpx2.MockTransport(said)) as ask,
        pytest.raises(Unavailable),
    ):
        ask(b"i" * 20, 7)


def test_nobody_there_is_no_answer() -> None:
    def gone(_request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("gone")

    with (
        SuccessionClient("http://authorities", "token", transport=httpx2.MockTransport(gone)) as ask,
        pytest.raises(Unavailable),
    ):
        ask(b"i" * 20, 7)
