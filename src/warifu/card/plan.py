"""The card's map as one list: which files, keys and PINs each application has, and the names the store has for them.

Wire: the store names ``format`` (one byte), ``profile``, and one value for each file with contents, named by
application and file number, ``jpki/0018`` or ``text/0001``: a file image, a file's records one behind the other, a
PKCS#8 DER key or a `PinRecord`. The card manager's objects are named by tag, ``manager/0042``; the private half of text
EF 0006 has no file number and is ``text/delivery``.

Format 3 is that of the next generation's cards: other applications, P-384 keys beside RSA, one PIN for what three were
for; today's cards stay at format 2.

Format 2 (written since there are all five applications) and format 1 (JPKI and text only) read alike: an application
of which the store has nothing is not on that card and answers 6A82, and so do the text application's files 0005, 0006
and 0008, one by one. Nothing migrates: a card keeps the format in which it was personalised, as plastic does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from warifu.cardmap import (
    COMMON_FILES,
    COMMON_KEYS,
    JPKI_FILES,
    JPKI_KEYS,
    NEXT_AUTHENTICATION_FILES,
    NEXT_AUTHENTICATION_KEYS,
    NEXT_AUTHENTICATION_RECORDS,
    NEXT_CURVE_KEYS,
    NEXT_FACE_FILES,
    NEXT_FACE_KEYS,
    NEXT_FACE_RECORDS,
    NEXT_PINS,
    PINS,
    RECORD_PINS,
    RECORD_UNUSED_PINS,
    RESIDENT_FILES,
    TEXT_FILES,
    TEXT_FURTHER_FILES,
    TEXT_KEYS,
    VISUAL_FILES,
    VISUAL_KEYS,
    VISUAL_PINS,
    VISUAL_UNUSED_PINS,
    Application,
    CommonFile,
    FileSpec,
    JpkiFile,
    NextAuthenticationFile,
    NextFaceFile,
    PinSpec,
    RecordSpec,
    TextFile,
    VisualFile,
)
from warifu.iso7816 import StatusWord

FORMAT = "format"
FORMAT_VERSION = b"\x02"
NEXT_FORMAT_VERSION = b"\x03"
OLDEST_FORMAT_VERSION = b"\x01"
PROFILE = "profile"
WIPED = "wiped"
"""There when a sensor's alarm has wiped the card, and what it noticed; only format and profile are left beside it."""
DELIVERY_KEY = "text/delivery"

# Internal files that answer a query for tries and match nothing. Modelled: as blocked PINs; text 0012 was seen so,
# JPKI 0010 was only seen to answer the query.
UNUSED_PINS = (
    PinSpec(Application.JPKI, JpkiFile.KEY_REFERENCE, 1, 16, 3, changeable=False),
    PinSpec(Application.TEXT, TextFile.BLOCKED_PIN, 4, 4, 3, changeable=False),
    *VISUAL_UNUSED_PINS,
    *RECORD_UNUSED_PINS,
)
_ALL_PINS = (*PINS, *VISUAL_PINS, *RECORD_PINS, *UNUSED_PINS, *NEXT_PINS)

F = TypeVar("F", bound=int)
S = TypeVar("S")


def name(application: Application, fid: int) -> str:
    """The name under which the store keeps a file."""
    return f"{application.name.lower()}/{fid:04X}"


def lock_name(application: Application) -> str:
    """The name under which the store keeps that an application is locked; nothing is there while it is not."""
    return f"{application.name.lower()}/locked"


def object_name(tag: int) -> str:
    """The name under which the store keeps an object of the card manager."""
    return f"{MANAGER}/{tag:04X}"


MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Plan:
    """What cardmap's tables say of one application; `optional` files may be missing from the store.

    `curve_keys` are those of `keys` that are on P-384, not RSA.
    `terminal_opens`: the keys that a terminal certified under `terminal_authority` may use without a PIN.
    `delivery_opens_with`: the PINs that let session keys in, where it has secure messaging; `no_delivery`: how it
    refuses them where not (soltia48/myna-card `src/sm.rs`: 66F1 or 6982, each application its own).
    """

    application: Application
    files: Mapping[int, FileSpec] = field(default_factory=dict)
    optional: Mapping[int, FileSpec] = field(default_factory=dict)
    records: Mapping[int, RecordSpec] = field(default_factory=dict)
    keys: Mapping[int, frozenset[int] | None] = field(default_factory=dict)
    authentication_keys: frozenset[int] = frozenset()
    curve_keys: frozenset[int] = frozenset()
    terminal_authority: int | None = None
    terminal_opens: frozenset[int] = frozenset()
    default_key: int | None = None
    delivery_opens_with: frozenset[int] | None = None
    no_delivery: StatusWord = StatusWord.SECURITY_STATUS
    change_key: bool = False

    @property
    def pins(self) -> tuple[PinSpec, ...]:
        """Its PINs, those included that nothing matches."""
        return tuple(pin for pin in _ALL_PINS if pin.application is self.application)

    def is_on(self, stored: Mapping[str, bytes]) -> bool:
        """Whether a card with these contents has the application."""
        prefix = name(self.application, 0)[:-4]
        return any(each.startswith(prefix) for each in stored)


def _numbered(table: Mapping[F, S]) -> Mapping[int, S]:
    return {int(fid): spec for fid, spec in table.items()}


PLANS = (
    Plan(
        Application.JPKI,
        _numbered(JPKI_FILES),
        keys=_numbered(JPKI_KEYS),
        terminal_authority=JpkiFile.TERMINAL_CA_KEY,
        terminal_opens=frozenset({int(JpkiFile.AUTHENTICATION_KEY)}),
    ),
    Plan(
        Application.TEXT,
        _numbered(TEXT_FILES),
        optional=_numbered(TEXT_FURTHER_FILES),
        keys=_numbered(TEXT_KEYS),
        default_key=TextFile.INTERNAL_KEY,
        delivery_opens_with=frozenset({int(TextFile.PIN)}),
        no_delivery=StatusWord.UNKNOWN_INSTRUCTION,
    ),
    Plan(
        Application.VISUAL,
        _numbered(VISUAL_FILES),
        keys=_numbered(VISUAL_KEYS),
        default_key=VisualFile.INTERNAL_KEY,
        no_delivery=StatusWord.NO_SESSION_KEY,
    ),
    Plan(Application.RESIDENT, records=_numbered(RESIDENT_FILES), change_key=True),
    Plan(
        Application.COMMON,
        records=_numbered(COMMON_FILES),
        keys=_numbered(COMMON_KEYS),
        authentication_keys=frozenset({int(CommonFile.INTERNAL_KEY)}),
        no_delivery=StatusWord.NO_SESSION_KEY,
        change_key=True,
    ),
)
"""In the order in which a partial name finds them. Modelled: the order."""

NEXT_PLANS = (
    Plan(
        Application.NEXT_AUTHENTICATION,
        _numbered(NEXT_AUTHENTICATION_FILES),
        records=_numbered(NEXT_AUTHENTICATION_RECORDS),
        keys=_numbered(NEXT_AUTHENTICATION_KEYS),
        curve_keys=frozenset(map(int, NEXT_CURVE_KEYS)),
        terminal_authority=NextAuthenticationFile.TERMINAL_CA_KEY,
        terminal_opens=frozenset({int(NextAuthenticationFile.AUTHENTICATION_KEY)}),
        default_key=NextAuthenticationFile.INTERNAL_KEY,
    ),
    Plan(
        Application.NEXT_FACE,
        _numbered(NEXT_FACE_FILES),
        records=_numbered(NEXT_FACE_RECORDS),
        keys=_numbered(NEXT_FACE_KEYS),
        default_key=NextFaceFile.INTERNAL_KEY,
        no_delivery=StatusWord.NO_SESSION_KEY,
    ),
)
"""The same of a next-generation card. Modelled: entirely; neither application has secure messaging."""


def plans_of(*, next_generation: bool) -> tuple[Plan, ...]:
    """The applications that a card of this generation may have."""
    return NEXT_PLANS if next_generation else PLANS
