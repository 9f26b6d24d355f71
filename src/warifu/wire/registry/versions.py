"""Records in all their versions: which table keeps which, the columns that are looked for, and writing the next one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, insert, select, update

from warifu.errors import InUse, NotFound
from warifu.registry import Annex, Card, Phone, PooledCode, ResidentRecord, due_on
from warifu.wire.registry import tables
from warifu.wire.registry.kept import keep, restore

Record: TypeAlias = ResidentRecord | Annex | PooledCode | Card | Phone
R = TypeVar("R", ResidentRecord, Annex, PooledCode, Card, Phone)


@dataclass(frozen=True, slots=True)
class Versions(Generic[R]):
    """Where records of one kind are kept; `columns` are what they are looked for by."""

    kind: type[R]
    table: Table
    columns: Callable[[R], dict[str, Any]]
    act_of: Callable[[R], str] = attrgetter("last_act")

    def current(self, *conditions: ColumnElement[bool]) -> Select[Any]:
        """The newest versions that fit."""
        return select(self.table.c.body).where(self.table.c.current, *conditions)

    def all_of(self, connection: Connection, query: Select[Any]) -> list[R]:
        """The records that a query of `current` finds."""
        return [restore(self.kind, bytes(body)) for body in connection.scalars(query)]

    def find(self, connection: Connection, record_id: str) -> R | None:
        """The newest version of a record."""
        found = self.all_of(connection, self.current(self.table.c.id == record_id))
        return found[0] if found else None

    def read(self, connection: Connection, record_id: str) -> R:
        """The newest version of a record.

        Raises:
            NotFound: there is none.
        """
        found = self.find(connection, record_id)
        if found is None:
            raise NotFound("there is no such record")
        return found

    def history(self, connection: Connection, record_id: str) -> list[Row[Any]]:
        """Every version of a record from the first on: version, act, written_at, body."""
        columns = (self.table.c.version, self.table.c.act, self.table.c.written_at, self.table.c.body)
        return list(connection.execute(select(*columns).where(self.table.c.id == record_id).order_by(columns[0])))

    def write(self, connection: Connection, record: R, now: datetime) -> None:
        """Write a record's next version.

        Raises:
            InUse: somebody else wrote a version after the one that this was made of.
        """
        mine = (self.table.c.id == record.id, self.table.c.current, self.table.c.version == record.version - 1)
        if connection.execute(update(self.table).where(*mine).values(current=False)).rowcount != 1:
            raise InUse("somebody else is writing this record: try again")
        self.write_new(connection, [record], now)

    def write_new(self, connection: Connection, records: Sequence[R], now: datetime) -> None:
        """Write first versions, many in one statement; indexes refuse a record that is there already."""
        connection.execute(insert(self.table), [self._values(record, now) for record in records])

    def _values(self, record: R, now: datetime) -> dict[str, Any]:
        return {
            "id": record.id,
            "version": record.version,
            "current": True,
            "act": self.act_of(record),
            "written_at": int(now.timestamp()),
            "body": keep(record),
            **self.columns(record),
        }


def _of_resident(record: ResidentRecord) -> dict[str, Any]:
    due = due_on(record)
    return {
        "holder": record.holder,
        "municipality": record.municipality,
        "household": record.household,
        "live": record.is_live,
        "name": record.name.shown.text,
        "reading": record.name.reading.text if record.name.reading else "",
        "birth_date": record.birth_date.digits,
        "code": record.code.reveal(),
        "lapses": due.isoformat() if due else None,
    }


def _of_annex(annex: Annex) -> dict[str, Any]:
    return {
        "holder": annex.holder,
        "municipality": annex.municipality,
        "live": annex.deleted is None,
        "name": annex.name.shown.text,
        "birth_date": annex.birth_date.digits,
        "code": annex.code.reveal(),
    }


def _of_code(code: PooledCode) -> dict[str, Any]:
    return {"municipality": code.municipality, "unused": code.spent_by is None}


def _of_card(card: Card) -> dict[str, Any]:
    return {
        "holder": card.holder,
        "municipality": card.municipality,
        "state": card.state.value,
        "expires": card.expires.isoformat() if card.expires else None,
        "present_by": card.present_by.isoformat() if card.present_by else None,
    }


def _of_phone(phone: Phone) -> dict[str, Any]:
    return {"holder": phone.holder, "card": phone.card, "state": phone.state.value}


RESIDENTS = Versions(ResidentRecord, tables.residents, _of_resident)
ANNEXES = Versions(Annex, tables.annexes, _of_annex)
CODES = Versions(PooledCode, tables.pool, _of_code, lambda code: code.spent_by or "")
CARDS = Versions(Card, tables.cards, _of_card)
PHONES = Versions(Phone, tables.phones, _of_phone)

_KEEPERS: dict[type, Versions[Any]] = {each.kind: each for each in (RESIDENTS, ANNEXES, CODES, CARDS, PHONES)}


def write_all(connection: Connection, records: Iterable[Record], now: datetime) -> None:
    """Write each record's next version.

    Raises:
        InUse: somebody else wrote a version after the one that one of them was made of.
    """
    # Next versions first: who moves has a deleted record before there is another live one.
    written = list(records)
    for record in written:
        if record.version > 1:
            _KEEPERS[type(record)].write(connection, record, now)
    for kind, keeper in _KEEPERS.items():
        new = [record for record in written if type(record) is kind and record.version == 1]
        if new:
            keeper.write_new(connection, new, now)
