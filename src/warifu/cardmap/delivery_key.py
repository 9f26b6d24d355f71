"""The key under which a terminal delivers a session key to the text application."""

from dataclasses import dataclass
from typing import Self

from warifu.cardmap.image import read_object
from warifu.cardmap.public_key import CardPublicKey
from warifu.iso7816 import encode_tlv


@dataclass(frozen=True, slots=True)
class SessionDeliveryKey:
    """The public key for delivering session keys (セッション鍵): text EF 0006. Nothing vouches for it.

    Wire: ``A1 820109`` { public key }, 269 bytes.
    Source: soltia48/myna-card `src/ap/text.rs` (SessionKeyPublicKey), `src/sm.rs`.
    """

    TAG = 0xA1

    public_key: CardPublicKey

    def encode(self) -> bytes:
        """The whole object, 269 bytes."""
        return encode_tlv(self.TAG, self.public_key.encode())

    @classmethod
    def decode(cls, image: bytes) -> Self:
        """Read EF 0006, filler included.

        Raises:
            Malformed: other objects, or something other than filler behind them.
        """
        return cls(CardPublicKey.decode(read_object(image, cls.TAG).value))
