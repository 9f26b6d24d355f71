"""Rows of whose certificates are whose, of subjects and of sectors; each function works in its caller's transaction.

``certificate_holder`` only grows: one row for each keyed hash that leads to a person, by which generation of the key,
since when and how that is known; a generation that was let go stands in ``retired_generation``, so that no process that
still has its key fills it anew. ``subject`` has the subjects in force, ``former_subject`` those that were reset.
``recognition`` is what a login found out about its certificate, until the person allows it or its time is over.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Integer,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
)

from warifu.errors import Unavailable
from warifu.idp import How, Link, Recognition, SectorChange, Trace
from warifu.wire.database import hold
from warifu.wire.provider.tables import certificate_holders, metadata, seconds, subjects

__all__ = [
    "add_links",
    "add_sector_change",
    "add_subject",
    "check_in_force",
    "count_known_only_until",
    "count_links",
    "end_subject",
    "find_recognition",
    "find_subject",
    "forget_recognitions",
    "hold_certificates",
    "hold_person",
    "keep_recognition",
    "person_of_subject",
    "persons_of",
    "retire_generation",
    "subjects_of",
    "take_recognition",
]

former_subjects = Table(
    "former_subject",
    metadata,
    Column("subject", String(36), primary_key=True),
    Column("person", String(36)),
    Column("sector", String(255)),
    Column("ended_at", BigInteger),
)

retired_generations = Table(
    "retired_generation",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
)

recognitions = Table(
    "recognition",
    metadata,
    Column("transaction_id", String(64), primary_key=True),
    Column("seen", JSON),
    Column("expires_at", BigInteger),
)

sector_changes = Table(
    "sector_change",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("client_id", String(255)),
    Column("before", String(255)),
    Column("after", String(255)),
    Column("at", BigInteger),
)

_HOLDERS = select(certificate_holders.c.certificate_hash, certificate_holders.c.person).where(
    certificate_holders.c.certificate_hash.in_(bindparam("hashes", expanding=True))
)
_SEEN = select(recognitions.c.seen).where(recognitions.c.transaction_id == bindparam("here"))
_ADD_SEEN, _FORGET_SEEN = (
    insert(recognitions),
    delete(recognitions).where(recognitions.c.transaction_id == bindparam("here")),
)
_SUBJECT = select(subjects.c.subject).where(
    subjects.c.person == bindparam("person"), subjects.c.sector == bindparam("sector")
)
_RETIRED = select(retired_generations.c.number)
_WHOSE = select(subjects.c.person).where(subjects.c.subject == bindparam("here"))
_WHOSE_BEFORE = select(former_subjects.c.person).where(former_subjects.c.subject == bindparam("here"))

# --- certificates -----------------------------------------------------------------------------------------------------


def hold_certificates(connection: Connection) -> None:
    """Whose a certificate is that nobody knows yet is decided by one transaction after another."""
    hold(connection, certificate_holders.name)


def hold_person(connection: Connection, person: str) -> None:
    """A person gets subjects and says what they agree to in one transaction after another."""
    hold(connection, f"person {person}")


def persons_of(connection: Connection, hashes: Iterable[bytes]) -> dict[bytes, str]:
    """The persons to whom these keyed hashes lead, as far as they do."""
    rows = connection.execute(_HOLDERS, {"hashes": list(hashes)})
    return {bytes(row.certificate_hash): row.person for row in rows}


def add_links(connection: Connection, person: str, links: Iterable[Link], now: datetime) -> None:
    """Let these hashes lead to a person; one of a generation that was let go leads nowhere."""
    gone = _retired(connection)
    for link in (link for link in links if link.trace.generation not in gone):
        values = {"certificate_hash": link.trace.hash, "generation": link.trace.generation, "how": link.how.value}
        connection.execute(insert(certificate_holders).values(**values, person=person, since=seconds(now)))


def count_links(connection: Connection) -> dict[int, int]:
    """How many hashes there are by generation of the key."""
    generation = certificate_holders.c.generation
    rows = connection.execute(select(generation, func.count()).group_by(generation).order_by(generation))
    return {row[0]: row[1] for row in rows}


def count_known_only_until(connection: Connection, generation: int) -> int:
    """How many people are known by hashes of this generation and of no newer one."""
    its, newer = certificate_holders.c, certificate_holders.alias()
    by_newer = select(newer.c.person).where(newer.c.generation > generation)
    here = (its.generation == generation, its.person.not_in(by_newer))
    return connection.scalar(select(func.count(its.person.distinct())).where(*here)) or 0


def check_in_force(connection: Connection, newest: int) -> None:
    """Check that a process knows a generation that was not let go: what it wrote would lead nowhere.

    Raises:
        Unavailable: the newest one that it knows was.
    """
    if newest in _retired(connection):
        raise Unavailable("the keys of certificates that this process knows were retired: it has to be started again")


def retire_generation(connection: Connection, generation: int) -> int:
    """Forget the hashes of a generation, for good; how many there were."""
    if generation not in _retired(connection):
        connection.execute(insert(retired_generations).values(number=generation))
    return connection.execute(
        delete(certificate_holders).where(certificate_holders.c.generation == generation)
    ).rowcount


def _retired(connection: Connection) -> set[int]:
    return set(connection.scalars(_RETIRED))


# --- what a login found out -------------------------------------------------------------------------------------------


def keep_recognition(connection: Connection, transaction: str, seen: Recognition, expires_at: datetime) -> None:
    """Keep it until the person allows the login."""
    values = {"seen": _members_of(seen), "expires_at": seconds(expires_at)}
    connection.execute(_FORGET_SEEN, {"here": transaction})
    connection.execute(_ADD_SEEN, {"transaction_id": transaction, **values})


def find_recognition(connection: Connection, transaction: str) -> Recognition | None:
    """What was kept."""
    members = connection.scalar(_SEEN, {"here": transaction})
    return None if members is None else _recognition_of(members)


def take_recognition(connection: Connection, transaction: str) -> Recognition | None:
    """What was kept, which is thereby gone."""
    found = find_recognition(connection, transaction)
    connection.execute(_FORGET_SEEN, {"here": transaction})
    return found


def forget_recognitions(connection: Connection, now: datetime) -> None:
    """Delete what belongs to logins whose time is over."""
    connection.execute(delete(recognitions).where(recognitions.c.expires_at <= seconds(now)))


def _members_of(seen: Recognition) -> dict[str, Any]:
    related = [[how.value, _pairs(its)] for how, its in seen.related]
    return {"own": _pairs(seen.own), "related": related, "asked": seen.asked}


def _pairs(its: Sequence[Trace]) -> list[list[Any]]:
    return [[trace.hash.hex(), trace.generation] for trace in its]


def _recognition_of(members: dict[str, Any]) -> Recognition:
    related = tuple((How(how), _traces(pairs)) for how, pairs in members["related"])
    return Recognition(_traces(members["own"]), related, members["asked"])


def _traces(pairs: list[list[Any]]) -> tuple[Trace, ...]:
    return tuple(Trace(bytes.fromhex(digits), generation) for digits, generation in pairs)


# --- subjects and sectors ---------------------------------------------------------------------------------------------


def find_subject(connection: Connection, person: str, sector: str) -> str | None:
    """The subject of a person in a sector."""
    return connection.scalar(_SUBJECT, {"person": person, "sector": sector})


def add_subject(connection: Connection, person: str, sector: str, subject: str) -> None:
    """Let a person have this subject in a sector."""
    connection.execute(insert(subjects).values(person=person, sector=sector, subject=subject))


def end_subject(connection: Connection, person: str, sector: str, now: datetime) -> str | None:
    """Let a subject be nobody's; it is never given out again. None where there was none."""
    subject = find_subject(connection, person, sector)
    if subject is None:
        return None
    connection.execute(delete(subjects).where(subjects.c.person == person, subjects.c.sector == sector))
    values = {"subject": subject, "person": person, "sector": sector, "ended_at": seconds(now)}
    connection.execute(insert(former_subjects).values(**values))
    return subject


def subjects_of(connection: Connection, person: str) -> dict[str, str]:
    """A person's subjects in force, by sector."""
    rows = connection.execute(select(subjects.c.sector, subjects.c.subject).where(subjects.c.person == person))
    return {row.sector: row.subject for row in rows}


def person_of_subject(connection: Connection, subject: str) -> str | None:
    """Whose subject this is, or was until it was reset."""
    found: str | None = connection.scalar(_WHOSE, {"here": subject})
    return connection.scalar(_WHOSE_BEFORE, {"here": subject}) if found is None else found


def add_sector_change(connection: Connection, change: SectorChange) -> None:
    """Write down that a client left its sector."""
    values = {"client_id": change.client_id, "before": change.before, "after": change.after, "at": seconds(change.at)}
    connection.execute(insert(sector_changes).values(**values))
