"""A provider that stands alone says which of its settings is wrong, and does not start with another one's secret."""

from pathlib import Path
from typing import Any

import pytest

from warifu.errors import Malformed, NotAllowed, Unavailable
from warifu.idp import Act
from warifu.wire import standalone
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.database import open_database, writing
from warifu.wire.provider import Auditing, open_secret
from warifu.wire.settings import ProviderSettings, Settings


@pytest.fixture(scope="module")
def anchors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the certificate of an authority."""
    own = Settings(data_directory=tmp_path_factory.mktemp("authority"))
    return standalone.found_authority(own, SystemClock().now()).parent


def start(folder: Path, anchors: Path, **changes: Any) -> None:
    own = ProviderSettings(**{"anchors": anchors, **changes})
    with standalone.open_provider(Settings(data_directory=folder, provider=own), lambda *_: None):
        pass


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"logins_by_address": -1}, r"\[provider\] logins_by_address is 0 or more"),
        ({"audit_days": 0}, r"\[provider\] audit_days is 1 or more"),
        ({"announce_hours": 0}, r"\[provider\] announce_hours is 1 or more"),
        ({"phone": "phone.example.jp"}, "not phone.example.jp"),
        ({"companion": "localhost:8710"}, "not localhost:8710"),
        ({"proxies": ("nginx.internal",)}, "nginx.internal"),
    ],
)
def test_a_value_that_cannot_be_is_named(tmp_path: Path, anchors: Path, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(Malformed, match=told):
        start(tmp_path, anchors, **changes)


def test_a_folder_of_clients_that_is_not_there_is_no_empty_one(tmp_path: Path, anchors: Path) -> None:
    """A name that was mistyped would shut everybody out."""
    with pytest.raises(Unavailable, match=r"there is no folder .*client, which \[provider\] clients names"):
        start(tmp_path, anchors, clients=tmp_path / "client")
    start(tmp_path, anchors)


def test_a_secret_of_another_length_is_named(tmp_path: Path, anchors: Path) -> None:
    (tmp_path / "secret").write_bytes(b"short")
    with pytest.raises(Malformed, match="/secret is no provider's secret: that has 32 bytes"):
        start(tmp_path, anchors, secret=tmp_path / "secret")


def test_a_database_is_opened_with_the_secret_it_was_written_with(tmp_path: Path, anchors: Path) -> None:
    """With another one nobody would be known again, and what the first process began ended at the second."""
    start(tmp_path, anchors)
    log(tmp_path, entries=1)
    start(tmp_path, anchors)
    log(tmp_path, entries=2)
    start(tmp_path, anchors)
    (tmp_path / "provider" / "secret").unlink()
    with pytest.raises(NotAllowed, match="/secret is not the secret that the provider's database was written with"):
        start(tmp_path, anchors)


def log(folder: Path, entries: int) -> None:
    """Something happens that the audit log tells."""
    auditing, now = Auditing(open_secret(folder / "provider" / "secret", SystemEntropy())), SystemClock().now()
    engine = open_database(folder / "provider" / "logins.db", "provider")
    with writing(engine) as connection:
        for _ in range(entries):
            auditing.service(connection, Act.ISSUED, "RP1", bytes(32), now)
    engine.dispose()
