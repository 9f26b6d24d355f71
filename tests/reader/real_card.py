"""What keeps the tests from harming somebody's real card."""

from dataclasses import dataclass

from warifu.iso7816 import Command
from warifu.ports import Connection

SELECT, VERIFY = 0xA4, 0x20
READ_BINARY, READ_RECORD, GET_DATA, GET_CHALLENGE, GET_RESPONSE = 0xB0, 0xB2, 0xCA, 0x84, 0xC0
_READING = frozenset({SELECT, READ_BINARY, READ_RECORD, GET_DATA, GET_CHALLENGE, GET_RESPONSE})


@dataclass
class ReadingOnly:
    """A connection that lets through only what changes nothing: selecting, reading, and asking for the tries left."""

    connection: Connection

    @property
    def atr(self) -> bytes:
        return self.connection.atr

    def transmit(self, command: bytes) -> bytes:
        read = Command.decode(command)
        harmless = read.ins in _READING or (read.ins == VERIFY and len(command) == 4)
        assert harmless, f"a test tried to send {command[:4].hex()} to a card that is only read"
        return self.connection.transmit(command)

    def power_cycle(self) -> None:
        self.connection.power_cycle()
