"""What a party sends: written with the decision that caused it, carried later; all inside the caller's transaction."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, insert, or_, select, update

from warifu.errors import NotFound
from warifu.wire.post.letter import Letter
from warifu.wire.post.schema import ASIDE, SETTLED, WAITING, outbox

LONGEST_PAUSE = 300
"""Seconds between two tries, at most."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for one recipient: how many letters, since when, and how many of them were refused."""

    recipient: str
    waiting: int
    refused: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Stuck:
    """A letter that was refused: for whom, which, about what, the error's name, how often it was tried."""

    recipient: str
    id: str
    subject: str
    failure: str
    tries: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A letter that is due, and the row it is in."""

    number: int
    letter: Letter


def send(connection: Connection, letter: Letter, now: datetime) -> None:
    """Write a letter: it goes out if the transaction is committed, and not otherwise."""
    connection.execute(
        insert(outbox).values(
            recipient=letter.to,
            id=letter.id,
            sender=letter.sender,
            subject=letter.subject,
            thread=letter.thread,
            body=letter.body,
            state=WAITING,
            written_at=_seconds(now),
            tries=0,
            next_try=0,
            failure="",
            refused=False,
        )
    )


def due(connection: Connection, recipient: str, now: datetime, limit: int) -> list[Waiting]:
    """The letters that may go to a recipient now: in order, of each thread the first only."""
    earlier = outbox.alias()
    before = and_(
        earlier.c.recipient == outbox.c.recipient,
        earlier.c.thread == outbox.c.thread,
        earlier.c.state == WAITING,
        earlier.c.number < outbox.c.number,
    )
    query = (
        select(outbox)
        .where(
            outbox.c.state == WAITING,
            outbox.c.recipient == recipient,
            _is_due(now),
            or_(outbox.c.thread == "", ~exists().where(before)),
        )
        .order_by(outbox.c.number)
        .limit(limit)
    )
    return [Waiting(row.number, _letter_of(row)) for row in connection.execute(query)]


def settle(connection: Connection, number: int, now: datetime) -> bool:
    """Note that a letter was answered; whether it still waited, so that the answer is new."""
    values = {"state": SETTLED, "settled_at": _seconds(now), "body": b"", "failure": "", "refused": False}
    waiting = update(outbox).where(outbox.c.number == number, outbox.c.state == WAITING)
    return bool(connection.execute(waiting.values(**values)).rowcount)


def postpone(connection: Connection, number: int, now: datetime, failure: str, *, refused: bool) -> None:
    """Note that a letter was not answered: the pause before the next try doubles each time."""
    tries = connection.scalar(select(outbox.c.tries).where(outbox.c.number == number))
    pause = min(2 ** min(int(tries or 0), 16), LONGEST_PAUSE)
    values = {"next_try": _seconds(now) + pause, "failure": failure[:64], "refused": refused}
    waiting = update(outbox).where(outbox.c.number == number, outbox.c.state == WAITING)
    connection.execute(waiting.values(tries=outbox.c.tries + 1, **values))


def recipients(connection: Connection) -> list[str]:
    """Whoever has letters waiting, in order of name."""
    query = select(outbox.c.recipient).where(outbox.c.state == WAITING).distinct().order_by(outbox.c.recipient)
    return list(connection.scalars(query))


def queues(connection: Connection) -> list[Queue]:
    """What waits, for each recipient."""
    columns = (
        func.count().label("waiting"),
        func.count().filter(outbox.c.refused).label("refused"),
        func.min(outbox.c.written_at).label("oldest"),
    )
    here = select(outbox.c.recipient, *columns).where(outbox.c.state == WAITING)
    rows = connection.execute(here.group_by(outbox.c.recipient).order_by(outbox.c.recipient))
    return [Queue(row.recipient, row.waiting, row.refused, datetime.fromtimestamp(row.oldest, UTC)) for row in rows]


def stuck(connection: Connection, limit: int = 100) -> list[Stuck]:
    """Letters that were refused, oldest first."""
    columns = (outbox.c.recipient, outbox.c.id, outbox.c.subject, outbox.c.failure, outbox.c.tries)
    refused = select(*columns).where(outbox.c.state == WAITING, outbox.c.refused)
    return [Stuck(*row) for row in connection.execute(refused.order_by(outbox.c.number).limit(limit))]


def retry(connection: Connection, recipient: str, letter_id: str) -> None:
    """Let a letter be tried at once, also one that was set aside.

    Raises:
        NotFound: no such letter waits or lies aside.
    """
    _change(connection, recipient, letter_id, outbox.c.state.in_([WAITING, ASIDE]), {"state": WAITING, "next_try": 0})


def set_aside(connection: Connection, recipient: str, letter_id: str) -> None:
    """Give a letter up, so that those behind it in its thread go out. It stays on record, with its body.

    Raises:
        NotFound: no such letter waits.
    """
    _change(connection, recipient, letter_id, outbox.c.state == WAITING, {"state": ASIDE})


def _change(
    connection: Connection, recipient: str, letter_id: str, condition: ColumnElement[bool], values: dict[str, Any]
) -> None:
    this = update(outbox).where(outbox.c.recipient == recipient, outbox.c.id == letter_id, condition)
    if not connection.execute(this.values(**values)).rowcount:
        raise NotFound("no such letter waits")


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Its pause is over; or it is longer than any pause is, because the clock was set back."""
    moment = _seconds(now)
    return or_(outbox.c.next_try <= moment, outbox.c.next_try > moment + LONGEST_PAUSE)


def _letter_of(row: Row[Any]) -> Letter:
    return Letter(id=row.id, sender=row.sender, to=row.recipient, subject=row.subject, thread=row.thread, body=row.body)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
