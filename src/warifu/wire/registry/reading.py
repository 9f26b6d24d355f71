"""Gathering what the room decides on: each function reads inside its caller's transaction."""

from collections.abc import Iterable

from sqlalchemy import Connection, Row, Select, select

from warifu.errors import NotFound
from warifu.messages import Cause
from warifu.registry import Annex, Card, CardHolder, Household, Phone, PooledCode, ResidentRecord
from warifu.wire.registry import tables
from warifu.wire.registry.versions import ANNEXES, CARDS, CODES, PHONES, RESIDENTS


def records_of(connection: Connection, holder: str) -> list[ResidentRecord]:
    """Every record of a person, the oldest first."""
    found = RESIDENTS.all_of(connection, RESIDENTS.current(tables.residents.c.holder == holder))
    if len(found) < 2:
        return found
    # By when each was first written: who comes and goes on one day has several since the same day.
    first = select(tables.residents.c.id, tables.residents.c.number).where(
        tables.residents.c.holder == holder, tables.residents.c.version == 1
    )
    written: dict[str, int] = {row.id: row.number for row in connection.execute(first)}
    return sorted(found, key=lambda record: written[record.id])


def last_record(connection: Connection, holder: str) -> ResidentRecord:
    """A person's live record, or the last one that was deleted.

    Raises:
        NotFound: nobody of this name was ever a resident.
    """
    found = records_of(connection, holder)
    if not found:
        raise NotFound("there is no such person in the register")
    return found[-1]


def household_of(connection: Connection, record: ResidentRecord) -> Household:
    """The household that a live record belongs to.

    Raises:
        NotFound: the record is deleted, so it belongs to none.
    """
    if not record.is_live:
        raise NotFound("the person lives in no household of the register")
    return household(connection, record.household)


def household(connection: Connection, household_id: str) -> Household:
    """A household, by its id.

    Raises:
        NotFound: nobody lives there.
    """
    query = RESIDENTS.current(tables.residents.c.household == household_id, tables.residents.c.live)
    members = RESIDENTS.all_of(connection, query)
    if not members:
        raise NotFound("there is no such household")
    return Household.of(members)


def annex_of(connection: Connection, holder: str) -> Annex | None:
    """The annex of a Japanese who is abroad, or the last one of somebody who was."""
    found = ANNEXES.all_of(connection, ANNEXES.current(tables.annexes.c.holder == holder))
    return max(found, key=lambda annex: (annex.deleted is None, annex.abroad_since), default=None)


def last_annex(connection: Connection, holder: str) -> Annex:
    """As `annex_of`.

    Raises:
        NotFound: the person has none.
    """
    annex = annex_of(connection, holder)
    if annex is None:
        raise NotFound("the person has no annex")
    return annex


def unused_codes(connection: Connection, municipality: str, count: int) -> list[PooledCode]:
    """As many codes of a municipality's store as are there, `count` at most."""
    query = CODES.current(tables.pool.c.municipality == municipality, tables.pool.c.unused)
    return CODES.all_of(connection, query.order_by(tables.pool.c.id).limit(count))


def cards_of(connection: Connection, holders: Iterable[str]) -> list[Card]:
    """Every card of these people, those of the past too."""
    return CARDS.all_of(connection, CARDS.current(tables.cards.c.holder.in_(sorted(holders))))


def phones_of(connection: Connection, holder: str) -> list[Phone]:
    """Every phone of a person, those of the past too."""
    return PHONES.all_of(connection, PHONES.current(tables.phones.c.holder == holder))


def card_holder(connection: Connection, holder: str) -> CardHolder:
    """A person as the card's side of the register sees one.

    Raises:
        NotFound: nobody of this name was ever a resident.
    """
    record = last_record(connection, holder)
    annex = annex_of(connection, holder)
    abroad = not record.is_live and annex is not None and annex.deleted is None
    seen = annex if abroad and annex is not None else record
    gone = seen.deleted
    return CardHolder(
        id=holder,
        attributes=seen.attributes,
        municipality=seen.municipality,
        alive=not any(each.deleted is not None and each.deleted.cause is Cause.DEATH for each in (record, seen)),
        registered=gone is None,
        abroad=abroad,
        stay=record.stay,
        domicile=record.domicile,
        leaves_on=record.leaves_on,
    )


def candidates(connection: Connection, birth_date: str) -> list[CardHolder]:
    """Everybody who was born on that day and is in the register, here or abroad: whom a caller may be."""
    here = select(tables.residents.c.holder).where(
        tables.residents.c.current, tables.residents.c.live, tables.residents.c.birth_date == birth_date
    )
    abroad = select(tables.annexes.c.holder).where(
        tables.annexes.c.current, tables.annexes.c.live, tables.annexes.c.birth_date == birth_date
    )
    holders = {*connection.scalars(here), *connection.scalars(abroad)}
    return [card_holder(connection, holder) for holder in sorted(holders)]


def order(connection: Connection, order_id: str) -> Row[tuple[str, str, str | None, str]]:
    """A certificate that was ordered: holder, card, phone, kind.

    Raises:
        NotFound: nothing was ordered under this id.
    """
    columns = (tables.orders.c.holder, tables.orders.c.card, tables.orders.c.phone, tables.orders.c.kind)
    query: Select[tuple[str, str, str | None, str]] = select(*columns).where(tables.orders.c.id == order_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("no certificate was ordered under this id")
    return row
