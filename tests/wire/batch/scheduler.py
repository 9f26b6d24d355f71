"""A scheduler that somebody else started."""

import json
from contextlib import suppress
from pathlib import Path

from tests.waiting import until


def address_in(file: Path) -> str:
    """Where it listens, from the file that it writes once it does: not in one step, so it may be read half written."""
    return until(lambda: _read(file))


def _read(file: Path) -> str:
    with suppress(FileNotFoundError, ValueError):
        return str(json.loads(file.read_text())["address"])
    return ""
