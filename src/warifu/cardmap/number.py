"""The file with the individual number."""

import hashlib
from dataclasses import dataclass
from typing import Self

from warifu.cardmap.image import read_object
from warifu.errors import Malformed
from warifu.iso7816 import encode_tlv
from warifu.person import IndividualNumber


@dataclass(frozen=True, slots=True, repr=False)
class NumberFile:
    """The individual number as text EF 0001 holds it.

    Wire: ``FF10 0C``, 12 ASCII digits, two bytes of filler ``FF FF``; 17 bytes.
    Source: soltia48/myna-card `src/ap/text.rs`.
    """

    TAG = 0xFF10
    FILLER = b"\xff\xff"

    number: IndividualNumber

    def __repr__(self) -> str:
        return "NumberFile(not shown)"

    def encode(self) -> bytes:
        """The whole file, filler included, 17 bytes."""
        return encode_tlv(self.TAG, self.number.reveal().encode()) + self.FILLER

    @classmethod
    def decode(cls, image: bytes) -> Self:
        """Read the file, with whatever filler was read with it.

        Raises:
            Malformed: another object, not 12 digits, or something other than filler behind them.
            WrongCheckDigit: the number's last digit does not match.
        """
        value = read_object(image, cls.TAG).value
        if not value.isascii():
            raise Malformed("not an individual number")
        return cls(IndividualNumber.parse(value.decode("ascii")))

    def digest(self) -> bytes:
        """SHA-256 of the whole file, as the integrity file has it.

        The number can be found from this by trying all: never log or keep it.
        """
        return hashlib.sha256(self.encode()).digest()
