"""The tests that docs/conformance.md names exist."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.findall(r"`(tests/[a-z_/]+\.py)::(test_[a-z0-9_]+)`", (ROOT / "docs/conformance.md").read_text("utf-8"))


def functions(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_test_of_the_checklist_exists() -> None:
    assert len(NAMED) > 50
    known = {file: functions(file) for file, _ in NAMED}
    assert [f"{file}::{name}" for file, name in NAMED if name not in known[file]] == []
