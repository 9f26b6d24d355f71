"""The desks of a town: what is served there, who gets in, and a town of the time before there were any."""

import json
import shutil
from pathlib import Path

import httpx2

from tests.journeys.running_town import founded
from warifu.town.parties import serving
from warifu.town.places import MUNICIPALITIES
from warifu.town.town import Town
from warifu.wire.serving import serve_in_thread


def _at(origin: str, path: str, **options: str) -> httpx2.Response:
    """Ask a server of this machine under the host name of its origin, whatever the system knows of such names."""
    port = origin.rpartition(":")[2]
    return httpx2.get(f"http://127.0.0.1:{port}{path}", headers={"host": origin.removeprefix("http://"), **options})


def test_every_link_leads_in_at_a_desk_of_its_own(tmp_path: Path) -> None:
    with founded(tmp_path / "town") as (town, reserved), serving(town, reserved) as served:
        links = served.sign_in
        assert set(links.windows) == set(MUNICIPALITIES)
        assert len({links.operator, links.hotline, *links.windows.values()}) == len(MUNICIPALITIES) + 2
        with serve_in_thread(served.sites):
            for link in (links.operator, links.hotline, *links.windows.values()):
                origin, _, path = link.partition("/sign-in")
                assert _at(origin, "/").headers["location"] == "/sign-in"
                assert _at(origin, f"/sign-in{path}").status_code == 200
                key = {"key": path.removeprefix("?key=")}
                entered = _enter(origin, key)
                assert (entered.status_code, entered.headers["location"]) == (303, "/")
                assert _enter(origin, key).status_code == 401, "a link works once"
                page = _at(origin, "/", cookie=entered.headers["set-cookie"].partition(";")[0])
                assert page.status_code == 200
            assert "key=" not in repr(links)


def _enter(origin: str, form: dict[str, str]) -> httpx2.Response:
    port = origin.rpartition(":")[2]
    headers = {"host": origin.removeprefix("http://"), "origin": origin}
    return httpx2.post(f"http://127.0.0.1:{port}/sign-in", data=form, headers=headers)


def test_the_registers_interface_is_described_and_closed_without_a_token(tmp_path: Path) -> None:
    with (
        founded(tmp_path / "town") as (town, reserved),
        serving(town, reserved) as served,
        serve_in_thread(served.sites),
    ):
        described = json.loads(_at(town.addresses.registry, "/openapi.json").text)
        assert described["info"]["title"] == "warifu register"
        assert httpx2.post(f"{town.addresses.registry}/v1/searches", json={}).status_code == 401


def test_a_town_of_the_time_before_there_was_a_register_gets_an_empty_one(tmp_path: Path) -> None:
    with founded(tmp_path / "town") as (town, reserved):
        for name in ("registry", "numbering"):
            shutil.rmtree(town.folder / name, ignore_errors=True)
        with serving(Town.open(town.ground.directory), reserved) as served:
            assert len(served.sites) == len(town.addresses.all)
        assert (town.folder / "registry" / "register.db").exists()
