"""`warifu provider sweep`: what an operator types and sees."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from warifu.cli.root import root


def run(folder: Path, *words: str) -> Result:
    arguments = ["--lang", "en", "--data-directory", str(folder), *words]
    anchors = {"WARIFU_PROVIDER_ANCHORS": str(folder / "authority")}
    return CliRunner().invoke(root, arguments, env={"WARIFU_CONFIG": "", **anchors})


def test_with_nobody_logged_in_nobody_is_asked_about(tmp_path: Path) -> None:
    assert run(tmp_path, "provider", "sweep").exit_code == 3
    assert run(tmp_path, "serve", "ca", "--found").exit_code == 0
    result = run(tmp_path, "provider", "sweep", "--json")
    assert json.loads(result.stdout) == {"asked": 0, "ended": 0}
    assert "0 certificates were looked at" in run(tmp_path, "provider", "sweep").stderr
