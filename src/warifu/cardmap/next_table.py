"""The next generation of the card in one table: 認証AP, with everything that wants a PIN, and 券面等AP, the rest.

Four PINs become two here: the signing password, and one of four digits for all that three of today's are for.

Modelled: entirely. Published are two applications instead of today's, P-384 with SHA-384, and fewer PINs
(次期個人番号カードタスクフォース, as summarised at pki.world-tls.com/ecdsa384-mynumber-card); no name, file or command
of that card is. The names begin with F, so that they are nobody's by registration (ISO/IEC 7816-5:2004 §7.4), and files
have today's numbers where they can, and today's formats: what a card issuer signs, and the card's own proof, stay RSA,
because no other format of them is published.
"""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

from warifu.cardmap.record_table import RecordSpec
from warifu.cardmap.table import DIGITS, LETTERS, Application, FileSpec, PinSpec

ATR_NEXT = bytes.fromhex("3BE600FF8131FE455741524946550C")
"""Contact answer to reset of our next-generation card: T=1, "WARIFU" as historical bytes."""


class NextAuthenticationFile(IntEnum):
    """File identifiers in the 認証AP: those of today's JPKI application, and what was in text and resident register."""

    SIGNING_CERTIFICATE = 0x01
    SIGNING_CA_CERTIFICATE = 0x02
    NUMBER = 0x03
    ATTRIBUTES = 0x04
    INTEGRITY = 0x05
    TOKEN_INFO = 0x06
    CERTIFICATE = 0x07
    CERTIFICATE_AVAILABILITY = 0x08
    KEY = 0x09
    AUTHENTICATION_CERTIFICATE = 0x0A
    AUTHENTICATION_CA_CERTIFICATE = 0x0B
    RECORD_CODE = 0x0C
    INTERNAL_KEY = 0x13
    TERMINAL_CA_KEY = 0x16
    """Checks the certificates of terminals that work without a PIN, as today's."""
    AUTHENTICATION_KEY = 0x17
    PIN = 0x18
    SIGNING_KEY = 0x1A
    SIGNING_PASSWORD = 0x1B


class NextFaceFile(IntEnum):
    """File identifiers in the 券面等AP: those of today's visual application, and what matching numbers open in text."""

    AGE_RECORD = 0x01
    FACE = 0x02
    INFO = 0x03
    CERTIFICATE = 0x04
    NUMBER_IMAGE = 0x05
    NUMBER = 0x06
    ATTRIBUTES = 0x07
    INTEGRITY = 0x08
    KEY = 0x09
    CARD_RECORD = 0x0C
    BIRTH_DATE = 0x11
    MATCHING_NUMBER_B = 0x12
    MATCHING_NUMBER_A = 0x13
    INTERNAL_KEY = 0x1A


_AUTHENTICATION, _FACE = Application.NEXT_AUTHENTICATION, Application.NEXT_FACE

NEXT_PIN = PinSpec(_AUTHENTICATION, NextAuthenticationFile.PIN, 4, 4, 3)
"""The one PIN of four digits."""
NEXT_SIGNING_PASSWORD = PinSpec(_AUTHENTICATION, NextAuthenticationFile.SIGNING_PASSWORD, 6, 16, 5, LETTERS + DIGITS)
"""署名用パスワード."""
NEXT_BIRTH_DATE_KEY = PinSpec(_FACE, NextFaceFile.BIRTH_DATE, 6, 6, 10, changeable=False)
"""生年月日: YYMMDD, the year as on the face."""
NEXT_MATCHING_NUMBER_A = PinSpec(_FACE, NextFaceFile.MATCHING_NUMBER_A, 12, 12, 10, changeable=False)
"""照合番号A: the individual number."""
NEXT_MATCHING_NUMBER_B = PinSpec(_FACE, NextFaceFile.MATCHING_NUMBER_B, 14, 14, 10, changeable=False)
"""照合番号B, as today."""

NEXT_PINS = (NEXT_PIN, NEXT_SIGNING_PASSWORD, NEXT_BIRTH_DATE_KEY, NEXT_MATCHING_NUMBER_A, NEXT_MATCHING_NUMBER_B)

