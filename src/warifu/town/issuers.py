"""Who vouches for the cards of the town: an authority for card-verifiable certificates, and a key of each municipality.

Modelled: who holds such keys in life is not published; here each municipality has one. Key ids begin with 9.
"""

from pathlib import Path

from warifu.card import CardIssuer, CvAuthority, card_public_key
from warifu.cardmap import KeyId
from warifu.person import Municipality
from warifu.town.keys import Keys
from warifu.wire.key_files import write_chip_anchor

__all__ = ["CardIssuers"]

_AUTHORITY = KeyId("9000000")


class CardIssuers:
    """The municipalities as issuers of cards; their keys live as long as the founding."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._authority = CvAuthority(_AUTHORITY, keys.take())
        self._issuers: dict[str, CardIssuer] = {}

    def of(self, municipality: Municipality) -> CardIssuer:
        """The key of a municipality, made and certified when it is first asked for."""
        if municipality.code not in self._issuers:
            signer = self._keys.take()
            certified = self._authority.certify(
                KeyId("90" + municipality.code), card_public_key(signer.public_key_info)
            )
            self._issuers[municipality.code] = CardIssuer(certified, signer)
        return self._issuers[municipality.code]

    def write_anchor(self, folder: Path) -> None:
        """Write the authority's public key for those who check cards."""
        folder.mkdir(mode=0o700)
        write_chip_anchor(folder, self._authority.key_id, self._authority.signer.public_key_info)
