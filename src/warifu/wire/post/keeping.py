"""Letters whose time is over: those that had their effect and their answer before a moment."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select

from warifu.wire.post.schema import SETTLED, inbox, outbox


def count_settled(connection: Connection, before: datetime) -> int:
    """How many letters, sent and received, were dealt with before that moment."""
    counts = (select(func.count()).select_from(table).where(*these) for table, these in _settled(before))
    return sum(connection.scalar(query) or 0 for query in counts)


def delete_settled(connection: Connection, before: datetime) -> int:
    """Delete them. A letter that came before and comes again after that is a new one: nobody sends one so late."""
    return sum(connection.execute(delete(table).where(*these)).rowcount for table, these in _settled(before))


def _settled(before: datetime) -> tuple[tuple[Table, tuple[Any, ...]], ...]:
    moment = int(before.timestamp())
    return (
        (outbox, (outbox.c.state == SETTLED, outbox.c.settled_at < moment)),
        (inbox, (inbox.c.received_at < moment,)),
    )
