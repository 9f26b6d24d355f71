"""Workers and commands killed in the middle: nothing is lost, and nothing that was done is done again."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pki import world
from tests.pki.world import SIGNING
from tests.waiting import PATIENCE, until
from tests.wire.archive.world import begun, filled, opening
from tests.wire.verifier.world import GOOD
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
            desks = set(tmp_path.glob("open-*"))
            os.kill(int(desks.pop().name.removeprefix("open-")), signal.SIGKILL)
            # Another one takes its place; it may be so late that there is nothing left to do.
            until(lambda: len(set(tmp_path.glob("open-*"))) > len(desks) + 1)

    with crew(opening(tmp_path, run), workers=2) as workers:
        verify_all(workers, list_archive(archive), kill_one)
    after = kept(tmp_path / "reports")
    assert killed
    assert len(after) == 40
    assert {name: after[name] for name in killed} == killed
    assert {each["indication"] for each in Reports(tmp_path / "reports").all()} == {"TOTAL-PASSED"}


def test_a_command_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    """One document is a pipe that nobody writes into: whoever reads it waits until the command is killed."""
    folder, reports = filled(tmp_path / "archive", 60), tmp_path / "reports"
    archive, slow = tmp_path / "list", folder / "deed-030.p7m"
    archive.write_text("".join(f"{path.relative_to(tmp_path)}\n" for path in folder.iterdir()), "utf-8")
    slow.unlink()
    os.mkfifo(slow)
    (tmp_path / "ca.crt").write_bytes(world.authority(SIGNING).certificate_der)
    words = ["--lang", "en", "--data-directory", str(tmp_path / "data"), "archive", "verify", str(archive)]
    words += ["--into", str(reports), "--trust", str(tmp_path / "ca.crt"), "--json"]
    command = [sys.executable, "-c", _COMMAND, *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until(lambda: kept(reports))
        process.kill()
    before = kept(reports)
    assert 0 < len(before) < 60, "killed in the middle"
    slow.unlink()
    slow.write_bytes(GOOD)
    again = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert again.returncode == 3, again.stderr
    assert "going on with what was begun" in again.stderr
    after = kept(reports)
    assert len(after) == 60
    assert {name: after[name] for name in before} == before
    assert '"documents": 60' in again.stdout
