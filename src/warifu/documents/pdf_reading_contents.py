"""The value of a PDF's signature: a CMS message, and zeros behind it for the room that was left over.

Source: ISO 32000-1 §12.8.1, §12.8.3.3; ETSI EN 319 142-1 §5.1.
"""

from warifu.documents.cms_slices import SignedDataSlice, cut_signed_data
from warifu.errors import Malformed
from warifu.pki import der

__all__ = ["cut_contents", "without_padding"]

_DEEPEST = 32
_LONG_TAG, _INDEFINITE = 0x1F, 0x80


def without_padding(contents: bytes, *, ber: bool = False) -> bytes:
    """The one element that `contents` begins with; behind it are zeros only.

    `ber` allows lengths that are not said, which Apple's software and NSS write and the registry offices accept; they
    are said in what is returned.

    Raises:
        Malformed: no such element, or something else behind it.
    """
    if ber:
        element, end = _with_lengths(contents, 0, _DEEPEST)
    else:
        _, end = der.slice_element(contents, 0, der.SEQUENCE)
        element = contents[:end]
    if contents.count(0, end) != len(contents) - end:
        raise Malformed("something other than zeros behind the signature in /Contents")
    return element


def cut_contents(contents: bytes, *, ber: bool = False) -> SignedDataSlice:
    """The SignedData in `contents`.

    Raises:
        Malformed: it is none.
    """
    return cut_signed_data(without_padding(contents, ber=ber))


def _with_lengths(data: bytes, at: int, depth: int) -> tuple[bytes, int]:
    """The element that begins at `at`, and where it ended; one whose length is not said gets it (ITU-T X.690 §8.1.3).

    What says its length stays as it is, byte by byte, because it may be signed.
    """
    if not depth or at + 2 > len(data) or data[at] & _LONG_TAG == _LONG_TAG:
        raise Malformed("not a CMS signature")
    if data[at + 1] != _INDEFINITE:
        end = _end(data, at)
        return data[at:end], end
    parts, here = [], at + 2
    while data[here : here + 2] != b"\0\0":
        part, here = _with_lengths(data, here, depth - 1)
        parts.append(part)
    return der.encode(data[at], *parts), here + 2


def _end(data: bytes, at: int) -> int:
    length, at = data[at + 1], at + 2
    if length > _INDEFINITE:
        more = length - _INDEFINITE
        length, at = int.from_bytes(data[at : at + more]), at + more
    if at + length > len(data):
        raise Malformed("not a CMS signature")
    return at + length
