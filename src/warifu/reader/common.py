"""The common application: the card's serial number, municipality and expiry, and a proof that needs no PIN."""

from warifu.cardmap import Application, CardRecord, CommonFile, KeyId
from warifu.errors import Malformed
from warifu.iso7816 import Command
from warifu.ports import Connection
from warifu.reader.credentials import select
from warifu.reader.exchange import exchange, select_file
from warifu.reader.status import check

# READ RECORD, P2 = 04: the record of that number in the current file (ISO/IEC 7816-4:2005 §7.3.3).
_READ_RECORD = (0x00, 0xB2)
_RECORD_NUMBER = 0x04
_ANY_LENGTH = 256
# INTERNAL AUTHENTICATE with P2 = 80 + the short identifier of the key, 0019 (soltia48/myna-card `src/ap/common.rs`).
_INTERNAL_AUTHENTICATE = (0x00, 0x88, 0x00, 0x80 | CommonFile.INTERNAL_KEY)
_LONGEST_CHALLENGE = 255


class CommonSession:
    """A session with the common application (共通カードAP) of the card behind a connection."""

    def __init__(self, connection: Connection) -> None:
        """Select the application.

        Raises:
            NotOnCard: the card has no common application.
        """
        self._connection = connection
        select(connection, Application.COMMON)

    def card_record(self) -> CardRecord:
        """Serial number, municipality and expiry of the card: free to read, and the serial follows its holder."""
        return CardRecord.decode(read_record(self._connection, CommonFile.CARD_RECORD, 1))

    def key_reference(self) -> KeyId:
        """The name of a key, free to read; what the key is for is not known."""
        return KeyId.decode(read_record(self._connection, CommonFile.KEY_REFERENCE, 1))

    def authenticate(self, challenge: bytes) -> bytes:
        """Have the card sign a challenge of 1 to 255 bytes: RSASSA-PKCS1-v1_5 with SHA-256; no PIN is needed.

        The public half of that key is nowhere on the card, so this proves something to its issuer only.

        Raises:
            Malformed: a challenge of another length, or the card answered without a signature.
        """
        if not 1 <= len(challenge) <= _LONGEST_CHALLENGE:
            raise Malformed("a challenge has 1 to 255 bytes")
        signature = check(exchange(self._connection, Command(*_INTERNAL_AUTHENTICATE, challenge, _ANY_LENGTH)))
        if not signature:
            raise Malformed("the card answered without a signature")
        return signature


def read_record(connection: Connection, file_id: int, number: int) -> bytes:
    """Select a file of records and read one, tag and length included; `number` from 1.

    Raises:
        PinRequired: the file is not readable before its PIN has been verified.
        CardRefused: there is no such record (6A83).
    """
    select_file(connection, file_id)
    return check(exchange(connection, Command(*_READ_RECORD, number, _RECORD_NUMBER, le=_ANY_LENGTH)))
