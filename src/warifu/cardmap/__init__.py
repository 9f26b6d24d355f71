"""The card's map: which applications and files a My Number Card has, and what stands in them byte for byte.

A language, not a party: the card writes it, the reader reads it, neither knows the other. One table tells AIDs, file
ids, PIN lengths and tries (`table`); every other module is the format of one file. Decoders take a file as it was read,
filler included, and are strict about everything before the filler.
"""

from warifu.cardmap.attributes import AttributesFile
from warifu.cardmap.cv import CvAnchor, CvCertificate
from warifu.cardmap.digest import DigestInfo
from warifu.cardmap.integrity import IntegrityFile
from warifu.cardmap.internal_key import InternalKey
from warifu.cardmap.key_id import KeyId
from warifu.cardmap.number import NumberFile
from warifu.cardmap.public_key import CardPublicKey
from warifu.cardmap.table import (
    ATR_GENERATION_A,
    ATR_GENERATION_B,
    AUTHENTICATION_PIN,
    CARD_MANAGER_AID,
    FILLER,
    JPKI_FILES,
    JPKI_KEYS,
    MATCHING_NUMBER_A,
    MATCHING_NUMBER_B,
    NOBODY,
    PINS,
    SIGNING_PASSWORD,
    TEXT_FILES,
    TEXT_KEYS,
    TEXT_PIN,
    Application,
    FileSpec,
    JpkiFile,
    PinSpec,
    TextFile,
)
from warifu.cardmap.token import CertificateAvailability, TokenInfo

__all__ = [
    "ATR_GENERATION_A",
    "ATR_GENERATION_B",
    "AUTHENTICATION_PIN",
    "CARD_MANAGER_AID",
    "FILLER",
    "JPKI_FILES",
    "JPKI_KEYS",
    "MATCHING_NUMBER_A",
    "MATCHING_NUMBER_B",
    "NOBODY",
    "PINS",
    "SIGNING_PASSWORD",
    "TEXT_FILES",
    "TEXT_KEYS",
    "TEXT_PIN",
    "Application",
    "AttributesFile",
    "CardPublicKey",
    "CertificateAvailability",
    "CvAnchor",
    "CvCertificate",
    "DigestInfo",
    "FileSpec",
    "IntegrityFile",
    "InternalKey",
    "JpkiFile",
    "KeyId",
    "NumberFile",
    "PinSpec",
    "TextFile",
    "TokenInfo",
]
