"""How much of a stranger's PDF is read before we give up, so that no file takes for ever or fills the memory.

The figures are generous for documents that people sign and small for a machine.
"""

import zlib

from warifu.errors import Malformed

__all__ = [
    "LARGEST_FILE",
    "MOST_CANDIDATES",
    "MOST_ENTRIES",
    "MOST_PACKED",
    "MOST_REVISIONS",
    "MOST_SIGNATURES",
    "PARSING",
    "Work",
    "inflate",
]

LARGEST_FILE = 100 * 1024 * 1024
"""Bytes of a PDF."""

MOST_REVISIONS = 100
MOST_SIGNATURES = 64

MOST_ENTRIES = 500_000
"""Entries of all cross-reference sections together."""

LARGEST_STREAM = 32 * 1024 * 1024
"""Bytes of a stream after it is unpacked."""

MOST_WORK = 48 * 1024 * 1024
"""Bytes of unpacked streams in one file, with those of objects that are read, which count `PARSING` times."""

PARSING = 3
"""What a byte of an object costs, in time and memory, where one of an unpacked stream costs 1."""

MOST_PACKED = 100_000
"""Objects in one object stream."""

MOST_CANDIDATES = 256
"""Objects that are looked into because they have ``/ByteRange`` in them somewhere."""


class Work:
    """What is left of the work that one file may cause."""

    def __init__(self, left: int = MOST_WORK) -> None:
        self.left = left

    def spend(self, amount: int) -> None:
        """Take that much away.

        Raises:
            Malformed: there is not so much left.
        """
        self.left -= amount
        if self.left < 0:
            raise Malformed("the PDF takes too much work to read")


def inflate(packed: bytes, work: Work) -> bytes:
    """What was packed with zlib (ISO 32000-1 §7.4.4).

    Raises:
        Malformed: it was not, or it is too much.
    """
    unpacker = zlib.decompressobj()
    most = min(LARGEST_STREAM, work.left)
    try:
        data = unpacker.decompress(packed, most + 1)
    except zlib.error as error:
        raise Malformed("the PDF is damaged: a stream cannot be unpacked") from error
    if len(data) > most:
        raise Malformed("the PDF has a stream that is too large when unpacked")
    if not unpacker.eof:
        raise Malformed("the PDF is damaged: a stream has no end")
    work.spend(len(data))
    return data
