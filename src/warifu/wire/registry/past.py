"""Writing what happened before there was this register: records, log and acts, in one transaction, and no letters.

Whoever would have been told of it knows it already: their own record has the same past.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, insert, select

from warifu.registry import Act, Change, LogEntry
from warifu.wire.database import reading, writing
from warifu.wire.registry import log
from warifu.wire.registry.tables import acts, residents
from warifu.wire.registry.versions import write_all


@dataclass(frozen=True, slots=True)
class PastAct:
    """One act of the past; `what` is what it was asked to do, empty for what an answer led to."""

    act: Act
    what: str
    change: Change[Any]


def keep_past(engine: Engine, past: Iterable[PastAct]) -> None:
    """Write the acts in the order given; the change of each was made of what those before it left."""
    with writing(engine) as connection:
        entries: list[LogEntry] = []
        for each in past:
            write_all(connection, each.change.records, each.act.at)
            entries += each.change.entries
            if each.what:
                done = {"digest": bytes(32), "answer": b"{}", "done_at": int(each.act.at.timestamp())}
                connection.execute(insert(acts).values(id=each.act.id, what=each.what, **done))
        log.append(connection, entries)


def has_nobody(engine: Engine) -> bool:
    """Whether nobody was ever in the register."""
    with reading(engine) as connection:
        return connection.execute(select(residents).limit(1)).first() is None
