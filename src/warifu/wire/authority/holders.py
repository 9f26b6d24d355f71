"""Holders as the record knows them: a keyed hash to find them by, and who they are encrypted.

The record alone names nobody. Whoever has the operator's key can tell which of two certificates belong together, and
can give the register back the identifier that it gave: to ask what is true of a holder who agreed to that.
"""

import hmac
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from warifu.errors import Malformed, Unavailable

__all__ = ["Holder", "Holders"]

_SHORTEST_KEY = 16
_SEALING = b"warifu authority: sealed holders, version 1"


@dataclass(frozen=True, slots=True)
class Holder:
    """One holder: `keyed` 32 bytes, the same for the same person; `sealed` 16 bytes longer than the identifier."""

    keyed: bytes = field(repr=False)
    sealed: bytes = field(repr=False)


class Holders:
    """Makes and reads them, under one secret key of at least 16 bytes.

    Raises:
        Malformed: a shorter key.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < _SHORTEST_KEY:
            raise Malformed(f"the key for holders has at least {_SHORTEST_KEY} bytes")
        self._key = key
        # Deterministic on purpose (RFC 5297): equal holders are known by the hash beside it anyway.
        self._sealing = AESSIV(hmac.digest(key, _SEALING, "sha512"))

    def keyed(self, holder: str) -> bytes:
        """The keyed hash."""
        return hmac.digest(self._key, holder.encode(), "sha256")

    def of(self, holder: str) -> Holder:
        """Both forms."""
        return Holder(self.keyed(holder), self._sealing.encrypt(holder.encode(), None))

    def open(self, sealed: bytes) -> str:
        """Who it is.

        Raises:
            Unavailable: it was sealed under another key, or somebody changed it.
        """
        try:
            return self._sealing.decrypt(sealed, None).decode()
        except InvalidTag:
            raise Unavailable("the record's holder cannot be read with this key") from None
