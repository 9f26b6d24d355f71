"""The text application: the four basic attributes, and the proof that a genuine card holds them.

The individual number is in the same application. It is read by `TextSession.number` alone, which nothing here calls:
whoever does is asked for it by the holder, or has a purpose that the law allows (番号法 第19条).
"""

import hashlib
from dataclasses import dataclass

from warifu.cardmap import (
    Application,
    AttributesFile,
    CvCertificate,
    DigestInfo,
    NumberFile,
    SessionDeliveryKey,
    TextFile,
    TextInfo,
)
from warifu.errors import Malformed
from warifu.messages import AttributesAnswer
from warifu.person import BasicAttributes, IndividualNumber
from warifu.ports import Connection, Entropy
from warifu.reader import pins
from warifu.reader.credentials import Credential, select
from warifu.reader.files import read_object
from warifu.reader.jpki import SIGN_WITH_DEFAULT_KEY, compute_signature
from warifu.reader.protected import set_session_key


@dataclass(frozen=True, slots=True)
class TextPlaces:
    """The numbers of an application's files with the four attributes, what vouches for them, and the number."""

    number: int
    attributes: int
    integrity: int
    certificate: int
    key: int


_TODAY = TextPlaces(TextFile.NUMBER, TextFile.ATTRIBUTES, TextFile.INTEGRITY, TextFile.CERTIFICATE, TextFile.KEY)


class TextSession:
    """A session with the text application (券面事項入力補助AP) of the card behind a connection.

    Opening it makes the application current and leaves any other. Three credentials open it: the text PIN everything,
    matching number A (照合番号A) the number, matching number B the attributes.
    """

    def __init__(self, connection: Connection) -> None:
        """Select the application.

        Raises:
            NotOnCard: the card has no text application.
        """
        self._connection = self._plain = connection
        self._places = _TODAY
        select(connection, Application.TEXT)

    def on_card(self, credential: Credential) -> Credential:
        """What opens on this card what `credential` opens on today's: itself, or its place on another generation."""
        return _own(credential)

    def tries_left(self, credential: Credential = Credential.TEXT_PIN) -> int:
        """The tries left of a credential of this application; asking consumes none."""
        return pins.tries_left(self._connection, self._reach(self.on_card(credential)))

    def verify(self, value: str, *, credential: Credential = Credential.TEXT_PIN, spend_last: bool = False) -> None:
        """Present the text PIN, or a matching number.

        Raises: as `warifu.reader.pins.verify`; WrongCheckDigit for a number that nobody can have, before it is sent.
        """
        if _own(credential) is Credential.TEXT_MATCHING_NUMBER_A:
            IndividualNumber.parse(value)
        pins.verify(self._connection, self._reach(self.on_card(credential)), value, spend_last=spend_last)

    def protect(self, entropy: Entropy) -> None:
        """From here on select, verify and read under a session key: secure messaging, see `warifu.reader.protected`.

        Once more is a new session in place of the old one. What the card signs goes plainly still.

        Raises:
            PinRequired: the text PIN has not been verified; matching numbers do not do.
            NotOnCard: the card has no key to deliver session keys under.
            CardRefused: it has no secure messaging.
        """
        delivery = SessionDeliveryKey.decode(read_object(self._plain, TextFile.SESSION_KEY))
        self._connection = set_session_key(self._plain, delivery.public_key, entropy)

    def info(self) -> TextInfo:
        """What the application says about itself, to everybody."""
        return TextInfo.decode(read_object(self._connection, TextFile.BASIC_INFO))

    def attributes(self) -> BasicAttributes:
        """The four attributes, for their holder; nobody has verified them.

        Raises:
            PinRequired: neither the text PIN nor matching number B has been verified.
        """
        return AttributesFile.decode(read_object(self._connection, self._places.attributes)).attributes

    def number(self) -> IndividualNumber:
        """The individual number (個人番号): for its holder, or for a purpose of 番号法 第19条.

        Raises:
            PinRequired: neither the text PIN nor matching number A has been verified.
        """
        return NumberFile.decode(read_object(self._connection, self._places.number)).number

    def certificate(self) -> CvCertificate:
        """The certificate of the key that signed these files; free to read, and nobody has verified it."""
        return CvCertificate.decode(read_object(self._connection, self._places.certificate))

    def attributes_answer(self, nonce: bytes) -> AttributesAnswer:
        """Read the files of the four attributes and have the card prove itself over `nonce`; trusts nothing of it.

        Raises:
            PinRequired: the text PIN has not been verified.
        """
        places = self._places
        files = (places.attributes, places.integrity, places.certificate, places.key)
        read = [read_object(self._connection, file) for file in files]
        proof = DigestInfo(hashlib.sha256(nonce).digest()).encode()
        signature = compute_signature(self._connection, SIGN_WITH_DEFAULT_KEY, proof)
        return AttributesAnswer(read[0], read[1], read[2], read[3], signature)

    def _reach(self, credential: Credential) -> pins.Pin:
        """Where a credential is compared; its application is current."""
        return credential.pin


def _own(credential: Credential) -> Credential:
    if credential.application is not Application.TEXT:
        raise Malformed("not a credential of the text application")
    return credential
