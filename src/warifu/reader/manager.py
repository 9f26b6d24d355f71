"""The card manager: what the card tells before any application is selected."""

from functools import reduce
from operator import xor

from warifu.cardmap import CARD_MANAGER_AID, ManagerData, ManagerObject
from warifu.errors import NotOnCard
from warifu.iso7816 import MAX_EXTENDED, MAX_SHORT_LE, Command, StatusWord
from warifu.ports import Connection
from warifu.reader.exchange import exchange, select_application
from warifu.reader.jpki import JpkiSession
from warifu.reader.status import check

_GET_DATA = (0x00, 0xCA)
_ABSENT = (StatusWord.NO_REFERENCED_DATA, StatusWord.NOT_FOUND)
_OPTIONAL = frozenset({ManagerObject.CONTACT_ATR, ManagerObject.LEAF_CERTIFICATE})


class ManagerSession:
    """A session with the card manager (GlobalPlatform issuer security domain) of the card behind a connection.

    Opening it leaves any application, and the card forgets which PINs were verified there.
    """

    def __init__(self, connection: Connection) -> None:
        """Select the card manager.

        Raises:
            NotOnCard: the card has none.
        """
        self._connection = connection
        select_application(connection, CARD_MANAGER_AID, "the card manager")

    def data(self) -> ManagerData:
        """Everything it tells; nobody has verified it. The card identification follows its holder.

        Raises:
            NotOnCard: an object is missing that was found on every card.
            CardRefused: the card refuses one otherwise than by not having it.
            Malformed: one is not what it should be.
        """
        found: dict[int, bytes] = {tag: value for tag in ManagerObject if (value := self._object(tag)) is not None}
        for tag in ManagerObject:
            if tag not in found and tag not in _OPTIONAL:
                raise NotOnCard(f"object {tag:04X} of the card manager")
        return ManagerData.of_objects(found)

    def _object(self, tag: int) -> bytes | None:
        return _get_data(self._connection, tag)


def contact_atr(connection: Connection) -> bytes | None:
    """The answer to reset that the card gives over its contacts, also where a contactless reader made up another.

    It tells the card's generation. Every card tells it inside of an application, so the JPKI application is current
    afterwards; None where this card does not.
    Source: soltia48/myna-card `src/card.rs` (GET DATA 5F51: all but TS, and its check byte fits).
    """
    JpkiSession(connection)
    told = _get_data(connection, ManagerObject.CONTACT_ATR)
    # The exclusive-or of all bytes behind TS, check byte included, is zero (ISO/IEC 7816-3:2006 §8.2.5).
    return None if not told or reduce(xor, told) else bytes((ManagerData.TS,)) + told


def _get_data(connection: Connection, tag: int) -> bytes | None:
    """One object's value, or None where the card has none such (6A88, or 6A82).

    Some cards refuse a large one with 6700 as long as Le is short (soltia48/myna-card `src/mf.rs`).
    """
    answer = exchange(connection, Command(*_GET_DATA, tag >> 8, tag & 0xFF, le=MAX_SHORT_LE))
    if answer.status_word == StatusWord.WRONG_LENGTH:
        answer = exchange(connection, Command(*_GET_DATA, tag >> 8, tag & 0xFF, le=MAX_EXTENDED))
    return None if answer.status_word in _ABSENT else check(answer)
