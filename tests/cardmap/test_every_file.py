"""Every file of every application, and every object of the card manager, has a type with vectors, or a reason."""

import json
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest

from warifu.cardmap import (
    CommonFile,
    JpkiFile,
    ManagerObject,
    NextAuthenticationFile,
    NextFaceFile,
    ResidentFile,
    TextFile,
    VisualFile,
)

VECTORS = Path(__file__).parents[1] / "vectors" / "cardmap"
WITHOUT_FORMAT = {
    "certificate": "an X.509 certificate: vectors of warifu.pki",
    "filler": "16 times FF",
    "secret": "a PIN or matching number: ASCII, tests/cardmap/test_table.py",
    "key": "a private key, never read",
    "authority": "key id and public key of terminals' authority, never read",
    "unknown": "answers a query and holds nothing",
    "plain": "ASCII digits, a date or an answer to reset as it is: tests/cardmap/test_records.py",
}
"""Why a file needs no type of its own."""

JPKI = {
    JpkiFile.SIGNING_CERTIFICATE: "certificate",
    JpkiFile.SIGNING_CA_CERTIFICATE: "certificate",
    JpkiFile.TOKEN_INFO: "TokenInfo",
    JpkiFile.CERTIFICATE_AVAILABILITY: "CertificateAvailability",
    JpkiFile.PROTECTED: "filler",
    JpkiFile.AUTHENTICATION_CERTIFICATE: "certificate",
    JpkiFile.AUTHENTICATION_CA_CERTIFICATE: "certificate",
    JpkiFile.KEY_REFERENCE: "unknown",
    JpkiFile.TERMINAL_CA_KEY: "authority",
    JpkiFile.AUTHENTICATION_KEY: "key",
    JpkiFile.AUTHENTICATION_PIN: "secret",
    JpkiFile.SIGNING_KEY: "key",
    JpkiFile.SIGNING_PASSWORD: "secret",
}
TEXT = {
    TextFile.NUMBER: "NumberFile",
    TextFile.ATTRIBUTES: "AttributesFile",
    TextFile.INTEGRITY: "IntegrityFile",
    TextFile.CERTIFICATE: "CvCertificate",
    TextFile.BASIC_INFO: "TextInfo",
    TextFile.SESSION_KEY: "SessionDeliveryKey",
    TextFile.KEY: "InternalKey",
    TextFile.UNUSED: "filler",
    TextFile.PIN: "secret",
    TextFile.BLOCKED_PIN: "unknown",
    TextFile.INTERNAL_KEY: "key",
    TextFile.MATCHING_NUMBER_A: "secret",
    TextFile.MATCHING_NUMBER_B: "secret",
}
VISUAL = {
    VisualFile.AGE_RECORD: "AgeRecord",
    VisualFile.FACE: "FaceFile",
    VisualFile.INFO: "VisualInfo",
    VisualFile.CERTIFICATE: "CvCertificate",
    VisualFile.NUMBER_IMAGE: "NumberImage",
    VisualFile.UNUSED: "filler",
    VisualFile.BIRTH_DATE: "secret",
    VisualFile.MATCHING_NUMBER_B: "secret",
    VisualFile.MATCHING_NUMBER_A: "secret",
    VisualFile.UNKNOWN_14: "unknown",
    VisualFile.UNKNOWN_15: "unknown",
    VisualFile.INTERNAL_KEY: "key",
}
RESIDENT = {
    ResidentFile.RECORD_CODE: "ResidentRecord",
    ResidentFile.KEY_REFERENCE: "KeyId",
    ResidentFile.PIN: "secret",
}
COMMON = {
    CommonFile.CARD_RECORD: "CardRecord",
    CommonFile.KEY_REFERENCE: "KeyId",
    CommonFile.INTERNAL_KEY: "key",
    CommonFile.PIN: "secret",
    CommonFile.UNKNOWN: "unknown",
}
MANAGER = {
    ManagerObject.ISSUER_IDENTIFICATION: "KeyId",
    ManagerObject.CARD_IDENTIFICATION: "plain",
    ManagerObject.CARD_RECOGNITION: "CardRecognition",
    ManagerObject.MUNICIPALITY: "plain",
    ManagerObject.EXPIRY: "plain",
    ManagerObject.INTERMEDIATE_KEY_ID: "KeyId",
    ManagerObject.INTERMEDIATE_CERTIFICATE: "CvCertificate",
    ManagerObject.CONTACT_ATR: "plain",
    ManagerObject.LEAF_CERTIFICATE: "CvCertificate",
}
NEXT_AUTHENTICATION = {
    NextAuthenticationFile.SIGNING_CERTIFICATE: "certificate",
    NextAuthenticationFile.SIGNING_CA_CERTIFICATE: "certificate",
    NextAuthenticationFile.NUMBER: "NumberFile",
    NextAuthenticationFile.ATTRIBUTES: "AttributesFile",
    NextAuthenticationFile.INTEGRITY: "IntegrityFile",
    NextAuthenticationFile.TOKEN_INFO: "TokenInfo",
    NextAuthenticationFile.CERTIFICATE: "CvCertificate",
    NextAuthenticationFile.CERTIFICATE_AVAILABILITY: "CertificateAvailability",
    NextAuthenticationFile.KEY: "InternalKey",
    NextAuthenticationFile.AUTHENTICATION_CERTIFICATE: "certificate",
    NextAuthenticationFile.AUTHENTICATION_CA_CERTIFICATE: "certificate",
    NextAuthenticationFile.RECORD_CODE: "ResidentRecord",
    NextAuthenticationFile.INTERNAL_KEY: "key",
    NextAuthenticationFile.TERMINAL_CA_KEY: "authority",
    NextAuthenticationFile.AUTHENTICATION_KEY: "key",
    NextAuthenticationFile.PIN: "secret",
    NextAuthenticationFile.SIGNING_KEY: "key",
    NextAuthenticationFile.SIGNING_PASSWORD: "secret",
}
NEXT_FACE = {
    NextFaceFile.AGE_RECORD: "AgeRecord",
    NextFaceFile.FACE: "FaceFile",
    NextFaceFile.INFO: "VisualInfo",
    NextFaceFile.CERTIFICATE: "CvCertificate",
    NextFaceFile.NUMBER_IMAGE: "NumberImage",
    NextFaceFile.NUMBER: "NumberFile",
    NextFaceFile.ATTRIBUTES: "AttributesFile",
    NextFaceFile.INTEGRITY: "IntegrityFile",
    NextFaceFile.KEY: "InternalKey",
    NextFaceFile.CARD_RECORD: "CardRecord",
    NextFaceFile.BIRTH_DATE: "secret",
    NextFaceFile.MATCHING_NUMBER_B: "secret",
    NextFaceFile.MATCHING_NUMBER_A: "secret",
    NextFaceFile.INTERNAL_KEY: "key",
}
PLACES: dict[type[IntEnum], dict[Any, str]] = {
    JpkiFile: JPKI,
    TextFile: TEXT,
    VisualFile: VISUAL,
    ResidentFile: RESIDENT,
    CommonFile: COMMON,
    ManagerObject: MANAGER,
    NextAuthenticationFile: NEXT_AUTHENTICATION,
    NextFaceFile: NEXT_FACE,
}


def with_vectors() -> dict[str, int]:
    """How many vectors each type of the room has."""
    read = [json.loads(path.read_text("utf-8")) for path in VECTORS.glob("*.json")]
    return {each["class"].rpartition(".")[2]: len(each["vectors"]) for each in read}


@pytest.mark.parametrize("place", PLACES)
def test_every_file_has_vectors_both_ways_or_a_reason_for_none(place: type[IntEnum]) -> None:
    """`tests/test_wire_types.py` reads and writes each vector."""
    told, vectors = PLACES[place], with_vectors()
    assert set(told) == set(place)
    without = {file.name: kind for file, kind in told.items() if not vectors.get(kind) and kind not in WITHOUT_FORMAT}
    assert without == {}
