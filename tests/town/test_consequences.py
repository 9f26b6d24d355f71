"""What a clerk does in a running town ends certificates, and whoever logs in with the card gets to feel it."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from click.testing import Result

from tests.journeys.running_town import command, served_town
from tests.town.clerks import clerk_token, live, person_of, post, write
from tests.waiting import until
from warifu.ca import State
from warifu.pki import JST, CertificateKind
from warifu.town.town import Town

_BOTH = {CertificateKind.AUTHENTICATION, CertificateKind.SIGNING}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served_town(tmp_path_factory.mktemp("data") / "town") as town:
        yield town


def _log_in(town: Town, name: str) -> Result:
    return command(town, "login", "--persona", name, "--follow", "--json")


def test_who_moves_keeps_the_login_and_loses_the_signing_certificate(town: Town) -> None:
    """公的個人認証法 第12条第1項第1号: a change of the four attributes ends the signing certificate only."""
    person, today = person_of(town, "ordinary"), datetime.now(JST).date()
    assert {each.kind for each in live(town, "ordinary")} == _BOTH
    address = f"{person.municipality.prefecture}{person.municipality.name}割符町９－９－９"
    body = {"movers": {person.id: "head"}, "address": address, "moved": today.isoformat()}
    write(town, "ordinary", "/moves-within", body)
    until(lambda: {each.kind for each in live(town, "ordinary")} == {CertificateKind.AUTHENTICATION})
    result = _log_in(town, "ordinary")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["error"] is None


def test_a_death_ends_both_certificates_and_the_login(town: Town) -> None:
    """公的個人認証法 第12条第1項第2号, 第31条第1項第1号."""
    person, today = person_of(town, "gaiji"), datetime.now(JST).date()
    assert {each.kind for each in live(town, "gaiji")} == _BOTH
    write(town, "gaiji", f"/people/{person.id}/death", {"on": (today - timedelta(days=1)).isoformat()})
    until(lambda: live(town, "gaiji") == [])
    result = _log_in(town, "gaiji")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error_description"] == "certificate_revoked"


def test_a_call_to_the_hotline_suspends_both_certificates_and_the_login(town: Town) -> None:
    """番号法 第17条第9項."""
    told = person_of(town, "foreign").attributes
    claims = {"name": told.name.text, "birth_date": told.birth_date.digits, "address": told.address.text}
    token = clerk_token(town, "hotline-1", "--office", "hotline")
    call = post(town, token, "/calls", claims)["call"]
    post(town, token, f"/calls/{call}/suspension", {"media": ["card"]})
    until(lambda: {each.state for each in live(town, "foreign")} == {State.HELD})
    result = _log_in(town, "foreign")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error_description"] == "certificate_suspended"
