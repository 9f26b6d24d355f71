"""The presentation language of TLS, as far as RFC 9162 uses it: numbers and vectors (RFC 8446 §3)."""

from warifu.errors import Malformed

UINT64 = 8
MAX_UINT64 = 2**64 - 1


def number(value: int, width: int = UINT64) -> bytes:
    """`value` in `width` bytes, big-endian.

    Raises:
        Malformed: it does not fit.
    """
    try:
        return value.to_bytes(width, "big")
    except OverflowError:
        raise Malformed(f"a number does not fit into {width} bytes") from None


def vector(data: bytes, width: int) -> bytes:
    """`data` after its length, which takes `width` bytes.

    Raises:
        Malformed: too long.
    """
    return number(len(data), width) + data


class Reader:
    """Reads a structure from its beginning; every byte must be used."""

    __slots__ = ("_data", "_position")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def take(self, length: int) -> bytes:
        """The next `length` bytes.

        Raises:
            Malformed: there are fewer.
        """
        start, self._position = self._position, self._position + length
        if self._position > len(self._data):
            raise Malformed("the structure ends early")
        return self._data[start : self._position]

    def number(self, width: int = UINT64) -> int:
        """The next number, big-endian."""
        return int.from_bytes(self.take(width), "big")

    def vector(self, width: int) -> bytes:
        """The next vector, whose length takes `width` bytes."""
        return self.take(self.number(width))

    def more(self) -> bool:
        """Whether anything is left."""
        return self._position < len(self._data)

    def end(self) -> None:
        """Make sure that nothing is left.

        Raises:
            Malformed: something is.
        """
        if self.more():
            raise Malformed("there are bytes after the structure")
