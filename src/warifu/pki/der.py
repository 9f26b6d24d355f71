"""DER, as little as the templates and the strict slicers need; everything else is left to cryptography.

A door of its own, for whoever cuts other structures of the same kind (signed documents).

Source: ITU-T X.690 (02/2021) §8, §10, §11.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

from warifu.errors import Malformed

__all__ = [
    "BIT_STRING",
    "BOOLEAN",
    "ENUMERATED",
    "GENERALIZED_TIME",
    "INTEGER",
    "NULL",
    "OCTET_STRING",
    "OID",
    "SEQUENCE",
    "SET",
    "UTC_TIME",
    "UTF8_STRING",
    "begin_of",
    "bit_string",
    "check_object_identifier",
    "check_one",
    "elements",
    "encode",
    "end_of",
    "explicit",
    "generalized_time",
    "header",
    "implicit",
    "integer",
    "object_identifier",
    "read_natural",
    "slice_element",
    "time",
    "whole",
]

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID, ENUMERATED = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0A
UTF8_STRING, UTC_TIME, GENERALIZED_TIME, SEQUENCE, SET = 0x0C, 0x17, 0x18, 0x30, 0x31


def explicit(number: int) -> int:
    """The tag of a constructed, context-specific element."""
    return 0xA0 | number


def implicit(number: int) -> int:
    """The tag of a primitive, context-specific element."""
    return 0x80 | number


def encode(tag: int, *contents: bytes) -> bytes:
    """One element with a one-byte tag and the shortest length."""
    content = contents[0] if len(contents) == 1 else b"".join(contents)
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    if length < 0x100:
        return bytes((tag, 0x81, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content


def header(tag: int, length: int) -> bytes:
    """Tag and length of an element whose content of `length` bytes follows elsewhere."""
    if length < 0x80:
        return bytes((tag, length))
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big")


def integer(number: int) -> bytes:
    """An INTEGER of any sign."""
    return encode(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def object_identifier(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER from its dotted form."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    return encode(OID, b"".join(_base128(arc) for arc in (first * 40 + second, *rest)))


@lru_cache(maxsize=128)
def generalized_time(moment: datetime) -> bytes:
    """A GeneralizedTime in whole seconds, UTC (RFC 5280 §4.1.2.5.2); a busy responder writes the same few often."""
    utc = moment.astimezone(UTC)
    return encode(GENERALIZED_TIME, b"%04d%02d%02d%02d%02d%02dZ" % (utc.year, *_rest(utc)))


@lru_cache(maxsize=128)
def time(moment: datetime) -> bytes:
    """UTCTime up to 2049, GeneralizedTime afterwards (RFC 5280 §4.1.2.5)."""
    utc = moment.astimezone(UTC)
    if 1950 <= utc.year < 2050:
        return encode(UTC_TIME, b"%02d%02d%02d%02d%02d%02dZ" % (utc.year % 100, *_rest(utc)))
    return generalized_time(utc)


def _rest(utc: datetime) -> tuple[int, int, int, int, int]:
    return utc.month, utc.day, utc.hour, utc.minute, utc.second


def bit_string(data: bytes) -> bytes:
    """A BIT STRING of whole bytes."""
    return encode(BIT_STRING, b"\0", data)


def _base128(number: int) -> bytes:
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(0x80 | (number & 0x7F))
    return bytes(reversed(digits))


def slice_element(data: bytes, start: int, tag: int) -> tuple[int, int]:
    """Where the content of the element at `start` begins and ends.

    Raises:
        Malformed: another tag, a length that is not the shortest or of more than 4 bytes, or not enough data.
    """
    try:
        length = data[start + 1]
        if data[start] != tag:
            raise Malformed("another element than the profile has")
        begin = start + 2
        if length == _IN_TWO_BYTES:  # as most that are not short; they cost half of what the others do
            begin, length = start + 4, data[start + 2] << 8 | data[start + 3]
            if length < 0x100:
                raise Malformed("a DER length has another form")
        elif length >= 0x80:
            begin, length = _long_length(data, begin, length & 0x7F)
    except IndexError as error:
        raise Malformed("DER cut short") from error
    end = begin + length
    if end > len(data):
        raise Malformed("DER cut short")
    return begin, end


_IN_TWO_BYTES = 0x82


def _long_length(data: bytes, start: int, size: int) -> tuple[int, int]:
    """Where a length of `size` bytes ends, and the length."""
    begin = start + size
    length = int.from_bytes(data[start:begin], "big")
    if not 1 <= size <= 4 or length < 0x80 or length >> (8 * size - 8) == 0:
        raise Malformed("a DER length has another form")
    return begin, length


def begin_of(data: bytes, start: int) -> int:
    """Where the content of the element at `start` begins, in DER that was checked before."""
    length = data[start + 1]
    return start + 2 if length < 0x80 else start + 2 + (length & 0x7F)


def end_of(data: bytes, start: int) -> int:
    """Where the element at `start` ends, in DER that was checked before."""
    length = data[start + 1]
    if length < 0x80:
        return start + 2 + length
    begin = start + 2 + (length & 0x7F)
    return begin + int.from_bytes(data[start + 2 : begin], "big")


def whole(data: bytes, tag: int) -> bytes:
    """The content of `data`, which is one element and nothing more.

    Raises:
        Malformed: another tag, or a byte too many or too few.
    """
    begin, end = slice_element(data, 0, tag)
    if end != len(data):
        raise Malformed("bytes left over behind DER")
    return data[begin:end]


def elements(data: bytes, tag: int) -> Iterator[bytes]:
    """The contents of elements in a row, all with this tag.

    Raises:
        Malformed: another tag, or a byte too many or too few.
    """
    position = 0
    while position < len(data):
        begin, position = slice_element(data, position, tag)
        yield data[begin:position]


def check_one(data: bytes) -> None:
    """Check that `data` is one element of any tag in one byte, and nothing more.

    Raises:
        Malformed: it is not.
    """
    if not data or data[0] & 0x1F == 0x1F:
        raise Malformed("DER with a tag of several bytes, or nothing")
    whole(data, data[0])


def read_natural(content: bytes) -> int:
    """The number in the content of an INTEGER that is not negative.

    Raises:
        Malformed: empty, negative, or not the shortest form.
    """
    if not content or content[0] & 0x80 or (len(content) > 1 and content[0] == 0 and not content[1] & 0x80):
        raise Malformed("an INTEGER that is negative or not in its shortest form")
    return int.from_bytes(content, "big")


def check_object_identifier(content: bytes, *, longest_arc: int = 9) -> None:
    """Check that these are the contents of an OBJECT IDENTIFIER in its only form (ITU-T X.690 §8.19).

    Ours have at most 63 bytes, and no arc of more than 63 bits, or as many as fit in `longest_arc` bytes of 7.

    Raises:
        Malformed: they are not.
    """
    if not 1 <= len(content) <= _LONGEST_OID or content[-1] & 0x80:
        raise Malformed("an object identifier has another form")
    length = 0
    for byte in content:
        length += 1
        if (length == 1 and byte == 0x80) or length > longest_arc:
            raise Malformed("an object identifier has another form")
        if not byte & 0x80:
            length = 0


_LONGEST_OID = 63
