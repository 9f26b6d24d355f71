"""The applications whose files hold records, in one table: common (共通カードAP) and resident register (住基AP).

Source: soltia48/myna-card `src/ap/common.rs`, `src/ap/juki.rs`, `examples/fuzz_card.rs`;
treastrain/TRETJapanNFCReader `Sources/MIFARE/IndividualNumber`. Modelled: the three tries of the common PIN.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType

from warifu.cardmap.table import DIGITS, LETTERS, Application, PinSpec


class CommonFile(IntEnum):
    """File identifiers in the common application."""

    CARD_RECORD = 0x01
    KEY_REFERENCE = 0x02
    """One key id, the same as in the resident register application; which key it names is unknown."""
    INTERNAL_KEY = 0x19
    """Answers INTERNAL AUTHENTICATE; its public half is nowhere on the card."""
    PIN = 0x1C
    UNKNOWN = 0x1E
    """Answers a query for tries; purpose unknown."""


class ResidentFile(IntEnum):
    """File identifiers in the resident register application."""

    RECORD_CODE = 0x01
    """Synthetic, see `ResidentRecord`; no such file was found on a card."""
    KEY_REFERENCE = 0x02
    PIN = 0x1C


COMMON_PIN = PinSpec(Application.COMMON, CommonFile.PIN, 4, 4, 3)
"""What forms call 個人番号カード用暗証番号, together with the resident PIN; a credential of its own."""
RESIDENT_PIN = PinSpec(Application.RESIDENT, ResidentFile.PIN, 4, 4, 3)
"""住民基本台帳用暗証番号."""

RECORD_PINS = (COMMON_PIN, RESIDENT_PIN)

RECORD_UNUSED_PINS = (PinSpec(Application.COMMON, CommonFile.UNKNOWN, 1, 16, 3, LETTERS + DIGITS, changeable=False),)
"""An internal file that answers a query for tries. Modelled: their number, and that nothing matches."""


@dataclass(frozen=True, slots=True)
class RecordSpec:
    """How long each of a file's records is, bytes, and which PINs open it for reading, as in `FileSpec`."""

    lengths: tuple[int, ...]
    opens_with: frozenset[int] | None = None


COMMON_FILES: Mapping[CommonFile, RecordSpec] = MappingProxyType(
    {CommonFile.CARD_RECORD: RecordSpec((30,)), CommonFile.KEY_REFERENCE: RecordSpec((16,))}
)

RESIDENT_FILES: Mapping[ResidentFile, RecordSpec] = MappingProxyType(
    {
        ResidentFile.RECORD_CODE: RecordSpec((13,), frozenset({ResidentFile.PIN})),
        ResidentFile.KEY_REFERENCE: RecordSpec((16,)),
    }
)

COMMON_KEYS: Mapping[CommonFile, frozenset[int] | None] = MappingProxyType({CommonFile.INTERNAL_KEY: None})
"""Private keys of the common application: no PIN is needed, only INTERNAL AUTHENTICATE uses it."""
