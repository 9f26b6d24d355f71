"""`warifu provider certificate-keys`: generations of the keys under which certificates are remembered."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.command import Command
from warifu.idp import How, Link, traces
from warifu.wire.clock import SystemEntropy
from warifu.wire.database import open_database, writing
from warifu.wire.provider import open_secret
from warifu.wire.provider.identity_store import add_links

NOW = datetime(2026, 11, 22, tzinfo=UTC)


_COMMAND = Command(("provider", "certificate-keys"))
run, told = _COMMAND.run, _COMMAND.told


def meet(folder: Path, person: str, serial_number: int) -> None:
    """Somebody logs in, seen from the store: under every key in force."""
    secret = open_secret(folder / "provider" / "secret", SystemEntropy())
    engine = open_database(folder / "provider" / "logins.db", "provider")
    with writing(engine) as connection:
        links = [Link(one, How.FIRST_LOGIN) for one in traces(b"i" * 20, serial_number, secret)]
        add_links(connection, person, links, NOW)
    engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A provider at which one person logged in before there was a second generation, and one after."""
    meet(tmp_path, "early", 1)
    assert told(tmp_path, "add") == {"generation": 2}
    meet(tmp_path, "late", 2)
    return tmp_path


def test_without_any_the_first_generation_is_the_secrets(tmp_path: Path) -> None:
    meet(tmp_path, "somebody", 1)
    assert told(tmp_path, "list") == [{"generation": 1, "hashes": 1, "known_by_nothing_newer": 1}]


def test_the_first_key_stays_the_same_when_a_second_one_comes(folder: Path) -> None:
    """Or everybody would be somebody new."""
    secret = (folder / "provider" / "secret").read_bytes()
    (folder / "alone").write_bytes(secret)
    before = open_secret(folder / "alone", SystemEntropy()).certificate_keys
    after = open_secret(folder / "provider" / "secret", SystemEntropy()).certificate_keys
    assert [number for number, _ in after] == [2, 1]
    assert after[1] == before[0]
    for key in (folder / "provider" / "secret.certificates").iterdir():
        assert key.stat().st_mode & 0o077 == 0


def test_who_would_be_lost_is_told_before(folder: Path) -> None:
    assert told(folder, "list") == [
        {"generation": 1, "hashes": 2, "known_by_nothing_newer": 1},
        {"generation": 2, "hashes": 1, "known_by_nothing_newer": 1},
    ]
    asked = run(folder, "retire", "1", said="n\n")
    assert (asked.exit_code != 0, "1 people who are known" in asked.stderr) == (True, True)
    assert len(told(folder, "list")) == 2
    assert told(folder, "retire", "1", "--yes") == {"generation": 1, "hashes": 2, "people": 1}
    assert [each["generation"] for each in told(folder, "list")] == [2]


def test_who_was_killed_while_retiring_retires_again(folder: Path) -> None:
    """The file goes last: what it opened is gone by then."""
    kept = folder / "provider" / "secret.certificates" / "1"
    key = kept.read_bytes()
    told(folder, "retire", "1", "--yes")
    kept.write_bytes(key)
    meet(folder, "another", 3)
    assert told(folder, "retire", "1", "--yes") == {"generation": 1, "hashes": 0, "people": 0}
    assert not kept.exists()


def test_the_newest_and_what_is_not_there_are_not_retired(folder: Path) -> None:
    assert run(folder, "retire", "2", "--yes").exit_code == 1
    assert run(folder, "retire", "9", "--yes").exit_code == 1


def test_what_people_see(folder: Path) -> None:
    result = run(folder, "list")
    assert result.exit_code == 0
    assert "people known by nothing newer" in result.stdout
    assert "generation 3 is made" in run(folder, "add").stderr


def test_before_the_first_start_there_is_nothing_to_add_to(tmp_path: Path) -> None:
    assert run(tmp_path, "add").exit_code == 3
