"""Commands out, responses in: the layer between a `Connection` and the sessions.

A command whose repetition is harmless goes through `exchange`, which follows 61xx and 6Cxx. A VERIFY goes through
`send_once`: it counts a try, so nothing here may ever send it a second time.
"""

from dataclasses import replace

from warifu.errors import Malformed
from warifu.iso7816 import Command, Response
from warifu.ports import Connection
from warifu.reader.status import check

# SELECT by name, first occurrence, no FCI asked for (ISO/IEC 7816-4:2005 §7.1.1); the card gives none anyway.
_SELECT_NAME = (0x00, 0xA4, 0x04, 0x0C)
_SELECT_FILE = (0x00, 0xA4, 0x02, 0x0C)
_NOT_READY = 0x6F00
_MORE_DATA = 0x61
_WRONG_LE = 0x6C
# More parts than any file of the card can fill: whoever goes on announcing data is not a card.
_MAX_PARTS = 256


def send_once(connection: Connection, command: Command) -> Response:
    """Send one command APDU, exactly once, and read the response.

    Raises:
        Malformed: the answer is shorter than a status word.
        AnswerLost: the command went out and no answer came back.
    """
    return Response.decode(connection.transmit(command.encode()))


def exchange(connection: Connection, command: Command) -> Response:
    """Send a command that may be repeated; fetch what the card holds back.

    Wire: after 6Cxx the command again with Le = xx; after 61xx GET RESPONSE ``00 C0 00 00 xx`` until the end.
    Source: ISO/IEC 7816-4:2005 §5.1.3.
    """
    response = send_once(connection, command)
    if response.status_word >> 8 == _WRONG_LE:
        response = send_once(connection, replace(command, le=_available(response)))
    data = response.data
    for _ in range(_MAX_PARTS):
        if response.status_word >> 8 != _MORE_DATA:
            return Response(data, response.status_word)
        response = send_once(connection, Command(0x00, 0xC0, 0x00, 0x00, le=_available(response)))
        data += response.data
    raise Malformed("the card announces more data without end")


def select_application(connection: Connection, aid: bytes, what: str) -> None:
    """Make an application current.

    Cards have been seen to answer the first command after power-up with 6F00 (`soltia48/myna-card` `src/pcsc.rs`). A
    SELECT is harmless, so the first one serves as the throw-away command and is simply sent again.

    Raises:
        NotOnCard: there is no such application; the message names `what`.
    """
    command = Command(*_SELECT_NAME, aid)
    response = exchange(connection, command)
    if response.status_word == _NOT_READY:
        response = exchange(connection, command)
    check(response, what)


def select_file(connection: Connection, file_id: int) -> None:
    """Make an elementary file (data, PIN or key) of the current application current."""
    check(exchange(connection, Command(*_SELECT_FILE, file_id.to_bytes(2, "big"))), f"file {file_id:04X}")


def _available(response: Response) -> int:
    """The length in SW2; 00 stands for 256."""
    return response.status_word & 0xFF or 256
