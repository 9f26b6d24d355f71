"""Doing a thing to see what it would do: everything is decided and written in a transaction, which is then undone.

So what a window names before it happens is what happens, and what would be refused is refused before anybody confirms
it. Only a request for more resident record codes, when few are left, goes out all the same.
"""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection

from warifu.registry import Act, Card, Change, Phone
from warifu.wire.registry.cards import Cards
from warifu.wire.registry.doing import Doing, Done
from warifu.wire.registry.effects import Effect, effects_on
from warifu.wire.registry.people import People
from warifu.wire.registry.reading import cards_of, phones_of

__all__ = ["Rehearsal"]


class Rehearsal:
    """The same desks as the register's, at which nothing stays done."""

    def __init__(self, doing: Doing) -> None:
        stage = _Stage(doing.engine, doing.clock, doing.entropy, doing.correspondents, doing.rules, doing.wake)
        self._people = People(stage)
        self._cards = Cards(stage)

    def rehearse(self, act: Callable[[People, Cards], Done]) -> tuple[Effect, ...]:
        """What an act would do to cards and certificates now.

        Raises:
            WarifuError: what doing it would raise.
        """
        try:
            act(self._people, self._cards)
        except _Undone as undone:
            return undone.effects
        return ()  # the same act was done before: it does nothing more


class _Undone(Exception):
    """Ends the transaction; carries what it had done."""

    def __init__(self, effects: tuple[Effect, ...]) -> None:
        super().__init__("rehearsed")
        self.effects = effects


class _Stage(Doing):
    """Writes, looks at what came of it, and undoes it."""

    def write(self, connection: Connection, act: Act, change: Change[Any]) -> Done:
        """Never returns.

        Raises:
            _Undone: always.
        """
        holders = {holder for entry in change.entries for holder in entry.holders}
        cards, phones = _cards(connection, holders), _phones(connection, holders)
        super().write(connection, act, change)
        raise _Undone(
            effects_on(
                [(cards.get(each.id), each) for each in _cards(connection, holders).values()],
                [(phones.get(each.id), each) for each in _phones(connection, holders).values()],
            )
        )


def _cards(connection: Connection, holders: Iterable[str]) -> dict[str, Card]:
    return {card.id: card for card in cards_of(connection, holders)}


def _phones(connection: Connection, holders: Iterable[str]) -> dict[str, Phone]:
    return {phone.id: phone for holder in holders for phone in phones_of(connection, holder)}
