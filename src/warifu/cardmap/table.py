"""The card's map in one table: applications, file numbers, PINs, file sizes and who may read them, answers to reset.

Source: soltia48/myna-card `src/ap/*.rs`, `src/mf.rs`; jpki/myna `libmyna/*.go`; OpenSC `src/libopensc/jpki.h`;
pcsc-tools `smartcard_list.txt`. The sizes that files are allocated beyond what they hold are not public, except where
said: Modelled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from types import MappingProxyType

from warifu.errors import Malformed

CARD_MANAGER_AID = bytes.fromhex("A0000001510000")
"""GlobalPlatform issuer security domain: where the card is after power-on."""

FILLER = 0xFF
"""What fills a file behind its object."""

ATR_GENERATION_A = bytes.fromhex("3BE000FF8131FE4514")
"""Contact answer to reset in OpenSC's driver table: T=1, no historical bytes."""
ATR_GENERATION_B = bytes.fromhex("3BDA13FF8131FB468012392F31C173C601C03B")
"""Contact answer to reset of cards seen since 2024 (OpenSC issue 3021; pcsc-tools)."""


class Application(Enum):
    """The applications (AP) of the card, five of today's and two of the next; the value is the identifier."""

    JPKI = bytes.fromhex("D392F000260100000001")
    """公的個人認証AP."""
    TEXT = bytes.fromhex("D3921000310001010408")
    """券面事項入力補助AP."""
    VISUAL = bytes.fromhex("D3921000310001010402")
    """券面事項確認AP (券面AP)."""
    RESIDENT = bytes.fromhex("D3921000310001010401")
    """住民基本台帳AP (住基AP)."""
    COMMON = bytes.fromhex("D3921000310001010100")
    """共通カードAP."""
    NEXT_AUTHENTICATION = bytes.fromhex("F0574152494655000001")
    """認証AP of the next generation. Modelled, see `next_table`."""
    NEXT_FACE = bytes.fromhex("F0574152494655000002")
    """券面等AP of the next generation. Modelled."""

    @property
    def aid(self) -> bytes:
        """Application identifier, 10 bytes."""
        return self.value


class JpkiFile(IntEnum):
    """File identifiers in the JPKI application; the low five bits are the short identifier."""

    SIGNING_CERTIFICATE = 0x01
    SIGNING_CA_CERTIFICATE = 0x02
    TOKEN_INFO = 0x06
    CERTIFICATE_AVAILABILITY = 0x08
    PROTECTED = 0x09
    """Nobody has been seen to read it."""
    AUTHENTICATION_CERTIFICATE = 0x0A
    AUTHENTICATION_CA_CERTIFICATE = 0x0B
    KEY_REFERENCE = 0x10
    """Answers a query for tries; purpose unknown."""
    TERMINAL_CA_KEY = 0x16
    """Checks the certificates of terminals that work without a PIN."""
    AUTHENTICATION_KEY = 0x17
    AUTHENTICATION_PIN = 0x18
    SIGNING_KEY = 0x1A
    SIGNING_PASSWORD = 0x1B


class TextFile(IntEnum):
    """File identifiers in the text application."""

    NUMBER = 0x01
    ATTRIBUTES = 0x02
    INTEGRITY = 0x03
    CERTIFICATE = 0x04
    BASIC_INFO = 0x05
    SESSION_KEY = 0x06
    KEY = 0x07
    UNUSED = 0x08
    """16 times FF; purpose unknown."""
    PIN = 0x11
    BLOCKED_PIN = 0x12
    """Blocked on every card seen; purpose unknown."""
    INTERNAL_KEY = 0x13
    MATCHING_NUMBER_A = 0x14
    MATCHING_NUMBER_B = 0x15


DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class PinSpec:
    """Where a PIN is, what it may look like, and how many tries it has when full.

    `changeable`: the holder may choose another. Wire: the characters in ASCII, no padding; `shortest`..`longest` bytes.
    Modelled: the ten tries of matching number A, and that matching numbers cannot be changed by command.
    """

    application: Application
    file: int
    shortest: int
    longest: int
    tries: int
    alphabet: str = DIGITS
    changeable: bool = True

    def encode(self, pin: str) -> bytes:
        """The PIN as VERIFY carries it; where letters are allowed they are upper-cased, as every client does.

        Raises:
            Malformed: not a PIN of this kind, so that a try would be wasted. The message does not repeat it.
        """
        # Only ASCII: upper() would turn other letters into these ("ß" into "SS").
        folded = pin.upper() if self.alphabet != DIGITS and pin.isascii() else pin
        if not self.shortest <= len(folded) <= self.longest or not set(folded) <= set(self.alphabet):
            kind = "digits" if self.alphabet == DIGITS else "letters A-Z and digits"
            raise Malformed(f"this PIN has {self.lengths} {kind}")
        return folded.encode("ascii")

    def encode_new(self, pin: str) -> bytes:
        """A PIN that someone chooses anew: a password with letters needs a letter and a digit.

        Source: J-LIS, 公的個人認証サービス ポータルサイト (パスワードについて).

        Raises:
            Malformed: as `encode`, or all letters, or all digits where letters are required.
        """
        encoded = self.encode(pin)
        if self.alphabet != DIGITS and (encoded.isalpha() or encoded.isdigit()):
            raise Malformed("a signing password has at least one letter and one digit")
        return encoded

    @property
    def lengths(self) -> str:
        """``4`` or ``6 to 16``."""
        return str(self.shortest) if self.shortest == self.longest else f"{self.shortest} to {self.longest}"


