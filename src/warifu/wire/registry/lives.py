"""A person's life in the register: one event after another, with what each did to cards and certificates.

It tells nothing of what a record says, so a protected address is not in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, select

from warifu.messages import Cause
from warifu.registry import ActKind, Card, Clerk, LogEntry, Phone, day_of
from warifu.wire.database import reading
from warifu.wire.registry import log
from warifu.wire.registry.doing import Doing
from warifu.wire.registry.effects import Effect, What, effects_on
from warifu.wire.registry.kept import restore
from warifu.wire.registry.looks import Looks
from warifu.wire.registry.reading import annex_of, last_record
from warifu.wire.registry.tables import acts, cards, phones

__all__ = ["Life", "LifeEvent", "Lives"]

R = TypeVar("R", Card, Phone)
_MOST = 10_000
_LOOKS = frozenset({ActKind.LOOK, ActKind.REFUSED_LOOK, ActKind.PROTECTED_LOOK})


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """One act: what was done (as `acts` has it, or the log's word), when, by whom, and its effects."""

    act: str
    what: str
    kind: ActKind
    at: datetime
    clerk: Clerk
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Life:
    """How it is with a person now, and what happened, the oldest first.

    `gone` is why the last record was deleted, None for a resident; `abroad`: an annex is in force. `protected_until` is
    the last day of protection (支援措置) that holds today.
    """

    municipality: str
    japanese: bool
    gone: Cause | None
    abroad: bool
    protected_until: date | None
    events: tuple[LifeEvent, ...]


class Lives:
    """Reads lives; whoever asks has looked."""

    def __init__(self, doing: Doing, looks: Looks) -> None:
        self._doing = doing
        self._looks = looks

    def life(self, by: Clerk, holder: str, purpose: str) -> Life:
        """A person's life, for the window that serves the person.

        Raises:
            NotAllowed: another desk.
            NotFound: there is no such person.
        """
        self._looks.history(by, holder, purpose)  # checks who asks, and writes down that it was looked at
        with reading(self._doing.engine) as connection:
            record, annex = last_record(connection, holder), annex_of(connection, holder)
            protection = record.protection
            today = day_of(self._doing.clock.now())
            return Life(
                record.municipality,
                record.is_japanese,
                None if record.deleted is None else record.deleted.cause,
                not record.is_live and annex is not None and annex.deleted is None,
                protection.until if protection is not None and protection.holds(today) else None,
                tuple(_events(connection, holder)),
            )


def _events(connection: Connection, holder: str) -> Iterator[LifeEvent]:
    entries: dict[str, LogEntry] = {}
    for _, entry in reversed(log.entries_about(connection, holder, _MOST)):
        if entry.what not in _LOOKS:
            entries.setdefault(entry.id, entry)
    of_cards, of_phones = _steps(connection, cards, Card, holder), _steps(connection, phones, Phone, holder)
    done = _done(connection, list(entries))
    known: dict[str, Phone] = {}
    for act, entry in entries.items():
        changed = dict(of_phones.get(act, {}))
        # Phones that the act did not touch can lose certificates with a card.
        pairs = [*changed.values(), *((each, each) for name, each in known.items() if name not in changed)]
        effects = effects_on(of_cards.get(act, {}).values(), pairs)
        known.update({name: after for name, (_, after) in changed.items()})
        for kind in [each.kind for each in effects if each.what is What.PHONE_CERTIFICATE_ENDED and each.kind]:
            # What fell once does not fall again, though the note of it stays.
            known = {name: replace(each, certificates=each.without(kind)) for name, each in known.items()}
        yield LifeEvent(act, done.get(act, entry.what.value), entry.what, entry.at, entry.clerk, effects)


def _steps(
    connection: Connection, table: Table, kind: type[R], holder: str
) -> Mapping[str, dict[str, tuple[R | None, R]]]:
    """For each act, the versions before and after it of what it wrote."""
    query = select(table.c.id, table.c.act, table.c.body).where(table.c.holder == holder)
    found: dict[str, dict[str, tuple[R | None, R]]] = {}
    before: dict[str, R] = {}
    for row in connection.execute(query.order_by(table.c.id, table.c.version)):
        record = restore(kind, bytes(row.body))
        found.setdefault(row.act, {})[row.id] = (before.get(row.id), record)
        before[row.id] = record
    return found


def _done(connection: Connection, ids: list[str]) -> dict[str, Any]:
    found = {}
    for start in range(0, len(ids), 500):
        query = select(acts.c.id, acts.c.what).where(acts.c.id.in_(ids[start : start + 500]))
        found.update({row.id: row.what for row in connection.execute(query)})
    return found
