"""`warifu provider keys`: what an operator types and sees."""

from pathlib import Path

import pytest

from tests.cli.command import Command
from warifu.pki import KeySigner
from warifu.wire.clock import SystemClock
from warifu.wire.key_files import write_key
from warifu.wire.settings import Settings
from warifu.wire.token_keys import open_keeper, scheduled_keys

_COMMAND = Command(("provider", "keys"))
run, told = _COMMAND.run, _COMMAND.told


@pytest.fixture
def started(tmp_path: Path) -> Path:
    """A data directory in which the provider was started once."""
    settings = Settings(data_directory=tmp_path)
    with open_keeper(settings) as keeper:
        scheduled_keys(settings, keeper.engine, SystemClock().now())
    return tmp_path


def test_before_the_first_start_there_is_no_key(tmp_path: Path) -> None:
    assert told(tmp_path, "list") == []
    assert "no key yet" in run(tmp_path, "list").stderr


def test_a_new_key_is_announced_a_day_ahead(started: Path) -> None:
    added = told(started, "add")
    first, second = told(started, "list")
    assert (first["state"], second["state"]) == ("in use", "announced")
    assert (second["kid"], second["used_from"], first["over_at"]) == (added["kid"], *[added["used_from"]] * 2)
    assert (started / "provider" / "keys" / f"{added['kid']}.key").stat().st_mode & 0o077 == 0


def test_what_people_see(started: Path) -> None:
    added = told(started, "add", "--announce", "3")
    result = run(started, "list")
    assert result.exit_code == 0
    assert "in use" in result.stdout
    assert added["kid"] in result.stdout


def test_a_key_of_ones_own(started: Path, tmp_path: Path) -> None:
    write_key(tmp_path / "mine.key", KeySigner.generate("ES256"))
    assert told(started, "add", "--key", str(tmp_path / "mine.key"))["kid"]
    write_key(tmp_path / "rsa.key", KeySigner.generate())
    assert run(started, "add", "--key", str(tmp_path / "rsa.key")).exit_code == 4


def test_a_second_announcement_is_refused(started: Path) -> None:
    told(started, "add")
    refused = run(started, "add", "--announce", "2")
    assert (refused.exit_code, "announced for later" in refused.stderr) == (1, True)


def test_a_leaked_key_is_taken_out_when_somebody_says_so(started: Path) -> None:
    added, (first, _) = told(started, "add"), told(started, "list")
    asked = run(started, "retire", first["kid"], said="n\n")
    assert "can no longer be checked" in asked.stderr
    assert told(started, "list")[0]["state"] == "in use"
    assert told(started, "retire", first["kid"], "--yes")["in_use"] == added["kid"]
    assert {each["state"] for each in told(started, "list")} == {"in use", "withdrawn"}


def test_the_only_key_stays(started: Path) -> None:
    (first,) = told(started, "list")
    assert run(started, "retire", first["kid"], "--yes").exit_code == 1
    assert run(started, "retire", "nobody's", "--yes").exit_code == 1
    unasked = run(started, "retire", "nobody's")
    assert (unasked.exit_code, "can no longer be checked" in unasked.stderr) == (1, False)
