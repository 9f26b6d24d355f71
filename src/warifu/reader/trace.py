"""What goes between us and a card, told without telling secrets.

Only what names places on the card is written out: the command's header, applications and files. Data is counted, not
shown, because almost all of it is somebody's: certificates, attributes, numbers, signatures. Of PINs not even the
length is told.
"""

from collections.abc import Callable

from warifu.cardmap import (
    CARD_MANAGER_AID,
    Application,
    CommonFile,
    JpkiFile,
    NextAuthenticationFile,
    NextFaceFile,
    ResidentFile,
    TextFile,
    VisualFile,
)
from warifu.errors import Malformed, WarifuError
from warifu.iso7816 import Command, Response, StatusWord
from warifu.ports import Connection
from warifu.reader.status import tries_in

_FILES = {
    Application.JPKI: JpkiFile,
    Application.TEXT: TextFile,
    Application.VISUAL: VisualFile,
    Application.RESIDENT: ResidentFile,
    Application.COMMON: CommonFile,
    Application.NEXT_AUTHENTICATION: NextAuthenticationFile,
    Application.NEXT_FACE: NextFaceFile,
}
_SELECT, _BY_NAME, _BY_FILE_ID = 0xA4, 0x04, 0x02
_VERIFY, _READ_BINARY, _READ_RECORD = 0x20, 0xB0, 0xB2
_NAMES = {
    (0x00, _VERIFY): "VERIFY",
    (0x00, 0x24): "CHANGE REFERENCE DATA",
    (0x80, 0x32): "CHANGE KEY",
    (0x00, 0x84): "GET CHALLENGE",
    (0x00, 0x88): "INTERNAL AUTHENTICATE",
    (0x00, _SELECT): "SELECT",
    (0x00, _READ_BINARY): "READ BINARY",
    (0x00, _READ_RECORD): "READ RECORD",
    (0x00, 0xC0): "GET RESPONSE",
    (0x00, 0xCA): "GET DATA",
    (0x00, 0x82): "EXTERNAL AUTHENTICATE",
    (0x80, 0x2A): "COMPUTE DIGITAL SIGNATURE",
    (0x80, 0xA2): "CERTIFICATE OF A TERMINAL",
    (0x80, 0xAE): "SET SESSION KEY",
    (0x80, 0xFC): "LAST COMMAND INDICATOR",
    (0x08, _SELECT): "SELECT under the session key",
    (0x08, _VERIFY): "VERIFY under the session key",
    (0x08, _READ_BINARY): "READ BINARY under the session key",
}
_MEANINGS = {int(each): each.name for each in StatusWord}
# VERIFY, CHANGE REFERENCE DATA, CHANGE KEY: their data is a PIN.
_SECRET = frozenset({_VERIFY, 0x24, 0x32})


class Traced:
    """A `Connection` that tells each exchange in one line.

    ``00 A4 02 0C  SELECT 0018 (AUTHENTICATION_PIN)  ->  9000 OK``
    """

    def __init__(self, connection: Connection, tell: Callable[[str], None]) -> None:
        self._connection = connection
        self._tell = tell
        self._application: Application | None = None

    @property
    def atr(self) -> bytes:
        """Of the connection behind."""
        return self._connection.atr

    def transmit(self, command: bytes) -> bytes:
        """Pass the command on, tell it with its answer, or with the name of the error that came instead."""
        told = f"{command[:4].hex(' ').upper()}  {self._describe(command)}"
        try:
            answer = self._connection.transmit(command)
        except WarifuError as error:
            self._tell(f"{told}  ->  {type(error).__name__}")
            raise
        self._tell(f"{told}  ->  {_answer(answer)}")
        return answer

    def power_cycle(self) -> None:
        """Pass it on."""
        self._tell("power off and on")
        self._application = None
        self._connection.power_cycle()

    def _describe(self, apdu: bytes) -> str:
        try:
            command = Command.decode(apdu)
        except Malformed:
            return "not a command"
        name = _NAMES.get((command.cla, command.ins), "unknown command")
        if command.ins == _SELECT and command.cla == 0x00:
            return f"{name} {self._selected(command)}"
        if command.ins == _READ_BINARY and command.p1 < 0x80:
            name += f" from {command.p1 << 8 | command.p2}"
        if command.ins == _VERIFY and command.cla == 0x00 and not command.data:
            return f"{name}: how many tries are left?"
        return name + _counted(command)

    def _selected(self, command: Command) -> str:
        if command.p1 == _BY_NAME:
            self._application = next((each for each in Application if each.aid == command.data), None)
            if self._application is not None:
                return f"application {self._application.name}"
            return "card manager" if command.data == CARD_MANAGER_AID else command.data.hex().upper()
        file_id = command.data.hex().upper()
        if command.p1 != _BY_FILE_ID or self._application is None:
            return file_id
        names = {int(each): each.name for each in _FILES[self._application]}
        name = names.get(int.from_bytes(command.data, "big"))
        return f"{file_id} ({name})" if name else file_id


def _counted(command: Command) -> str:
    if command.ins in _SECRET:
        return ", secret not shown"
    return f", {len(command.data)} bytes sent" if command.data else ""


def _answer(answer: bytes) -> str:
    try:
        response = Response.decode(answer)
    except Malformed:
        return "no status word"
    data = f"{len(response.data)} bytes, " if response.data else ""
    return f"{data}{response.status_word:04X} {_meaning(response.status_word)}".rstrip()


def _meaning(status_word: int) -> str:
    if (tries := tries_in(status_word)) is not None:
        return "1 try left" if tries == 1 else f"{tries} tries left"
    return _MEANINGS.get(status_word, "")
