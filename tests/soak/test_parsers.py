"""Whatever is read from strangers: no crash, no hang, and no more memory than a few hundred megabytes."""

import os
import resource
import subprocess
import sys

import pytest

from tests.soak import CAMPAIGN
from tests.soak.parsers import PARSERS

pytestmark = CAMPAIGN

SECONDS = int(os.environ.get("WARIFU_SOAK_SECONDS", "400"))
"""For each parser: an hour for all nine."""
MEMORY = 1 << 30
"""Bytes of address space, most of which is the interpreter's and its libraries'."""


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


@pytest.mark.parametrize("name", PARSERS)
def test_damaged_input_is_read_or_refused(name: str) -> None:
    seed = int.from_bytes(os.urandom(4))
    command = [sys.executable, "-m", "tests.soak.parsers", name, str(SECONDS), str(seed)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=SECONDS + 120, preexec_fn=_limit_memory
    )
    assert done.returncode == 0, (seed, done.stdout[-2000:], done.stderr[-2000:])
    assert int(done.stdout) > SECONDS
