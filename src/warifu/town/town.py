"""A town that stands: its people, its cards, its authorities."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Self

from warifu.card import Card
from warifu.errors import NotFound
from warifu.idp import Provider
from warifu.ports import Clock, Entropy
from warifu.reader import Terminal
from warifu.town.addresses import Addresses
from warifu.town.authorities import open_authorities
from warifu.town.founding import Progress, found, silent
from warifu.town.ground import Ground
from warifu.town.roster import CardRow, PersonRow, Roster
from warifu.town.terminals import CLINIC
from warifu.wire.authority import Authorities
from warifu.wire.card_store import JournalStore
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.terminal_files import read_terminal

__all__ = ["Town"]


class Town:
    """A town in a directory. Several processes may look at it; one may run it, and one at a time may hold a card."""

    def __init__(self, ground: Ground, clock: Clock, entropy: Entropy) -> None:
        """Read the town that stands on the ground.

        Raises:
            NotFound: there is none.
            DataTooNew: a newer warifu founded it.
            Malformed: its files are damaged.
        """
        self.ground, self._clock, self._entropy = ground, clock, entropy
        self.addresses = Addresses(self.roster.port_base)

    @classmethod
    def create(
        cls,
        directory: Path,
        *,
        seed: int = 1,
        port_base: int = Addresses().base,
        fresh_keys: bool = False,
        progress: Progress = silent,
        clock: Clock | None = None,
        entropy: Entropy | None = None,
    ) -> Self:
        """Found a town in the directory; one that stood there is gone afterwards.

        Raises:
            InUse: another process runs or founds a town there, or a card is in a reader.
        """
        ground, clock, entropy = Ground(directory), clock or SystemClock(), entropy or SystemEntropy()
        with ground.alone():
            found(
                ground,
                clock=clock,
                entropy=entropy,
                seed=seed,
                port_base=port_base,
                fresh=fresh_keys,
                progress=progress,
            )
        return cls(ground, clock, entropy)

    @classmethod
    def open(cls, directory: Path, *, clock: Clock | None = None, entropy: Entropy | None = None) -> Self:
        """The town that stands in the directory.

        Raises:
            NotFound: there is none.
            DataTooNew: a newer warifu founded it.
            Malformed: its files are damaged.
        """
        return cls(Ground(directory), clock or SystemClock(), entropy or SystemEntropy())

    @property
    def roster(self) -> Roster:
        """What the town knows about itself now: another process may have changed a PIN.

        Raises:
            NotFound, DataTooNew, Malformed: as `Roster.read`.
        """
        return Roster.read(self.ground.current)

    @property
    def issuer(self) -> str:
        """The provider's issuer identifier."""
        return Provider(self.addresses.provider).issuer

    @property
    def folder(self) -> Path:
        """Where the town's files are."""
        return self.ground.current

    def find_card(self, name: str) -> tuple[PersonRow, CardRow]:
        """The card of that name and whose it is; a persona's name means its first card.

        Raises:
            NotFound: there is none, or the persona has no card.
        """
        roster = self.roster
        for person in roster.people:
            for card in person.cards:
                if card.name == name:
                    return person, card
        person = roster.person(name)
        if not person.cards:
            raise NotFound(f"{name} has no card")
        return person, person.cards[0]

    @contextmanager
    def card(self, name: str, *, patience: float = 0) -> Iterator[Card]:
        """Hold a card, powered, for as long as the block runs.

        Raises:
            NotFound: there is no such card.
            InUse: it is in a reader, or another process or thread holds it, for more than `patience` seconds.
        """
        _, card = self.find_card(name)
        with self.ground.card(card.name, patience=patience) as path:
            store = JournalStore(path)
            try:
                yield Card(store, self._entropy)
            finally:
                store.close()

    def list_pin(self, card: str, pin: str, value: str) -> None:
        """Keep the roster in step with a card of which a PIN was changed; `pin` is the name of a `CardRow`'s field."""
        with self.ground.listing():
            self.roster.with_pin(card, pin, value).write(self.folder)

    def terminal(self) -> Terminal:
        """The clinic's terminal, for which the town's cards sign a login without a PIN.

        Raises:
            Unavailable: the town was founded by an earlier version and has none.
        """
        return read_terminal(self.folder / "terminals" / CLINIC)

    def authorities(self) -> AbstractContextManager[Authorities]:
        """The certification authorities, open as long as the block runs."""
        return open_authorities(self.folder / "authorities", self._clock, self.addresses, self.roster.seed)
