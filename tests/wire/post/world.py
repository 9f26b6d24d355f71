"""Two parties that exchange letters: one counts what it is told, the other one remembers what it was answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

import httpx2
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, String, Table, insert, select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.wire.conftest import Place
from warifu.errors import NotAllowed
from warifu.pki import KeySigner
from warifu.wire.answers import application
from warifu.wire.database import open_database, reading, writing
from warifu.wire.post import (
    Carrier,
    Courier,
    Desk,
    HttpCarrier,
    Letter,
    LocalCarrier,
    Mailbox,
    Peer,
    Recipient,
    letter_routes,
    send,
)

NOW = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
SENDER, TAKER = "register", "authority"
ADDRESS = "http://authority.localhost/post"

_metadata = MetaData()
effects = Table("effect", _metadata, Column("number", Integer, primary_key=True), Column("what", String(64)))


class Moment:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment

    def forward(self, **span: float) -> None:
        self.moment += timedelta(**span)


@cache
def key(party: str) -> KeySigner:
    return KeySigner.generate("ES256")


def peer(party: str, address: str = "") -> Peer:
    return Peer(party, address, (key(party).public_key_info,))


def letter(number: int = 1, *, thread: str = "", body: bytes = b"moved", subject: str = "event") -> Letter:
    return Letter(id=f"{number:032x}", sender=SENDER, to=TAKER, subject=subject, thread=thread, body=body)


def happened(engine: Engine) -> list[str]:
    """What took effect there, in order."""
    with reading(engine) as connection:
        return list(connection.scalars(select(effects.c.what).order_by(effects.c.number)))


def note(connection: Connection, what: str) -> None:
    connection.execute(insert(effects).values(what=what))


class Starlet(httpx2.BaseTransport):
    """Requests go to an application in this process; what comes by can be watched, changed or lost."""

    def __init__(self, app: Starlette) -> None:
        self._client = TestClient(app, base_url="http://authority.localhost")
        self.seen: list[httpx2.Request] = []
        self.lose_answer = False

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.seen.append(request)
        got = self._client.post("/post", content=request.read(), headers=request.headers.raw)
        if self.lose_answer:
            raise httpx2.ReadTimeout("lost")
        # Streamed, as from a socket: the carrier reads it piece by piece.
        return httpx2.Response(got.status_code, headers=got.headers.raw, stream=httpx2.ByteStream(got.content))


@dataclass
class World:
    """The sender's and the taker's databases, opened anew with `restart`."""

    place: Place
    clock: Moment = field(default_factory=Moment)
    refusing: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.restart()
        for engine in (self.sender, self.taker):
            with writing(engine) as connection:
                _metadata.create_all(connection)

    def restart(self) -> None:
        """As after a crash: nothing in memory is left."""
        self.close()
        self.sender = open_database(self.place.of("registry", SENDER), "registry")
        self.taker = open_database(self.place.of("registry", TAKER), "registry")

    def close(self) -> None:
        for engine in (getattr(self, "sender", None), getattr(self, "taker", None)):
            if engine is not None:
                engine.dispose()

    @property
    def mailbox(self) -> Mailbox:
        senders = frozenset({SENDER})
        return Mailbox(self.taker, TAKER, self.clock, {"event": Desk(self._take, senders)})

    @property
    def application(self) -> Starlette:
        return application(letter_routes(self.recipient))

    @property
    def recipient(self) -> Recipient:
        return Recipient(self.mailbox, key(TAKER), {SENDER: peer(SENDER)}, self.clock)

    def carrier(self, transport: httpx2.BaseTransport | None = None) -> HttpCarrier:
        transport = transport or Starlet(self.application)
        return HttpCarrier(peer(TAKER, ADDRESS), key(SENDER), self.clock, transport=transport)

    def courier(self, carrier: Carrier | None = None) -> Courier:
        return Courier(
            self.sender, {TAKER: carrier or LocalCarrier(self.mailbox)}, self.clock, {"event": self._answered}
        )

    def write(self, *letters: Letter) -> None:
        for one in letters:
            with writing(self.sender) as connection:
                send(connection, one, self.clock.now())

    def _take(self, connection: Connection, got: Letter) -> bytes:
        if got.body in self.refusing:
            raise NotAllowed
        note(connection, got.body.decode())
        return b"answer to " + got.body

    def _answered(self, connection: Connection, _letter: Letter, answer: bytes) -> None:
        note(connection, answer.decode())


@contextmanager
def living(place: Place) -> Iterator[World]:
    world = World(place)
    try:
        yield world
    finally:
        world.close()
