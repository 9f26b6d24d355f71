"""Command and response APDUs: the four cases, short and extended, and command chaining."""

from dataclasses import dataclass, field, fields, replace
from typing import Self

from warifu.errors import Malformed

MAX_SHORT_DATA = 255
MAX_SHORT_LE = 256
MAX_EXTENDED = 65536
"""Largest Le of an extended command; its data field holds one byte less."""

CHAINING = 0x10
"""Class bit 5: more commands of the chain follow."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command APDU. `le` is the number of bytes expected at most, 1..65536, or None where none are.

    Wire: CLA INS P1 P2, then by case: nothing; Le; Lc and data; Lc, data and Le. Lc and Le have one byte each, or, in
    an extended command, Lc ``00 hh ll`` and Le two bytes (three without data, led by 00). An Le field of zeros means
    256 or 65536. Both have the same form. `extended` says that a decoded command had the long form, and asks for it.
    Source: ISO/IEC 7816-4:2005 §5.1, §5.1.1; ISO/IEC 7816-3:2006 §12.1.3 (decoding conventions).
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)  # may be a PIN
    le: int | None = None
    extended: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        if (self.cla | self.ins | self.p1 | self.p2) & ~0xFF:
            raise Malformed("a command header has four bytes")
        if len(self.data) >= MAX_EXTENDED:
            raise Malformed("too much data for a command")
        if self.le is not None and not 1 <= self.le <= MAX_EXTENDED:
            raise Malformed("Le is out of range")

    def encode(self) -> bytes:
        """The shortest form that fits, or the extended one if `extended` asks for it."""
        head = bytes((self.cla, self.ins, self.p1, self.p2))
        if self.extended or len(self.data) > MAX_SHORT_DATA or (self.le or 0) > MAX_SHORT_LE:
            return head + self._extended_body()
        lc = bytes((len(self.data),)) if self.data else b""
        return head + lc + self.data + (b"" if self.le is None else bytes((self.le & 0xFF,)))

    def _extended_body(self) -> bytes:
        lc = b"\0" + len(self.data).to_bytes(2, "big") if self.data else b""
        le = b"" if self.le is None else (self.le & 0xFFFF).to_bytes(2, "big")
        return lc + self.data + (le if self.data or not le else b"\0" + le)

    @classmethod
    def decode(cls, apdu: bytes) -> Self:
        """Read one command.

        Raises:
            Malformed: shorter than a header, or Lc and Le do not account for every byte.
        """
        size = len(apdu)
        if size < 4:
            raise Malformed("shorter than a command header")
        if size <= 5:
            return cls._of(apdu, b"", (apdu[4] or MAX_SHORT_LE) if size == 5 else None, False)
        if apdu[4]:
            return cls._of(apdu, *_body(apdu, 5, apdu[4], 1), False)
        if size == 6:
            raise Malformed("half of an extended length")
        if size == 7:
            return cls._of(apdu, b"", (apdu[5] << 8 | apdu[6]) or MAX_EXTENDED, True)
        return cls._of(apdu, *_body(apdu, 7, apdu[5] << 8 | apdu[6], 2), True)

    @classmethod
    def _of(cls, header: bytes, data: bytes, le: int | None, extended: bool) -> Self:
        """A command out of what was read.

        Nothing in it can be out of range, so it is made without the checks of one that somebody composes: a card makes
        a command out of everything that it is sent.
        """
        made = object.__new__(cls)
        _set_cla(made, header[0])
        _set_ins(made, header[1])
        _set_p1(made, header[2])
        _set_p2(made, header[3])
        _set_data(made, data)
        _set_le(made, le)
        _set_extended(made, extended)
        return made


# The slots themselves, since the dataclass lets nobody write by name.
_set_cla, _set_ins, _set_p1, _set_p2, _set_data, _set_le, _set_extended = (
    Command.__dict__[each.name].__set__ for each in fields(Command)
)


def _body(apdu: bytes, start: int, lc: int, le_size: int) -> tuple[bytes, int | None]:
    """Data and Le of a command that has data at `start`: case 3 or 4, nothing else."""
    end = start + lc
    behind = len(apdu) - end
    if lc and not behind:
        return apdu[start:], None
    if lc and behind == le_size:
        le = apdu[end] or MAX_SHORT_LE if le_size == 1 else apdu[end] << 8 | apdu[end + 1] or MAX_EXTENDED
        return apdu[start:end], le
    raise Malformed("Lc and Le do not account for the command's length")


def chain(command: Command) -> list[Command]:
    """Cut a command whose data does not fit a short one into a chain; the last has Le.

    Source: ISO/IEC 7816-4:2005 §5.1.1.1.
    """
    starts = range(0, len(command.data) or 1, MAX_SHORT_DATA)
    pieces = [command.data[start : start + MAX_SHORT_DATA] for start in starts]
    more = [replace(command, cla=command.cla | CHAINING, data=piece, le=None, extended=False) for piece in pieces[:-1]]
    return [*more, replace(command, data=pieces[-1], extended=False)]


@dataclass(frozen=True, slots=True)
class Response:
    """One response APDU.

    Wire: data, then the status word (u16, big-endian).
    Source: ISO/IEC 7816-4:2005 §5.1.
    """

    data: bytes = field(repr=False)  # may be personal
    status_word: int

    def __post_init__(self) -> None:
        if not 0 <= self.status_word <= 0xFFFF:
            raise Malformed("a status word has two bytes")

    def encode(self) -> bytes:
        """Data and status word."""
        return self.data + self.status_word.to_bytes(2, "big")

    @classmethod
    def decode(cls, apdu: bytes) -> Self:
        """Read one response.

        Raises:
            Malformed: shorter than a status word.
        """
        if len(apdu) < 2:
            raise Malformed("shorter than a status word")
        return cls(apdu[:-2], int.from_bytes(apdu[-2:], "big"))
