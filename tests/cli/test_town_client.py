"""`warifu town client`: what a registration may ask for."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

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
