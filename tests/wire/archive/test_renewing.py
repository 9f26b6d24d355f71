"""Renewing: another timestamp over what ends soon, and a file replaced only by a better one."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.pki.world import NOW
from tests.tsa import world as tsa
from tests.verifier.document_scene import made
from tests.wire.archive.world import SOON, begun, desk, entry, evidence, filled, short_lived
from tests.wire.verifier.world import StandingClock
from warifu.documents import EvidenceRecord
from warifu.tsa import TimestampAuthority
from warifu.verifier import SoundAlgorithms
from warifu.verifier.evidence import Bundle
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


# --- hash functions (RFC 4998 §5.3) -----------------------------------------------------------------------------------


def eras(bundle: Path) -> list[str]:
    """Which hash functions the record's timestamps rely on, oldest first."""
    read = Bundle.decode(bundle.read_bytes())
    assert read.record is not None
    return [step.hash_name for step in EvidenceRecord.decode(read.record).steps(read.objects)]


def weak(**until: datetime) -> SoundAlgorithms:
    return SoundAlgorithms(dict(SoundAlgorithms().until) | until)


def test_a_hash_function_that_ends_soon_is_replaced_by_one_that_lasts(tmp_path: Path, document: Path) -> None:
    """Everything is hashed anew together with all so far: the old timestamps keep their word."""
    bundle = document.with_name(f"{document.name}.evidence.zip")
    with stamping(tsa.authority()) as renewal:
        falling = replace(renewal, algorithms=weak(sha512=NOW + timedelta(days=60)))
        became = renewed(tmp_path, document, falling)
        assert (became.error, eras(bundle)) == ("", ["sha512", "sha384"])
        assert became.lasts_until == (NOW + 9 * tsa.YEAR).replace(microsecond=0)
        assert renewed(tmp_path, document, falling) == Renewed(document.name), "it lasts now"


def test_a_hash_function_that_lasts_is_kept(tmp_path: Path, document: Path) -> None:
    bundle = document.with_name(f"{document.name}.evidence.zip")
    with stamping(tsa.authority()) as renewal:
        later = replace(renewal, algorithms=weak(sha512=NOW + timedelta(days=4000)))
        assert renewed(tmp_path, document, later).error == ""
    assert eras(bundle) == ["sha512", "sha512"]


def test_another_hash_function_may_be_asked_for(tmp_path: Path, document: Path) -> None:
    """Also while the newest timestamp lasts, and only once."""
    bundle = document.with_name(f"{document.name}.evidence.zip")
    with stamping(tsa.authority()) as renewal:
        assert renewed(tmp_path, document, renewal).error == ""
        again = replace(renewal, hash_name="sha384")
        assert renewed(tmp_path, document, again).error == ""
        assert eras(bundle) == ["sha512", "sha512", "sha384"]
        assert renewed(tmp_path, document, again) == Renewed(document.name)


def test_when_every_hash_function_ends_nothing_is_replaced(tmp_path: Path, document: Path) -> None:
    soon = NOW + timedelta(days=20)
    old = document.with_name(f"{document.name}.evidence.zip").read_bytes()
    with stamping(tsa.authority()) as renewal:
        none = replace(renewal, algorithms=weak(sha256=soon, sha384=soon, sha512=soon))
        assert renewed(tmp_path, document, none).error == "unavailable"
    assert document.with_name(f"{document.name}.evidence.zip").read_bytes() == old
