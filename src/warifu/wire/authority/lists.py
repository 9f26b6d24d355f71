"""The record of municipalities and of their revocation lists; each function works inside its caller's transaction."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select, update

from warifu.ca import Authority
from warifu.errors import NotFound
from warifu.person import Municipality
from warifu.pki import CertificateKind
from warifu.wire.authority import spellings
from warifu.wire.authority.recording import Recording, RowKey
from warifu.wire.authority.tables import (
    authority_lists,
    former_lists,
    list_counters,
    moment,
    municipalities,
    municipality_of,
    revocation_lists,
    seconds,
)

AS_WRITTEN = 0
"""In place of the number of a former spelling: as the municipality is written now."""


def keep_municipality(record: Recording, municipality: Municipality, now: datetime) -> None:
    """Keep how a municipality is written; the newest writing counts."""
    row = record.connection.execute(_PLACE, {"of_code": municipality.code}).one_or_none()
    if row is not None and municipality_of(row) == municipality:
        return
    former: list[RowKey] = []
    if row is None:
        record.connection.execute(insert(municipalities).values(**asdict(municipality)))
    else:
        former = spellings.keep_former(record, municipality_of(row), now)
        here = municipalities.c.code == municipality.code
        record.connection.execute(update(municipalities).where(here).values(**asdict(municipality)))
    record.note("municipality", now, (municipalities, {"code": municipality.code}), *former)


def due(connection: Connection, since: datetime) -> list[tuple[CertificateKind, bytes, str]]:
    """Of which kind, generation and municipality there is a list, but none made after `since`.

    Nor since the municipality is written as it is.
    """
    its = revocation_lists.c
    place = (its.kind, its.generation, its.municipality)
    query = select(*place, func.max(its.this_update)).group_by(*place)
    found = [(CertificateKind(row[0]), bytes(row[1]), row[2], row[3]) for row in connection.execute(query)]
    changed = spellings.all_changes(connection)
    return [
        (kind, generation, code)
        for kind, generation, code, made in found
        if made <= seconds(since) or made < changed.get((kind, code), 0)
    ]


def all_municipalities(connection: Connection) -> list[str]:
    """The codes of all municipalities through which something was issued."""
    return list(connection.scalars(select(municipalities.c.code).order_by(municipalities.c.code)))


def find_municipality(connection: Connection, code: str) -> Municipality:
    """The municipality with a code.

    Raises:
        NotFound: nothing was ever issued through it.
    """
    row = connection.execute(_PLACE, {"of_code": code}).one_or_none()
    if row is None:
        raise NotFound("no certificate was issued through this municipality")
    return municipality_of(row)


def reserve_number(record: Recording, authority: Authority, municipality: str, now: datetime) -> int:
    """Take the next number of a municipality's revocation list, from 1."""
    here = _place(authority, municipality)
    counter = update(list_counters).filter_by(**here).values(next=list_counters.c.next + 1)
    following = record.connection.scalar(counter.returning(list_counters.c.next))
    if following is None:
        following = 2
        record.connection.execute(insert(list_counters).values(**here, next=following))
    record.note("list_begun", now, (list_counters, here))
    return int(following) - 1


def keep_list(
    record: Recording,
    authority: Authority,
    municipality: str,
    number: int,
    this_update: datetime,
    ders: Mapping[int, bytes],
) -> None:
    """Keep a revocation list; all are kept (公的個人認証法施行令 第7条: ten years).

    `ders` is the list by the number of the spelling under which it is made, `AS_WRITTEN` for today's.
    """
    key = {**_place(authority, municipality), "number": number}
    rows: list[RowKey] = []
    for spelling, der in ders.items():
        values = {"this_update": seconds(this_update), "der": der}
        table = revocation_lists if spelling == AS_WRITTEN else former_lists
        its = key if spelling == AS_WRITTEN else {**key, "spelling": spelling}
        record.connection.execute(insert(table).values(**its, **values))
        rows.append((table, its))
    record.note("list_made", this_update, *rows)


def keep_authority_list(
    record: Recording, authority: Authority, number: int, this_update: datetime, der: bytes
) -> None:
    """Keep a list of revoked certificates of the authority itself."""
    key = {"kind": authority.kind.value, "generation": authority.generation, "number": number}
    values = {"this_update": seconds(this_update), "der": der}
    record.connection.execute(insert(authority_lists).values(**key, **values))
    record.note("authority_list_made", this_update, (authority_lists, key))


def newest_authority_list(connection: Connection, authority: Authority) -> tuple[datetime, bytes] | None:
    """The newest of them and when it was made."""
    query = select(authority_lists).filter_by(kind=authority.kind.value, generation=authority.generation)
    row = connection.execute(query.order_by(authority_lists.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else (moment(row.this_update), row.der)


def newest_list(
    connection: Connection, authority: Authority, municipality: str, spelling: int = AS_WRITTEN
) -> tuple[datetime, bytes] | None:
    """The newest revocation list of a municipality, under one of its spellings, and when it was made.

    None also when the municipality was written otherwise when it was made.
    """
    table = revocation_lists if spelling == AS_WRITTEN else former_lists
    query = select(table).filter_by(**_place(authority, municipality))
    if spelling != AS_WRITTEN:
        query = query.where(table.c.spelling == spelling)
    row = connection.execute(query.order_by(table.c.number.desc()).limit(1)).one_or_none()
    if row is None or row.this_update < spellings.changed_at(connection, authority.kind, municipality):
        return None
    return moment(row.this_update), row.der


def not_before(connection: Connection, authority: Authority, municipality: str, latest: int) -> datetime:
    """The moment that a new list may not be older than, though the clock was set back.

    That is the list before, the `latest` revocation (seconds since 1970), and the last change of the spelling.
    """
    newest = newest_list(connection, authority, municipality)
    changed = spellings.changed_at(connection, authority.kind, municipality)
    return max([moment(max(latest, changed)), *([] if newest is None else [newest[0]])])


_PLACE = select(municipalities).where(municipalities.c.code == bindparam("of_code"))


def _place(authority: Authority, municipality: str) -> dict[str, object]:
    return {"kind": authority.kind.value, "generation": authority.generation, "municipality": municipality}
