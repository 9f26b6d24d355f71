"""``warifu client settings`` and ``move``: nothing is changed unless nothing else would have to change."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.services.world import CLIENT_KEY, ISSUER
from warifu.cli.root import root
from warifu.services import OFFICIAL, ClientSettings, environment_at

HERE = environment_at(ISSUER, client_id="RP00000100", redirect_uri="http://localhost:3000/callback")
SETTINGS = ClientSettings("warifu", "openid name", "shop.key.pem", {"warifu": HERE, **OFFICIAL})
THERE = ("--client-id", "RP00000007", "--redirect-uri", "https://shop.example/cb", "--private-key", "real.key.pem")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(root, ["--lang", "en", "client", *arguments], prog_name="warifu")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Settings with both keys beside them, and a program that has no address in it."""
    for name in ("shop.key.pem", "real.key.pem"):
        (tmp_path / name).write_bytes(CLIENT_KEY.private_pem())
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "login.py").write_text('open("login.json")\n')
    (tmp_path / "login.json").write_bytes(SETTINGS.encode())
    return tmp_path / "login.json"


def test_every_environment_is_shown(file: Path) -> None:
    shown = run("settings", str(file))
    assert shown.exit_code == 0
    assert "warifu (in use)" in shown.stdout
    assert "https://sb-auth-and-sign.go.jp/api/realms/main" in shown.stdout
    told = json.loads(run("settings", str(file), "--environment", "production", "--json").stdout)
    assert told["environments"]["production"]["token_endpoint"] == OFFICIAL["production"].token_endpoint
    one = run("settings", str(file), "--environment", "test").stdout
    assert f"jwks_uri: {OFFICIAL['test'].jwks_uri}" in one


def test_it_moves_and_comes_back(file: Path) -> None:
    moved = run("move", str(file), "test", *THERE, "--source", str(file.parent / "src"))
    assert moved.exit_code == 0, moved.output
    read = ClientSettings.decode(file.read_bytes())
    assert (read.environment, read.current.client_id) == ("test", "RP00000007")
    assert run("move", str(file), "warifu").exit_code == 0
    assert ClientSettings.decode(file.read_bytes()).current == HERE


def test_what_is_ill_leaves_the_file_as_it_was(file: Path) -> None:
    refused = run("move", str(file), "production", "--json")
    assert refused.exit_code == 1
    found = {one["name"]: one["health"] for one in json.loads(refused.stdout)}
    assert (found["client_id"], found["redirect_uri"]) == ("ill", "ill")
    told = run("move", str(file), "production").stdout
    assert "client_id: give the client id of that environment with --client-id" in told
    assert file.read_bytes() == SETTINGS.encode()


def test_checking_alone_writes_nothing(file: Path) -> None:
    assert run("move", str(file), "test", *THERE, "--check").exit_code == 0
    assert file.read_bytes() == SETTINGS.encode()


def test_an_address_in_the_program_is_found(file: Path) -> None:
    """Nothing but the settings may know where the provider is."""
    (file.parent / "src" / "old.py").write_text(f"token = '{HERE.token_endpoint}'\n")
    (file.parent / "src" / "node_modules").mkdir()
    (file.parent / "src" / "node_modules" / "x.js").write_text(ISSUER)
    refused = run("move", str(file), "test", *THERE, "--source", str(file.parent / "src"))
    assert refused.exit_code == 1
    assert "old.py" in refused.stderr
    assert "x.js" not in refused.stderr


def test_a_key_that_is_not_there_is_told(file: Path) -> None:
    refused = run("move", str(file), "test", *THERE[:4], "--private-key", "missing.pem")
    assert refused.exit_code == 1
    assert "missing.pem is not there" in refused.stdout
