"""Documents verified again: nothing twice in a run, and what changed since the last is told."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.pki.world import NOW
from tests.verifier.document_scene import made
from tests.wire.archive.world import SOON, begun, desk, entry, evidence, filled
from warifu.errors import InUse, Malformed
from warifu.wire.archive import Reports, sum_up
from warifu.wire.archive.verifying import pieces_of, verify_entry


def verified(folder: Path, *paths: Path) -> dict[str, Any]:
    """A whole run over these, summed up; whoever is asked does it in this process."""
    reports = Reports(folder / "reports")
    run = begun(folder)
    with desk(folder, run) as here:
        for path in paths:
            verify_entry(here, entry(path))
    told = sum_up(reports.all(), run, NOW, timedelta(days=90)).told()
    reports.finish(reports.begin(NOW, _NoChance()), NOW, told)
    return told


class _NoChance:
    def bytes(self, n: int) -> bytes:
        raise AssertionError(f"a run that goes on needs no new name of {n} bytes")


def test_what_passes_is_counted_and_kept(tmp_path: Path) -> None:
    archive = filled(tmp_path / "archive", 3)
    (archive / "notes.txt").write_text("no document", "utf-8")
    told = verified(tmp_path, *sorted(archive.iterdir()), archive / "gone.pdf")
    assert told["counts"] == {"TOTAL-PASSED": 3, "unreadable": 2}
    assert (told["documents"], told["worse"], told["gone"]) == (5, [], [])
    known = Reports(tmp_path / "reports").find("gone.pdf")
    assert known is not None
    assert known["error"] == "unavailable"


def test_what_is_kept_does_not_say_who_signed(tmp_path: Path) -> None:
    verified(tmp_path, *filled(tmp_path / "archive", 1).iterdir())
    kept = b"".join(path.read_bytes() for path in (tmp_path / "reports").rglob("*.json"))
    assert b"TOTAL-PASSED" in kept
    assert "割符".encode() not in kept
    assert json.dumps("割符")[1:-1].encode() not in kept


def test_what_was_done_is_not_done_again_in_the_same_run(tmp_path: Path) -> None:
    [path] = filled(tmp_path / "archive", 1).iterdir()
    run = begun(tmp_path)
    with desk(tmp_path, run) as here:
        assert verify_entry(here, entry(path))
        path.write_bytes(b"another")
        assert not verify_entry(here, entry(path))
    assert begun(tmp_path) == run, "a run that did not come to its end goes on"


def test_the_next_run_tells_what_is_worse_altered_and_gone(tmp_path: Path) -> None:
    archive = filled(tmp_path / "archive", 4)
    verified(tmp_path, *archive.iterdir())
    (archive / "deed-000.p7m").write_bytes(made(content=b"another deed").encode())
    (archive / "deed-001.p7m").write_bytes(b"damaged")
    (archive / "deed-002.p7m").unlink()
    told = verified(tmp_path, archive / "deed-000.p7m", archive / "deed-001.p7m", archive / "deed-003.p7m")
    assert told["counts"] == {"TOTAL-FAILED": 1, "TOTAL-PASSED": 1, "unreadable": 1}
    assert [(each["name"], each["now"], each["why"]) for each in told["worse"]] == [
        ("deed-000.p7m", "TOTAL-FAILED", "HASH_FAILURE"),
        ("deed-001.p7m", "unreadable", "malformed"),
    ]
    assert told["altered"] == ["deed-000.p7m", "deed-001.p7m"]
    assert told["gone"] == ["deed-002.p7m"]


def test_a_document_without_timestamps_lasts_as_long_as_its_signers_certificate(tmp_path: Path) -> None:
    [path] = filled(tmp_path / "archive", 1).iterdir()
    verified(tmp_path, path)
    known = Reports(tmp_path / "reports").find(path.name)
    assert known is not None
    run = Reports(tmp_path / "reports").latest()
    ahead = sum_up([known], run, NOW, timedelta(days=6 * 365)).renew
    assert [each["name"] for each in ahead] == [path.name]


def test_evidence_beside_a_document_is_what_counts(tmp_path: Path) -> None:
    [path] = filled(tmp_path / "archive", 1).iterdir()
    path.with_name(f"{path.name}.evidence.zip").write_bytes(evidence(tmp_path))
    told = verified(tmp_path, path)
    assert told["counts"] == {"TOTAL-PASSED": 1}
    assert told["renew"] == [{"name": path.name, "lasts_until": SOON.replace(microsecond=0).isoformat()}]
    path.write_bytes(made(content=b"another deed").encode())
    assert verified(tmp_path, path)["worse"][0]["why"] == "tampered"


def test_a_document_over_which_workers_died_twice_is_left_alone(tmp_path: Path) -> None:
    """One that always dies would otherwise end every run."""
    [path] = filled(tmp_path / "archive", 1).iterdir()
    run, reports = begun(tmp_path), Reports(tmp_path / "reports")
    assert [reports.try_again(path.name, run) for _ in range(2)] == [0, 1]
    with desk(tmp_path, run) as here:
        verify_entry(here, entry(path))
    known = reports.find(path.name)
    assert known is not None
    assert known["error"] == "given_up"
    reports.finish(reports.begin(NOW, _NoChance()), NOW, {})
    assert verified(tmp_path, path)["counts"] == {"TOTAL-PASSED": 1}, "the next run tries again"


def test_two_commands_do_not_work_on_the_same_reports(tmp_path: Path) -> None:
    reports = Reports(tmp_path / "reports")
    with reports.alone(), pytest.raises(InUse), Reports(tmp_path / "reports").alone():
        pass


def test_what_is_kept_and_damaged_is_told_of(tmp_path: Path) -> None:
    reports = Reports(tmp_path)
    (tmp_path / "run.json").write_text("{", "utf-8")
    with pytest.raises(Malformed):
        reports.latest()


def test_every_entry_is_in_one_piece(tmp_path: Path) -> None:
    entries = [entry(tmp_path / str(number)) for number in range(100)]
    for workers in (1, 2, 50, 256):
        pieces = pieces_of(entries, workers)
        assert [each for piece in pieces for each in piece] == entries
