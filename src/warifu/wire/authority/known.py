"""The generations that were ever at work here, and what becomes of one whose key leaked.

A leak ends everything under the key at once (公的個人認証法 第14条, 第33条, 第16条の12, 第35条の12): the generation is
marked, and issues no more from that moment; then its certificates are revoked, some in each transaction. A program that
dies in between goes on where it was when it is told again.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select, update

from warifu.ca import Authority, Entry, leak_changes
from warifu.errors import NotAllowed, NotFound
from warifu.pki import CertificateKind
from warifu.wire.authority import certificates
from warifu.wire.authority.recording import Recording, recording
from warifu.wire.authority.tables import generations, moment, seconds
from warifu.wire.database import reading

__all__ = ["check_issues", "compromise", "compromised", "keep"]

_BATCH = 200


def keep(record: Recording, authority: Authority, now: datetime) -> None:
    """Keep a generation's certificate when it is at work for the first time."""
    key = {"kind": authority.kind.value, "key_id": authority.generation}
    if record.connection.execute(select(generations).filter_by(**key)).one_or_none() is None:
        values = {"certificate": authority.issuer.certificate_der, "known_since": seconds(now)}
        record.connection.execute(insert(generations).values(**key, **values))
        record.note("generation", now, (generations, key))


def compromised(connection: Connection) -> Mapping[bytes, datetime]:
    """The generations whose keys leaked, by key identifier, and since when that is known."""
    rows = connection.execute(select(generations).where(generations.c.compromised_at.is_not(None)))
    return {bytes(row.key_id): moment(row.compromised_at) for row in rows}


def check_issues(connection: Connection, authority: Authority) -> None:
    """Make sure that a generation may issue.

    Raises:
        NotAllowed: its key leaked.
    """
    if authority.generation in compromised(connection):
        raise NotAllowed("the key of this generation leaked; it issues no more")


def compromise(
    engine: Engine,
    kind: CertificateKind,
    generation: bytes,
    now: datetime,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """Record that a generation's key leaked, and revoke everything under it; how many certificates lost their effect.

    Raises:
        NotFound: no such generation was ever at work here.
    """
    with recording(engine) as record:
        _mark(record, kind, generation, now)
    ended, last = 0, 0
    with reading(engine) as connection:
        count = certificates.count(connection, kind, generation)
    seen = 0
    while entries := _some(engine, kind, generation, last):
        last = entries[-1].serial_number
        with recording(engine) as record:
            ended += sum(_end(record, entry, now) for entry in entries if entry.is_live(now))
        seen += len(entries)
        progress(seen, max(seen, count))
    return ended


def _mark(record: Recording, kind: CertificateKind, generation: bytes, now: datetime) -> None:
    key = {"kind": kind.value, "key_id": generation}
    row = record.connection.execute(select(generations).filter_by(**key)).one_or_none()
    if row is None:
        raise NotFound("no such generation was ever at work here")
    if row.compromised_at is None:
        record.connection.execute(update(generations).filter_by(**key).values(compromised_at=seconds(now)))
        record.note("key_leaked", now, (generations, key))


def _some(engine: Engine, kind: CertificateKind, generation: bytes, after: int) -> list[Entry]:
    with reading(engine) as connection:
        return certificates.after(connection, kind, generation, after, _BATCH)


def _end(record: Recording, entry: Entry, now: datetime) -> int:
    """End what its holder has under this key, and the phone's that stands on it; how many ended."""
    current = certificates.find(record.connection, entry.kind, entry.serial_number)
    if current is None or not current.is_live(now):
        return 0
    live = certificates.live_of(record.connection, certificates.find_holder(record.connection, current), now)
    ended = leak_changes(current.kind, current.generation, live, now)
    return len(certificates.record_changes(record, ended, now))
