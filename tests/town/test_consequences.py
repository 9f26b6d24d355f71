"""What a clerk does in a running town ends certificates, and whoever logs in with the card gets to feel it."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner, Result

from tests.journeys.running_town import founded
from warifu.ca import Entry, State
from warifu.cli.root import root
from warifu.pki import JST, CertificateKind
from warifu.town.parties import serving
from warifu.town.personas import plan_of
from warifu.town.residents import Resident, resident
from warifu.town.town import Town
from warifu.wire.serving import serve_in_thread

_PATIENCE = 30.0
_BOTH = {CertificateKind.AUTHENTICATION, CertificateKind.SIGNING}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with (
        founded(tmp_path_factory.mktemp("data") / "town") as (town, reserved),
        serving(town, reserved) as served,
        serve_in_thread(served.sites),
    ):
        yield town


def _run(data: str, *arguments: str) -> Result:
    return CliRunner().invoke(root, ["--data-directory", data, *arguments], env={"LC_ALL": "C", "WARIFU_CONFIG": ""})


def _log_in(town: Town, name: str) -> Result:
    return _run(str(town.ground.directory.parent), "login", "--persona", name, "--follow", "--json")


def _person(town: Town, name: str) -> Resident:
    return resident(plan_of(name), town.roster.seed, town.roster.founded.astimezone(JST).date())


def _write(town: Town, name: str, path: str, body: dict[str, Any]) -> None:
    """Ask the register for something over REST, as a clerk of the person's municipality."""
    token = _token(town, f"clerk-{name}", "--municipality", _person(town, name).municipality.code)
    _post(town, token, path, body)


def _token(town: Town, clerk: str, *desk: str) -> str:
    made = _run(str(town.folder), "resident", "token", "make", clerk, *desk, "--json")
    assert made.exit_code == 0, made.stderr
    return str(json.loads(made.stdout)["token"])


def _post(town: Town, token: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token}"}
    answer = httpx2.post(f"{town.addresses.registry}/v1{path}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def _live(town: Town, name: str) -> list[Entry]:
    with town.authorities() as authorities:
        return authorities.live_of(_person(town, name).id)


def _until(fits: Callable[[], bool]) -> None:
    """Letters take a moment."""
    deadline = time.monotonic() + _PATIENCE
    while not fits():
        assert time.monotonic() < deadline, "the authorities did not hear of it"
        time.sleep(0.1)


def test_who_moves_keeps_the_login_and_loses_the_signing_certificate(town: Town) -> None:
    """公的個人認証法 第12条第1項第1号: a change of the four attributes ends the signing certificate only."""
    person, today = _person(town, "ordinary"), datetime.now(JST).date()
    assert {each.kind for each in _live(town, "ordinary")} == _BOTH
    address = f"{person.municipality.prefecture}{person.municipality.name}割符町９－９－９"
    body = {"movers": {person.id: "head"}, "address": address, "moved": today.isoformat()}
    _write(town, "ordinary", "/moves-within", body)
    _until(lambda: {each.kind for each in _live(town, "ordinary")} == {CertificateKind.AUTHENTICATION})
    result = _log_in(town, "ordinary")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["error"] is None


def test_a_death_ends_both_certificates_and_the_login(town: Town) -> None:
    """公的個人認証法 第12条第1項第2号, 第31条第1項第1号."""
    person, today = _person(town, "gaiji"), datetime.now(JST).date()
    assert {each.kind for each in _live(town, "gaiji")} == _BOTH
    _write(town, "gaiji", f"/people/{person.id}/death", {"on": (today - timedelta(days=1)).isoformat()})
    _until(lambda: _live(town, "gaiji") == [])
    result = _log_in(town, "gaiji")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error_description"] == "certificate_revoked"


def test_a_call_to_the_hotline_suspends_both_certificates_and_the_login(town: Town) -> None:
    """番号法 第17条第9項."""
    told = _person(town, "foreign").attributes
    claims = {"name": told.name.text, "birth_date": told.birth_date.digits, "address": told.address.text}
    token = _token(town, "hotline-1", "--office", "hotline")
    call = _post(town, token, "/calls", claims)["call"]
    _post(town, token, f"/calls/{call}/suspension", {"media": ["card"]})
    _until(lambda: {each.state for each in _live(town, "foreign")} == {State.HELD})
    result = _log_in(town, "foreign")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error_description"] == "certificate_suspended"
