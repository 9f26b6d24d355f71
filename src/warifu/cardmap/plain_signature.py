"""What a P-384 key of the card answers: two numbers, side by side."""

from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from warifu.errors import Malformed

_ORDER = int("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973", 16)


@dataclass(frozen=True, slots=True)
class PlainSignature:
    """An ECDSA signature by a P-384 key of the next-generation card, over a SHA-384 value of 48 bytes sent as it is.

    Wire: r, then s, 48 bytes each, big-endian; 96 in all. Both are from 1 to the order of the group less one.
    Source: BSI TR-03111 v2.10 §5.2.1 (plain format), SP 800-186 §3.2.1.4 (the order). Modelled: that the card answers
    so; cards commonly do, and the length of an answer then tells nothing.
    """

    LENGTH = 96
    DIGEST_LENGTH = 48

    r: int = field(repr=False)
    s: int = field(repr=False)

    def __post_init__(self) -> None:
        if not (1 <= self.r < _ORDER and 1 <= self.s < _ORDER):
            raise Malformed("the numbers of a P-384 signature are out of range")

    def encode(self) -> bytes:
        """The 96 bytes."""
        half = self.LENGTH // 2
        return self.r.to_bytes(half, "big") + self.s.to_bytes(half, "big")

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the 96 bytes.

        Raises:
            Malformed: another length, or a number out of range.
        """
        if len(data) != cls.LENGTH:
            raise Malformed("a P-384 signature of the card has 96 bytes")
        half = cls.LENGTH // 2
        return cls(int.from_bytes(data[:half], "big"), int.from_bytes(data[half:], "big"))

    @property
    def der(self) -> bytes:
        """The same as everybody but a card writes it: DER ECDSA-Sig-Value (RFC 3279 §2.2.3)."""
        return encode_dss_signature(self.r, self.s)
