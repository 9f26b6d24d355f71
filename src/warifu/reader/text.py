"""The text application: the four basic attributes, and the proof that a genuine card holds them.

The individual number (EF 0001) is in the same application and opens with the same PIN; it is never read here.
"""

import hashlib

from warifu.cardmap import TEXT_PIN, Application, DigestInfo, TextFile
from warifu.messages import AttributesAnswer
from warifu.ports import Connection
from warifu.reader import pins
from warifu.reader.exchange import select_application
from warifu.reader.files import read_object
from warifu.reader.jpki import SIGN_WITH_DEFAULT_KEY, compute_signature

# In the order of the answer's members.
_FILES = (TextFile.ATTRIBUTES, TextFile.INTEGRITY, TextFile.CERTIFICATE, TextFile.KEY)
_PIN = pins.Pin("text PIN", TEXT_PIN)


class TextSession:
    """A session with the text application (券面事項入力補助AP) of the card behind a connection.

    Opening it makes the application current and leaves any other.
    """

    def __init__(self, connection: Connection) -> None:
        """Select the application.

        Raises:
            NotOnCard: the card has no text application.
        """
        self._connection = connection
        select_application(connection, Application.TEXT.aid, "the text application")

    def tries_left(self) -> int:
        """The tries left of the text PIN; asking consumes none."""
        return pins.tries_left(self._connection, _PIN)

    def verify(self, pin: str, *, spend_last: bool = False) -> None:
        """Present the text PIN.

        Raises: as `warifu.reader.pins.verify`.
        """
        pins.verify(self._connection, _PIN, pin, spend_last=spend_last)

    def attributes_answer(self, nonce: bytes) -> AttributesAnswer:
        """Read the files of the four attributes and have the card prove itself over `nonce`; trusts nothing of it.

        Raises:
            PinRequired: the text PIN has not been verified.
        """
        read = [read_object(self._connection, file) for file in _FILES]
        proof = DigestInfo(hashlib.sha256(nonce).digest()).encode()
        signature = compute_signature(self._connection, SIGN_WITH_DEFAULT_KEY, proof)
        return AttributesAnswer(read[0], read[1], read[2], read[3], signature)
