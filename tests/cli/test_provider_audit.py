"""`warifu provider audit`: what an operator types and sees."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import text

from tests.cli.command import Command
from tests.idp.world import CLIENT
from tests.wire.provider_world import Stage
from tests.wire.test_provider_audit import GRANTED, code, exchange
from warifu.idp import Presented, Secret
from warifu.wire.database import open_database, writing


@pytest.fixture
def subject(tmp_path: Path) -> str:
    """A data directory with the log of one login; whose it was."""
    own = tmp_path / "provider"
    own.mkdir()
    (own / "secret").write_bytes(bytes(range(Secret.LENGTH)))
    with Stage(tmp_path, str(own / "logins.db")).service() as service:
        service.register(CLIENT)
        tokens = exchange(service, code=code(service))
        return service.userinfo(Presented(str(tokens["access_token"]), bound=False))["sub"]


run = Command(("provider", "audit")).run


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.usefixtures("subject")
def test_a_whole_log_has_a_head(tmp_path: Path) -> None:
    result = run(tmp_path, "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["entries"]) == (0, len(GRANTED) + 1)
    assert run(tmp_path, "--since", told["head"]).exit_code == 0
    other = told["head"][:-2] + ("00" if told["head"][-2:] != "00" else "11")
    assert run(tmp_path, "--since", other).exit_code == 1
    assert run(tmp_path, "--since", "6:00").exit_code == 4


def test_a_log_without_entries_has_no_head_to_keep(tmp_path: Path) -> None:
    own = tmp_path / "provider"
    own.mkdir()
    (own / "secret").write_bytes(bytes(range(Secret.LENGTH)))
    with Stage(tmp_path, str(own / "logins.db")).service():
        pass
    result = run(tmp_path)
    assert (result.exit_code, result.stderr) == (0, "the log has no entry yet\n")


def test_somebody_asks_what_became_of_theirs(tmp_path: Path, subject: str) -> None:
    """By the subject that the client knows; the log itself does not have it."""
    shown = lines(run(tmp_path, "--client", CLIENT.id, "--subject", subject, "--show"))
    assert [f"{each['act']} {each['kind']}" for each in shown] == [*GRANTED, "used access token"]
    assert subject not in json.dumps(shown)
    assert lines(run(tmp_path, "--client", CLIENT.id, "--subject", "another", "--show")) == []
    assert run(tmp_path, "--subject", subject).exit_code == 2


@pytest.mark.usefixtures("subject")
def test_an_altered_log_is_a_refusal(tmp_path: Path) -> None:
    engine = open_database(str(tmp_path / "provider" / "logins.db"), "provider")
    with writing(engine) as connection:
        connection.execute(text("update audit_entry set client_id = 'RP2' where number = 2"))
    engine.dispose()
    result = run(tmp_path)
    assert (result.exit_code, "entry 2 of the audit log does not follow" in result.stderr) == (1, True)


def test_without_the_secret_nothing_is_checked(tmp_path: Path) -> None:
    """It is never made here: a new one would call every log altered."""
    assert run(tmp_path).exit_code == 3
    assert not (tmp_path / "provider" / "secret").exists()
