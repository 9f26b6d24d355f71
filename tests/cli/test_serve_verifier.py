"""``warifu serve verifier`` and ``warifu callers``: a verifier as its operator starts it, and asks it."""

import hashlib
import json
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner, Result

from tests.cli.test_serve import _served, posix
from tests.pki import world
from tests.pki.world import SIGNING
from tests.town.ports import free_ports
from tests.waiting import PATIENCE
from tests.wire.verifier.world import GOOD
from warifu.cli.root import root


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(root, ["--lang", "en", "--data-directory", str(folder / "data"), *words])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Somebody is trusted."""
    certificate = world.authority(SIGNING).certificate_der
    (tmp_path / "ca.crt").write_bytes(certificate)
    words = ("trust", "import", str(tmp_path / "ca.crt"), "--fingerprint", hashlib.sha256(certificate).hexdigest())
    imported = run(tmp_path, *words)
    assert imported.exit_code == 0, imported.output
    return tmp_path


@posix
def test_a_caller_is_answered_and_a_withdrawn_one_is_not(folder: Path) -> None:
    made = json.loads(run(folder, "callers", "add", "bank", "--days", "30", "--json").stdout)
    assert made["scopes"] == ["documents"]
    headers = {"authorization": f"Bearer {made['token']}", "accept-language": "en"}
    with _served(folder, "verifier", "--port", str(free_ports(1)), "--workers", "1") as origin:
        answer = httpx2.post(f"{origin}/documents", content=GOOD, headers=headers, timeout=PATIENCE, trust_env=False)
        assert answer.status_code == 200
        # Nobody says whether the certificate is in effect.
        assert answer.json()["signatures"][0]["sub_indication"] == "TRY_LATER"
        assert run(folder, "callers", "withdraw", "bank").exit_code == 0
        after = httpx2.post(f"{origin}/documents", content=GOOD, headers=headers, timeout=PATIENCE, trust_env=False)
        assert after.status_code == 401


def test_callers_are_listed_without_their_tokens(folder: Path) -> None:
    token = run(folder, "callers", "add", "bank", "--scope", "evidence", "--scope", "documents").stdout.strip()
    told = run(folder, "callers", "list", "--json").stdout
    assert [(each["name"], each["scopes"]) for each in json.loads(told)] == [("bank", ["documents", "evidence"])]
    assert token not in told
    assert "bank" in run(folder, "callers", "list").stdout
    assert run(folder, "callers", "add", "bank").exit_code == 1
    assert run(folder, "callers", "withdraw", "shop").exit_code == 1


def test_a_verifier_that_trusts_nobody_does_not_begin(tmp_path: Path) -> None:
    told = run(tmp_path, "serve", "verifier", "--port", str(free_ports(1)))
    assert (told.exit_code, "warifu trust import" in told.stderr) == (1, True)
