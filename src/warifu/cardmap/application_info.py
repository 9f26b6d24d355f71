"""What the visual and the text application say about themselves, to everybody and unsigned."""

from dataclasses import dataclass
from typing import ClassVar, Self

from warifu.cardmap.image import read_object, read_parts
from warifu.cardmap.key_id import KeyId
from warifu.cardmap.plain import MUNICIPALITY_LENGTH, check_digits, decode_digits
from warifu.errors import Malformed
from warifu.iso7816 import encode_tlv


@dataclass(frozen=True, slots=True)
class Implementation:
    """Who made an application, by which version of its specification.

    Wire: four bytes: version of the specification, support of extended lengths, maker, and one of the maker's own.
    Source: soltia48/myna-card `src/data.rs` (ApIdentification); the values are those of the cards seen.
    """

    VISUAL: ClassVar["Implementation"]
    TEXT: ClassVar["Implementation"]
    LENGTH = 4

    specification: int
    extended_lengths: int
    maker: int
    own: int

    def __post_init__(self) -> None:
        if not all(0 <= each <= 0xFF for each in (self.specification, self.extended_lengths, self.maker, self.own)):
            raise Malformed("not a byte")

    def encode(self) -> bytes:
        """The four bytes."""
        return bytes((self.specification, self.extended_lengths, self.maker, self.own))

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the four bytes.

        Raises:
            Malformed: another length.
        """
        if len(data) != cls.LENGTH:
            raise Malformed("the description of an application has four bytes")
        return cls(*data)


Implementation.VISUAL = Implementation(6, 3, 0x0E, 1)
Implementation.TEXT = Implementation(1, 3, 0x0E, 1)


@dataclass(frozen=True, slots=True)
class VisualInfo:
    """What the visual application says about itself: EF 0003.

    Wire: ``FF30 82013B`` { ``DF31 04`` implementation, ``DF32 10`` key id, ``DF33 01`` version, ``DF34 05`` code of the
    municipality, five ASCII digits, ``DF35 820110`` another key id and 256 bytes of unknown meaning }, 320 bytes.
    Source: soltia48/myna-card `src/ap/surface.rs` (ApBasicData): what the keys are for is not known.
    """

    TAG = 0xFF30
    TAGS = (0xDF31, 0xDF32, 0xDF33, 0xDF34, 0xDF35)
    OPAQUE_LENGTH = 256

    key_id: KeyId
    municipality_code: str
    opaque_key_id: KeyId
    opaque: bytes
    version: int = 0
    implementation: Implementation = Implementation.VISUAL

    def __post_init__(self) -> None:
        check_digits(self.municipality_code, MUNICIPALITY_LENGTH)
        if len(self.opaque) != self.OPAQUE_LENGTH or not 0 <= self.version <= 0xFF:
            raise Malformed("the description of the visual application ends with 256 bytes and has one of version")

    def encode(self) -> bytes:
        """The object without filler, 320 bytes."""
        values = (
            self.implementation.encode(),
            self.key_id.encode(),
            bytes((self.version,)),
            self.municipality_code.encode(),
            self.opaque_key_id.encode() + self.opaque,
        )
        return encode_tlv(self.TAG, _joined(self.TAGS, values))

    @classmethod
    def decode(cls, image: bytes) -> Self:
        """Read EF 0003, filler included.

        Raises:
            Malformed: other objects, values of another shape, or something other than filler behind them.
        """
        implementation, key_id, version, code, opaque = read_parts(read_object(image, cls.TAG).value, *cls.TAGS)
        if len(version) != 1:
            raise Malformed("the version of the visual application has one byte")
        return cls(
            KeyId.decode(key_id),
            decode_digits(code, MUNICIPALITY_LENGTH),
            KeyId.decode(opaque[: KeyId.LENGTH]),
            opaque[KeyId.LENGTH :],
            version[0],
            Implementation.decode(implementation),
        )


@dataclass(frozen=True, slots=True)
class TextInfo:
    """What the text application says about itself: EF 0005, read as at least 256 bytes by every client.

    Wire: ``FF40`` { ``DF41 04`` implementation, ``DF42 10`` key id, ``DF43`` 128 bytes: 32 of unknown meaning, then 96
    times ``FF`` }, 164 bytes.
    Source: soltia48/myna-card `src/ap/text.rs` (ApBasicData); jpki/myna `libmyna/text_ap.go` reads 256 bytes.
    Modelled: lengths of 128 and more are written as ``82 hh ll``, as in the card's other files; a dump of this one is
    not public.
    """

    TAG = 0xFF40
    TAGS = (0xDF41, 0xDF42, 0xDF43)
    OPAQUE_LENGTH = 32
    PADDING = b"\xff" * 96

    key_id: KeyId
    opaque: bytes
    implementation: Implementation = Implementation.TEXT

    def __post_init__(self) -> None:
        if len(self.opaque) != self.OPAQUE_LENGTH:
            raise Malformed("the description of the text application has 32 bytes besides its key id")

    def encode(self) -> bytes:
        """The object without filler, 164 bytes."""
        values = (self.implementation.encode(), self.key_id.encode(), self.opaque + self.PADDING)
        return encode_tlv(self.TAG, _joined(self.TAGS, values))

    @classmethod
    def decode(cls, image: bytes) -> Self:
        """Read EF 0005, filler included.

        Raises:
            Malformed: other objects, values of another shape, or something other than filler behind them.
        """
        implementation, key_id, value = read_parts(read_object(image, cls.TAG).value, *cls.TAGS)
        if value[cls.OPAQUE_LENGTH :] != cls.PADDING:
            raise Malformed("the description of the text application does not end with filler")
        return cls(KeyId.decode(key_id), value[: cls.OPAQUE_LENGTH], Implementation.decode(implementation))


def _joined(tags: tuple[int, ...], values: tuple[bytes, ...]) -> bytes:
    return b"".join(encode_tlv(tag, value) for tag, value in zip(tags, values, strict=True))
