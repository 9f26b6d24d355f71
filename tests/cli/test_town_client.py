"""`warifu town client`: what a registration may ask for."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.journeys.running_town import standing_town
from warifu.cli.root import root


def test_strong_logins_and_the_address_for_logouts_stay_until_said_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = standing_town(tmp_path / "town")
    monkeypatch.chdir(tmp_path)

    def registered(*words: str) -> tuple[bool, str | None]:
        jwks = () if not (tmp_path / "shop.jwks").exists() else ("--jwks", "shop.jwks")
        arguments = ["--lang", "en", "town", "client", "shop", "--redirect-uri", "http://localhost:3000/cb", *jwks]
        directory = ["--directory", str(tmp_path / "town")]
        result = CliRunner().invoke(root, [*arguments, *words, *directory], env={"WARIFU_CONFIG": ""})
        assert result.exit_code == 0, result.stderr
        kept = json.loads((town.ground.clients / "shop.json").read_bytes())
        (tmp_path / "shop.jwks").write_text(json.dumps(kept["jwks"]))
        return kept.get("phishing_resistant", False), kept.get("backchannel_logout_uri")

    told = "http://localhost:3000/logout"
    assert registered() == (False, None)
    assert registered("--phishing-resistant", "--backchannel-logout-uri", told) == (True, told)
    assert registered() == (True, told)
    assert registered("--no-phishing-resistant") == (False, told)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    standing_town(tmp_path / "town")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def registering(folder: Path, name: str, *words: str) -> Result:
    arguments = ["--lang", "en", "town", "client", name, "--redirect-uri", "http://localhost:3000/cb", *words]
    return CliRunner().invoke(root, [*arguments, "--directory", str(folder / "town")], env={"WARIFU_CONFIG": ""})


def test_settings_of_another_client_are_not_written_over(folder: Path) -> None:
    """What was filled in by hand, for production too, stands in them."""
    assert registering(folder, "first").exit_code == 0
    kept = (folder / "login.json").read_bytes()
    refused = registering(folder, "second")
    assert (refused.exit_code, (folder / "login.json").read_bytes()) == (1, kept)
    assert "login.json is there already" in refused.stderr
    assert not (folder / "second.key.pem").exists()
    assert not (folder / "town" / "clients" / "second.json").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("-----BEGIN", "the JWK Set is not JSON"),
        ('{"client_id": "RP00000100"}', "a JWK Set has a member keys with at least one key"),
        ('{"keys": [{"kty": "EC", "d": "AAAA"}]}', "a client's JWK Set has a private key in it"),
    ],
)
def test_what_is_no_set_of_public_keys_is_told_as_such(folder: Path, text: str, told: str) -> None:
    (folder / "mine.jwks").write_text(text)
    refused = registering(folder, "mine", "--jwks", "mine.jwks")
    assert (refused.exit_code, refused.stderr.strip()) == (4, told)