_WITH_PIN = frozenset({NextAuthenticationFile.PIN})
_WITH_PASSWORD = frozenset({NextAuthenticationFile.SIGNING_PASSWORD})
_WITH_A, _WITH_B = frozenset({NextFaceFile.MATCHING_NUMBER_A}), frozenset({NextFaceFile.MATCHING_NUMBER_B})

NEXT_AUTHENTICATION_FILES: Mapping[NextAuthenticationFile, FileSpec] = MappingProxyType(
    {
        NextAuthenticationFile.SIGNING_CERTIFICATE: FileSpec(4096, _WITH_PASSWORD),
        NextAuthenticationFile.SIGNING_CA_CERTIFICATE: FileSpec(2048),
        NextAuthenticationFile.NUMBER: FileSpec(17, _WITH_PIN),
        NextAuthenticationFile.ATTRIBUTES: FileSpec(1024, _WITH_PIN),
        NextAuthenticationFile.INTEGRITY: FileSpec(336, _WITH_PIN),
        NextAuthenticationFile.TOKEN_INFO: FileSpec(160),
        NextAuthenticationFile.CERTIFICATE: FileSpec(568),
        NextAuthenticationFile.CERTIFICATE_AVAILABILITY: FileSpec(3),
        NextAuthenticationFile.KEY: FileSpec(536, _WITH_PIN),
        NextAuthenticationFile.AUTHENTICATION_CERTIFICATE: FileSpec(2048),
        NextAuthenticationFile.AUTHENTICATION_CA_CERTIFICATE: FileSpec(2048),
    }
)

NEXT_AUTHENTICATION_RECORDS: Mapping[NextAuthenticationFile, RecordSpec] = MappingProxyType(
    {NextAuthenticationFile.RECORD_CODE: RecordSpec((13,), _WITH_PIN)}
)

NEXT_FACE_FILES: Mapping[NextFaceFile, FileSpec] = MappingProxyType(
    {
        NextFaceFile.AGE_RECORD: FileSpec(547, frozenset({NextFaceFile.BIRTH_DATE})),
        NextFaceFile.FACE: FileSpec(16384, _WITH_A | _WITH_B),
        NextFaceFile.INFO: FileSpec(320),
        NextFaceFile.CERTIFICATE: FileSpec(568),
        NextFaceFile.NUMBER_IMAGE: FileSpec(1024, _WITH_A),
        NextFaceFile.NUMBER: FileSpec(17, _WITH_A),
        NextFaceFile.ATTRIBUTES: FileSpec(1024, _WITH_B),
        NextFaceFile.INTEGRITY: FileSpec(336, _WITH_A | _WITH_B),
        NextFaceFile.KEY: FileSpec(536, _WITH_A | _WITH_B),
    }
)

NEXT_FACE_RECORDS: Mapping[NextFaceFile, RecordSpec] = MappingProxyType({NextFaceFile.CARD_RECORD: RecordSpec((30,))})

NEXT_AUTHENTICATION_KEYS: Mapping[NextAuthenticationFile, frozenset[int] | None] = MappingProxyType(
    {
        NextAuthenticationFile.INTERNAL_KEY: None,
        NextAuthenticationFile.AUTHENTICATION_KEY: _WITH_PIN,
        NextAuthenticationFile.SIGNING_KEY: _WITH_PASSWORD,
    }
)
"""Private keys of the 認証AP. The internal key (RSA) is the default one; the other two are on P-384."""

NEXT_FACE_KEYS: Mapping[NextFaceFile, frozenset[int] | None] = MappingProxyType({NextFaceFile.INTERNAL_KEY: None})
"""Private keys of the 券面等AP: for internal authentication, RSA; it is the default key."""

NEXT_CURVE_KEYS = frozenset({NextAuthenticationFile.AUTHENTICATION_KEY, NextAuthenticationFile.SIGNING_KEY})
"""The keys of the 認証AP that are on P-384."""
