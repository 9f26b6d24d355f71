"""A program that kills itself with SIGKILL, and what it told before."""

import json
import signal
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def live_until_death(worker: str, directory: Path, when: str, number: int) -> dict[str, str]:
    """Run the module `worker` of the tests until it dies `when` ("before" or "after") its commit `number`."""
    command = [sys.executable, "-m", worker, str(directory), when, str(number)]
    ended = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL
    told: dict[str, str] = {}
    for line in ended.stdout.splitlines():
        told |= json.loads(line)
    return told
