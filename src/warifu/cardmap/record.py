"""Records of the card's record-structured files, and the simple TLV that they are written in."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Self

from warifu.cardmap.plain import MUNICIPALITY_LENGTH, check_digits, decode_date, decode_digits, encode_date
from warifu.errors import Malformed
from warifu.person import ResidentRecordCode


@dataclass(frozen=True, slots=True)
class SimpleTlv:
    """One record in simple TLV; `tag` 0..254, `value` up to 65535 bytes.

    Wire: tag of one byte, never ``FF``; length of one byte up to 254, else ``FF hh ll``; value. The long form may stand
    where the short one would do.
    Source: JICSAP IC cards with contacts v1.1 §4.4.1, as told in soltia48/myna-card `src/tlv/simple.rs`.
    """

    LONG = 0xFF
    LONGEST = 0xFFFF

    tag: int
    value: bytes = field(repr=False)  # may be personal

    def __post_init__(self) -> None:
        if not 0 <= self.tag < self.LONG:
            raise Malformed("not a tag of simple TLV")
        if len(self.value) > self.LONGEST:
            raise Malformed("too long for a record")

    def encode(self) -> bytes:
        """Tag, length in its shortest form, value."""
        size = len(self.value)
        length = bytes((size,)) if size < self.LONG else bytes((self.LONG,)) + size.to_bytes(2, "big")
        return bytes((self.tag,)) + length + self.value

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read exactly one record; a byte too many is an error.

        Raises:
            Malformed: as `decode_first`, or something follows.
        """
        first, rest = cls.decode_first(data)
        if rest:
            raise Malformed("something follows the record")
        return first

    @classmethod
    def decode_first(cls, data: bytes) -> tuple[Self, bytes]:
        """The first record, and what follows it where several were read at once.

        Raises:
            Malformed: no record here, or cut short.
        """
        start = 4 if data[1:2] == bytes((cls.LONG,)) else 2
        if len(data) < start:
            raise Malformed("the record is cut short")
        size = int.from_bytes(data[2:4], "big") if start == 4 else data[1]
        if len(data) < start + size:
            raise Malformed("the record is cut short")
        return cls(data[0], data[start : start + size]), data[start + size :]


@dataclass(frozen=True, slots=True, repr=False)
class CardRecord:
    """What the common application tells of the card: EF 0001, record 1. Free to read, so `serial` follows its holder.

    Wire: simple TLV ``01 1C``, 28 ASCII digits: serial number (15), code of the municipality (5), expiry YYYYMMDD (8).
    Source: soltia48/myna-card `src/ap/common.rs` (CardInfo).
    """

    TAG = 0x01
    SERIAL_LENGTH = 15
    LENGTH = 28

    serial: str
    municipality_code: str
    expiry: dt.date

    def __post_init__(self) -> None:
        check_digits(self.serial, self.SERIAL_LENGTH)
        check_digits(self.municipality_code, MUNICIPALITY_LENGTH)

    def __repr__(self) -> str:
        return "CardRecord(not shown)"

    def encode(self) -> bytes:
        """The record, 30 bytes."""
        value = self.serial.encode() + self.municipality_code.encode() + encode_date(self.expiry)
        return SimpleTlv(self.TAG, value).encode()

    @classmethod
    def decode(cls, record: bytes) -> Self:
        """Read the record.

        Raises:
            Malformed: another tag, not 28 digits, or no such day.
        """
        digits = _digits(record, cls.TAG, cls.LENGTH)
        code_at, expiry_at = cls.SERIAL_LENGTH, cls.SERIAL_LENGTH + MUNICIPALITY_LENGTH
        return cls(digits[:code_at], digits[code_at:expiry_at], decode_date(digits[expiry_at:].encode()))


@dataclass(frozen=True, slots=True, repr=False)
class ResidentRecord:
    """The resident record code in the resident register application: EF 0001, record 1. Synthetic.

    That the application holds the code behind a PIN of four digits is public; in which file and how is not, and no file
    that the PIN opens was found on a card (soltia48/myna-card `src/ap/juki.rs`).

    Modelled: file number, record and layout, all of it; no terminal of the Resident Register Network would read this.
    Wire: simple TLV ``01 0B``, 11 ASCII digits.
    """

    TAG = 0x01

    code: ResidentRecordCode

    def __repr__(self) -> str:
        return "ResidentRecord(not shown)"

    def encode(self) -> bytes:
        """The record, 13 bytes."""
        return SimpleTlv(self.TAG, self.code.reveal().encode()).encode()

    @classmethod
    def decode(cls, record: bytes) -> Self:
        """Read the record.

        Raises:
            Malformed: another tag, or not 11 digits.
            WrongCheckDigit: the code's last digit does not match.
        """
        return cls(ResidentRecordCode.parse(_digits(record, cls.TAG, ResidentRecordCode.LENGTH)))


def _digits(record: bytes, tag: int, length: int) -> str:
    first = SimpleTlv.decode(record)
    if first.tag != tag:
        raise Malformed("the record has another tag")
    return decode_digits(first.value, length)
