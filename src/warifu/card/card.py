"""The card as a reader holds it."""

from warifu.card.layout import applications
from warifu.card.plan import PROFILE
from warifu.card.profile import Profile
from warifu.chip import Chip
from warifu.ports import Entropy, Store


class Card:
    """A powered My Number Card over a store; the software counterpart of a card in a reader.

    Used from one thread at a time. The store belongs to this card alone while it is powered.
    """

    def __init__(self, store: Store, entropy: Entropy) -> None:
        """Power the card on.

        Raises:
            Malformed: the store does not hold a card.
            DataTooNew: it holds one of a newer version.
        """
        self._store = store
        self._entropy = entropy
        self.power_cycle()

    @property
    def atr(self) -> bytes:
        """Answer to reset of the card's generation."""
        return self._atr

    def transmit(self, command: bytes) -> bytes:
        """Answer one command APDU; never raises, whatever the bytes."""
        return self._chip.transmit(command)

    def reset(self) -> None:
        """Warm reset: the card manager is current again, verified PINs stay verified in their application.

        Source: soltia48/myna-card `src/transport/pcsc.rs` (measured).
        """
        self._chip.warm_reset()

    def power_cycle(self) -> None:
        """Power off and on: everything verified is forgotten, and the store is read anew."""
        stored = self._store.read()
        profile = Profile.decode(stored.get(PROFILE, b""))
        self._atr = profile.atr
        self._chip = Chip(applications(stored, profile), self._store, stored, self._entropy, profile.behaviour)
