"""The tests that docs/conformance.md names exist, and so does what the suite is to be told."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import PATIENCE
from warifu.idp import PROFILES, Provider
from warifu.wire.client_files import read_clients

ROOT = Path(__file__).parents[2]
NAMED = re.findall(r"`(tests/[a-z_/]+\.py)::(test_[a-z0-9_]+)`", (ROOT / "docs/conformance.md").read_text("utf-8"))


def functions(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_test_of_the_checklist_exists() -> None:
    assert len(NAMED) > 50
    known = {file: functions(file) for file, _ in NAMED}
    assert [f"{file}::{name}" for file, name in NAMED if name not in known[file]] == []


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_the_suites_configuration_names_what_the_provider_has(tmp_path: Path, profile: str) -> None:
    """Two clients with private keys for the suite, registered with the public ones; addresses as the metadata say."""
    provider = Provider("https://op.example", PROFILES[profile])
    script, suite = ROOT / "scripts/conformance-config", "https://suite.example:8443"
    told = [profile, provider.issuer, str(tmp_path / "clients"), suite, str(tmp_path / "suite.json")]
    subprocess.run([sys.executable, str(script), *told], check=True, timeout=PATIENCE)
    written = json.loads((tmp_path / "suite.json").read_text("utf-8"))
    assert written["server"]["discoveryUrl"] == provider.issuer + provider.profile.discovery
    assert written["resource"]["resourceUrl"] == provider.userinfo_endpoint
    clients = {each.id: each for each in read_clients(tmp_path / "clients")}
    for each in (written["client"], written["client2"]):
        [private], [public] = each["jwks"]["keys"], clients[each["client_id"]].jwks["keys"]
        assert public == {name: value for name, value in private.items() if name != "d"}
        assert clients[each["client_id"]].redirect_uris[0] == f"{suite}/test/a/{written['alias']}/callback"
    assert (tmp_path / "suite.json").stat().st_mode & 0o077 == 0
