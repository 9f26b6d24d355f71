"""An archive of the tests, and desks for it; in a module of its own, because workers import it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from tests.pki.world import NOW
from tests.tsa import world as tsa
from tests.wire.verifier.world import GOOD, StandingClock, premises
from warifu.pki import KeySigner
from warifu.pki.timestamps import TimestampUnit, build_timestamp_unit
from warifu.tsa import TimestampAuthority
from warifu.verifier.evidence import begin_record, record_imprint
from warifu.wire.archive import Desk, Entry, Reports, open_desk
from warifu.wire.clock import SystemEntropy
from warifu.wire.verification import open_office

SOON = NOW + timedelta(days=30)


def filled(folder: Path, count: int) -> Path:
    """A folder with that many good documents."""
    folder.mkdir()
    for number in range(count):
        (folder / f"deed-{number:03}.p7m").write_bytes(GOOD)
    return folder


@contextmanager
def desk(folder: Path, run: str, moment: datetime = NOW) -> Iterator[Desk]:
    """A desk in this process."""
    with open_desk(premises(folder / "data"), folder / "reports", run, StandingClock(moment)) as opened:
        yield opened


@contextmanager
def _leaving_a_trace(folder: Path, run: str) -> Iterator[Desk]:
    (folder / f"open-{os.getpid()}").touch()
    with desk(folder, run) as opened:
        yield opened


def opening(folder: Path, run: str) -> Any:
    """A worker's desk; who opens one leaves its process's number in the folder."""
    return partial(_leaving_a_trace, folder, run)


def begun(folder: Path) -> str:
    return Reports(folder / "reports").begin(NOW, SystemEntropy()).id


def short_lived() -> TimestampAuthority:
    """A timestamp unit whose certificate ends soon."""
    key = tsa.signer("RS256", 122)
    made = build_timestamp_unit(tsa.root(), key, serial_number=3, not_before=NOW - tsa.YEAR, not_after=SOON)
    return TimestampAuthority(TimestampUnit(made, key), tsa.TERMS)


def evidence(folder: Path, document: bytes = GOOD) -> bytes:
    """Evidence about a document, with a timestamp whose certificate ends soon."""
    from asn1crypto import tsp

    from warifu.pki.timestamps import TimestampRequest

    with open_office(premises(folder / "data"), StandingClock()) as office:
        bundle = office.make_evidence(document, None, KeySigner.generate("ES384"))
    asked = TimestampRequest("sha512", record_imprint(bundle), nonce=7).encode()
    answer = tsp.TimeStampResp.load(short_lived().answer(asked, NOW, 7))
    return begin_record(bundle, answer["time_stamp_token"].dump()).encode()


def entry(path: Path) -> Entry:
    beside = path.with_name(f"{path.name}.evidence.zip")
    return Entry(path.name, path, None, beside if beside.exists() else None)
