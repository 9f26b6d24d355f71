"""What today's text application does, on a card of the next generation: in its 認証AP, behind its one PIN.

Modelled: all of that card, see `warifu.cardmap.next_table`.
"""

import hashlib

from warifu.cardmap import DigestInfo, NextAuthenticationFile
from warifu.errors import NotOnCard
from warifu.messages import AttributesAnswer
from warifu.ports import Connection
from warifu.reader.files import read_object
from warifu.reader.jpki import SIGN_WITH_DEFAULT_KEY, JpkiSession, Key, compute_signature
from warifu.reader.text import TextSession

# In the order of the answer's members.
_FILES = (
    NextAuthenticationFile.ATTRIBUTES,
    NextAuthenticationFile.INTEGRITY,
    NextAuthenticationFile.CERTIFICATE,
    NextAuthenticationFile.KEY,
)


def text_tries_left(connection: Connection) -> int:
    """The tries left of the PIN that opens the four attributes; asking consumes none.

    On a card of the next generation that is the one PIN it has.

    Raises:
        NotOnCard: the card has no text application, as phones.
    """
    try:
        return TextSession(connection).tries_left()
    except NotOnCard:
        session = JpkiSession(connection)
        if not session.next_generation:
            raise
        return session.tries_left(Key.AUTHENTICATION)


def read_attributes(connection: Connection, nonce: bytes) -> AttributesAnswer:
    """Read the files of the four attributes out of the 認証AP, which is current, and have the card prove itself.

    Raises:
        PinRequired: the PIN has not been verified.
    """
    read = [read_object(connection, file) for file in _FILES]
    proof = DigestInfo(hashlib.sha256(nonce).digest()).encode()
    signature = compute_signature(connection, SIGN_WITH_DEFAULT_KEY, proof)
    return AttributesAnswer(read[0], read[1], read[2], read[3], signature)
