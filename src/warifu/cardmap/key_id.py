"""Names of the keys in the card-verifiable certificates."""

from dataclasses import dataclass
from typing import Self

from warifu.errors import Malformed


@dataclass(frozen=True, slots=True)
class KeyId:
    """The name of one key (証明者鍵ID, 被証明者鍵ID), not of its owner.

    Wire: 16 bytes: seven ASCII digits, ``08 05``, three ASCII digits, four bytes of padding. Two names that differ in
    the padding only name different keys. Numbers beginning with 5 belong to the real cards, with 6 to their
    manufacturer's test cards.
    Source: soltia48/myna-card `src/data.rs` (KeyId), `src/ca.rs`.
    """

    LENGTH = 16
    MIDDLE = b"\x08\x05"

    number: str
    group: str = "001"
    padding: bytes = bytes(4)

    def __post_init__(self) -> None:
        for digits, length in ((self.number, 7), (self.group, 3)):
            if len(digits) != length or not (digits.isascii() and digits.isdigit()):
                raise Malformed("a key id has seven digits and three digits")
        if len(self.padding) != 4:
            raise Malformed("a key id ends with four bytes of padding")

    def __str__(self) -> str:
        return f"{self.number}/{self.group}"

    def encode(self) -> bytes:
        """The 16 bytes."""
        return self.number.encode() + self.MIDDLE + self.group.encode() + self.padding

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read 16 bytes.

        Raises:
            Malformed: another length, or something else where digits or ``08 05`` belong.
        """
        if len(data) != cls.LENGTH or data[7:9] != cls.MIDDLE or not data[:12].isascii():
            raise Malformed("not a key id")
        return cls(data[:7].decode(), data[9:12].decode(), data[12:])
