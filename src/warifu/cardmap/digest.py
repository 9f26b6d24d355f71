"""What the card's private keys sign: a SHA-256 value in its DigestInfo."""

from dataclasses import dataclass
from typing import Self

from warifu.errors import Malformed


@dataclass(frozen=True, slots=True)
class DigestInfo:
    """The SHA-256 value a card signs, wrapped as the card expects it.

    Wire: 19-byte DER prefix, then the 32-byte hash; 51 bytes in all.
    Source: RFC 8017 §9.2 note 1.
    """

    PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
    DIGEST_LENGTH = 32

    digest: bytes

    def __post_init__(self) -> None:
        if len(self.digest) != self.DIGEST_LENGTH:
            raise Malformed("a SHA-256 value has 32 bytes")

    def encode(self) -> bytes:
        """The prefix and the hash."""
        return self.PREFIX + self.digest

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read one DigestInfo; a byte too many is an error.

        Raises:
            Malformed: wrong prefix, or not 51 bytes.
        """
        if not data.startswith(cls.PREFIX):
            raise Malformed("not a DigestInfo of SHA-256")
        return cls(data[len(cls.PREFIX) :])
