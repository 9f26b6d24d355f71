"""The ``openssl`` program in a folder."""

import subprocess
from pathlib import Path

from tests.waiting import PATIENCE


def openssl(folder: Path, *arguments: str) -> tuple[int, str]:
    """Its exit status, and everything that it said."""
    done = subprocess.run(
        ["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    return done.returncode, done.stdout + done.stderr
