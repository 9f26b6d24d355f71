"""The resident register application: what its PIN opens, as far as anybody may say.

That the application holds the resident record code (住民票コード) behind a PIN is public; in which file and how is not,
and on no real card was a file found that the PIN opens. The one that is read here is synthetic, see
`warifu.cardmap.ResidentRecord`: our own cards have it, a real one answers 6A82.
"""

from warifu.cardmap import Application, KeyId, ResidentFile, ResidentRecord
from warifu.person import ResidentRecordCode
from warifu.ports import Connection
from warifu.reader import pins
from warifu.reader.common import read_record
from warifu.reader.credentials import Credential, select


class ResidentSession:
    """A session with the resident register application (住基AP) of the card behind a connection."""

    credential = Credential.RESIDENT_PIN
    """What opens the code on this card."""

    def __init__(self, connection: Connection) -> None:
        """Select the application.

        Raises:
            NotOnCard: the card has no resident register application.
        """
        self._connection = connection
        select(connection, Application.RESIDENT)

    def tries_left(self) -> int:
        """The tries left of the resident register PIN; asking consumes none."""
        return pins.tries_left(self._connection, self.credential.pin)

    def verify(self, value: str, *, spend_last: bool = False) -> None:
        """Present the resident register PIN (住民基本台帳用暗証番号).

        Raises: as `warifu.reader.pins.verify`.
        """
        pins.verify(self._connection, self.credential.pin, value, spend_last=spend_last)

    def key_reference(self) -> KeyId:
        """The name of a key, free to read; the common application has the same. What the key is for is not known."""
        return KeyId.decode(read_record(self._connection, ResidentFile.KEY_REFERENCE, 1))

    def record_code(self) -> ResidentRecordCode:
        """The resident record code, synthetic: for its holder only (住民基本台帳法 第30条の37, 第30条の38).

        Raises:
            PinRequired: the PIN has not been verified.
            NotOnCard: the card has no such file, as no real one is known to have.
        """
        return ResidentRecord.decode(read_record(self._connection, ResidentFile.RECORD_CODE, 1)).code
