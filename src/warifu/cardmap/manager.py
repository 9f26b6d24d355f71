"""What the card manager tells about the card before any application is selected."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

from warifu.cardmap.cv import CvAnchor, CvCertificate
from warifu.cardmap.key_id import KeyId
from warifu.cardmap.plain import MUNICIPALITY_LENGTH, check_digits, decode_date, decode_digits, encode_date
from warifu.cardmap.recognition import CardRecognition
from warifu.errors import Malformed


class ManagerObject(IntEnum):
    """Tags that GET DATA knows where the card is after power-on; the answer is the value without tag and length.

    Source: soltia48/myna-card `src/mf.rs` (measured; which of them a card has varies).
    """

    ISSUER_IDENTIFICATION = 0x0042
    CARD_IDENTIFICATION = 0x0045
    CARD_RECOGNITION = 0x0066
    MUNICIPALITY = 0x00F0
    EXPIRY = 0x00F2
    INTERMEDIATE_KEY_ID = 0x00F7
    INTERMEDIATE_CERTIFICATE = 0x00F8
    CONTACT_ATR = 0x5F51
    """Without its first byte (TS). Some cards answer it in an application only."""
    LEAF_CERTIFICATE = 0x7F21
    """Absent from older cards."""


_REQUIRED = frozenset(ManagerObject) - {ManagerObject.CONTACT_ATR, ManagerObject.LEAF_CERTIFICATE}


@dataclass(frozen=True, slots=True, repr=False)
class ManagerData:
    """The card manager's objects. The certificates are a chain of its own: root, intermediate, leaf.

    `card_identification` follows its holder, as the serial number of the common application does. `atr` is the whole
    contact answer to reset.
    Modelled: that the card identification has 1 to 16 printable characters; it was only said to be ASCII.
    """

    LONGEST_IDENTIFICATION = 16
    TS = 0x3B

    issuer_identification: KeyId
    card_identification: str
    municipality_code: str
    expiry: dt.date
    intermediate_key_id: KeyId
    intermediate: CvCertificate
    recognition: CardRecognition = CardRecognition.DEFAULT
    leaf: CvCertificate | None = None
    atr: bytes | None = None

    def __post_init__(self) -> None:
        check_digits(self.municipality_code, MUNICIPALITY_LENGTH)
        text = self.card_identification
        if not 1 <= len(text) <= self.LONGEST_IDENTIFICATION or not (text.isascii() and text.isprintable()):
            raise Malformed("the card identification is not 1 to 16 printable characters")
        if self.atr is not None and (not self.atr or self.atr[0] != self.TS):
            raise Malformed("an answer to reset begins with 3B")

    def __repr__(self) -> str:
        return "ManagerData(not shown)"

    @property
    def objects(self) -> Mapping[int, bytes]:
        """What GET DATA answers, by tag."""
        objects: dict[int, bytes] = {
            ManagerObject.ISSUER_IDENTIFICATION: self.issuer_identification.encode(),
            ManagerObject.CARD_IDENTIFICATION: self.card_identification.encode(),
            ManagerObject.CARD_RECOGNITION: self.recognition.encode(),
            ManagerObject.MUNICIPALITY: self.municipality_code.encode(),
            ManagerObject.EXPIRY: encode_date(self.expiry),
            ManagerObject.INTERMEDIATE_KEY_ID: self.intermediate_key_id.encode(),
            ManagerObject.INTERMEDIATE_CERTIFICATE: self.intermediate.encode_contents(),
        }
        if self.leaf is not None:
            objects[ManagerObject.LEAF_CERTIFICATE] = self.leaf.encode_contents()
        if self.atr is not None:
            objects[ManagerObject.CONTACT_ATR] = self.atr[1:]
        return objects

    @classmethod
    def of_objects(cls, objects: Mapping[int, bytes]) -> Self:
        """Read what GET DATA answered, by tag; the last two tags may be missing.

        Raises:
            Malformed: another tag is missing, or a value is not what it should be.
        """
        if not objects.keys() >= _REQUIRED:
            raise Malformed("an object of the card manager is missing")
        leaf, atr = objects.get(ManagerObject.LEAF_CERTIFICATE), objects.get(ManagerObject.CONTACT_ATR)
        return cls(
            issuer_identification=KeyId.decode(objects[ManagerObject.ISSUER_IDENTIFICATION]),
            card_identification=objects[ManagerObject.CARD_IDENTIFICATION].decode("latin-1"),
            municipality_code=decode_digits(objects[ManagerObject.MUNICIPALITY], MUNICIPALITY_LENGTH),
            expiry=decode_date(objects[ManagerObject.EXPIRY]),
            intermediate_key_id=KeyId.decode(objects[ManagerObject.INTERMEDIATE_KEY_ID]),
            intermediate=CvCertificate.decode_contents(objects[ManagerObject.INTERMEDIATE_CERTIFICATE]),
            recognition=CardRecognition.decode(objects[ManagerObject.CARD_RECOGNITION]),
            leaf=None if leaf is None else CvCertificate.decode_contents(leaf),
            atr=None if atr is None else bytes((cls.TS,)) + atr,
        )

    def check_chain(self, anchor: CvAnchor) -> None:
        """Check that the authority `anchor` stands behind the certificates.

        Raises:
            NotGenuine: a certificate names another issuer, or its signature does not verify.
        """
        self.intermediate.check_issued_by(anchor)
        if self.leaf is not None:
            self.leaf.check_issued_by(self.intermediate.anchor)
