"""What `cardmap`'s tables let us expect of a card's files, in the few words in which a survey can find it."""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from warifu.cardmap import (
    COMMON_FILES,
    COMMON_KEYS,
    JPKI_FILES,
    JPKI_KEYS,
    NEXT_AUTHENTICATION_FILES,
    NEXT_AUTHENTICATION_KEYS,
    NEXT_AUTHENTICATION_RECORDS,
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
    FileSpec,
    JpkiFile,
    NextAuthenticationFile,
    RecordSpec,
    ResidentFile,
    TextFile,
)


class FileKind(Enum):
    """What a file turns out to be when nobody has presented anything."""

    ABSENT = "absent"
    FREE = "free"
    """Bytes that everybody may read."""
    SHUT = "shut"
    """Bytes that open with something."""
    RECORDS = "records"
    RECORDS_SHUT = "records, shut"
    COUNTED = "counted"
    """A PIN or the like: it tells the tries left."""
    INTERNAL = "internal"
    """A key: neither read nor counted."""


_PINS = (*PINS, *VISUAL_PINS, *VISUAL_UNUSED_PINS, *RECORD_PINS, *RECORD_UNUSED_PINS, *NEXT_PINS)
_FURTHER: Mapping[Application, Mapping[int, FileKind]] = {
    Application.JPKI: {
        JpkiFile.KEY_REFERENCE: FileKind.COUNTED,
        JpkiFile.TERMINAL_CA_KEY: FileKind.INTERNAL,
    },
    Application.TEXT: {TextFile.BLOCKED_PIN: FileKind.COUNTED},
    Application.NEXT_AUTHENTICATION: {NextAuthenticationFile.TERMINAL_CA_KEY: FileKind.INTERNAL},
}
_TRANSPARENT: tuple[tuple[Application, Mapping[Any, FileSpec]], ...] = (
    (Application.JPKI, JPKI_FILES),
    (Application.TEXT, TEXT_FILES),
    (Application.TEXT, TEXT_FURTHER_FILES),
    (Application.VISUAL, VISUAL_FILES),
    (Application.NEXT_AUTHENTICATION, NEXT_AUTHENTICATION_FILES),
    (Application.NEXT_FACE, NEXT_FACE_FILES),
)
_RECORDS: tuple[tuple[Application, Mapping[Any, RecordSpec]], ...] = (
    (Application.COMMON, COMMON_FILES),
    (Application.RESIDENT, RESIDENT_FILES),
    (Application.NEXT_AUTHENTICATION, NEXT_AUTHENTICATION_RECORDS),
    (Application.NEXT_FACE, NEXT_FACE_RECORDS),
)
_KEYS: tuple[tuple[Application, Mapping[Any, object]], ...] = (
    (Application.JPKI, JPKI_KEYS),
    (Application.TEXT, TEXT_KEYS),
    (Application.VISUAL, VISUAL_KEYS),
    (Application.COMMON, COMMON_KEYS),
    (Application.NEXT_AUTHENTICATION, NEXT_AUTHENTICATION_KEYS),
    (Application.NEXT_FACE, NEXT_FACE_KEYS),
)

SYNTHETIC = frozenset({(Application.RESIDENT, int(ResidentFile.RECORD_CODE))})
"""Files that only our own card has; a survey does not compare them."""


def expected_files(application: Application) -> dict[int, FileKind]:
    """The files that our tables know in an application; every other file identifier is expected to be absent."""
    kinds = {int(fid): kind for place, fid, kind in _known() if place is application}
    return kinds | dict(_FURTHER.get(application, {}))


def _known() -> Iterator[tuple[Application, int, FileKind]]:
    for application, files in _TRANSPARENT:
        for fid, spec in files.items():
            yield application, fid, FileKind.FREE if spec.opens_with is None else FileKind.SHUT
    for application, records in _RECORDS:
        for fid, record in records.items():
            yield application, fid, FileKind.RECORDS if record.opens_with is None else FileKind.RECORDS_SHUT
    for application, keys in _KEYS:
        for fid in keys:
            yield application, fid, FileKind.INTERNAL
    for pin in _PINS:
        yield pin.application, pin.file, FileKind.COUNTED
