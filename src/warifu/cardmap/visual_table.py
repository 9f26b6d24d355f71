"""The visual application (券面事項確認AP) in one table: file numbers, matching numbers, which of them opens what.

The numbering is mirrored: matching number A is 0013 here and 0014 in the text application, B 0012 here and 0015 there.

Source: soltia48/myna-card `src/ap/surface.rs` (numbers; A opens 0002 to 0006, B the same but 0005, measured);
docs.p8n.app `guide/sdk/pin-number` (the birth date in six digits). Modelled: sizes beyond what files hold, and ten
tries for each, which was measured for A only.
"""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

from warifu.cardmap.table import DIGITS, LETTERS, Application, FileSpec, PinSpec
from warifu.person import BirthDate


class VisualFile(IntEnum):
    """File identifiers in the visual application."""

    AGE_RECORD = 0x01
    FACE = 0x02
    INFO = 0x03
    CERTIFICATE = 0x04
    NUMBER_IMAGE = 0x05
    UNUSED = 0x06
    """16 times FF; purpose unknown."""
    BIRTH_DATE = 0x11
    """The key that the birth date is."""
    MATCHING_NUMBER_B = 0x12
    MATCHING_NUMBER_A = 0x13
    UNKNOWN_14 = 0x14
    """Answers a query for tries, as does 0015; purpose unknown."""
    UNKNOWN_15 = 0x15
    INTERNAL_KEY = 0x1A


BIRTH_DATE_KEY = PinSpec(Application.VISUAL, VisualFile.BIRTH_DATE, 6, 6, 10, changeable=False)
"""生年月日: YYMMDD, the year as on the face; see `birth_date_key`."""
VISUAL_MATCHING_NUMBER_A = PinSpec(Application.VISUAL, VisualFile.MATCHING_NUMBER_A, 12, 12, 10, changeable=False)
"""照合番号A, the same digits as in the text application, with tries of its own."""
VISUAL_MATCHING_NUMBER_B = PinSpec(Application.VISUAL, VisualFile.MATCHING_NUMBER_B, 14, 14, 10, changeable=False)
"""照合番号B, the same digits as in the text application, with tries of its own."""

VISUAL_PINS = (BIRTH_DATE_KEY, VISUAL_MATCHING_NUMBER_A, VISUAL_MATCHING_NUMBER_B)

VISUAL_UNUSED_PINS = tuple(
    PinSpec(Application.VISUAL, file, 1, 16, 3, LETTERS + DIGITS, changeable=False)
    for file in (VisualFile.UNKNOWN_14, VisualFile.UNKNOWN_15)
)
"""Internal files that answer a query for tries. Modelled: their number of tries, and that nothing matches."""

_FACE_READERS = frozenset({VisualFile.MATCHING_NUMBER_A, VisualFile.MATCHING_NUMBER_B})

VISUAL_FILES: Mapping[VisualFile, FileSpec] = MappingProxyType(
    {
        VisualFile.AGE_RECORD: FileSpec(547, frozenset({VisualFile.BIRTH_DATE})),
        VisualFile.FACE: FileSpec(16384, _FACE_READERS),
        VisualFile.INFO: FileSpec(320),
        VisualFile.CERTIFICATE: FileSpec(568),
        VisualFile.NUMBER_IMAGE: FileSpec(1024, frozenset({VisualFile.MATCHING_NUMBER_A})),
        VisualFile.UNUSED: FileSpec(16, _FACE_READERS),
    }
)

VISUAL_KEYS: Mapping[VisualFile, frozenset[int] | None] = MappingProxyType({VisualFile.INTERNAL_KEY: None})
"""Private keys of the visual application: internal authentication (内部認証) needs no PIN; it is the default key."""


def birth_date_key(birth_date: BirthDate, *, western_year: bool = False) -> str:
    """The six digits YYMMDD of a birth date, with the year that the face prints.

    That is the year of the era, or on a foreign resident's card the last two digits of the Western year. Matching
    number B begins with the same six digits.

    Source: soltia48/myna-card `src/data.rs`, `src/ap/surface.rs`. Modelled: the Western year, inferred from the face.
    """
    digits = birth_date.digits
    return (digits[2:4] if western_year else birth_date.era_year) + digits[4:]
