"""A revocation list of any length cut in two: what it says about itself, and where its entries stand.

The list without its entries is a list too. That one is given to the reader of lists, which has all the rules of the
profile; nobody reads the entries one by one.
"""

import hashlib
from dataclasses import dataclass
from typing import cast

from warifu.errors import Malformed
from warifu.pki import RevocationList, der

__all__ = ["Buffer", "LargeList", "cut_list"]

Buffer = memoryview
_PIECE = 4 << 20


@dataclass(frozen=True, repr=False)
class LargeList:
    """A list as cut. `head` is it without its entries; `begin` and `end` are where the entries stand in `data`.

    Wire: `signed` is the TBSCertList as encoded.
    """

    data: Buffer
    head: RevocationList
    signed: Buffer
    begin: int
    end: int

    def __repr__(self) -> str:
        return f"LargeList(number {self.head.number})"

    def digest(self, hash_name: str) -> bytes:
        """The digest of what was signed; other threads run meanwhile."""
        digest = hashlib.new(hash_name)
        for begin in range(0, len(self.signed), _PIECE):
            digest.update(self.signed[begin : begin + _PIECE])
        return digest.digest()


def cut_list(data: Buffer) -> LargeList:
    """Cut a revocation list of one distribution point.

    Raises:
        Malformed, WrongProfile: as `RevocationList.decode`, but nothing is said about its entries.
    """
    outer, end = _slice(data, 0, der.SEQUENCE)
    inner, signed_end = _slice(data, outer, der.SEQUENCE)
    if end != len(data):
        raise Malformed("bytes left over behind the revocation list")
    before = inner
    # version, signature, issuer, thisUpdate, nextUpdate (RFC 5280 §5.1.2); what they are is told by the list's reader.
    for _ in range(5):
        before = _skip(data, before, signed_end)
    begin = after = before
    if before < signed_end and data[before] == der.SEQUENCE:
        begin, after = _slice(data, before, der.SEQUENCE)
        if begin == after:
            raise Malformed("a revocation list without entries has no empty sequence of them")
    if after > signed_end:
        raise Malformed("the entries of the revocation list go beyond it")
    short = der.encode(der.SEQUENCE, bytes(data[inner:before]), bytes(data[after:signed_end]))
    head = RevocationList.decode(der.encode(der.SEQUENCE, short, bytes(data[signed_end:end])))
    return LargeList(data, head, data[outer:signed_end], begin, after)


def _skip(data: Buffer, start: int, limit: int) -> int:
    """Where the element at `start` ends."""
    if start >= limit:
        raise Malformed("DER cut short")
    return _slice(data, start, data[start])[1]


def _slice(data: Buffer, start: int, tag: int) -> tuple[int, int]:
    return der.slice_element(cast("bytes", data), start, tag)  # it only looks, and copies a few bytes of a length
