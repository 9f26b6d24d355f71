"""Who vouches for the cards of the town: authorities for card-verifiable certificates, and a key of each municipality.

Modelled: who holds such keys in life is not published; here each municipality has one. Key ids begin with 9, and are
otherwise those of the real authorities: 33 for the text application, 23 for the visual one, 20 for the card manager.
"""

from pathlib import Path

from warifu.card import CardIssuer, CvAuthorities, CvAuthority
from warifu.cardmap import CvAnchor, KeyId
from warifu.person import Municipality
from warifu.town.keys import Keys
from warifu.wire.key_files import write_chip_anchor

__all__ = ["CardIssuers"]

_TEXT, _VISUAL = KeyId("9000033"), KeyId("9000023")
_MANAGER = KeyId("9000020", padding=CvAuthorities.MANAGER_PADDING)


class CardIssuers:
    """The municipalities as issuers of cards; their keys live as long as the founding.

    `terminal_anchor` is the authority of the terminals that their cards believe.
    """

    KEYS = 3
    """How many keys the authorities take."""

    def __init__(self, keys: Keys, terminal_anchor: CvAnchor) -> None:
        self._keys, self.terminal_anchor = keys, terminal_anchor
        self._authorities = CvAuthorities(
            CvAuthority(_TEXT, keys.take()), CvAuthority(_VISUAL, keys.take()), CvAuthority(_MANAGER, keys.take())
        )
        self._issuers: dict[str, CardIssuer] = {}

    def of(self, municipality: Municipality) -> CardIssuer:
        """The key of a municipality, made and certified when it is first asked for."""
        if municipality.code not in self._issuers:
            issuer = self._authorities.issuer(KeyId("90" + municipality.code), self._keys.take())
            self._issuers[municipality.code] = issuer
        return self._issuers[municipality.code]

    def write_anchors(self, folder: Path) -> None:
        """Write the authorities' public keys for those who check cards."""
        folder.mkdir(mode=0o700)
        for authority in (self._authorities.text, self._authorities.visual, self._authorities.manager):
            write_chip_anchor(folder, authority.key_id, authority.signer.public_key_info)
