"""Running card commands on the cards of a town."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from tests.house import leaks
from warifu.cli.root import root
from warifu.town.town import Town


def run(town: Town, *arguments: str, stdin: str | None = None, lang: str = "en") -> Result:
    """Run ``warifu`` with the town's data directory."""
    data = str(town.ground.directory.parent)
    options = ["--lang", lang, "--data-directory", data]
    return CliRunner().invoke(root, [*options, *arguments], env={"WARIFU_CONFIG": ""}, input=stdin)


def result_of(ended: Result) -> dict[str, Any]:
    """What ``--json`` printed."""
    assert ended.exit_code == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def pin_file(folder: Path, text: str) -> str:
    """A file with a PIN."""
    path = folder / f"{len(list(folder.iterdir()))}.pin"
    path.write_text(text + "\n", "utf-8")
    leaks.NEEDLES.add_pin(text)
    return str(path)
