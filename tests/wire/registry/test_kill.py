"""Register and authorities as two programs over HTTP, killed (kill -9) while they work; everything is there, once."""

import sys
from pathlib import Path

import pytest

from tests.wire.registry.killing import kill_again_and_again


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
def test_what_one_told_the_other_survives_their_deaths(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path, kills=2, seed=1)
