"""A place for a party's database, and a provider there: what asks for `place` runs on SQLite and on PostgreSQL."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.idp.world import CLIENT, OTHER_CLIENT
from tests.waiting import PATIENCE
from tests.wire.postgresql import Server, programs, running_server, scratch
from tests.wire.provider_world import Stage
from warifu.wire import database
from warifu.wire.provider import ProviderService


@dataclass
class Place:
    """Where a test's databases are: one for each name, the same place each time it is asked for."""

    folder: Path
    server: Server | None
    _made: dict[str, str] = field(default_factory=dict)

    def of(self, party: str, name: str = "") -> str:
        """What `open_database` takes, for the database of `party` (or another one of its kind, called `name`)."""
        key = name or party
        if key not in self._made:
            file = str(self.folder / f"{key}.sqlite")
            self._made[key] = file if self.server is None else self.server.new_database(party)
        return self._made[key]

    def drop(self, server: Server) -> None:
        for url in self._made.values():
            server.drop(url)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """PostgreSQL, started when the first test asks for it."""
    binaries = programs()
    if binaries is None:
        reason = "PostgreSQL is not installed: apt-get install postgresql"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with running_server(binaries) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Where this test's databases are: in memory, so that nobody waits for a disk; they go with the test."""
    server: Server | None = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    with TemporaryDirectory(prefix="warifu-", dir=scratch()) as folder:
        made = Place(Path(folder), server)
        yield made
        if server is not None:
            made.drop(server)


@pytest.fixture
def patient_writers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a database from here on waits for other writers as long as a busy machine may need."""
    monkeypatch.setattr(database, "_BUSY_TIMEOUT", int(1000 * PATIENCE))


@pytest.fixture
def stage(place: Place) -> Stage:
    return Stage(place.folder, place.of("provider"))


@pytest.fixture
def service(stage: Stage) -> Iterator[ProviderService]:
    with stage.service() as service:
        service.register(CLIENT)
        service.register(OTHER_CLIENT)
        yield service