AUTHENTICATION_PIN = PinSpec(Application.JPKI, JpkiFile.AUTHENTICATION_PIN, 4, 4, 3)
"""利用者証明用暗証番号."""
SIGNING_PASSWORD = PinSpec(Application.JPKI, JpkiFile.SIGNING_PASSWORD, 6, 16, 5, LETTERS + DIGITS)
"""署名用パスワード."""
TEXT_PIN = PinSpec(Application.TEXT, TextFile.PIN, 4, 4, 3)
"""券面事項入力補助用暗証番号."""
MATCHING_NUMBER_A = PinSpec(Application.TEXT, TextFile.MATCHING_NUMBER_A, 12, 12, 10, changeable=False)
"""照合番号A: the individual number."""
MATCHING_NUMBER_B = PinSpec(Application.TEXT, TextFile.MATCHING_NUMBER_B, 14, 14, 10, changeable=False)
"""照合番号B: birth date YYMMDD (year as on the face), expiry year YYYY, 4-digit security code."""

PINS = (AUTHENTICATION_PIN, SIGNING_PASSWORD, TEXT_PIN, MATCHING_NUMBER_A, MATCHING_NUMBER_B)

NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class FileSpec:
    """How a transparent file is laid out and which PINs open it for reading.

    `size` is allocated, bytes; the rest behind the object is filler. `opens_with` lists PIN files of the same
    application any one of which suffices; None is free for all, `NOBODY` shut.
    """

    size: int
    opens_with: frozenset[int] | None = None


_NUMBER_READERS = frozenset({TextFile.PIN, TextFile.MATCHING_NUMBER_A})
_ATTRIBUTES_READERS = frozenset({TextFile.PIN, TextFile.MATCHING_NUMBER_B})
_TEXT_READERS = _NUMBER_READERS | _ATTRIBUTES_READERS

JPKI_FILES: Mapping[JpkiFile, FileSpec] = MappingProxyType(
    {
        JpkiFile.SIGNING_CERTIFICATE: FileSpec(4096, frozenset({JpkiFile.SIGNING_PASSWORD})),
        JpkiFile.SIGNING_CA_CERTIFICATE: FileSpec(2048),
        JpkiFile.TOKEN_INFO: FileSpec(160),  # exactly, measured on cards
        JpkiFile.CERTIFICATE_AVAILABILITY: FileSpec(3),  # exactly, measured on cards
        JpkiFile.PROTECTED: FileSpec(16, NOBODY),
        JpkiFile.AUTHENTICATION_CERTIFICATE: FileSpec(2048),
        JpkiFile.AUTHENTICATION_CA_CERTIFICATE: FileSpec(2048),
    }
)

TEXT_FILES: Mapping[TextFile, FileSpec] = MappingProxyType(
    {
        TextFile.NUMBER: FileSpec(17, _NUMBER_READERS),  # exactly: its digest covers the two bytes of filler
        TextFile.ATTRIBUTES: FileSpec(1024, _ATTRIBUTES_READERS),
        TextFile.INTEGRITY: FileSpec(336, _TEXT_READERS),
        TextFile.CERTIFICATE: FileSpec(568),
        TextFile.KEY: FileSpec(536, _TEXT_READERS),
    }
)

TEXT_FURTHER_FILES: Mapping[TextFile, FileSpec] = MappingProxyType(
    {
        TextFile.BASIC_INFO: FileSpec(256),  # at least: clients ask for so many
        TextFile.SESSION_KEY: FileSpec(269, _TEXT_READERS),
        TextFile.UNUSED: FileSpec(16, NOBODY),  # Modelled: who may read it is not known
    }
)
"""Files of the text application that describe it or that nothing but secure messaging needs."""

JPKI_KEYS: Mapping[JpkiFile, frozenset[int] | None] = MappingProxyType(
    {
        JpkiFile.AUTHENTICATION_KEY: frozenset({JpkiFile.AUTHENTICATION_PIN}),
        JpkiFile.SIGNING_KEY: frozenset({JpkiFile.SIGNING_PASSWORD}),
    }
)
"""Private keys of the JPKI application and the PINs that release them."""

TEXT_KEYS: Mapping[TextFile, frozenset[int] | None] = MappingProxyType({TextFile.INTERNAL_KEY: None})
"""Private keys of the text application: internal authentication (内部認証) needs no PIN."""
