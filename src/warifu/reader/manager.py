"""The card manager: what the card tells before any application is selected."""

from warifu.cardmap import CARD_MANAGER_AID, ManagerData, ManagerObject
from warifu.errors import NotOnCard
from warifu.iso7816 import MAX_EXTENDED, MAX_SHORT_LE, Command, StatusWord
from warifu.ports import Connection
from warifu.reader.exchange import exchange, select_application
from warifu.reader.status import check

_GET_DATA = (0x00, 0xCA)
_OPTIONAL = frozenset({ManagerObject.CONTACT_ATR, ManagerObject.LEAF_CERTIFICATE})


class ManagerSession:
    """A session with the card manager (GlobalPlatform issuer security domain) of the card behind a connection.

    Opening it leaves any application, and the card forgets which PINs were verified there.
    """

    def __init__(self, connection: Connection) -> None:
        """Select the card manager.

        Raises:
            NotOnCard: the card has none, or does not let it be selected.
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
        """One object's value, or None where the card has none such (6A88).

        Some cards refuse a large one with 6700 as long as Le is short (soltia48/myna-card `src/mf.rs`).
        """
        command = Command(*_GET_DATA, tag >> 8, tag & 0xFF, le=MAX_SHORT_LE)
        answer = exchange(self._connection, command)
        if answer.status_word == StatusWord.WRONG_LENGTH:
            answer = exchange(self._connection, Command(*_GET_DATA, tag >> 8, tag & 0xFF, le=MAX_EXTENDED))
        return None if answer.status_word == StatusWord.NO_REFERENCED_DATA else check(answer)
