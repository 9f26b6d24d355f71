"""Giving out codes and numbers: each question is decided by the room, kept and answered in one transaction."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, Engine, and_, func, insert, select, update

from warifu.errors import NotFound
from warifu.messages import CodeBlock, CodeBlockRequest, CodeChanged, NumberRequest
from warifu.person import IndividualNumber, ResidentRecordCode
from warifu.ports import Clock, Entropy
from warifu.registry import Designation, Settled, allot, designate, follow_code
from warifu.wire.database import reading, writing
from warifu.wire.numbering.tables import codes, designation_of, designations, values_of_code, values_of_designation
from warifu.wire.post import Desk, Letter, Mailbox

PARTY = "numbering"


class Numbering:
    """The party that numbers, over its database. Questions come as letters from `registers`, the parties' names."""

    def __init__(
        self, engine: Engine, clock: Clock, entropy: Entropy, *, registers: frozenset[str] = frozenset({"registry"})
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._entropy = entropy
        self._registers = registers

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    def mailbox(self) -> Mailbox:
        """Where it takes letters."""
        handles = {
            "code-block-request": self._allot,
            "number-request": self._designate,
            "code-changed": self._follow,
        }
        desks = {subject: Desk(handle, self._registers) for subject, handle in handles.items()}
        return Mailbox(self._engine, PARTY, self._clock, desks)

    def _allot(self, connection: Connection, letter: Letter) -> bytes:
        request = CodeBlockRequest.decode(letter.body)
        before = _block(connection, request)
        if before is not None:
            return before.encode()
        rows, block = allot(request, _TakenCodes(connection), self._entropy, self._clock.now())
        connection.execute(insert(codes), [values_of_code(row, place) for place, row in enumerate(rows)])
        return block.encode()

    def _designate(self, connection: Connection, letter: Letter) -> bytes:
        request = NumberRequest.decode(letter.body)
        _check_given_out(connection, request.code)
        now = self._clock.now()
        current = _current(connection, request.code)
        change = designate(request, current, _TakenNumbers(connection), self._entropy, now)
        for row in change.designations:
            _write(connection, row, now)
        return change.answer.encode()

    def _follow(self, connection: Connection, letter: Letter) -> bytes:
        message = CodeChanged.decode(letter.body)
        _check_given_out(connection, message.code)
        current = _current(connection, message.former) or _current(connection, message.code)
        for row in follow_code(message, current):
            _write(connection, row, self._clock.now())
        return b""


def taken(engine: Engine) -> tuple[set[ResidentRecordCode], set[IndividualNumber]]:
    """Every code and every number that was ever given out: for who fills a register with many at once."""
    with reading(engine) as connection:
        given = {ResidentRecordCode.parse(code) for code in connection.scalars(select(codes.c.code))}
        numbers = connection.scalars(select(designations.c.number).distinct())
        return given, {IndividualNumber.parse(number) for number in numbers}


def keep_rows(engine: Engine, settled: Iterable[Settled], now: datetime) -> None:
    """Keep the codes and numbers of people who were invented together with them."""
    rows = list(settled)
    given = [values_of_code(code, place) for each in rows for place, code in enumerate(each.codes)]
    designated = [
        values_of_designation(designation) | {"version": 1, "current": True, "written_at": int(now.timestamp())}
        for each in rows
        for designation in each.designations
    ]
    with writing(engine) as connection:
        connection.execute(insert(codes), given)
        connection.execute(insert(designations), designated)


class _TakenCodes:
    """Whether a code was ever given out."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __contains__(self, code: object) -> bool:
        assert isinstance(code, ResidentRecordCode)
        return self._connection.scalar(select(codes.c.code).where(codes.c.code == code.reveal())) is not None


class _TakenNumbers:
    """Whether a number was ever given."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __contains__(self, number: object) -> bool:
        assert isinstance(number, IndividualNumber)
        query = select(designations.c.number).where(designations.c.number == number.reveal()).limit(1)
        return self._connection.scalar(query) is not None


def _block(connection: Connection, request: CodeBlockRequest) -> CodeBlock | None:
    """The block that this request was answered with."""
    query = select(codes.c.code).where(codes.c.request_id == request.id).order_by(codes.c.place)
    given = [ResidentRecordCode.parse(code) for code in connection.scalars(query)]
    return CodeBlock(request.id, tuple(given)) if given else None


def _check_given_out(connection: Connection, code: ResidentRecordCode) -> None:
    """Check that this code came from here: a number for an invented one would belong to nobody."""
    if code not in _TakenCodes(connection):
        raise NotFound("this code was never given out")


def _current(connection: Connection, code: ResidentRecordCode) -> Designation | None:
    here = and_(designations.c.code == code.reveal(), designations.c.current, designations.c.former_since.is_(None))
    row = connection.execute(select(designations).where(here)).one_or_none()
    return None if row is None else designation_of(row)


def _write(connection: Connection, row: Designation, now: datetime) -> None:
    """Write the next version of a designation; those before it stay."""
    values = values_of_designation(row)
    mine = designations.c.number == values["number"]
    before = connection.scalar(select(func.max(designations.c.version)).where(mine)) or 0
    connection.execute(update(designations).where(mine, designations.c.current).values(current=False))
    values |= {"version": before + 1, "current": True, "written_at": int(now.timestamp())}
    connection.execute(insert(designations).values(**values))
