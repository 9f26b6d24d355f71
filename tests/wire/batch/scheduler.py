"""A scheduler that somebody else started."""

import json
import time
from pathlib import Path


def address_in(file: Path) -> str:
    """Where it listens, from the file that it writes once it does."""
    for _ in range(600):
        if file.exists() and (text := file.read_text()):
            return str(json.loads(text)["address"])
        time.sleep(0.1)
    raise AssertionError("the scheduler did not begin")
