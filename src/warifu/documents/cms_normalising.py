"""BER brought into DER: CMS that was written as a stream, with lengths that were not known yet (RFC 5652 §2.3).

Only the outside changes: lengths become definite and as short as can be, octet strings in pieces become whole. Every
value stays as it is, and a SET stays in its order. It takes time in proportion to the data, which asn1crypto does not:
re-encoding a nested message with it takes minutes.

Some signers sign attributes whose lengths are longer than DER has them (NSS does, and OpenSSL verifies them as they
stand). `with_lengths` leaves alone whatever says its length, so that these come out as they were signed.

Source: ITU-T X.690 §8.1.3 (lengths), §8.1.5 (end of contents), §8.7.3 (octet strings in pieces).
"""

from warifu.errors import Malformed
from warifu.pki import der

__all__ = ["to_der", "with_lengths"]

_DEEPEST = 32
_MOST_ELEMENTS = 100_000
_CONSTRUCTED = 0x20
_IN_PIECES = der.OCTET_STRING | _CONSTRUCTED
_SEVERAL_BYTES = 0x1F
_END = b"\0\0"


def to_der(data: bytes) -> bytes:
    """The same element with the lengths of DER; bytes behind it are an error.

    Raises:
        Malformed: not BER, nested too deep, or of too many elements.
    """
    return _Normalising(data, leave=False).whole()


def with_lengths(data: bytes) -> bytes:
    """The same element with all lengths said; what says its length and is whole stays byte by byte.

    Raises:
        Malformed: as `to_der`.
    """
    return _Normalising(data, leave=True).whole()


class _Normalising:
    """One walk through the data; with `leave` what says its length is not encoded anew."""

    def __init__(self, data: bytes, *, leave: bool) -> None:
        self._data = data
        self._leave = leave
        self._left = _MOST_ELEMENTS

    def whole(self) -> bytes:
        """All of the data, one element."""
        encoded, end = self.element(0, len(self._data), 0)
        if end != len(self._data):
            raise Malformed("bytes left over behind BER")
        return encoded

    def element(self, start: int, end: int, depth: int) -> tuple[bytes, int]:
        """The element at `start` in DER, and where it ended; it ends by `end`."""
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            raise Malformed("BER that is nested too deep, or of too many elements")
        if start + 2 > end or self._data[start] & _SEVERAL_BYTES == _SEVERAL_BYTES:
            raise Malformed("BER cut short, or with a tag of several bytes")
        tag, (begin, content_end) = self._data[start], self._length(start + 1, end)
        if not tag & _CONSTRUCTED:
            if content_end is None:
                raise Malformed("a length that is not known stands in front of a value")
            value = self._data[begin:content_end]
            return self._data[start:content_end] if self._leave else der.encode(tag, value), content_end
        parts, after = self._parts(begin, end if content_end is None else content_end, depth, content_end is None)
        if tag == _IN_PIECES:
            return der.encode(der.OCTET_STRING, *(der.whole(part, der.OCTET_STRING) for part in parts)), after
        if self._leave and content_end is not None and b"".join(parts) == self._data[begin:content_end]:
            return self._data[start:content_end], after
        return der.encode(tag, *parts), after

    def _parts(self, position: int, end: int, depth: int, open_ended: bool) -> tuple[list[bytes], int]:
        """What is inside a constructed element, and where it ends."""
        parts: list[bytes] = []
        while position < end:
            if open_ended and self._data[position : position + 2] == _END:
                return parts, position + 2
            part, position = self.element(position, end, depth + 1)
            parts.append(part)
        if open_ended:
            raise Malformed("BER cut short")
        return parts, position

    def _length(self, position: int, end: int) -> tuple[int, int | None]:
        """Where the content begins, and where it ends; None where only what follows will tell."""
        first = self._data[position]
        if first < 0x80:
            begin, length = position + 1, first
        elif first == 0x80:
            return position + 1, None
        else:
            begin = position + 1 + (first & 0x7F)
            if first & 0x7F > 8 or begin > end:
                raise Malformed("a BER length of another form")
            length = int.from_bytes(self._data[position + 1 : begin], "big")
        if begin + length > end:
            raise Malformed("BER cut short")
        return begin, begin + length
