"""Offset tables: where the objects of a file begin. Checked when a file is read, never followed."""

from itertools import accumulate

from warifu.cardmap.image import read_object
from warifu.errors import Malformed
from warifu.iso7816 import Tlv, decode_tlv, encode_tlv

OFFSETS_TAG = 0xDF21


def encode_with_offsets(tag: int, objects: list[bytes]) -> bytes:
    """The object `tag` out of a table of offsets and the encoded `objects`.

    Wire: ``DF21`` { a u16 for each object, big-endian, from the first byte of the file to the object }, the objects.

    Raises:
        Malformed: too long for offsets of 16 bits.
    """
    content = b"".join(objects)
    # The lengths do not depend on what the table says, so a blank one tells where the objects will stand.
    blank = encode_tlv(tag, encode_tlv(OFFSETS_TAG, bytes(2 * len(objects))) + content)
    table = _offset_table(len(blank) - len(content), objects)
    return encode_tlv(tag, encode_tlv(OFFSETS_TAG, table) + content)


def decode_with_offsets(image: bytes, tag: int) -> bytes:
    """The objects behind the table, as they were read, after checking that the table leads to each of them.

    Raises:
        Malformed: another object, no table, or one that leads elsewhere.
    """
    table, content = decode_tlv(read_object(image, tag).value)
    _, filler = decode_tlv(image)
    _check_offset_table(table, len(image) - len(filler) - len(content), content)
    return content


def split_objects(content: bytes) -> list[bytes]:
    """Each object of a value, header included, in the form that was read.

    Raises:
        Malformed: something else stands between or behind them.
    """
    objects = []
    while content:
        _, rest = decode_tlv(content)
        objects.append(content[: len(content) - len(rest)])
        content = rest
    return objects


def _offset_table(start: int, objects: list[bytes]) -> bytes:
    starts = list(accumulate((len(item) for item in objects[:-1]), initial=start))
    if starts[-1] > 0xFFFF:
        raise Malformed("the objects are too long for a table of 16-bit offsets")
    return b"".join(offset.to_bytes(2, "big") for offset in starts)


def _check_offset_table(table: Tlv, start: int, content: bytes) -> None:
    if table.tag != OFFSETS_TAG or table.value != _offset_table(start, split_objects(content)):
        raise Malformed("the offset table does not lead to the objects")
