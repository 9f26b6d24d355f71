"""The ``openssl`` program in a folder."""

import subprocess
from pathlib import Path


def openssl(folder: Path, *arguments: str) -> tuple[int, str]:
    """Its exit status, and everything that it said."""
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr
