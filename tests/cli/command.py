"""A command of the command line, typed in a data directory."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from warifu.cli.root import root

__all__ = ["Command"]


@dataclass(frozen=True)
class Command:
    """What all that is typed begins with."""

    words: tuple[str, ...]

    def run(self, folder: Path, *words: str, said: str | None = None) -> Result:
        """Type it; `said` is what is answered when it asks."""
        arguments = ["--lang", "en", "--data-directory", str(folder), *self.words, *words]
        return CliRunner().invoke(root, arguments, input=said, env={"WARIFU_CONFIG": ""})

    def told(self, folder: Path, *words: str) -> Any:
        """What a program is told that types it."""
        result = self.run(folder, *words, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)
