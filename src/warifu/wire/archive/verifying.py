"""Verifying an archive: pieces of a few documents each, that any process with the files and the trust can do.

Whoever verifies a document writes what came out at once, and begins with none that has been done in this run. A
document over which processes die is left alone after the second time, and told of.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warifu.documents import read_signatures
from warifu.errors import Malformed, Refused, Unavailable
from warifu.ports import Clock
from warifu.verifier import DocumentReport, Indication, report_to_json
from warifu.verifier.evidence import Bundle
from warifu.wire.answers import error_name
from warifu.wire.archive.keeping import Reports
from warifu.wire.archive.lasting import bundle_lasts_until, lasts_until
from warifu.wire.archive.listing import Entry
from warifu.wire.clock import SystemClock
from warifu.wire.verification import Office, Premises, open_office

if TYPE_CHECKING:
    from warifu.wire.batch import Crew  # loads Dask

__all__ = ["Desk", "Progress", "Seen", "open_desk", "pieces_of", "read_entry", "verify_all", "verify_entry"]

Progress = Callable[[int, int], None]
"""Told how many documents are done, and how many there are."""

_LARGEST = 256 * 1024 * 1024
_PIECE = 32
_TRIES = 2


@dataclass(frozen=True, slots=True)
class Desk:
    """What a worker works with."""

    office: Office
    reports: Reports
    run: str
    clock: Clock


@contextmanager
def open_desk(premises: Premises, reports: Path, run: str, clock: Clock | None = None) -> Iterator[Desk]:
    """A worker's desk, by the system's clock unless told otherwise."""
    told = clock or SystemClock()
    with open_office(premises, told) as office:
        yield Desk(office, Reports(reports), run, told)


@dataclass(frozen=True, slots=True)
class Seen:
    """What an entry's files hold."""

    document: bytes
    content: bytes | None
    evidence: bytes | None


def pieces_of(entries: Sequence[Entry], workers: int) -> list[tuple[Entry, ...]]:
    """The entries cut into pieces: small enough that all have something to do until the end."""
    size = max(1, min(_PIECE, len(entries) // (workers * 4)))
    return [tuple(entries[begin : begin + size]) for begin in range(0, len(entries), size)]


def verify_all(
    crew: "Crew[Desk]", entries: Sequence[Entry], progress: Progress = lambda _done, _all: None, *, workers: int = 2
) -> None:
    """Verify every entry that has not been in this run.

    Raises:
        Unavailable: the workers are gone, or what they write cannot be kept.
    """
    done = 0
    for piece, _verified in crew.work(_verify_piece, pieces_of(entries, workers)):
        done += len(piece)
        progress(done, len(entries))


def _verify_piece(desk: Desk, piece: tuple[Entry, ...]) -> int:
    """How many were verified now."""
    return sum(verify_entry(desk, entry) for entry in piece)


def verify_entry(desk: Desk, entry: Entry, *, anew: bool = False) -> bool:
    """Verify one entry and keep what came out; whether it was done now. `anew` also when this run has done it."""
    before = desk.reports.find(entry.name)
    if before is not None and before["run"] == desk.run:
        if not anew:
            return False
        before = before["before"]
    if desk.reports.try_again(entry.name, desk.run) >= _TRIES:
        told: dict[str, Any] = {"error": "given_up", "description": "whoever verified this died over it"}
    else:
        told = _judge(desk, entry)
    told |= {"run": desk.run, "verified_at": desk.clock.now().isoformat(), "before": _gist(before)}
    desk.reports.keep(entry.name, told)
    return True


def _gist(known: dict[str, Any] | None) -> dict[str, Any] | None:
    """What a later run compares with."""
    names = ("indication", "sub_indication", "error", "sha256", "verified_at")
    return None if known is None else {name: known.get(name) for name in names}


def _judge(desk: Desk, entry: Entry) -> dict[str, Any]:
    try:
        seen = read_entry(entry)
        digest = hashlib.sha256(seen.document).hexdigest()
    except (Malformed, Unavailable) as error:
        return {"error": error_name(error), "description": str(error)}
    try:
        return {"sha256": digest, **_told(desk, seen)}
    except (Refused, Malformed) as error:
        return {"sha256": digest, "error": error_name(error), "description": str(error)}


def read_entry(entry: Entry) -> Seen:
    """The files of an entry.

    Raises:
        Malformed: one is too large.
        Unavailable: one cannot be read.
    """
    return Seen(*(None if path is None else _read(path) for path in (entry.document, entry.content, entry.evidence)))  # type: ignore[arg-type]  # there is a document


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise Unavailable("a file of the archive cannot be read", detail=str(error)) from error
    if len(data) > _LARGEST:
        raise Malformed(f"a file of the archive is larger than {_LARGEST} bytes")
    return data


def _told(desk: Desk, seen: Seen) -> dict[str, Any]:
    """What came out: with evidence, what the evidence shows."""
    if seen.evidence is not None:
        shown = desk.office.check_evidence(seen.evidence, seen.document, seen.content)
        assert shown.report is not None
        return _summed(shown.report, bundle_lasts_until(Bundle.decode(seen.evidence)), by_evidence=True)
    found = read_signatures(seen.document, detached=seen.content)
    return _summed(desk.office.judge(seen.document, found), lasts_until(found), by_evidence=False)


def _summed(report: DocumentReport, ends: datetime | None, *, by_evidence: bool) -> dict[str, Any]:
    subs = [each.sub_indication for each in report.signatures if each.indication is report.indication]
    sub = next((each for each in subs if each is not None), None)
    passed = report.indication is Indication.TOTAL_PASSED
    return {
        "indication": report.indication.value,
        "sub_indication": None if passed or sub is None else sub.value,
        "lasts_until": None if ends is None else ends.isoformat(),
        "by_evidence": by_evidence,
        "report": _impersonal(report_to_json(report)),
    }


def _impersonal(told: dict[str, Any]) -> dict[str, Any]:
    """Who signed stands in the document; a second copy of names and addresses would be one too many."""
    for signature in told["signatures"]:
        signature["signer"] = signature["pairwise_id"] = None
    return told
