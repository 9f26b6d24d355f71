"""The four basic attributes inside a signing certificate: six otherNames, in an order of their own.

Wire: each value is a UTF8String in an explicit [0]; the order is 氏名 1, 生年月日 4, 性別 3, 住所 5, then the positions
of substituted characters in the name 2 and in the address 6, one digit (0 or 1) a character.
Source: github.com/kjur/jsrsasign-oid-jpki, lib/index.js (object identifiers 1.2.392.200149.8.5.5.1 to 6, 5 is the
address); github.com/MynaWallet/monorepo, packages/certs (order and encodings).
"""

from dataclasses import dataclass
from typing import Self

from warifu.errors import WrongProfile
from warifu.person import Address, BasicAttributes, BirthDate, Name, Sex
from warifu.pki import der
from warifu.pki.reading import OfProfile
from warifu.pki.substitutes import substitute

_ARC = "1.2.392.200149.8.5.5."
NAME, NAME_SUBSTITUTES, SEX, BIRTH_DATE, ADDRESS, ADDRESS_SUBSTITUTES = range(1, 7)
ORDER = (NAME, BIRTH_DATE, SEX, ADDRESS, NAME_SUBSTITUTES, ADDRESS_SUBSTITUTES)


def encode_personal(attributes: BasicAttributes) -> bytes:
    """The value of subjectAltName (DER GeneralNames) for `attributes`; characters outside the set are replaced."""
    name, name_marks = substitute(attributes.name.text)
    address, address_marks = substitute(attributes.address.text)
    return der.encode(
        der.SEQUENCE,
        _encode_name(NAME, name),
        _encode_name(BIRTH_DATE, attributes.birth_date.certificate_digits),
        _encode_name(SEX, attributes.sex.certificate_digit),
        _encode_name(ADDRESS, address),
        _encode_name(NAME_SUBSTITUTES, name_marks),
        _encode_name(ADDRESS_SUBSTITUTES, address_marks),
    )


_IDENTIFIERS = {item: der.object_identifier(f"{_ARC}{item}") for item in ORDER}


def _encode_name(item: int, text: str) -> bytes:
    """One otherName; nearly all are short, and then all lengths have one byte and are known at once."""
    value, oid = text.encode(), _IDENTIFIERS[item]
    length = len(value)
    if length + len(oid) + 4 < _LONG:
        inner = bytes((_EXPLICIT, length + 2, der.UTF8_STRING, length))
        return bytes((_EXPLICIT, length + len(oid) + 4)) + oid + inner + value
    return der.encode(_EXPLICIT, oid, der.encode(_EXPLICIT, der.encode(der.UTF8_STRING, value)))


_EXPLICIT = der.explicit(0)
_LONG = 0x80


@dataclass(frozen=True, slots=True, repr=False)
class PersonalData:
    """What a signing certificate says about its holder, as written there.

    `name_substitutes` and `address_substitutes` have one digit for each character: 1 where it stands for another one.
    """

    name: str
    name_substitutes: str
    sex: str
    birth_date: str
    address: str
    address_substitutes: str

    def __repr__(self) -> str:
        return "PersonalData()"

    @classmethod
    def decode(cls, value: bytes) -> Self:
        """Read the value of subjectAltName (DER GeneralNames).

        Raises:
            WrongProfile: not the six otherNames in their order and encodings, or a mark for each character is missing.
                Further otherNames of JPKI's arc behind them are let pass.
        """
        with OfProfile("subjectAltName"):
            names = der.whole(value, der.SEQUENCE)
            short = _six_short_names(names)
            if short is not None:
                return cls(*short)
            texts: dict[int, str] = {}
            position = 0
            while position < len(names):
                item, text, position = _short_name(names, position) or _long_name(names, position)
                if item in texts:
                    raise WrongProfile("personal data are told twice")
                texts[item] = text
                if len(texts) <= len(ORDER) and item != ORDER[len(texts) - 1]:
                    raise WrongProfile("the personal data are in another order")
            if len(texts) < len(ORDER):
                raise WrongProfile("personal data are missing")
            return cls(*(texts[item] for item in range(1, 7)))

    def __post_init__(self) -> None:
        for text, marks in ((self.name, self.name_substitutes), (self.address, self.address_substitutes)):
            if len(marks) != len(text) or marks.strip("01"):
                raise WrongProfile("the marks of substituted characters do not fit their text")

    def attributes(self) -> BasicAttributes:
        """The four basic attributes.

        Raises:
            Malformed: a birth date that is not known to the day, or a text that no register holds.
        """
        return BasicAttributes(
            Name(self.name),
            Address(self.address),
            BirthDate.decode_certificate(self.birth_date),
            Sex.decode_certificate(self.sex),
        )


_ARC_DER = _IDENTIFIERS[NAME][2:-1]
_ARC_ELEMENT = _IDENTIFIERS[NAME][:-1]
_ITEM = 2 + len(_ARC_ELEMENT)


# Everything before the text of each otherName, by the length of the text, where all lengths have one byte.
_HEADS = tuple(
    tuple(
        bytes((_EXPLICIT, len(_IDENTIFIERS[item]) + rest + 4))
        + _IDENTIFIERS[item]
        + bytes((_EXPLICIT, rest + 2, der.UTF8_STRING, rest))
        for rest in range(_LONG - 4 - len(_IDENTIFIERS[item]))
    )
    for item in ORDER
)
_HEAD = len(_HEADS[0][0])


def _six_short_names(names: bytes) -> tuple[str, ...] | None:
    """The six texts by number, where they are all and all their lengths have one byte, as nearly all have.

    None for anything else: `_short_name` and `_long_name` then say what is wrong.
    """
    position, texts = 0, []
    for heads in _HEADS:
        begin = position + _HEAD
        rest = names[begin - 1] if begin <= len(names) else _LONG
        if rest >= len(heads) or not names.startswith(heads[rest], position):
            return None
        position = begin + rest
        texts.append(names[begin:position].decode())
    if position != len(names):
        return None
    name, birth_date, sex, address, name_substitutes, address_substitutes = texts
    return name, name_substitutes, sex, birth_date, address, address_substitutes


def _short_name(names: bytes, position: int) -> tuple[int, str, int] | None:
    """One otherName all of whose lengths have one byte, as nearly all have, compared at once; None if it is longer.

    What differs in anything else is None too: `_long_name` then says what is wrong.
    """
    if not names.startswith(_ARC_ELEMENT, position + 2) or len(names) < position + _ITEM + 5:
        return None
    text = position + _ITEM + 5
    length = names[position + 1]
    end = position + 2 + length
    rest = end - text
    if names[position] != _EXPLICIT or length >= _LONG or end > len(names) or rest < 0:
        return None
    item = names[position + _ITEM]
    if item & 0x80 or names[text - 4 : text] != bytes((_EXPLICIT, rest + 2, der.UTF8_STRING, rest)):
        return None
    return item, names[text:end].decode(), end


def _long_name(names: bytes, position: int) -> tuple[int, str, int]:
    start, end = der.slice_element(names, position, _EXPLICIT)
    return (*_other_name(names[start:end]), end)


def _other_name(other_name: bytes) -> tuple[int, str]:
    """The last arc and the text of one otherName of JPKI's."""
    oid, oid_end = der.slice_element(other_name, 0, der.OID)
    if other_name[oid : oid_end - 1] != _ARC_DER or other_name[oid_end - 1] & 0x80:
        raise WrongProfile("subjectAltName has a name of another kind")
    text = der.whole(der.whole(other_name[oid_end:], der.explicit(0)), der.UTF8_STRING)
    return other_name[oid_end - 1], text.decode()
