"""How municipalities were written before: certificates keep the name of a revocation list that was theirs at issue.

A certificate names its list by the municipality's Latin spelling (`AuthorityName.distribution_point`), and whoever
checks it looks for that name. So when a municipality is written anew, lists under the former spelling go on as long as
a certificate that names it has not expired. Which those are is told by serial numbers: a certificate's is taken in the
transaction that keeps the spelling, so all that name the former one lie below the counter at the change.

Modelled: what J-LIS does in this case is unknown.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, insert, select, update

from warifu.ca import Authority
from warifu.person import Municipality
from warifu.pki import CertificateKind
from warifu.wire.authority.recording import Recording, RowKey
from warifu.wire.authority.tables import (
    RESERVED,
    certificates,
    former_spellings,
    municipality_of,
    revocation_lists,
    seconds,
    serial_counters,
)

__all__ = ["all_changes", "changed_at", "keep_former", "still_named"]


def keep_former(record: Recording, before: Municipality, now: datetime) -> list[RowKey]:
    """Keep how a municipality was written until now, of both kinds; the rows written."""
    return [_keep(record.connection, kind, before, now) for kind in CertificateKind]


def still_named(
    connection: Connection, authority: Authority, current: Municipality, now: datetime
) -> list[tuple[int, Municipality]]:
    """The former spellings, with their numbers, that unexpired certificates of this generation name."""
    its = certificates.c
    named = exists().where(
        its.kind == authority.kind.value,
        its.generation == authority.generation,
        its.municipality == current.code,
        its.serial_number < former_spellings.c.before,
        its.not_after >= seconds(now),
        its.state != RESERVED,
    )
    query = _of(authority.kind, current.code).where(named).order_by(former_spellings.c.number)
    found = [(row.number, municipality_of(row)) for row in connection.execute(query)]
    return [each for each in found if _latin(each[1]) != _latin(current)]


def changed_at(connection: Connection, kind: CertificateKind, code: str) -> int:
    """Since when a municipality is written as it is, seconds since 1970; lists made before have another name."""
    here = and_(former_spellings.c.kind == kind.value, former_spellings.c.code == code)
    found: int | None = connection.scalar(select(func.max(former_spellings.c.until)).where(here))
    return found or 0


def all_changes(connection: Connection) -> dict[tuple[CertificateKind, str], int]:
    """`changed_at` of every municipality that was written otherwise before, by kind and code."""
    its = former_spellings.c
    query = select(its.kind, its.code, func.max(its.until)).group_by(its.kind, its.code)
    return {(CertificateKind(kind), code): until for kind, code, until in connection.execute(query)}


def _keep(connection: Connection, kind: CertificateKind, before: Municipality, now: datetime) -> RowKey:
    number = _number(connection, kind, before)
    key = {"kind": kind.value, "code": before.code, "number": number}
    next_serial = connection.scalar(select(serial_counters.c.next).filter_by(kind=kind.value)) or 0
    values = {"before": next_serial, "until": _later_than_its_lists(connection, kind, before.code, now)}
    if connection.execute(update(former_spellings).filter_by(**key).values(**values)).rowcount == 0:
        written = {
            "prefecture": before.prefecture,
            "name": before.name,
            "prefecture_romaji": before.prefecture_romaji,
            "name_romaji": before.name_romaji,
        }
        connection.execute(insert(former_spellings).values(**key, **written, **values))
    return former_spellings, key


def _number(connection: Connection, kind: CertificateKind, spelled: Municipality) -> int:
    """The number that a spelling has, or the next: a municipality may be written as it was once before."""
    rows = connection.execute(_of(kind, spelled.code))
    known: dict[tuple[str, str], int] = {_latin(municipality_of(row)): row.number for row in rows}
    return known.get(_latin(spelled), len(known) + 1)


def _later_than_its_lists(connection: Connection, kind: CertificateKind, code: str, now: datetime) -> int:
    """Now, but after every list there is, though one was made in this second or the clock was set back."""
    here: ColumnElement[bool] = and_(revocation_lists.c.kind == kind.value, revocation_lists.c.municipality == code)
    newest: int | None = connection.scalar(select(func.max(revocation_lists.c.this_update)).where(here))
    return max(seconds(now), (newest or 0) + 1)


def _of(kind: CertificateKind, code: str) -> Select[Any]:
    return select(former_spellings).where(former_spellings.c.kind == kind.value, former_spellings.c.code == code)


def _latin(municipality: Municipality) -> tuple[str, str]:
    return municipality.prefecture_romaji, municipality.name_romaji
