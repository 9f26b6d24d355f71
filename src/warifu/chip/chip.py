"""The chip as its contacts see it: a command in, a response out, whatever the command."""

from collections.abc import Callable, Mapping, Sequence

from warifu.chip.answer import Answered
from warifu.chip.files import Application, PinFile
from warifu.chip.machine import Behaviour, Machine
from warifu.chip.messaging import carry_out_protected, set_session_key
from warifu.chip.pins import PinMemory
from warifu.chip.reading import get_challenge, get_data, last_command_indicator, read_binary, read_record
from warifu.chip.selecting import select
from warifu.chip.signing import compute_signature, internal_authenticate
from warifu.chip.terminals import external_authenticate, take_certificate
from warifu.chip.verifying import change_key, change_pin, verify
from warifu.errors import Malformed
from warifu.iso7816 import Command, StatusWord
from warifu.ports import Entropy, Store

_OK = StatusWord.OK.to_bytes(2, "big")

_PROTECTED = 0x08
"""The class of commands under a session key."""

_INSTRUCTIONS: Mapping[tuple[int, int], Callable[[Machine, Command], bytes]] = {
    (0x00, 0x20): verify,
    (0x00, 0x24): change_pin,
    (0x00, 0x82): external_authenticate,
    (0x00, 0x84): get_challenge,
    (0x00, 0x88): internal_authenticate,
    (0x00, 0xA4): select,
    (0x00, 0xB0): read_binary,
    (0x00, 0xB2): read_record,
    (0x00, 0xCA): get_data,
    (0x80, 0x2A): compute_signature,
    (0x80, 0x32): change_key,
    (0x80, 0xA2): take_certificate,
    (0x80, 0xAE): set_session_key,
    (0x80, 0xFC): last_command_indicator,
}
"""By class and instruction: everything the chip can do."""


class Chip:
    """A powered chip. The first application is where it stands after power-on."""

    def __init__(
        self,
        applications: Sequence[Application],
        store: Store,
        stored: Mapping[str, bytes],
        entropy: Entropy,
        behaviour: Behaviour | None = None,
    ) -> None:
        """Power the chip on over what the store holds.

        Raises:
            Malformed: the record of a PIN is missing or damaged.
        """
        pins = [file for one in applications for file in one.files.values() if isinstance(file, PinFile)]
        self._machine = Machine(applications, PinMemory(store, stored, pins), entropy, behaviour or Behaviour())

    def transmit(self, command: bytes) -> bytes:
        """Carry out one command and answer with data and a status word; never raises for any bytes."""
        try:
            return self._carry_out(command) + _OK
        except Answered as answer:
            return answer.encoded

    def warm_reset(self) -> None:
        """Reset without taking the power off."""
        self._machine.warm_reset()

    def _carry_out(self, command: bytes) -> bytes:
        if len(command) < 4:
            raise Answered(StatusWord.WRONG_LENGTH)
        protected = command[0] == _PROTECTED
        instruction = carry_out_protected if protected else _INSTRUCTIONS.get((command[0], command[1]))
        if instruction is None:
            raise Answered(_unknown(command[0]))
        try:
            decoded = Command.decode(command)
        except Malformed:
            raise Answered(StatusWord.WRONG_LENGTH) from None
        return instruction(self._machine, decoded)


def _unknown(cla: int) -> StatusWord:
    """Why there is no such instruction: no logical channel but 0, another secure messaging, no such class or code.

    Source: soltia48/myna-card `src/sm.rs` for the answer to the other class of secure messaging.
    """
    if cla & 0x03 and cla & 0x7C in (0x00, 0x08, 0x0C):
        return StatusWord.NO_LOGICAL_CHANNEL
    if cla == 0x0C:
        return StatusWord.SECURE_MESSAGING_MISSING
    return StatusWord.UNKNOWN_INSTRUCTION if cla in (0x00, 0x80) else StatusWord.UNKNOWN_CLASS
