"""BER-TLV data objects with tags of one or two bytes and definite lengths."""

from dataclasses import dataclass, field
from typing import Self

from warifu.errors import Malformed

_MORE_TAG = 0x1F
_SHORT_END = 0x80
MAX_LENGTH = 0xFFFF


@dataclass(frozen=True, slots=True)
class Tlv:
    """One data object; `tag` as it is written (``0xFF20``, ``0x5F4E``, ``0x91``), `value` up to 65535 bytes.

    Wire: tag of one byte, or of two where the low five bits of the first are all ones; length of one byte up to 127,
    else ``82 hh ll``; value. The card's files write ``82`` even where ``81`` would do, and number tags (``DF11``)
    below the 31 with which two-byte tags begin in the standard.
    Source: ISO/IEC 7816-4:2005 §5.2.2; file dumps in soltia48/myna-card `src/ap/text.rs`.
    """

    tag: int
    value: bytes = field(repr=False)  # may be personal

    def __post_init__(self) -> None:
        _check(self.tag, self.value)

    def encode(self) -> bytes:
        """Tag, length, value."""
        return encode_tlv(self.tag, self.value)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read exactly one object; a byte too many is an error.

        Raises:
            Malformed: as `decode_tlv`, or something follows.
        """
        tag, value, rest = _split(data)
        if rest:
            raise Malformed("something follows the data object")
        return cls(tag, value)


def encode_tlv(tag: int, value: bytes) -> bytes:
    """One data object as bytes.

    Raises:
        Malformed: no such tag, or too long a value.
    """
    _check(tag, value)
    size = len(value)
    length = bytes((size,)) if size < _SHORT_END else b"\x82" + size.to_bytes(2, "big")
    return tag.to_bytes(2 if tag > 0xFF else 1, "big") + length + value


def decode_tlv(data: bytes) -> tuple[Tlv, bytes]:
    """The first data object and what follows it (more objects, or the filler of a file).

    Raises:
        Malformed: filler or nothing where a tag should be, a tag of three bytes, an indefinite length, a length of
            more than two bytes or in the long form without need, or cut short.
    """
    tag, value, rest = _split(data)
    return Tlv(tag, value), rest


def decode_all(data: bytes) -> tuple[Tlv, ...]:
    """All data objects of a constructed value, nothing else between or behind them.

    Raises:
        Malformed: as `decode_tlv`.
    """
    objects = []
    while data:
        first, data = decode_tlv(data)
        objects.append(first)
    return tuple(objects)


def _split(data: bytes) -> tuple[int, bytes, bytes]:
    tag_size = 2 if data and data[0] & _MORE_TAG == _MORE_TAG else 1
    tag = int.from_bytes(data[:tag_size], "big")
    if len(data) <= tag_size or not _is_tag(tag):
        raise Malformed("no data object here")
    length, start = _length(data, tag_size)
    end = start + length
    if len(data) < end:
        raise Malformed("data object cut short")
    return tag, data[start:end], data[end:]


def _length(data: bytes, at: int) -> tuple[int, int]:
    """The length written at `at` and where the value starts."""
    first = data[at]
    if first < _SHORT_END:
        return first, at + 1
    if first not in (0x81, 0x82):
        raise Malformed("length of a data object is indefinite or too long")
    start = at + 1 + (first & 0x7F)
    length = int.from_bytes(data[at + 1 : start], "big")
    if len(data) < start or length < _SHORT_END:
        raise Malformed("length of a data object is cut short or in the long form without need")
    return length, start


def _check(tag: int, value: bytes) -> None:
    if not _is_tag(tag):
        raise Malformed("not a tag of one or two bytes")
    if len(value) > MAX_LENGTH:
        raise Malformed("too long for a data object")


def _is_tag(tag: int) -> bool:
    if tag <= 0xFF:
        return tag > 0 and tag & _MORE_TAG != _MORE_TAG
    return tag <= 0xFFFF and (tag >> 8) & _MORE_TAG == _MORE_TAG and not tag & 0x80
