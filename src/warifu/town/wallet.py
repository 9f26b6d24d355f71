"""The town's cards as the simulated phone sees them, to choose from; and one in somebody's hand, whom nobody asks."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial

from warifu.ports import Connection
from warifu.town.roster import CardRow, PersonRow
from warifu.town.town import Town
from warifu.wire.headless import CardInHand
from warifu.wire.phone import WalletCard

__all__ = ["TownWallet", "card_in_hand"]

_PATIENCE = 3
"""Seconds that a phone waits for a card that another phone is just reading."""


def card_in_hand(town: Town, name: str) -> CardInHand:
    """The card of somebody (or a card) of the town, with the PINs that its holder types.

    Raises:
        NotFound: nobody of this name.
    """
    _, row = town.find_card(name)
    return CardInHand(
        partial(town.card, row.name, patience=_PATIENCE),
        row.authentication_pin,
        row.text_pin or None,
        signing_password=row.signing_password,
    )


class TownWallet:
    """A `Wallet` over the town's cards."""

    def __init__(self, town: Town) -> None:
        self._town = town

    def people(self) -> Sequence[WalletCard]:
        """Every card of everybody, in the order of the roster."""
        return [_shown(person, card) for person in self._town.roster.people for card in person.cards]

    def open(self, name: str) -> AbstractContextManager[Connection]:
        """Hold the card for as long as the block runs.

        Raises:
            NotFound: there is no such card.
            InUse: it lies in a reader, or another program holds it.
        """
        return self._town.card(name, patience=_PATIENCE)


def _shown(person: PersonRow, card: CardRow) -> WalletCard:
    japanese, english = person.japanese, person.english
    if card is not person.cards[0]:
        japanese, english = f"{japanese}の旧カード", f"{english}: the old card"
    return WalletCard(card.name, person.holder, japanese, english, card.one_pin)
