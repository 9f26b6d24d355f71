"""A scheduler that somebody else started."""

import json
from pathlib import Path

from tests.waiting import until


def address_in(file: Path) -> str:
    """Where it listens, from the file that it writes once it does."""
    return str(json.loads(until(lambda: file.read_text() if file.exists() else ""))["address"])
