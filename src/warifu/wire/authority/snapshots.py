"""Taking a status snapshot of the authorities' record."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, case, func, select

from warifu.errors import NotFound
from warifu.pki import CertificateKind
from warifu.wire.authority.tables import RESERVED, certificates
from warifu.wire.database import reading
from warifu.wire.snapshot import DAY, END_OF_DAY, ODD, Heading, StatusRow, write_snapshot

__all__ = ["take_snapshot"]

_FETCHED = 20_000

Progress = Callable[[int, int], None]
"""Called with how many certificates are done, and how many there are."""


def take_snapshot(
    engine: Engine, kind: CertificateKind, path: Path, now: datetime, progress: Progress = lambda _done, _all: None
) -> Heading:
    """Write what the record says about every certificate of a kind, all as of one moment, and return its heading.

    Raises:
        NotFound: no certificate of the kind was ever issued.
        Unavailable: the record does not answer, or the file cannot be written.
    """
    with reading(engine) as connection:
        heading, issued = _heading(connection, kind, now)
        write_snapshot(path, heading, _rows(connection, heading, lambda done: progress(done, issued)))
    return heading


def _heading(connection: Connection, kind: CertificateKind, now: datetime) -> tuple[Heading, int]:
    here = (certificates.c.kind == kind.value) & (certificates.c.state != RESERVED)
    serial_number, not_after = certificates.c.serial_number, certificates.c.not_after
    odd = (not_after % DAY != END_OF_DAY) | (not_after >= ODD * DAY) | (not_after < 0)
    counts = (
        func.min(serial_number),
        func.max(serial_number),
        func.count(),
        func.count(certificates.c.revoked_at),
        func.sum(case((odd, 1), else_=0)),
    )
    first, last, issued, revoked, irregular = connection.execute(select(*counts).where(here)).one()
    if first is None:
        raise NotFound("no certificate of this kind was ever issued")
    generations = connection.scalars(select(certificates.c.generation).where(here).distinct()).all()
    return Heading(kind, now, tuple(sorted(generations)), first, last - first + 1, revoked, int(irregular)), issued


def _rows(connection: Connection, heading: Heading, progress: Callable[[int], None]) -> Iterator[StatusRow]:
    columns = ("serial_number", "generation", "not_after", "revoked_at", "reason")
    query = (
        select(*(certificates.c[name] for name in columns))
        .where(certificates.c.kind == heading.kind.value, certificates.c.state != RESERVED)
        .order_by(certificates.c.serial_number)
    )
    places = {generation: place for place, generation in enumerate(heading.generations)}
    done = 0
    result = connection.execution_options(stream_results=True).execute(query)
    for rows in result.partitions(_FETCHED):
        for serial_number, generation, not_after, revoked_at, reason in rows:
            if revoked_at is None:
                yield StatusRow(serial_number, places[generation], not_after)
            else:
                yield StatusRow(serial_number, places[generation], not_after, revoked_at, reason)
        done += len(rows)
        progress(done)
