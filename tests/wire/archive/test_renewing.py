"""Renewing: another timestamp over what ends soon, and a file replaced only by a better one."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.pki.world import NOW
from tests.tsa import world as tsa
from tests.verifier.document_scene import made
from tests.wire.archive.world import SOON, begun, desk, entry, evidence, filled, short_lived
from tests.wire.verifier.world import StandingClock
from warifu.tsa import TimestampAuthority
from warifu.wire.archive import Renewal, Renewed, Reports
from warifu.wire.archive.renewing import renew_entry
from warifu.wire.archive.verifying import verify_entry
from warifu.wire.clock import SystemEntropy
from warifu.wire.long_term import Sources
from warifu.wire.serving import reserve, serve_in_thread
from warifu.wire.timestamps import application

QUARTER = timedelta(days=90)


@contextlib.contextmanager
def stamping(authority: TimestampAuthority) -> Iterator[Renewal]:
    """Renewal with this unit, listening."""
    at = reserve()
    with serve_in_thread([(at, application(authority, StandingClock(), SystemEntropy()))]):
        yield Renewal(f"{at.origin}/tsa", Sources(), QUARTER)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """A document with evidence whose timestamp's certificate ends soon."""
    [path] = filled(tmp_path / "archive", 1).iterdir()
    path.with_name(f"{path.name}.evidence.zip").write_bytes(evidence(tmp_path))
    return path


def renewed(folder: Path, document: Path, renewal: Renewal) -> Renewed:
    with desk(folder, begun(folder)) as here:
        verify_entry(here, entry(document))
        return renew_entry(here, entry(document), renewal)


def test_evidence_that_ends_soon_gets_another_timestamp(tmp_path: Path, document: Path) -> None:
    bundle = document.with_name(f"{document.name}.evidence.zip")
    old, mode = bundle.read_bytes(), bundle.stat().st_mode
    with stamping(tsa.authority()) as renewal:
        became = renewed(tmp_path, document, renewal)
        assert (became.lasts_until, became.error) == ((NOW + 9 * tsa.YEAR).replace(microsecond=0), "")
        assert bundle.read_bytes() != old
        assert bundle.stat().st_mode == mode
        known = Reports(tmp_path / "reports").find(document.name)
        assert known is not None
        assert known["lasts_until"] == (NOW + 9 * tsa.YEAR).replace(microsecond=0).isoformat()
        assert renewed(tmp_path, document, renewal) == Renewed(document.name), "it lasts now"


def test_a_timestamp_that_lasts_no_longer_replaces_nothing(tmp_path: Path, document: Path) -> None:
    bundle = document.with_name(f"{document.name}.evidence.zip")
    old = bundle.read_bytes()
    with stamping(short_lived()) as renewal:
        became = renewed(tmp_path, document, renewal)
    assert (became.lasts_until, became.error) == (None, "unavailable")
    assert "does not last longer" in became.description
    assert bundle.read_bytes() == old
    assert SOON > NOW


def test_what_is_not_good_is_not_renewed(tmp_path: Path, document: Path) -> None:
    """A timestamp over evidence about another document would prove something that is not so."""
    document.write_bytes(made(content=b"another deed").encode())
    bundle = document.with_name(f"{document.name}.evidence.zip")
    old = bundle.read_bytes()
    with stamping(tsa.authority()) as renewal:
        became = renewed(tmp_path, document, renewal)
    assert became.error == "tampered"
    assert bundle.read_bytes() == old


def test_a_service_that_does_not_answer_leaves_everything_as_it_was(tmp_path: Path, document: Path) -> None:
    old = document.with_name(f"{document.name}.evidence.zip").read_bytes()
    became = renewed(tmp_path, document, Renewal("http://127.0.0.1:9/tsa", Sources(), QUARTER))
    assert became.error == "unavailable"
    assert document.with_name(f"{document.name}.evidence.zip").read_bytes() == old


def test_what_lasts_is_left_alone(tmp_path: Path, document: Path) -> None:
    document.with_name(f"{document.name}.evidence.zip").unlink()
    nowhere = Renewal("http://127.0.0.1:9/tsa", Sources(), timedelta())
    assert renewed(tmp_path, document, nowhere) == Renewed(document.name)
