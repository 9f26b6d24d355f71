"""Checking a revocation list of any length and making its index, in hardly more time than hashing it takes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warifu.errors import CertificateRefused, Malformed, RevocationDataRefused, WrongSignature
from warifu.pki import check_digest_signature, hash_name_of
from warifu.verifier.anchors import Anchor, Anchors
from warifu.verifier.revoked.cut import LargeList, cut_list
from warifu.verifier.revoked.scan import scan_entries
from warifu.verifier.revoked.shape import Irregular, Numbers
from warifu.verifier.revoked_index import IndexHeading, Tables

__all__ = ["ListIndex", "VerifiedList", "check_large_list", "index_list"]


@dataclass(frozen=True, repr=False)
class ListIndex:
    """The tables of an index, ready to be written."""

    heading: IndexHeading
    numbers: Numbers
    places: NDArray[np.uint32]
    order: NDArray[np.uint32] | None

    def __repr__(self) -> str:
        return f"ListIndex({self.heading.count} entries)"

    def pieces(self) -> Iterator[bytes | memoryview]:
        """The index, piece by piece, as `RevokedIndex` reads it."""
        head = self.heading.encode()
        yield head
        tables, at = Tables.of(self.heading), len(head)
        filled = ((tables.numbers, self.numbers), (tables.places, self.places), (tables.order, self.order))
        for begin, table in filled:
            yield bytes(begin - at)
            at = begin
            if table is not None and len(table):
                yield table.data.cast("B")
                at += table.nbytes


@dataclass(frozen=True, repr=False)
class VerifiedList:
    """A list that an anchor signed, and its index; none if its entries are of a form that only `check_crl` reads."""

    anchor: Anchor
    cut: LargeList
    index: ListIndex | None

    def __repr__(self) -> str:
        return f"VerifiedList({self.cut.head.number})"


def check_large_list(data: memoryview, anchors: Anchors) -> VerifiedList:
    """Check who signed a list, and index it meanwhile: it is hashed in a second thread.

    What this holds of its own is about five bytes an entry.

    Raises:
        RevocationDataRefused: as `check_crl`.
    """
    try:
        cut = cut_list(data)
        anchor = anchors.find(cut.head.issuer, cut.head.issuer_key_id)
        with ThreadPoolExecutor(1) as beside:
            digest = beside.submit(cut.digest, hash_name_of(cut.head.algorithm))
            index = index_list(cut)
            key = anchor.certificate.public_key
            check_digest_signature(key, cut.head.algorithm, cut.head.signature, digest.result())
    except (Malformed, CertificateRefused, WrongSignature) as error:
        raise RevocationDataRefused("the revocation list may not be relied on") from error
    return VerifiedList(anchor, cut, index)


def index_list(cut: LargeList) -> ListIndex | None:
    """The index of a list; None if its entries are of another form than those of JPKI's lists.

    Raises:
        Malformed: a serial number is twice in it.
    """
    try:
        found = scan_entries(cut.data, cut.begin, cut.end)
    except Irregular:
        return None
    numbers, order = found.numbers(), None
    if not _ascends(numbers):
        order = np.argsort(numbers, kind="stable").astype(np.uint32)
        numbers = numbers[order]
        if not _ascends(numbers):
            raise Malformed("a serial number is twice in the revocation list")
    heading = IndexHeading(found.count, numbers.itemsize, order is None, cut.begin, cut.end)
    return ListIndex(heading, numbers, found.steps(), order)


_PIECE = 1 << 20


def _ascends(numbers: Numbers) -> bool:
    """Whether each is larger than the one before; looked at piece by piece, to need no memory."""
    pieces = (numbers[begin : begin + _PIECE + 1] for begin in range(0, len(numbers), _PIECE))
    return all(bool((piece[1:] > piece[:-1]).all()) for piece in pieces)
