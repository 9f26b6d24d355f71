"""Sessions for reading either generation of the card: what today's applications hold, wherever the card has it.

A card of the next generation has it in two applications: behind its one PIN in the 認証AP, behind what is printed in
the 券面等AP. Modelled: all of that card, see `warifu.cardmap.next_table`.
"""

from warifu.cardmap import (
    Application,
    CardRecord,
    KeyId,
    NextAuthenticationFile,
    NextFaceFile,
    ResidentRecord,
    TextInfo,
)
from warifu.errors import NotOnCard
from warifu.messages import AttributesAnswer
from warifu.person import ResidentRecordCode
from warifu.ports import Connection, Entropy
from warifu.reader import pins
from warifu.reader.common import CommonSession, read_record
from warifu.reader.credentials import Credential, select
from warifu.reader.resident import ResidentSession
from warifu.reader.text import TextPlaces, TextSession
from warifu.reader.visual import VisualSession

_AUTHENTICATION, _FACE = NextAuthenticationFile, NextFaceFile
_PLACES = {
    Application.NEXT_AUTHENTICATION: TextPlaces(
        _AUTHENTICATION.NUMBER,
        _AUTHENTICATION.ATTRIBUTES,
        _AUTHENTICATION.INTEGRITY,
        _AUTHENTICATION.CERTIFICATE,
        _AUTHENTICATION.KEY,
    ),
    Application.NEXT_FACE: TextPlaces(_FACE.NUMBER, _FACE.ATTRIBUTES, _FACE.INTEGRITY, _FACE.CERTIFICATE, _FACE.KEY),
}
_ON_NEXT = {
    Credential.TEXT_PIN: Credential.NEXT_PIN,
    Credential.TEXT_MATCHING_NUMBER_A: Credential.NEXT_MATCHING_NUMBER_A,
    Credential.TEXT_MATCHING_NUMBER_B: Credential.NEXT_MATCHING_NUMBER_B,
    Credential.VISUAL_MATCHING_NUMBER_A: Credential.NEXT_MATCHING_NUMBER_A,
    Credential.VISUAL_MATCHING_NUMBER_B: Credential.NEXT_MATCHING_NUMBER_B,
    Credential.BIRTH_DATE: Credential.NEXT_BIRTH_DATE,
}


def open_text(connection: Connection) -> TextSession:
    """A session with what holds the four attributes and the number.

    Raises:
        NotOnCard: the card has neither a text application nor the next generation's.
    """
    try:
        return TextSession(connection)
    except NotOnCard as absent:
        _select_next(connection, Application.NEXT_AUTHENTICATION, absent)
        return _NextText(connection)


def read_next_attributes(connection: Connection, nonce: bytes) -> AttributesAnswer:
    """The four attributes out of the 認証AP, which is current with its PIN verified; the card proves itself.

    Raises:
        PinRequired: the PIN has not been verified.
    """
    return _NextText(connection).attributes_answer(nonce)


def open_visual(connection: Connection) -> VisualSession:
    """A session with what holds the printed face.

    Raises:
        NotOnCard: the card has neither a visual application nor the next generation's.
    """
    try:
        return VisualSession(connection)
    except NotOnCard as absent:
        return _NextVisual(connection, absent)


def open_resident(connection: Connection) -> ResidentSession:
    """A session with what holds the resident record code.

    Raises:
        NotOnCard: the card has neither a resident register application nor the next generation's.
    """
    try:
        return ResidentSession(connection)
    except NotOnCard as absent:
        return _NextResident(connection, absent)


def read_card_record(connection: Connection) -> CardRecord:
    """Serial number, municipality and expiry of the card: free to read, and the serial follows its holder.

    Raises:
        NotOnCard: the card has neither a common application nor the next generation's.
    """
    try:
        return CommonSession(connection).card_record()
    except NotOnCard as absent:
        _select_next(connection, Application.NEXT_FACE, absent)
        return CardRecord.decode(read_record(connection, NextFaceFile.CARD_RECORD, 1))


class _NextText(TextSession):
    """The PIN opens the attributes in one application, matching numbers in the other: presenting one goes there."""

    def __init__(self, connection: Connection) -> None:
        """The 認証AP is current."""
        self._connection = self._plain = connection
        self._current = Application.NEXT_AUTHENTICATION
        self._places = _PLACES[self._current]

    def on_card(self, credential: Credential) -> Credential:
        """What this card has in its place."""
        return _ON_NEXT[super().on_card(credential)]

    def protect(self, entropy: Entropy) -> None:  # noqa: ARG002 - there is nothing to deliver a key to
        """Refuse: the next generation's secure messaging is not public, and ours has none."""
        raise NotOnCard("secure messaging")

    def info(self) -> TextInfo:
        """Refuse: there is no such file."""
        raise NotOnCard("the description of a text application")

    def _reach(self, credential: Credential) -> pins.Pin:
        if credential.application is not self._current:
            select(self._plain, credential.application)
            self._current = credential.application
            self._places = _PLACES[credential.application]
        return credential.pin


class _NextVisual(VisualSession):
    """Files have today's numbers."""

    def __init__(self, connection: Connection, absent: NotOnCard) -> None:
        self._connection = connection
        _select_next(connection, Application.NEXT_FACE, absent)

    def on_card(self, credential: Credential) -> Credential:
        """What this card has in its place."""
        return _ON_NEXT[super().on_card(credential)]


class _NextResident(ResidentSession):
    """The one PIN opens the code."""

    credential = Credential.NEXT_PIN

    def __init__(self, connection: Connection, absent: NotOnCard) -> None:
        self._connection = connection
        _select_next(connection, Application.NEXT_AUTHENTICATION, absent)

    def key_reference(self) -> KeyId:
        """Refuse: there is no such file."""
        raise NotOnCard("the name of a key")

    def record_code(self) -> ResidentRecordCode:
        """As today."""
        return ResidentRecord.decode(read_record(self._connection, NextAuthenticationFile.RECORD_CODE, 1)).code


def _select_next(connection: Connection, application: Application, absent: NotOnCard) -> None:
    """Select an application of the next generation; where it is missing too, today's is what is missing."""
    try:
        select(connection, application)
    except NotOnCard:
        raise absent from None
