"""The import contracts are in force: what a party must not see in life, its room cannot import."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    command = [
        str(Path(sys.executable).with_name("lint-imports")),
        "--no-cache",
        "--config",
        str(tree / "pyproject.toml"),
    ]
    return subprocess.run(command, cwd=tree / "src", capture_output=True, text=True, timeout=PATIENCE, check=False)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    ignored = shutil.ignore_patterns("__pycache__", "*.bin", "static", "templates")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=ignored)
    return tmp_path


def test_the_tree_keeps_its_contracts(tree: Path) -> None:
    found = lint(tree)
    assert found.returncode == 0, found.stdout + found.stderr
    assert str(tree) not in found.stderr


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [
        ("card", "warifu.reader"),
        ("reader", "warifu.card"),
        ("chip", "warifu.person"),
        ("idp", "warifu.cardmap"),
        ("verifier", "warifu.iso7816"),
        ("services", "warifu.verifier"),
        ("services", "warifu.pki"),
        ("card", "warifu.pki"),
        ("ca", "sqlalchemy"),
        ("ca", "pkcs11"),
        ("verifier", "socket"),
        ("reader", "smartcard"),
        ("messages", "joserfc"),
        ("registry", "warifu.pki"),
        ("registry/numbering", "warifu.registry.record"),
        ("person", "warifu.messages"),
        ("ledger", "warifu.person"),
        ("ledger", "sqlite3"),
        ("wire", "warifu.town"),
        ("town", "warifu.cli"),
        ("town", "starlette"),
        ("cli", "httpx2"),
        ("testing", "sqlalchemy"),
        ("wire", "click"),
        ("town", "rich"),
    ],
)
def test_a_forbidden_import_fails(tree: Path, room: str, forbidden: str) -> None:
    (tree / "src" / "warifu" / room / "planted.py").write_text(f"import {forbidden}\n")
    found = lint(tree)
    assert found.returncode == 1, found.stdout
    assert "BROKEN" in found.stdout


def test_an_unlisted_room_fails(tree: Path) -> None:
    room = tree / "src" / "warifu" / "annex"
    room.mkdir()
    (room / "__init__.py").write_text('"""A room nobody decided on."""\n')
    found = lint(tree)
    assert found.returncode == 1, found.stdout
    assert "annex" in found.stdout
