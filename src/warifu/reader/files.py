"""Reading a transparent file of the card, up to the end of the one data object in it.

Files are larger than what they hold and filled up with FF or 00; the object's own length says where to stop.
"""

from warifu.errors import Malformed
from warifu.iso7816 import Command, StatusWord
from warifu.ports import Connection
from warifu.reader.exchange import exchange, select_file
from warifu.reader.status import check

# Enough for a two-byte tag and any length form the card uses; a certificate's header has four bytes.
_HEADER = 7
_CHUNK = 256
# READ BINARY has 15 bits of offset (ISO/IEC 7816-4:2005 §7.2.3).
_MAX_LENGTH = 0x7FFF
# End of file reached before Le bytes; never seen from this card, harmless where it happens.
_END_OF_FILE = 0x6282


def read_object(connection: Connection, file_id: int) -> bytes:
    """Select a file and read the data object it starts with, header included, filler left out.

    Raises:
        PinRequired: the file is not readable before its PIN has been verified.
        NotOnCard: there is no such file.
        Malformed: the file holds no data object, or ends before the object does.
    """
    select_file(connection, file_id)
    data = _read_binary(connection, 0, _HEADER)
    length = object_length(data)
    data = data[:length]
    while len(data) < length:
        part = _read_binary(connection, len(data), min(_CHUNK, length - len(data)))
        if not part:
            raise Malformed(f"file {file_id:04X} ends before its object does")
        data += part[: length - len(data)]
    return data


def read_bytes(connection: Connection, file_id: int, length: int) -> bytes:
    """Select a file without inner structure and read its first `length` bytes, 1..256.

    Raises:
        Malformed: the file is shorter.
    """
    select_file(connection, file_id)
    data = _read_binary(connection, 0, length)
    if len(data) < length:
        raise Malformed(f"file {file_id:04X} is shorter than {length} bytes")
    return data[:length]


def object_length(header: bytes) -> int:
    """The length of a data object, header included, from its first bytes.

    Wire: tag of one byte, or of two when the low five bits are all set; length short, 81 ll or 82 hh ll.
    Source: ISO/IEC 7816-4:2005 §5.2.2.

    Raises:
        Malformed: too short, another tag or length form, or longer than a file can be.
    """
    start = 1 + (len(header) > 0 and header[0] & 0x1F == 0x1F)
    if len(header) <= start or header[:2] in (b"\x00\x00", b"\xff\xff"):
        raise Malformed("the file holds no data object")
    more = header[start] & 0x7F if header[start] & 0x80 else 0
    if more > 2 or header[start] == 0x80 or len(header) < start + 1 + more:
        raise Malformed("the file's data object has an unknown length form")
    value = int.from_bytes(header[start + 1 : start + 1 + more], "big") if more else header[start]
    if (length := start + 1 + more + value) > _MAX_LENGTH:
        raise Malformed("the file's data object is longer than a file can be")
    return length


def _read_binary(connection: Connection, offset: int, length: int) -> bytes:
    """Read up to `length` bytes, 1..256; empty when `offset` lies beyond the file."""
    response = exchange(connection, Command(0x00, 0xB0, offset >> 8, offset & 0xFF, le=length))
    if response.status_word == StatusWord.WRONG_OFFSET and offset:
        return b""
    if response.status_word == _END_OF_FILE:
        return response.data
    return check(response)
