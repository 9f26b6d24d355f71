"""Which bytes of a PDF a signature covers: all of a revision but its own value (ISO 32000-1 §12.8.1).

Everything else was an attack once: a second range that begins elsewhere (signature wrapping), a gap with room for an
object, a dictionary that borrows another's value, a range that is missing, negative or ends in the middle.
"""

import hashlib
import re
from typing import NamedTuple

from warifu.documents.found import Fault, FaultCode
from warifu.documents.pdf_reading_file import PdfFile, Revision, only_space
from warifu.documents.pdf_reading_syntax import Value

__all__ = ["SignedRange", "signed_range"]

_HEX = re.compile(rb"<(?:[0-9A-Fa-f]{2})*+>")


class SignedRange(NamedTuple):
    """The bytes of `data` up to `gap`, and from `after` to `end`: the whole of `revision`."""

    data: bytes
    gap: int
    after: int
    end: int
    revision: Revision

    def digest(self, hash_name: str) -> bytes:
        """The digest of these bytes."""
        digest = hashlib.new(hash_name, memoryview(self.data)[: self.gap])
        digest.update(memoryview(self.data)[self.after : self.end])
        return digest.digest()

    @property
    def content(self) -> bytes:
        """These bytes."""
        return self.data[: self.gap] + self.data[self.after : self.end]

    @property
    def whole(self) -> bool:
        """Whether nothing follows that anybody reads."""
        return only_space(self.data, self.end, len(self.data))


def signed_range(
    file: PdfFile, value: Value, contents: tuple[int, int] | None, begin: int, end: int
) -> SignedRange | Fault:
    """The range of the signature whose ``/ByteRange`` is `value`, or what is wrong with it.

    `contents` is where its ``/Contents`` stands, `begin` and `end` where the object is in which it stands.
    """
    form = FaultCode.BYTE_RANGE_FORM
    if not (isinstance(value, list) and len(value) == 4 and all(type(each) is int and each >= 0 for each in value)):
        return Fault(form, "not four numbers")
    start, gap, after, length = (each for each in value if isinstance(each, int))
    if start != 0 or after + length > len(file.data):
        return Fault(form, "does not begin with the file, or ends behind it")
    if after < gap:
        return Fault(FaultCode.BYTE_RANGE_OVERLAP)
    if contents != (gap, after):
        return Fault(FaultCode.BYTE_RANGE_GAP, "the gap is not the value of this signature")
    if _HEX.fullmatch(file.data, gap, after) is None:
        return Fault(FaultCode.CONTENTS_FORM, "not one hexadecimal string")
    if not begin < gap < after < end <= after + length:
        return Fault(FaultCode.BYTE_RANGE_SHORT, "the dictionary is not covered")
    revision = _revision(file, after + length)
    if revision is None:
        return Fault(FaultCode.BYTE_RANGE_SHORT, "does not end with a revision")
    return SignedRange(file.data, gap, after, after + length, revision)


def _revision(file: PdfFile, end: int) -> Revision | None:
    """The revision that ends there; white space behind it may or may not be covered."""
    for revision in file.revisions:
        if 0 <= revision.end <= end and only_space(file.data, revision.end, end):
            return revision
    return None
