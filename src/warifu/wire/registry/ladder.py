"""The ladder of numbers inside a municipality, kept: one integrated number a person, one number in each system.

Rows are only ever added. A ladder is opened when a section first asks for somebody; the individual number on its top is
the record's own and is kept there alone.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, Table, insert, select

from warifu.errors import NotAllowed, NotFound
from warifu.registry import (
    Act,
    ActKind,
    Addressee,
    AddresseeNumber,
    Clerk,
    Desk,
    IntegratedAddresseeNumber,
    LogEntry,
    Office,
    ResidentRecord,
    Section,
    add_system,
    addressee_number,
    open_ladder,
)
from warifu.wire.database import writing
from warifu.wire.registry import log
from warifu.wire.registry.doing import Doing
from warifu.wire.registry.reading import last_record
from warifu.wire.registry.tables import addressee_numbers, addressees


class Ladders:
    """What sections ask of the addressee system."""

    def __init__(self, doing: Doing) -> None:
        self._doing = doing

    def number_of(self, by: Clerk, holder: str, purpose: str) -> AddresseeNumber:
        """A person's number in the business system of the desk's own section; given now, if there is none yet.

        Raises:
            NotAllowed: another municipality's desk, or none of a section.
            NotFound: there is no such person.
        """
        with writing(self._doing.engine) as connection:
            act = Act(self._doing.entropy.bytes(16).hex(), by, self._doing.clock.now())
            section = _section(by, last_record(connection, holder))
            ladder = self._ladder(connection, act, last_record(connection, holder))
            known = _Taken(connection, addressee_numbers, ladder.municipality, section)
            after = add_system(ladder, section, known, self._doing.entropy)
            number = addressee_number(act, after)
            if after is not ladder:
                _keep_number(connection, after, section, number, act)
            entry = LogEntry(act.id, act.at, by, ActKind.LOOK, (holder,), frozenset(), purpose)
            log.append(connection, [entry])
        return number

    def holder_of(self, by: Clerk, number: AddresseeNumber) -> str:
        """Who has this number in the business system of the desk's own section.

        Raises:
            NotFound: nobody.
            NotAllowed: the desk is in no section.
        """
        if by.desk.municipality is None or by.desk.section is None:
            raise NotAllowed("the numbers of a municipality's systems stay in it")
        table = addressee_numbers.c
        mine = (table.municipality == by.desk.municipality, table.section == by.desk.section.value)
        act = Act(self._doing.entropy.bytes(16).hex(), by, self._doing.clock.now())
        with writing(self._doing.engine) as connection:
            holder = connection.scalar(select(table.holder).where(*mine, table.digits == number.digits))
            if holder is not None:
                entry = LogEntry(act.id, act.at, by, ActKind.LOOK, (str(holder),), frozenset(), "addressee number")
                log.append(connection, [entry])
        if holder is None:
            raise NotFound("nobody has this number in that system")
        return str(holder)

    def _ladder(self, connection: Connection, act: Act, record: ResidentRecord) -> Addressee:
        query = select(addressees.c.integrated).where(
            addressees.c.municipality == record.municipality, addressees.c.holder == record.holder
        )
        integrated = connection.scalar(query)
        if integrated is not None:
            systems = _systems(connection, record)
            number = IntegratedAddresseeNumber(integrated)
            return Addressee(record.municipality, record.holder, number, record.number, systems)
        taken = _Taken(connection, addressees, record.municipality, None)
        machine = Clerk("addressee-system", Desk(Office.MUNICIPALITY, record.municipality, Section.RESIDENTS))
        opened = open_ladder(Act(act.id, machine, act.at), record.holder, record.number, taken, self._doing.entropy)
        values = {"municipality": opened.municipality, "holder": opened.holder, "integrated": opened.integrated.digits}
        connection.execute(insert(addressees).values(**values, opened_at=int(act.at.timestamp())))
        return opened


class _Taken:
    """Whether a number is somebody's already."""

    def __init__(self, connection: Connection, table: Table, municipality: str, section: Section | None) -> None:
        self._connection = connection
        digits = table.c.integrated if section is None else table.c.digits
        self._digits = digits
        self._query = select(digits).where(table.c.municipality == municipality)
        if section is not None:
            self._query = self._query.where(table.c.section == section.value)

    def __contains__(self, number: object) -> bool:
        assert isinstance(number, AddresseeNumber | IntegratedAddresseeNumber)
        return self._connection.scalar(self._query.where(self._digits == number.digits)) is not None


def _section(by: Clerk, record: ResidentRecord) -> Section:
    if by.desk.municipality != record.municipality or by.desk.section is None:
        raise NotAllowed("the numbers of a municipality's systems stay in it")
    return by.desk.section


def _systems(connection: Connection, record: ResidentRecord) -> dict[Section, AddresseeNumber]:
    table = addressee_numbers.c
    mine = select(table.section, table.digits).where(
        table.municipality == record.municipality, table.holder == record.holder
    )
    rows: Iterable[tuple[str, str]] = ((row.section, row.digits) for row in connection.execute(mine))
    return {Section(section): AddresseeNumber(digits) for section, digits in rows}


def _keep_number(
    connection: Connection, ladder: Addressee, section: Section, number: AddresseeNumber, act: Act
) -> None:
    connection.execute(
        insert(addressee_numbers).values(
            municipality=ladder.municipality,
            section=section.value,
            digits=number.digits,
            holder=ladder.holder,
            given_at=int(act.at.timestamp()),
        )
    )
