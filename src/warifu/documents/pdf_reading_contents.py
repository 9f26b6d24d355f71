"""The value of a PDF's signature: a CMS message, and zeros behind it for the room that was left over.

Source: ISO 32000-1 §12.8.1, §12.8.3.3; ETSI EN 319 142-1 §5.1.
"""

from warifu.documents.cms_reading import cut_any
from warifu.documents.cms_slices import SignedDataSlice, cut_signed_data
from warifu.errors import Malformed
from warifu.pki import der

__all__ = ["cut_contents", "without_padding"]

_DEEPEST = 32
_LONG_TAG, _INDEFINITE = 0x1F, 0x80


def without_padding(contents: bytes, *, ber: bool = False) -> bytes:
    """The one element that `contents` begins with; behind it are zeros only.

    `ber` allows lengths that are not said, which Apple's software writes and the registry offices accept.

    Raises:
        Malformed: no such element, or something else behind it.
    """
    if ber and contents[1:2] == bytes([_INDEFINITE]):
        end = _end(contents, 0, _DEEPEST)
    else:
        _, end = der.slice_element(contents, 0, der.SEQUENCE)
    if contents.count(0, end) != len(contents) - end:
        raise Malformed("something other than zeros behind the signature in /Contents")
    return contents[:end]


def cut_contents(contents: bytes, *, ber: bool = False) -> SignedDataSlice:
    """The SignedData in `contents`.

    Raises:
        Malformed: it is none.
    """
    message = without_padding(contents, ber=ber)
    return cut_any(message) if ber else cut_signed_data(message)


def _end(data: bytes, at: int, depth: int) -> int:
    """Where the BER element that begins at `at` ended (ITU-T X.690 §8.1.3)."""
    if not depth or at + 2 > len(data) or data[at] & _LONG_TAG == _LONG_TAG:
        raise Malformed("not a CMS signature")
    if data[at + 1] != _INDEFINITE:
        return _definite(data, at)
    at += 2
    while data[at : at + 2] != b"\0\0":
        at = _end(data, at, depth - 1)
    return at + 2


def _definite(data: bytes, at: int) -> int:
    length, at = data[at + 1], at + 2
    if length > _INDEFINITE:
        more = length - _INDEFINITE
        length, at = int.from_bytes(data[at : at + more]), at + more
    if at + length > len(data):
        raise Malformed("not a CMS signature")
    return at + length
