"""The programs that the console hands out, as they stand: they log people in, break no rule, and swallow no fault."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.console_programs import check, copied, examine
from tests.real.node import PACKAGES, node, package
from tests.town.console_world import Developer, running

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def developer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Developer]:
    with running(tmp_path_factory.mktemp("programs") / "town") as made:
        yield made


def test_the_python_program(developer: Developer, tmp_path: Path) -> None:
    """authlib and joserfc."""
    folder = tmp_path / "app"
    party = copied(developer, "python", "login.py", folder)
    command = [sys.executable, "login.py"]
    check(developer, party, command, folder)
    examine(party, command, folder)


def test_the_typescript_program(developer: Developer, tmp_path: Path) -> None:
    """openid-client 6, run by Node as it is, and accepted by the TypeScript compiler."""
    program, folder = node(), tmp_path / "app"
    party = copied(developer, "typescript", "login.ts", folder, "RS256")
    (folder / "node_modules").symlink_to(PACKAGES)
    (folder / "package.json").write_text('{"type": "module"}')
    flags = ["--noEmit", "--strict", "--target", "es2023", "--module", "nodenext", "--types", "node", "--skipLibCheck"]
    compiler = [program, str(package("typescript", "bin/tsc")), *flags, "login.ts"]
    compiled = subprocess.run(compiler, cwd=folder, capture_output=True, text=True, check=False)
    assert compiled.returncode == 0, compiled.stdout
    command = [program, "login.ts"]
    check(developer, party, command, folder)
    examine(party, command, folder)
