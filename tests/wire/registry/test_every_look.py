"""Every operation that tells something of a person leaves an entry in the person's log."""

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

import pytest
from starlette.testclient import TestClient

from tests.wire.conftest import Place
from tests.wire.registry.world import BORN, HOME, HOTLINE, JLIS, World, living, name, section, window
from warifu.registry import ActKind, Card, Claims, Clerk, LogEntry, Section
from warifu.wire.database import reading
from warifu.wire.registry import application, log

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)

ACTS: Final = frozenset({"DoneAnswer"})
"""What only says that something was done, which is an entry of its own."""
NOBODY: Final = frozenset({"/v1/queues"})
"""What tells of nobody."""
CASE: Final = {"purpose": "case 7"}
COMES: Final = {"collector": "holder", "proof": "photo_document"}
CALLER: Final = {"name": name().shown.text, "birth_date": BORN.digits, "address": HOME.text}
RESET: Final = {"pin": "signing", "verified": "authentication", "face_matches": True}


class Scene:
    """Somebody with a card, whose last days have come; another one waits at the municipality."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.holder = world.resident()
        self.card: Card = world.card(self.holder)
        self.waiting: Card = world.made_card(world.resident(text="割符　待子"))
        self.number = world.registry.ladders.number_of(section(Section.TAX), self.holder, "case 7").digits
        self.call = world.registry.calls.take(HOTLINE, Claims(*CALLER.values())).act

    def as_(self, clerk: Clerk) -> TestClient:
        """A client at that desk."""
        token = self.world.registry.tokens.make(clerk.id, clerk.desk)
        return TestClient(application(self.world.registry), headers={"authorization": f"Bearer {token}"})

    def entries(self) -> int:
        """How many entries the log has."""
        return self.world.registry.check_log()

    def last(self, holder: str) -> LogEntry:
        """The newest entry about somebody."""
        with reading(self.world.engine) as connection:
            return log.entries_about(connection, holder, 1)[0][1]


Asked: TypeAlias = tuple[Clerk, str, Any]
LOOKS: Final[dict[str, Callable[[Scene], Asked]]] = {
    "POST /v1/searches": lambda at: (window(), "", {"sights": ["name"], "birth_date": "1990-04-01"} | CASE),
    "POST /v1/people/{holder}/looks": lambda at: (section(Section.TAX), at.holder, {"sights": ["name"]} | CASE),
    "POST /v1/people/{holder}/history": lambda at: (window(), at.holder, CASE),
    "POST /v1/people/{holder}/cards/looks": lambda at: (JLIS, at.holder, CASE),
    "POST /v1/people/{holder}/phones/looks": lambda at: (JLIS, at.holder, CASE),
    "POST /v1/people/{holder}/addressee-number": lambda at: (section(Section.TAX), at.holder, CASE),
    "POST /v1/addressees": lambda at: (section(Section.TAX), "", {"number": at.number}),
    "GET /v1/people/{holder}/log": lambda at: (window(), at.holder, None),
    "GET /v1/renewals": lambda at: (window(), "", None),
    "GET /v1/orders/{order}": lambda at: (JLIS, at.card.certificates[0].order, None),
    "POST /v1/cards/{card}/handover": lambda at: (window(), at.waiting.id, COMES),
    "POST /v1/cards/{card}/reservations": lambda at: (JLIS, at.card.id, RESET),
    "POST /v1/calls": lambda at: (HOTLINE, "", CALLER),
    "GET /v1/calls/{call}": lambda at: (HOTLINE, at.call, None),
}


@pytest.fixture
def scene(place: Place) -> Iterator[Scene]:
    with living(place) as world:
        yield Scene(world)


def _answer(operation: dict[str, Any]) -> str:
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return str((schema.get("items") or schema).get("$ref", "")).rpartition("/")[2]


def test_every_operation_that_tells_of_a_person_is_asked_here(scene: Scene) -> None:
    """One that is added later fails this until it is listed, and then the next one until it leaves an entry."""
    described = TestClient(application(scene.world.registry)).get("/openapi.json").json()["paths"]
    telling = {
        f"{method.upper()} {path}"
        for path, operations in described.items()
        for method, operation in operations.items()
        if path not in NOBODY and _answer(operation) not in ACTS
    }
    assert telling == set(LOOKS)


@pytest.mark.parametrize("operation", sorted(LOOKS))
def test_a_look_leaves_an_entry(scene: Scene, operation: str) -> None:
    """住民基本台帳法 第30条の24: who looked, at whom, for what, before anything is shown."""
    method, path = operation.split(" ")
    clerk, part, body = LOOKS[operation](scene)
    about = scene.waiting.holder if part == scene.waiting.id else scene.holder
    if path == "/v1/renewals":
        assert scene.card.expires is not None
        scene.world.clock.moment += scene.card.expires - scene.world.clock.now().date()
    client = scene.as_(clerk)
    before = scene.entries()
    stem, _, rest = path.partition("{")
    answer = client.request(method, stem + part + rest.partition("}")[2], json=body)
    assert answer.status_code == 200, answer.text
    assert scene.entries() > before
    entry = scene.last(about)
    assert entry.what is ActKind.LOOK
    assert entry.clerk.desk == clerk.desk
    assert entry.purpose
