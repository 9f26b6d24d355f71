"""The record of municipalities and of their revocation lists; each function works inside its caller's transaction."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from warifu.ca import Authority
from warifu.errors import NotFound
from warifu.person import Municipality
from warifu.wire.authority.tables import (
    list_counters,
    moment,
    municipalities,
    municipality_of,
    revocation_lists,
    seconds,
)


def keep_municipality(connection: Connection, municipality: Municipality) -> None:
    """Keep how a municipality is written; the newest writing counts."""
    values = asdict(municipality)
    here = municipalities.c.code == municipality.code
    if connection.execute(update(municipalities).where(here).values(**values)).rowcount == 0:
        connection.execute(insert(municipalities).values(**values))


def find_municipality(connection: Connection, code: str) -> Municipality:
    """The municipality with a code.

    Raises:
        NotFound: nothing was ever issued through it.
    """
    row = connection.execute(select(municipalities).where(municipalities.c.code == code)).one_or_none()
    if row is None:
        raise NotFound("no certificate was issued through this municipality")
    return municipality_of(row)


def reserve_number(connection: Connection, authority: Authority, municipality: str) -> int:
    """Take the next number of a municipality's revocation list, from 1."""
    here = _place(authority, municipality)
    counter = update(list_counters).filter_by(**here).values(next=list_counters.c.next + 1)
    following = connection.scalar(counter.returning(list_counters.c.next))
    if following is None:
        connection.execute(insert(list_counters).values(**here, next=2))
        return 1
    return int(following) - 1


def keep_list(
    connection: Connection, authority: Authority, municipality: str, number: int, now: datetime, der: bytes
) -> None:
    """Keep a revocation list; all are kept (公的個人認証法施行令 第7条: ten years)."""
    place = _place(authority, municipality)
    connection.execute(insert(revocation_lists).values(**place, number=number, this_update=seconds(now), der=der))


def newest_list(connection: Connection, authority: Authority, municipality: str) -> tuple[datetime, bytes] | None:
    """The newest revocation list of a municipality and when it was made."""
    query = select(revocation_lists).filter_by(**_place(authority, municipality))
    row = connection.execute(query.order_by(revocation_lists.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else (moment(row.this_update), row.der)


def _place(authority: Authority, municipality: str) -> dict[str, object]:
    return {"kind": authority.kind.value, "generation": authority.generation, "municipality": municipality}
