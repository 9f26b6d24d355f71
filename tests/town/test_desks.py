"""The desks of a town: what is served there, who gets in, and a town of the time before there were any."""

import json
import shutil
from pathlib import Path

import httpx2
import pytest

from tests.journeys.running_town import founded
from tests.waiting import until
from warifu.errors import Unavailable
from warifu.town.parties import serving
from warifu.town.places import MUNICIPALITIES
from warifu.town.sign_in import ask_for_links
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
            assert served.nobody_registered
        assert (town.folder / "registry" / "register.db").exists()


def test_a_town_that_runs_gives_new_links_to_whoever_reads_its_folder(tmp_path: Path) -> None:
    with founded(tmp_path / "town") as (town, reserved):
        with pytest.raises(Unavailable):
            ask_for_links(town)
        with serving(town, reserved) as served, serve_in_thread(served.sites):
            assert not served.nobody_registered
            links = ask_for_links(town)
            assert set(links.windows) == set(MUNICIPALITIES)
            assert links != served.sign_in
            origin, _, query = links.hotline.partition("/sign-in")
            assert _enter(origin, {"key": query.removeprefix("?key=")}).status_code == 303
            assert _ask_with(town, "Bearer " + "0" * 64).status_code == 401
            assert _ask_with(town, "").status_code == 401
            assert next(town.folder.glob("sign_in.key")).stat().st_mode & 0o077 == 0
        assert not list(town.folder.glob("sign_in.key"))


def _ask_with(town: Town, authorization: str) -> httpx2.Response:
    at = town.addresses.town
    headers = {"host": at.removeprefix("http://"), "origin": at, "authorization": authorization}
    return httpx2.post(f"http://127.0.0.1:{at.rpartition(':')[2]}/sign-in-links", headers=headers)


def test_the_authorities_lists_are_fresh_and_the_register_keeps_their_heads(tmp_path: Path) -> None:
    """RFC 9162 §4.9: what another party keeps cannot be taken back."""
    with founded(tmp_path / "town") as (town, reserved):
        with serving(town, reserved) as served, serve_in_thread(served.sites):
            page = _operators_page(served.sign_in.operator)
            assert "同じ根を預かっています" in page
            assert "期限を過ぎた失効リスト" not in page
        kept = (town.folder / "registry" / "authority_heads").read_text("ascii").splitlines()
        assert [line.partition(" ")[0] for line in kept[:2]] == ["log", "head"]
        with serving(Town.open(town.ground.directory), reserved):
            pass
        again = (town.folder / "registry" / "authority_heads").read_text("ascii").splitlines()
        assert again[: len(kept)] == kept


def _operators_page(link: str) -> str:
    origin, _, query = link.partition("/sign-in")
    entered = _enter(origin, {"key": query.removeprefix("?key=")})
    cookie = entered.headers["set-cookie"].partition(";")[0]

    def shown() -> str:
        page = _at(origin, "/", cookie=cookie, **{"accept-language": "ja"}).text
        return page if "同じ根を預かっています" in page else ""

    return until(shown)
