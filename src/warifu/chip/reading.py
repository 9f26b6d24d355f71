"""READ BINARY, READ RECORD, GET DATA, GET CHALLENGE.

Source: ISO/IEC 7816-4:2005 §7.2.3, §7.3.3, §7.4.2, §7.5.3; JICSAP §6.4.1, Table 5; soltia48/myna-card `src/card.rs`.
"""

from warifu.chip.answer import Answered
from warifu.chip.files import RecordFile, TransparentFile
from warifu.chip.machine import Machine
from warifu.iso7816 import MAX_SHORT_LE, Command, StatusWord

_SHORT_IDENTIFIER_FOLLOWS = 0x80
_ONE_RECORD, _ALL_RECORDS = 4, 5


def read_binary(machine: Machine, command: Command) -> bytes:
    """Bytes of a transparent file from an offset, up to Le or the end of the file."""
    if command.le is None or command.data:
        raise Answered(StatusWord.WRONG_LENGTH)
    return read_bytes(machine, command.p1, command.p2, command.le)


def read_bytes(machine: Machine, p1: int, p2: int, length: int) -> bytes:
    """What READ BINARY with these parameters reads, up to `length` bytes."""
    if p1 & _SHORT_IDENTIFIER_FOLLOWS:
        file, offset = machine.addressed(p1), p2
    elif machine.file is None:
        raise Answered(StatusWord.NO_CURRENT_FILE)
    else:
        file, offset = machine.file, p1 << 8 | p2
    if not isinstance(file, TransparentFile):
        raise Answered(StatusWord.NOT_FOR_THIS_FILE)
    machine.check_opened(file.opens_with)
    if offset >= len(file.image):
        raise Answered(StatusWord.WRONG_OFFSET)
    return file.image[offset : offset + length]


def read_record(machine: Machine, command: Command) -> bytes:
    """One record of a file, up to Le.

    Wire: P1 is the record's number, P2 the short identifier times 8 (0: the current file) plus 4. Plus 5 would be all
    records from P1 on, which is 6A81.
    Source: ISO/IEC 7816-4:2005 §7.3.3; jpki/myna `libmyna/unknown.go`; soltia48/myna-card `src/card.rs`.
    """
    if command.p2 & 0x07 not in (_ONE_RECORD, _ALL_RECORDS):
        raise Answered(StatusWord.WRONG_P1_P2)
    if command.le is None or command.data:
        raise Answered(StatusWord.WRONG_LENGTH)
    file = machine.addressed(0x80 | command.p2 >> 3)
    if not isinstance(file, RecordFile):
        raise Answered(StatusWord.NOT_FOR_THIS_FILE)
    machine.check_opened(file.opens_with)
    if command.p2 & 0x07 == _ALL_RECORDS:
        raise Answered(StatusWord.NOT_SUPPORTED)
    if not 1 <= command.p1 <= len(file.records):
        raise Answered(StatusWord.NO_RECORD)
    return file.records[command.p1 - 1][: command.le]


def get_data(machine: Machine, command: Command) -> bytes:
    """A data object outside of files, by its tag in P1 P2; one that Le does not hold is not cut."""
    value = machine.application.objects.get(command.p1 << 8 | command.p2)
    if value is None:
        raise Answered(StatusWord.NO_REFERENCED_DATA)
    if command.le is None or command.le < len(value):
        raise Answered(StatusWord.WRONG_LENGTH)
    return value


def get_challenge(machine: Machine, command: Command) -> bytes:
    """1 to 256 unpredictable bytes; more are refused."""
    if command.p1 or command.p2:
        raise Answered(StatusWord.WRONG_P1_P2)
    if command.le is None or command.data:
        raise Answered(StatusWord.WRONG_LENGTH)
    if command.le > MAX_SHORT_LE:
        raise Answered(StatusWord.CONDITIONS_NOT_SATISFIED)
    machine.challenge = machine.entropy.bytes(command.le)
    return machine.challenge


def last_command_indicator(machine: Machine, command: Command) -> bytes:
    """An instruction of the iPhone's JPKI token, said to be its reader's last; a plastic card answers 6700.

    Source: soltia48/myna-card `src/card.rs` (LAST_COMMAND_INDICATOR). Modelled: what the token answers, 9000 alone.
    """
    if not machine.application.last_command_indicator or command.data:
        raise Answered(StatusWord.WRONG_LENGTH)
    return b""
