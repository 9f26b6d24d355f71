"""How the card manager tells what kind of GlobalPlatform card it is."""

from dataclasses import dataclass
from typing import ClassVar, Self

from warifu.cardmap.image import read_parts
from warifu.errors import Malformed
from warifu.iso7816 import decode_all, encode_tlv

_OID = 0x06
_PLATFORM = bytes.fromhex("2a864886fc6b")
"""DER content of 1.2.840.114283, GlobalPlatform's arc."""


@dataclass(frozen=True, slots=True)
class CardRecognition:
    """Card recognition data of GlobalPlatform: GET DATA 0066.

    `version` is that of the specification; `scp` and `i` say which secure channel protocol, with which options.

    Wire: ``73`` { ``06`` 1.2.840.114283.1, ``60`` { ``06`` 1.2.840.114283.2 and the version }, ``63`` { ``06``
    1.2.840.114283.3 }, ``64`` { ``06`` 1.2.840.114283.4 and the numbers of the secure channel } }, then perhaps ``65``
    and ``66``, kept as they are.
    Source: GlobalPlatform Card Specification v2.2 Annex H.2 (also v2.1.1 Annex F.2).
    Modelled: which values a My Number Card answers was not published, only that the arc is there (soltia48/myna-card
    `src/mf.rs`); that 66 is left out of the answer follows from the card's other objects.
    """

    TAG = 0x73
    TAGS = (0x06, 0x60, 0x63, 0x64)
    FURTHER_TAGS = (0x65, 0x66)
    DEFAULT: ClassVar["CardRecognition"]

    version: tuple[int, ...]
    scp: int
    i: int
    further: bytes = b""

    def __post_init__(self) -> None:
        if not 1 <= len(self.version) <= 4 or any(not 0 <= each < 0x80 for each in (*self.version, self.scp, self.i)):
            raise Malformed("not numbers of card recognition data")
        tags = [each.tag for each in decode_all(self.further)]
        if any(tag not in self.FURTHER_TAGS for tag in tags) or tags != sorted(set(tags)):
            raise Malformed("something else follows the card recognition data")

    def encode(self) -> bytes:
        """The object 73."""
        objects = (
            _oid(1),
            encode_tlv(0x60, _oid(2, *self.version)),
            encode_tlv(0x63, _oid(3)),
            encode_tlv(0x64, _oid(4, self.scp, self.i)),
        )
        return encode_tlv(self.TAG, b"".join(objects) + self.further)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the object.

        Raises:
            Malformed: other objects, or identifiers outside GlobalPlatform's arc.
        """
        (value,) = read_parts(data, cls.TAG)
        parts = decode_all(value)
        required, further = parts[: len(cls.TAGS)], parts[len(cls.TAGS) :]
        if tuple(part.tag for part in required) != cls.TAGS:
            raise Malformed("not card recognition data")
        recognition, version, scheme, channel = (part.value for part in required)
        if (recognition, scheme) != (_PLATFORM + b"\x01", _oid(3)):
            raise Malformed("the card recognition data is not GlobalPlatform's")
        scp, i = _numbers(channel, 4, 2)
        return cls(tuple(_numbers(version, 2)), scp, i, b"".join(part.encode() for part in further))


CardRecognition.DEFAULT = CardRecognition((2, 1, 1), 2, 0x15)


def _oid(*arc: int) -> bytes:
    return encode_tlv(_OID, _PLATFORM + bytes(arc))


def _numbers(data: bytes, branch: int, count: int | None = None) -> bytes:
    """The numbers behind a branch of the arc; each is below 128, one byte."""
    (identifier,) = read_parts(data, _OID)
    start = _PLATFORM + bytes((branch,))
    numbers = identifier[len(start) :]
    if not identifier.startswith(start) or (count is not None and len(numbers) != count):
        raise Malformed("the card recognition data is not GlobalPlatform's")
    return numbers
