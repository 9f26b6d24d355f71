"""``warifu ca produce`` and ``warifu ca snapshot``, over authorities that two persons founded."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_authority import copy, founded, result, run
from tests.waiting import PATIENCE
from tests.wire.batch.scheduler import address_in
from warifu.pki import CertificateKind, OcspAnswer, Standing
from warifu.wire.snapshot import Snapshot

__all__ = ["copy", "founded"]  # the fixtures of the commands beside these

KINDS = len(CertificateKind)


def test_two_processes_make_lists_and_answers(copy: Path) -> None:
    """Three certificates through one municipality; its list and the authority's own, of both kinds."""
    made = result(copy, "ca", "produce", "--workers", "2", "--into", str(copy / "web"))
    assert made == {"lists": 2 * KINDS, "answers": 3}
    files = [path for path in (copy / "web").rglob("*") if path.is_file()]
    assert len(files) == 3
    statuses = [OcspAnswer.decode(path.read_bytes()).status for path in files]
    assert statuses.count(Standing.GOOD) == 2
    assert result(copy, "ca", "audit")["findings"] == []


def test_only_what_is_asked_for_is_made(copy: Path) -> None:
    assert result(copy, "ca", "produce", "--workers", "1", "--no-answers") == {"lists": 2 * KINDS, "answers": 0}


def test_the_same_command_works_behind_a_scheduler(copy: Path) -> None:
    """Scheduler and worker are processes of somebody else; the worker reads the passphrases from its own files."""
    file = copy / "scheduler.json"
    common = ["--host", "127.0.0.1", "--scheduler-file", str(file), "--no-dashboard"]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", module, *more, *common], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for module, more in (
            ("distributed.cli.dask_scheduler", ["--port", "0", "--no-jupyter"]),
            ("distributed.cli.dask_worker", ["--nthreads", "1"]),
        )
    ]
    try:
        made = result(copy, "ca", "produce", "--scheduler", address_in(file))
        assert made == {"lists": 2 * KINDS, "answers": 3}
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(PATIENCE)


def test_passphrases_are_sent_to_no_other_machine(copy: Path) -> None:
    (copy / "warifu.toml").write_text('[authority]\norganization = "EXAMPLE-TEST"\n')
    typed = "correct horse battery\nstaple of the other one\n"
    ran = run(copy, "ca", "produce", "--scheduler", "tls://192.0.2.1:8786", typed=typed)
    assert (ran.exit_code, "passphrases are not sent to other machines" in ran.output) == (1, True)
    assert "passphrase_files" in ran.output


@pytest.mark.parametrize("kind", list(CertificateKind))
def test_a_snapshot_needs_no_key(copy: Path, kind: CertificateKind) -> None:
    (copy / "warifu.toml").write_text("")
    issued, revoked = {"signing": (1, 1), "authentication": (2, 0)}[kind.value]
    path = copy / "status"
    told = result(copy, "ca", "snapshot", kind.value, str(path))
    assert told == {"path": str(path), "count": issued, "revoked": revoked}
    with Snapshot.open(path) as snapshot:
        snapshot.check()
