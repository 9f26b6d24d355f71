"""Doing one thing at a desk: gather, decide, write, in one transaction that has the letters in it too.

Everything done has an id. If the same thing comes again under it, because an answer was lost or a program crashed, it
is not done again and gets the same answer; another thing under the same id is refused.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine, insert, select

from warifu.errors import AlreadyAnswered
from warifu.messages import ResidentEvent
from warifu.ports import Clock, Entropy
from warifu.registry import (
    Act,
    Annex,
    Card,
    CardRules,
    Change,
    Clerk,
    Phone,
    ResidentRecord,
    follow_resident,
)
from warifu.wire.database import writing
from warifu.wire.registry import log
from warifu.wire.registry.kept import keep
from warifu.wire.registry.letters import Correspondents, send_all
from warifu.wire.registry.reading import cards_of
from warifu.wire.registry.tables import acts
from warifu.wire.registry.versions import Record, write_all

Decide: TypeAlias = Callable[[Connection, Act], Change[Any]]

_log = logging.getLogger("warifu.registry")


@dataclass(frozen=True, slots=True)
class Done:
    """What an act led to: the people it is about, and the records that it wrote. `act` names it for asking again."""

    act: str
    at: datetime
    holders: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    repeated: bool = False


class Doing:
    """How the register does things; shared by everything that acts."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        entropy: Entropy,
        correspondents: Correspondents,
        rules: CardRules,
        wake: Callable[[], None],
        fetch: Callable[[], None] = lambda: None,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.entropy = entropy
        self.correspondents = correspondents
        self.rules = rules
        self._wake = wake
        self._fetch = fetch

    def do(
        self,
        what: str,
        by: Clerk,
        act_id: str | None,
        asked: tuple[Any, ...],
        decide: Decide,
        *,
        at: datetime | None = None,
    ) -> Done:
        """Do one thing once. `asked` is everything that was asked for: it tells this thing from another one.

        Raises:
            AlreadyAnswered: something else was done under this id.
            WarifuError: what deciding raises; nothing happened then.
        """
        act = Act(act_id or self.entropy.bytes(16).hex(), by, at or self.clock.now())
        digest = hashlib.sha256(keep((what, by, asked))).digest()
        with writing(self.engine) as connection:
            before = _done_before(connection, act.id, digest)
            if before is not None:
                return before
            done = self.write(connection, act, decide(connection, act))
            connection.execute(insert(acts).values(id=act.id, what=what, digest=digest, **_kept(done)))
        _log.info("done", extra={"what": what, "act": act.id, "records": len(done.records) + len(done.cards)})
        self._wake()
        return done

    def write(self, connection: Connection, act: Act, change: Change[Any]) -> Done:
        """Write a change inside the caller's transaction: with it the cards that follow what happened to people."""
        change = _with_cards(connection, act, change)
        write_all(connection, change.records, act.at)
        log.append(connection, change.entries)
        send_all(connection, change.messages, self.correspondents, act.at)
        return _done(act, change)

    def wake(self) -> None:
        """Say that there are letters to carry."""
        self._wake()

    def fetch(self) -> None:
        """Have the letters for the party that numbers carried now, and come back when that was tried."""
        self._fetch()


def _with_cards(connection: Connection, act: Act, change: Change[Any]) -> Change[Any]:
    """The change with what each event does to the person's cards; the room decides it from the cards as they were."""
    events = [message for message in change.messages if isinstance(message, ResidentEvent)]
    written = {record.id for record in change.records if isinstance(record, Card)}
    mine = [card for card in cards_of(connection, {event.holder for event in events}) if card.id not in written]
    follow = follow_resident(act, mine, events)
    return replace(
        change,
        records=(*change.records, *follow.records),
        messages=(*change.messages, *follow.messages),
        entries=(*change.entries, *follow.entries),
    )


def _done(act: Act, change: Change[Any]) -> Done:
    def ids(*kinds: type[Record]) -> tuple[str, ...]:
        return tuple(record.id for record in change.records if isinstance(record, kinds))

    holders = dict.fromkeys(holder for entry in change.entries for holder in entry.holders)
    return Done(act.id, act.at, tuple(holders), ids(ResidentRecord, Annex), ids(Card), ids(Phone))


def _done_before(connection: Connection, act_id: str, digest: bytes) -> Done | None:
    row = connection.execute(select(acts).where(acts.c.id == act_id)).one_or_none()
    if row is None:
        return None
    if bytes(row.digest) != digest:
        raise AlreadyAnswered("something else was done under this id")
    members = json.loads(row.answer)
    lists = {name: tuple(members[name]) for name in ("holders", "records", "cards", "phones")}
    return Done(act_id, datetime.fromtimestamp(row.done_at, UTC), **lists, repeated=True)


def _kept(done: Done) -> dict[str, Any]:
    lists = {name: list(getattr(done, name)) for name in ("holders", "records", "cards", "phones")}
    return {"answer": json.dumps(lists).encode(), "done_at": int(done.at.timestamp())}
