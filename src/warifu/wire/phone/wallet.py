"""The cards that the phone page can be asked to hold: invented ones, supplied by whoever runs the town."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from warifu.ports import Connection


@dataclass(frozen=True, slots=True)
class WalletCard:
    """One card to choose: `name` identifies it, the rest is shown. Notes say what is special about it.

    `one_pin`: the authentication PIN opens the four attributes as well, as on a card of the next generation.
    """

    name: str
    holder: str
    note: str = ""
    note_en: str = ""
    one_pin: bool = False


class Wallet(Protocol):
    """Somewhere cards are kept."""

    def people(self) -> Sequence[WalletCard]:
        """The cards that can be chosen, in the order to show them."""
        ...

    def open(self, name: str) -> AbstractContextManager[Connection]:
        """Hold the card `name` for as long as the block runs; called in a worker thread.

        Raises:
            InUse: it lies in a reader, or another program holds it.
        """
        ...
