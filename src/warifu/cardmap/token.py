"""What the JPKI application tells about itself: the token information and which certificates are there."""

import struct
from dataclasses import astuple, dataclass
from typing import Any, Self

from warifu.errors import Malformed

_UNAVAILABLE = 0xFFFFFFFF
_LAYOUT = struct.Struct(">32s32s16s16s11I2s2s16s")
_TEXT_LENGTHS = {
    "label": 32,
    "manufacturer": 32,
    "model": 16,
    "serial_number": 16,
    "hardware_version": 2,
    "firmware_version": 2,
    "utc_time": 16,
}


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """JPKI EF 0006: a PKCS#11 CK_TOKEN_INFO, written down. The defaults are those of a plastic card.

    Wire: 160 bytes: label (32), manufacturer (32), model (16), serial number (16), flags and ten more u32, hardware and
    firmware version (2 each), time (16). Texts are printable ASCII padded with spaces, numbers big-endian; a memory
    size of FFFFFFFF is one not told (CK_UNAVAILABLE_INFORMATION).
    Source: PKCS #11 v2.20 §9.2; values in soltia48/myna-card `src/ap/jpki.rs`; labels in jpki/myna `libmyna`.
    """

    LENGTH = 160
    PLASTIC = "JPKIAPICCTOKEN2"
    PHONE = "JPKIAPGPSETOKEN"
    NEXT = "WARIFUNEXTTOKEN"
    """Modelled: what a next-generation card calls itself is not known."""

    label: str = PLASTIC
    manufacturer: str = "00000000000000000000000000000001"
    model: str = "E16R01NJ"
    serial_number: str = "0000000020500003"
    flags: int = 0x0000040D
    max_sessions: int = 1
    open_sessions: int = 0
    max_rw_sessions: int = 1
    open_rw_sessions: int = 0
    max_pin_length: int = 16
    min_pin_length: int = 6
    total_public_memory: int = _UNAVAILABLE
    free_public_memory: int = _UNAVAILABLE
    total_private_memory: int = _UNAVAILABLE
    free_private_memory: int = _UNAVAILABLE
    hardware_version: str = "03"
    firmware_version: str = "01"
    utc_time: str = "9999999999999999"

    def __post_init__(self) -> None:
        for name, length in _TEXT_LENGTHS.items():
            text = getattr(self, name)
            if len(text) > length or not (text.isascii() and text.isprintable()) or text.endswith(" "):
                raise Malformed(f"the token's {name} is not up to {length} printable characters")
        if any(isinstance(value, int) and not 0 <= value <= _UNAVAILABLE for value in astuple(self)):
            raise Malformed("a number of the token information is out of range")

    def encode(self) -> bytes:
        """The 160 bytes."""
        padded = {name: getattr(self, name).ljust(length).encode() for name, length in _TEXT_LENGTHS.items()}
        return _LAYOUT.pack(*(padded.get(name, getattr(self, name)) for name in self.__slots__))

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the 160 bytes.

        Raises:
            Malformed: another length, or a text that is not printable ASCII.
        """
        if len(data) != cls.LENGTH:
            raise Malformed("the token information has 160 bytes")
        return cls(*map(_unpadded, _LAYOUT.unpack(data)))


def _unpadded(value: Any) -> Any:
    """A text without its padding, or the number. Latin-1 reads any byte; the constructor refuses what is not ASCII."""
    return value.decode("latin-1").rstrip(" ") if isinstance(value, bytes) else value


@dataclass(frozen=True, slots=True)
class CertificateAvailability:
    """JPKI EF 0008: which of the two certificates the card holds.

    Wire: three bytes, for the signing and the authentication certificate ``8F`` (there) or ``00`` (not there), then
    ``00``.
    Source: soltia48/myna-card `src/ap/jpki.rs` (``8F 8F 00`` on cards with both).
    Modelled: ``00`` for a certificate that is not there; the meaning of the third byte is not public, any value is
    read and kept.
    """

    PRESENT = 0x8F
    ABSENT = 0x00

    signing: bool = True
    authentication: bool = True
    third: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.third <= 0xFF:
            raise Malformed("not a byte")

    def encode(self) -> bytes:
        """The three bytes."""
        present = (self.PRESENT if there else self.ABSENT for there in (self.signing, self.authentication))
        return bytes((*present, self.third))

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the three bytes.

        Raises:
            Malformed: another length, or a byte that means neither.
        """
        if len(data) != 3 or any(byte not in (cls.PRESENT, cls.ABSENT) for byte in data[:2]):
            raise Malformed("not a certificate availability")
        return cls(data[0] == cls.PRESENT, data[1] == cls.PRESENT, data[2])
