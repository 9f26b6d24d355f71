"""The terminals of the town that work without a PIN: their authority, and the one terminal that there is, a clinic's.

Modelled: who certifies terminals in life is not published. The key ids look like those that were seen (9200073 above,
9299774 on the terminal; soltia48/myna-card, and a public probing script of card terminals), their padding is ASCII.
"""

from pathlib import Path

from warifu.card import CvAuthority, card_public_key
from warifu.cardmap import CvAnchor, KeyId
from warifu.town.keys import Keys
from warifu.wire.terminal_files import write_terminal

__all__ = ["CLINIC", "Terminals"]

CLINIC = "clinic"
"""The folder of the clinic's terminal, below the town's ``terminals``."""

_PADDING = b"0000"
_AUTHORITY, _INTERMEDIATE = KeyId("9200070", padding=_PADDING), KeyId("9200071", padding=_PADDING)
_TERMINAL = KeyId("9299001", padding=_PADDING)


class Terminals:
    """The authority whose terminals the town's cards believe; its key lives as long as the founding."""

    KEYS = 3
    """How many keys it takes: its own, the intermediate's, the terminal's."""

    def __init__(self, keys: Keys) -> None:
        self._authority = CvAuthority(_AUTHORITY, keys.take())
        self._intermediate, self._terminal = keys.take(), keys.take()

    @property
    def anchor(self) -> CvAnchor:
        """What a card is given to know terminals by."""
        return self._authority.anchor

    def write(self, folder: Path) -> None:
        """Write the clinic's terminal into a folder of its own."""
        intermediate = self._authority.certify(_INTERMEDIATE, card_public_key(self._intermediate.public_key_info))
        above = CvAuthority(_INTERMEDIATE, self._intermediate)
        certificate = above.certify(_TERMINAL, card_public_key(self._terminal.public_key_info))
        write_terminal(folder / CLINIC, intermediate, certificate, self._terminal)
