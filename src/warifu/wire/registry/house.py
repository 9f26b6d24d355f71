"""The register put together from settings: its database, its key for letters, the other parties, its courier.

The party that numbers is another one with its own database. Where no peer of its name is configured it is in the same
process, and letters go by hand.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine
from starlette.types import ASGIApp

from warifu.registry import Desk, Office, Section
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.database import open_database, reading
from warifu.wire.numbering import PARTY as NUMBERING
from warifu.wire.numbering import Numbering
from warifu.wire.post import (
    Carrier,
    Courier,
    HttpCarrier,
    LocalCarrier,
    Peer,
    Recipient,
    letter_routes,
    open_post_key,
    read_peers,
)
from warifu.wire.registry.letters import PARTY
from warifu.wire.registry.reading import last_annex, last_record
from warifu.wire.registry.rest import application
from warifu.wire.registry.service import Registry
from warifu.wire.registry.turning import days_turning
from warifu.wire.registry.versions import CARDS
from warifu.wire.settings import Settings


@dataclass(frozen=True, slots=True)
class House:
    """The register at work: `numbers` is the database of the party that numbers, if that one is here too."""

    registry: Registry
    courier: Courier
    recipient: Recipient
    engine: Engine
    numbers: Engine | None

    def municipality_of(self, holder: str) -> str:
        """Where a person's last record is: for an operator's own process, which then acts at that window.

        Raises:
            NotFound: there is no such person.
        """
        with reading(self.engine) as connection:
            return last_record(connection, holder).municipality

    def municipality_of_annex(self, holder: str) -> str:
        """Where the annex of somebody abroad is kept.

        Raises:
            NotFound: the person has none.
        """
        with reading(self.engine) as connection:
            return last_annex(connection, holder).municipality

    def municipality_of_card(self, card: str) -> str:
        """Whose window serves a card.

        Raises:
            NotFound: there is no such card.
        """
        with reading(self.engine) as connection:
            return CARDS.read(connection, card).municipality

    def settle(self) -> int:
        """Carry what waits, until nothing moves any more; how many letters were settled."""
        return self.courier.run()


@contextmanager
def open_house(settings: Settings) -> Iterator[House]:
    """The register with its courier, which carries when it is told to.

    Raises:
        Malformed, DataTooNew, Unavailable: a database, a key or a peer's file is not what it must be.
    """
    clock, entropy = SystemClock(), SystemEntropy()
    folder = settings.data_directory / "registry"
    peers = read_peers(folder / "peers")
    signer = open_post_key(folder / "post.key")
    with ExitStack() as stack:
        engine = open_database(settings.database(settings.registry.database, "registry/register.db"), PARTY)
        stack.callback(engine.dispose)
        carriers: dict[str, Carrier] = {
            name: stack.enter_context(HttpCarrier(peer, signer, clock)) for name, peer in peers.items() if peer.address
        }
        numbers = None if NUMBERING in peers else _numbers(settings, stack)
        if numbers is not None:
            carriers[NUMBERING] = LocalCarrier(Numbering(numbers, clock, entropy).mailbox())
        registry = Registry(engine, clock, entropy)
        courier = Courier(engine, carriers, clock, registry.on_answers())
        registry.on_done(courier.wake)
        registry.on_lack(lambda: courier.run(NUMBERING))
        recipient = Recipient(registry.mailbox(), signer, peers, clock)
        yield House(registry, courier, recipient, engine, numbers)


@contextmanager
def open_register(settings: Settings) -> Iterator[ASGIApp]:
    """The register of the settings as an application, its courier carrying, its days turning.

    Raises:
        Malformed, DataTooNew, Unavailable: as `open_house`.
    """
    with open_house(settings) as house, house.courier.running(), days_turning(house.registry):
        yield application(house.registry, routes=letter_routes(house.recipient))


@contextmanager
def open_numbering(settings: Settings) -> Iterator[ASGIApp]:
    """The party that numbers, alone: it takes letters and has nothing else to be asked.

    Raises:
        Malformed, DataTooNew, Unavailable: as `open_house`.
    """
    from warifu.wire.answers import application as answering

    clock, folder = SystemClock(), settings.data_directory / "numbering"
    peers: dict[str, Peer] = read_peers(folder / "peers")
    with ExitStack() as stack:
        engine = _numbers(settings, stack)
        mailbox = Numbering(engine, clock, SystemEntropy()).mailbox()
        yield answering(letter_routes(Recipient(mailbox, open_post_key(folder / "post.key"), peers, clock)))


def window_desk(municipality: str) -> Desk:
    """The residents' section of a municipality."""
    return Desk(Office.MUNICIPALITY, municipality, Section.RESIDENTS)


def _numbers(settings: Settings, stack: ExitStack) -> Engine:
    engine = open_database(settings.database(settings.registry.numbering_database, "numbering/numbers.db"), NUMBERING)
    stack.callback(engine.dispose)
    return engine
