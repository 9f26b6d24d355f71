"""Workers and commands killed in the middle: nothing is lost, and nothing that was done is done again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.pki import world
from tests.pki.world import SIGNING
from tests.wire.archive.world import begun, filled, opening
from warifu.wire.archive import Reports, list_archive, verify_all
from warifu.wire.batch import crew

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the signals are POSIX")

_COMMAND = "from warifu.cli import main; main()"


def kept(reports: Path) -> dict[str, bytes]:
    """Every result, as it stands."""
    return {path.name: path.read_bytes() for path in reports.glob("??/*.json")}


def test_two_workers_verify_everything_though_one_is_killed(tmp_path: Path) -> None:
    archive = filled(tmp_path / "archive", 40)
    run, killed = begun(tmp_path), dict[str, bytes]()

    def kill_one(_done: int, _all: int) -> None:
        if not killed:
            killed.update(kept(tmp_path / "reports"))
            worker = next(int(path.name.removeprefix("open-")) for path in tmp_path.glob("open-*"))
            os.kill(worker, signal.SIGKILL)

    with crew(opening(tmp_path, run), workers=2) as workers:
        verify_all(workers, list_archive(archive), kill_one)
    after = kept(tmp_path / "reports")
    assert killed
    assert len(after) == 40
    assert {name: after[name] for name in killed} == killed
    assert {each["indication"] for each in Reports(tmp_path / "reports").all()} == {"TOTAL-PASSED"}
    assert len(list(tmp_path.glob("open-*"))) >= 3, "another took the place of the one that was killed"


def test_a_command_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    archive, reports = filled(tmp_path / "archive", 200), tmp_path / "reports"
    (tmp_path / "ca.crt").write_bytes(world.authority(SIGNING).certificate_der)
    words = ["--lang", "en", "--data-directory", str(tmp_path / "data"), "archive", "verify", str(archive)]
    words += ["--into", str(reports), "--trust", str(tmp_path / "ca.crt"), "--json"]
    command = [sys.executable, "-c", _COMMAND, *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while not kept(reports) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.kill()
    before = kept(reports)
    assert 0 < len(before) < 200, "killed in the middle"
    again = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert again.returncode == 3, again.stderr
    assert "going on with what was begun" in again.stderr
    after = kept(reports)
    assert len(after) == 200
    assert {name: after[name] for name in before} == before
    assert '"documents": 200' in again.stdout
