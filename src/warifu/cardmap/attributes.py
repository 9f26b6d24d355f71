"""The file with the four basic attributes."""

import hashlib
from dataclasses import dataclass, field
from typing import Self

from warifu.cardmap.image import read_parts
from warifu.cardmap.offsets import decode_with_offsets, encode_with_offsets
from warifu.errors import Malformed
from warifu.iso7816 import encode_tlv
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
        return encode_with_offsets(self.TAG, self._objects())

    @classmethod
    def decode(cls, image: bytes) -> Self:
        """Read the file, filler included.

        Raises:
            Malformed: other objects or another order, an offset that does not lead to its object, text that is not
                UTF-8, values that no register holds, or something other than filler behind them.
        """
        content = decode_with_offsets(image, cls.TAG)
        values = read_parts(content, *cls.TAGS)
        return cls(_attributes(*values), content)

    def digest(self) -> bytes:
        """SHA-256 of the signed part, as the integrity file has it."""
        return hashlib.sha256(self.signed_part).digest()


def _attributes(name: bytes, address: bytes, birth_date: bytes, sex: bytes) -> BasicAttributes:
    try:
        texts = [value.decode("utf-8") for value in (name, address, birth_date, sex)]
    except UnicodeDecodeError:
        # Not chained: the cause would carry the bytes of a name.
        raise Malformed("an attribute is not UTF-8") from None
    return BasicAttributes(Name(texts[0]), Address(texts[1]), BirthDate.decode(texts[2]), Sex.decode(texts[3]))
