"""What an operator sees of the record: certificates by state, one certificate's life, how fresh the lists are.

Nobody's name, address or number is here; serial numbers are, for who runs the authorities needs them.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from warifu.ca import Entry, State
from warifu.errors import NotFound
from warifu.pki import CertificateKind
from warifu.ports import Clock
from warifu.wire.authority import certificates as record
from warifu.wire.authority.tables import (
    RESERVED,
    certificates,
    entry_of,
    generations,
    happenings,
    moment,
    revocation_lists,
    seconds,
)
from warifu.wire.database import reading
from warifu.wire.post import Queue, queues

__all__ = ["Freshness", "Happening", "Inspection", "Wanted"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which certificates to list: of this kind, in this state now, above this serial number, at most so many."""

    kind: CertificateKind | None = None
    state: State | None = None
    after: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a certificate."""

    event: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Freshness:
    """The newest revocation list of a municipality."""

    kind: CertificateKind
    generation: bytes
    municipality: str
    number: int
    this_update: datetime


class Inspection:
    """Looks at the record, and changes nothing."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def certificates(self, wanted: Wanted) -> list[Entry]:
        """Certificates in order of kind and serial number."""
        now, ends = seconds(self._clock.now()), certificates.c.not_after
        query = record.issued().where(certificates.c.serial_number > wanted.after)
        if wanted.kind is not None:
            query = query.where(certificates.c.kind == wanted.kind.value)
        if wanted.state is State.EXPIRED:
            query = query.where(ends < now)
        elif wanted.state is not None:
            query = query.where(certificates.c.state == wanted.state.value, ends >= now)
        ordered = query.order_by(certificates.c.kind, certificates.c.serial_number).limit(wanted.limit)
        with reading(self._engine) as connection:
            return [entry_of(row) for row in connection.execute(ordered)]

    def counts(self) -> Mapping[tuple[CertificateKind, State], int]:
        """How many certificates of each kind are in each state now."""
        over = certificates.c.not_after < seconds(self._clock.now())
        columns = (certificates.c.kind, certificates.c.state, over)
        query = select(*columns, func.count()).where(certificates.c.state != RESERVED).group_by(*columns)
        found: Counter[tuple[CertificateKind, State]] = Counter()
        with reading(self._engine) as connection:
            for kind, state, expired, count in connection.execute(query):
                found[CertificateKind(kind), State.EXPIRED if expired else State(state)] += count
        return found

    def certificate(self, kind: CertificateKind, serial_number: int) -> tuple[Entry, list[Happening]]:
        """One certificate and what happened to it, in order.

        Raises:
            NotFound: none was issued under this number.
        """
        its = happenings.c
        query = select(its.event, its.at).filter_by(kind=kind.value, serial_number=serial_number).order_by(its.id)
        with reading(self._engine) as connection:
            entry = record.find(connection, kind, serial_number)
            if entry is None:
                raise NotFound("no such certificate was issued")
            return entry, [Happening(row.event, moment(row.at)) for row in connection.execute(query)]

    def lists(self) -> list[Freshness]:
        """The newest list of each kind, generation and municipality."""
        its = revocation_lists.c
        place = (its.kind, its.generation, its.municipality)
        query = select(*place, func.max(its.number), func.max(its.this_update)).group_by(*place)
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return [Freshness(CertificateKind(row[0]), bytes(row[1]), row[2], row[3], moment(row[4])) for row in rows]

    def generations(self) -> list[tuple[CertificateKind, bytes, datetime]]:
        """Every generation that was ever at work here: kind, key identifier, since when."""
        query = select(generations).order_by(generations.c.known_since, generations.c.kind)
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return [(CertificateKind(row.kind), bytes(row.key_id), moment(row.known_since)) for row in rows]

    def queues(self) -> list[Queue]:
        """The letters that wait."""
        with reading(self._engine) as connection:
            return queues(connection)
