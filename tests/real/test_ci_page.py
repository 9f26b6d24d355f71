"""The lines of docs/ci.md, and those of docs/signing_api.md, run as they stand by a shell, from start to end."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.real.conftest import cannot
from tests.town.ports import free_ports
from tests.waiting import PATIENCE

pytestmark = pytest.mark.real

DOCS = Path(__file__).parents[2] / "docs"
PAGE, SIGNING = ((DOCS / name).read_text("utf-8") for name in ("ci.md", "signing_api.md"))


def blocks(language: str, page: str = PAGE) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def steps() -> list[str]:
    """The commands of the workflow that are ours to run."""
    found = re.findall(r"^ +(?:- )?run: (.+)$", blocks("yaml")[0], re.MULTILINE)
    return [line for line in found if not line.startswith("pip ")]


@pytest.fixture
def place(tmp_path: Path) -> dict[str, str]:
    """A machine of CI: `warifu` on the path, a data directory of its own, ports that are free."""
    if absent := [name for name in ("curl", "openssl", "bash") if shutil.which(name) is None]:
        cannot(f"not installed: {', '.join(absent)}")
    program = tmp_path / "bin" / "warifu"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m warifu "$@"\n')
    program.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "WARIFU_DATA_DIRECTORY": str(tmp_path / "data"),
        "WARIFU_TOWN_PORT_BASE": str(free_ports(12)),
        "LANG": "C.UTF-8",
    }


def shell(script: str, place: dict[str, str], folder: Path) -> "subprocess.CompletedProcess[str]":
    command = ["bash", "-eu", "-o", "pipefail", "-c", script]
    limit = 5 * PATIENCE
    return subprocess.run(command, cwd=folder, env=place, capture_output=True, text=True, timeout=limit, check=False)


def test_the_shell_lines_of_the_page(place: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "contract.pdf").write_bytes(b"a contract")
    *lines, end = blocks("sh")
    done = shell("\n".join([*lines, *blocks("sh", SIGNING), end]), place, tmp_path)
    shell("warifu town down", place, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    told = dict(line.split("=", 1) for line in (tmp_path / "town.env").read_text().splitlines())
    assert set(re.findall(r"WARIFU_[A-Z_]+", PAGE)) <= set(told)
    assert json.loads((tmp_path / "metadata.json").read_text())["issuer"] == told["WARIFU_ISSUER"]
    assert json.loads((tmp_path / "tokens.json").read_text())["scope"] == "openid name"
    refused = parse_qs(urlsplit((tmp_path / "refused.txt").read_text().strip()).query)
    assert refused["error_description"] == ["certificate_revoked"]
    kept = json.loads((tmp_path / "requests.json").read_text())["requests"]
    assert [each["kind"] for each in kept] == ["authorization", "token", "authorization"]
    assert "certificate_revoked" in json.loads((tmp_path / "outcomes.json").read_text())["outcomes"]
    assert (tmp_path / "my-app.key.pem").exists()
    assert json.loads((tmp_path / "signed.json").read_text())["verification"]["result"] == "ok"


def test_the_workflow(place: dict[str, str], tmp_path: Path) -> None:
    """As GitHub's runner does: each step a shell of its own, what was written to GITHUB_ENV known to the next."""
    variables = tmp_path / "github.env"
    variables.touch()
    known = {**place, "GITHUB_ENV": str(variables)}
    assert len(steps()) == 3
    for step in steps():
        done = shell(step, known, tmp_path)
        assert done.returncode == 0, done.stderr
        known |= dict(line.split("=", 1) for line in variables.read_text().splitlines())
