"""The visual application: what is printed on the card, signed, and opened by what is printed on it."""

import hashlib

from warifu.cardmap import (
    AgeRecord,
    Application,
    CvCertificate,
    DigestInfo,
    FaceFile,
    NumberImage,
    VisualFile,
    VisualInfo,
)
from warifu.errors import Malformed
from warifu.person import IndividualNumber
from warifu.ports import Connection
from warifu.reader import pins
from warifu.reader.credentials import Credential, select
from warifu.reader.files import read_object
from warifu.reader.jpki import SIGN_WITH_DEFAULT_KEY, compute_signature


class VisualSession:
    """A session with the visual application (券面事項確認AP) of the card behind a connection."""

    def __init__(self, connection: Connection) -> None:
        """Select the application.

        Raises:
            NotOnCard: the card has no visual application.
        """
        self._connection = connection
        select(connection, Application.VISUAL)

    def on_card(self, credential: Credential) -> Credential:
        """What opens on this card what `credential` opens on today's: itself, or its place on another generation."""
        return _own(credential)

    def tries_left(self, credential: Credential) -> int:
        """The tries left of a credential of this application; asking consumes none."""
        return pins.tries_left(self._connection, self.on_card(credential).pin)

    def verify(self, credential: Credential, value: str, *, spend_last: bool = False) -> None:
        """Present the birth date or a matching number.

        Raises: as `warifu.reader.pins.verify`; WrongCheckDigit for a number that nobody can have, before it is sent.
        """
        if _own(credential) is Credential.VISUAL_MATCHING_NUMBER_A:
            IndividualNumber.parse(value)
        pins.verify(self._connection, self.on_card(credential).pin, value, spend_last=spend_last)

    def age_record(self) -> AgeRecord:
        """The birth date alone; the birth date opens it."""
        return AgeRecord.decode(read_object(self._connection, VisualFile.AGE_RECORD))

    def face(self) -> FaceFile:
        """The card's face; either matching number opens it."""
        return FaceFile.decode(read_object(self._connection, VisualFile.FACE))

    def number_image(self) -> NumberImage:
        """The individual number as printed on the back. Matching number A opens it, which is that number."""
        return NumberImage.decode(read_object(self._connection, VisualFile.NUMBER_IMAGE))

    def info(self) -> VisualInfo:
        """What the application says about itself, to everybody."""
        return VisualInfo.decode(read_object(self._connection, VisualFile.INFO))

    def certificate(self) -> CvCertificate:
        """The certificate of the key that signed these files; nobody has verified it."""
        return CvCertificate.decode(read_object(self._connection, VisualFile.CERTIFICATE))

    def prove(self, nonce: bytes) -> bytes:
        """Have the card sign `nonce` with its own key (内部認証), whose public half is in the signed files."""
        proof = DigestInfo(hashlib.sha256(nonce).digest()).encode()
        return compute_signature(self._connection, SIGN_WITH_DEFAULT_KEY, proof)


def _own(credential: Credential) -> Credential:
    if credential.application is not Application.VISUAL:
        raise Malformed("not a credential of the visual application")
    return credential
