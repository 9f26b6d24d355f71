"""File images: the data object at the start of an elementary file, and the filler behind it."""

from warifu.cardmap.table import FILLER
from warifu.errors import Malformed
from warifu.iso7816 import Tlv, decode_all, decode_tlv


def read_object(image: bytes, tag: int) -> Tlv:
    """The data object that a file holds; behind it only filler may follow.

    Raises:
        Malformed: another tag, cut short, or something else than ``FF`` behind the object.
    """
    first, rest = decode_tlv(image)
    if first.tag != tag:
        raise Malformed("the file holds another data object")
    if rest.strip(bytes([FILLER])):
        raise Malformed("something other than filler follows the data object")
    return first


def read_parts(value: bytes, *tags: int) -> tuple[bytes, ...]:
    """The values of exactly these data objects in this order.

    Raises:
        Malformed: one is missing, unexpected, out of order or cut short.
    """
    parts = decode_all(value)
    if tuple(part.tag for part in parts) != tags:
        raise Malformed("the data object does not have the expected parts")
    return tuple(part.value for part in parts)
