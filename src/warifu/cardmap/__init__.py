"""The card's map: which applications and files a My Number Card has, and what stands in them byte for byte.

A language, not a party: the card writes it, the reader reads it, neither knows the other. Tables tell AIDs, file ids,
PIN lengths and tries (`table`, `visual_table`, `record_table`, and `next_table` of the next generation); the other
modules are formats of files. Decoders take a file as it was read, filler included, and are strict about everything
before the filler.
"""

from warifu.cardmap.age import AgeRecord
from warifu.cardmap.application_info import Implementation, TextInfo, VisualInfo
from warifu.cardmap.attributes import AttributesFile
from warifu.cardmap.cv import CvAnchor, CvCertificate
from warifu.cardmap.delivery_key import SessionDeliveryKey
from warifu.cardmap.digest import DigestInfo
from warifu.cardmap.face import Face, FaceFile
from warifu.cardmap.integrity import IntegrityFile
from warifu.cardmap.internal_key import InternalKey
from warifu.cardmap.key_id import KeyId
from warifu.cardmap.manager import ManagerData, ManagerObject
from warifu.cardmap.next_table import (
    ATR_NEXT,
    NEXT_AUTHENTICATION_FILES,
    NEXT_AUTHENTICATION_KEYS,
    NEXT_AUTHENTICATION_RECORDS,
    NEXT_BIRTH_DATE_KEY,
    NEXT_CURVE_KEYS,
    NEXT_FACE_FILES,
    NEXT_FACE_KEYS,
    NEXT_FACE_RECORDS,
    NEXT_MATCHING_NUMBER_A,
    NEXT_MATCHING_NUMBER_B,
    NEXT_PIN,
    NEXT_PINS,
    NEXT_SIGNING_PASSWORD,
    NextAuthenticationFile,
    NextFaceFile,
)
from warifu.cardmap.number import NumberFile
from warifu.cardmap.number_image import NumberImage
from warifu.cardmap.pictures import png_size
from warifu.cardmap.plain_signature import PlainSignature
from warifu.cardmap.public_key import CardPublicKey
from warifu.cardmap.recognition import CardRecognition
from warifu.cardmap.record import CardRecord, ResidentRecord, SimpleTlv
from warifu.cardmap.record_table import (
    COMMON_FILES,
    COMMON_KEYS,
    COMMON_PIN,
    RECORD_PINS,
    RECORD_UNUSED_PINS,
    RESIDENT_FILES,
    RESIDENT_PIN,
    CommonFile,
    RecordSpec,
    ResidentFile,
)
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
    TEXT_FURTHER_FILES,
    TEXT_KEYS,
    TEXT_PIN,
    Application,
    FileSpec,
    JpkiFile,
    PinSpec,
    TextFile,
)
from warifu.cardmap.token import CertificateAvailability, TokenInfo
from warifu.cardmap.visual_table import (
    BIRTH_DATE_KEY,
    VISUAL_FILES,
    VISUAL_KEYS,
    VISUAL_MATCHING_NUMBER_A,
    VISUAL_MATCHING_NUMBER_B,
    VISUAL_PINS,
    VISUAL_UNUSED_PINS,
    VisualFile,
    birth_date_key,
)

__all__ = [
    "ATR_GENERATION_A",
    "ATR_GENERATION_B",
    "ATR_NEXT",
    "AUTHENTICATION_PIN",
    "BIRTH_DATE_KEY",
    "CARD_MANAGER_AID",
    "COMMON_FILES",
    "COMMON_KEYS",
    "COMMON_PIN",
    "FILLER",
    "JPKI_FILES",
    "JPKI_KEYS",
    "MATCHING_NUMBER_A",
    "MATCHING_NUMBER_B",
    "NEXT_AUTHENTICATION_FILES",
    "NEXT_AUTHENTICATION_KEYS",
    "NEXT_AUTHENTICATION_RECORDS",
    "NEXT_BIRTH_DATE_KEY",
    "NEXT_CURVE_KEYS",
    "NEXT_FACE_FILES",
    "NEXT_FACE_KEYS",
    "NEXT_FACE_RECORDS",
    "NEXT_MATCHING_NUMBER_A",
    "NEXT_MATCHING_NUMBER_B",
    "NEXT_PIN",
    "NEXT_PINS",
    "NEXT_SIGNING_PASSWORD",
    "NOBODY",
    "PINS",
    "RECORD_PINS",
    "RECORD_UNUSED_PINS",
    "RESIDENT_FILES",
    "RESIDENT_PIN",
    "SIGNING_PASSWORD",
    "TEXT_FILES",
    "TEXT_FURTHER_FILES",
    "TEXT_KEYS",
    "TEXT_PIN",
    "VISUAL_FILES",
    "VISUAL_KEYS",
    "VISUAL_MATCHING_NUMBER_A",
    "VISUAL_MATCHING_NUMBER_B",
    "VISUAL_PINS",
    "VISUAL_UNUSED_PINS",
    "AgeRecord",
    "Application",
    "AttributesFile",
    "CardPublicKey",
    "CardRecognition",
    "CardRecord",
    "CertificateAvailability",
    "CommonFile",
    "CvAnchor",
    "CvCertificate",
    "DigestInfo",
    "Face",
    "FaceFile",
    "FileSpec",
    "Implementation",
    "IntegrityFile",
    "InternalKey",
    "JpkiFile",
    "KeyId",
    "ManagerData",
    "ManagerObject",
    "NextAuthenticationFile",
    "NextFaceFile",
    "NumberFile",
    "NumberImage",
    "PinSpec",
    "PlainSignature",
    "RecordSpec",
    "ResidentFile",
    "ResidentRecord",
    "SessionDeliveryKey",
    "SimpleTlv",
    "TextFile",
    "TextInfo",
    "TokenInfo",
    "VisualFile",
    "VisualInfo",
    "birth_date_key",
    "png_size",
]
