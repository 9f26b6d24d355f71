"""Doing a thing to see what it would do: everything is decided and written in a transaction, which is then undone.

So what a window names before it happens is what happens, and what would be refused is refused before anybody confirms
it. What stays is that somebody looked: an effect tells of somebody's card. And a request for more resident record
codes, when few are left, goes out all the same.
"""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection

from warifu.registry import Act, ActKind, Card, Change, LogEntry, Phone
from warifu.wire.database import writing
from warifu.wire.registry import log
from warifu.wire.registry.cards import Cards
from warifu.wire.registry.doing import Doing, Done
from warifu.wire.registry.effects import Effect, effects_on
from warifu.wire.registry.people import People
from warifu.wire.registry.reading import cards_of, phones_of, records_of

__all__ = ["Rehearsal"]


class Rehearsal:
    """The same desks as the register's, at which nothing stays done."""

    def __init__(self, doing: Doing) -> None:
        self._engine = doing.engine
        mine = (doing.engine, doing.clock, doing.entropy, doing.correspondents, doing.rules)
        stage = _Stage(*mine, doing.wake, doing.fetch)
        self._people = People(stage)
        self._cards = Cards(stage)

    def rehearse(self, act: Callable[[People, Cards], Done], purpose: str) -> tuple[Effect, ...]:
        """What an act would do to cards and certificates now; written down as a look at those whom it is about.

        Raises:
            WarifuError: what doing it would raise.
        """
        try:
            act(self._people, self._cards)
        except _Undone as undone:
            with writing(self._engine) as connection:
                log.append(connection, [undone.look(purpose)])
            return undone.effects
        return ()  # the same act was done before: it does nothing more


class _Undone(Exception):
    """Ends the transaction; carries what it had done."""

    def __init__(self, act: Act, holders: Iterable[str], effects: tuple[Effect, ...]) -> None:
        super().__init__("rehearsed")
        self.effects = effects
        self._act = act
        self._holders = tuple(holders)

    def look(self, purpose: str) -> LogEntry:
        """The entry about having looked at what it would do."""
        act = self._act
        return LogEntry(act.id, act.at, act.clerk, ActKind.LOOK, self._holders, frozenset(), purpose)


class _Stage(Doing):
    """Writes, looks at what came of it, and undoes it."""

    def write(self, connection: Connection, act: Act, change: Change[Any]) -> Done:
        """Never returns.

        Raises:
            _Undone: always.
        """
        holders = {holder for entry in change.entries for holder in entry.holders}
        cards, phones = _cards(connection, holders), _phones(connection, holders)
        known = [holder for holder in sorted(holders) if records_of(connection, holder)]  # not who is only rehearsed
        super().write(connection, act, change)
        raise _Undone(
            act,
            known,
            effects_on(
                [(cards.get(each.id), each) for each in _cards(connection, holders).values()],
                [(phones.get(each.id), each) for each in _phones(connection, holders).values()],
            ),
        )


def _cards(connection: Connection, holders: Iterable[str]) -> dict[str, Card]:
    return {card.id: card for card in cards_of(connection, holders)}


def _phones(connection: Connection, holders: Iterable[str]) -> dict[str, Phone]:
    return {phone.id: phone for holder in holders for phone in phones_of(connection, holder)}
