"""Unpacking the streams that a file is made of: object streams, cross-reference streams, validation data."""

from warifu.documents.pdf_reading_limits import Work, inflate
from warifu.documents.pdf_reading_syntax import Name, Stream, Value
from warifu.errors import Malformed

__all__ = ["unpack", "whole_number"]

_PNG = 10
"""Predictors from here on are those of PNG (ISO 32000-1 §7.4.4.4)."""


def unpack(stream: Stream, work: Work) -> bytes:
    """The bytes of a stream that is packed with zlib or not at all; nothing else is made of these.

    Raises:
        Malformed: another filter, or bytes that cannot be unpacked, or too many.
    """
    filters, parameters = (_one(stream.dictionary.get(key)) for key in (b"Filter", b"DecodeParms"))
    if filters is None:
        work.spend(len(stream.data))
        return stream.data
    if filters != Name(b"FlateDecode"):
        raise Malformed("the PDF packs its structure with a filter other than FlateDecode")
    data = inflate(stream.data, work)
    return _unpredicted(data, parameters) if isinstance(parameters, dict) else data


def whole_number(value: Value, most: int) -> int:
    """A number of something.

    Raises:
        Malformed: it is none, or not from 0 to `most`.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise Malformed("the PDF is damaged: a number is none, or out of its range")
    return value


def _one(value: Value) -> Value:
    """What stands alone in an array, or without one."""
    if not isinstance(value, list):
        return value
    if len(value) > 1:
        raise Malformed("the PDF packs its structure more than once")
    return value[0] if value else None


def _unpredicted(data: bytes, parameters: dict[bytes, Value]) -> bytes:
    if whole_number(parameters.get(b"Predictor", 1), 15) < _PNG:
        if parameters.get(b"Predictor", 1) != 1:
            raise Malformed("the PDF packs its structure with a predictor that is not PNG's")
        return data
    width = whole_number(parameters.get(b"Columns", 1), 4096)
    if not width or parameters.get(b"Colors", 1) != 1 or parameters.get(b"BitsPerComponent", 8) != 8:
        raise Malformed("the PDF packs its structure as an image of several colours")
    return _rows(data, width)


def _rows(data: bytes, width: int) -> bytes:
    if len(data) % (width + 1):
        raise Malformed("the PDF is damaged: a stream ends within a row")
    before, rows = bytes(width), []
    for at in range(0, len(data), width + 1):
        before = _row(data[at], data[at + 1 : at + 1 + width], before)
        rows.append(before)
    return b"".join(rows)


def _row(kind: int, row: bytes, above: bytes) -> bytes:
    """One row as it was before it was predicted (ISO/IEC 15948 §9.2)."""
    if kind == 0:
        return row
    if kind == 2:
        return bytes([(here + over) & 0xFF for here, over in zip(row, above, strict=True)])
    if kind > 4:
        raise Malformed("the PDF is damaged: a row is predicted in no way that exists")
    found, left, corner = bytearray(), 0, 0
    for here, over in zip(row, above, strict=True):
        guess = {1: left, 3: (left + over) // 2, 4: _paeth(left, over, corner)}[kind]
        left, corner = (here + guess) & 0xFF, over
        found.append(left)
    return bytes(found)


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda value: abs(guess - value))
