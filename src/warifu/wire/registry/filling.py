"""Filling the register with people who do not exist: into both stores, block by block of households.

Each block is an act of its own, so a run that was cut off goes on where it stopped, and the same run again adds
nobody. The party that numbers writes first: a crash in between leaves codes and numbers that nobody has, never a
person with a number that another one gets.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Engine, func, insert, select

from warifu.ports import Clock
from warifu.registry import Act, Books, Clerk, Settled, settle
from warifu.wire.database import reading, writing
from warifu.wire.numbering import keep_rows, taken
from warifu.wire.registry.house import window_desk
from warifu.wire.registry.tables import acts, residents
from warifu.wire.registry.versions import write_all

HOUSEHOLDS = 100
"""Households of a block."""


@dataclass(frozen=True, slots=True)
class Filled:
    """How many people and households were added, and how many live in the municipality now."""

    people: int
    households: int
    residents: int


def fill(
    engine: Engine,
    numbers: Engine,
    municipality: str,
    people: int,
    seed: int,
    clock: Clock,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Filled:
    """Settle households until so many people were added, the last household as a whole.

    Raises:
        NotFound: no municipality has this code.
    """
    books = Books(*taken(numbers))
    added = households = block = 0
    now = clock.now()
    while added < people:
        act = Act(_act_id(seed, municipality, block), Clerk("population", window_desk(municipality)), now)
        block += 1
        if _is_done(engine, act.id):
            continue
        settled = _household_rows(seed, act, books, (block - 1) * HOUSEHOLDS, people - added)
        keep_rows(numbers, settled, now)
        _keep(engine, act, settled, now)
        added += sum(len(each.records) for each in settled)
        households += len(settled)
        progress(min(added, people), people)
    return Filled(added, households, _living(engine, municipality))


def _household_rows(seed: int, act: Act, books: Books, start: int, people: int) -> list[Settled]:
    rows: list[Settled] = []
    for settled in islice(settle(seed, act, books, start=start), HOUSEHOLDS):
        rows.append(settled)
        people -= len(settled.records)
        if people <= 0:
            break
    return rows


def _keep(engine: Engine, act: Act, settled: list[Settled], now: datetime) -> None:
    with writing(engine) as connection:
        write_all(connection, [record for each in settled for record in each.records], now)
        values = {"id": act.id, "what": "settle", "digest": bytes(32), "answer": b"{}", "done_at": int(now.timestamp())}
        connection.execute(insert(acts).values(**values))


def _is_done(engine: Engine, act_id: str) -> bool:
    with reading(engine) as connection:
        return connection.scalar(select(acts.c.id).where(acts.c.id == act_id)) is not None


def _living(engine: Engine, municipality: str) -> int:
    here = (residents.c.current, residents.c.live, residents.c.municipality == municipality)
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(residents).where(*here)) or 0


def _act_id(seed: int, municipality: str, block: int) -> str:
    return hashlib.sha256(f"warifu population 1\n{seed}\n{municipality}\n{block}".encode()).hexdigest()[:32]
