"""The file with the four basic attributes."""

import hashlib
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Self

from warifu.cardmap.image import read_object, read_parts
from warifu.errors import Malformed
from warifu.iso7816 import Tlv, decode_tlv, encode_tlv
from warifu.person import Address, BasicAttributes, BirthDate, Name, Sex


@dataclass(frozen=True, slots=True, repr=False)
class AttributesFile:
    """The four basic attributes as text EF 0002 holds them.

    Wire: ``FF20`` { ``DF21 08`` four offsets, ``DF22`` name, ``DF23`` address, ``DF24 08`` birth date YYYYMMDD,
    ``DF25 01`` sex }. Texts are UTF-8. Each offset is a u16, big-endian, from the first byte of the file to one of the
    objects DF22 to DF25. `signed_part`, DF22 to the end as it was read, is what the integrity file has a digest of.
    Source: soltia48/myna-card `src/ap/text.rs` (Attributes, `digest_source`).
    """

    TAG = 0xFF20
    OFFSETS_TAG = 0xDF21
    TAGS = (0xDF22, 0xDF23, 0xDF24, 0xDF25)

    attributes: BasicAttributes
    # Kept as read: a real file may write a length in another of its valid forms, and the signature covers that form.
    signed_part: bytes = field(default=b"", compare=False)

    def __post_init__(self) -> None:
        if not self.signed_part:
            object.__setattr__(self, "signed_part", b"".join(self._objects()))

    def __repr__(self) -> str:
        return "AttributesFile(not shown)"

    def _objects(self) -> list[bytes]:
        person = self.attributes
        texts = (person.name.text, person.address.text, person.birth_date.digits, person.sex.value)
        return [encode_tlv(tag, text.encode()) for tag, text in zip(self.TAGS, texts, strict=True)]

    def encode(self) -> bytes:
        """The object without filler, lengths in the forms that cards write."""
        objects = self._objects()
        content = b"".join(objects)
        table = bytes(2 * len(objects))
        # The lengths do not depend on what the table says, so a blank one tells where the objects will stand.
        start = len(encode_tlv(self.TAG, encode_tlv(self.OFFSETS_TAG, table) + content)) - len(content)
        table = _offset_table(start, objects)
        return encode_tlv(self.TAG, encode_tlv(self.OFFSETS_TAG, table) + content)

    @classmethod
    def decode(cls, image: bytes) -> Self:
        """Read the file, filler included.

        Raises:
            Malformed: other objects or another order, an offset that does not lead to its object, text that is not
                UTF-8, values that no register holds, or something other than filler behind them.
        """
        table, content = decode_tlv(read_object(image, cls.TAG).value)
        values = read_parts(content, *cls.TAGS)
        _, filler = decode_tlv(image)
        _check_offset_table(table, len(image) - len(filler) - len(content), content)
        return cls(_attributes(*values), content)

    def digest(self) -> bytes:
        """SHA-256 of the signed part, as the integrity file has it."""
        return hashlib.sha256(self.signed_part).digest()


def _offset_table(start: int, objects: list[bytes]) -> bytes:
    starts = accumulate((len(item) for item in objects[:-1]), initial=start)
    return b"".join(offset.to_bytes(2, "big") for offset in starts)


def _check_offset_table(table: Tlv, start: int, content: bytes) -> None:
    objects = []
    while content:
        _, rest = decode_tlv(content)
        objects.append(content[: len(content) - len(rest)])
        content = rest
    if table.tag != AttributesFile.OFFSETS_TAG or table.value != _offset_table(start, objects):
        raise Malformed("the offset table does not lead to the attributes")


def _attributes(name: bytes, address: bytes, birth_date: bytes, sex: bytes) -> BasicAttributes:
    try:
        texts = [value.decode("utf-8") for value in (name, address, birth_date, sex)]
    except UnicodeDecodeError:
        # Not chained: the cause would carry the bytes of a name.
        raise Malformed("an attribute is not UTF-8") from None
    return BasicAttributes(Name(texts[0]), Address(texts[1]), BirthDate.decode(texts[2]), Sex.decode(texts[3]))
