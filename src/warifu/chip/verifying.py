"""VERIFY, CHANGE REFERENCE DATA and CHANGE KEY.

Source: ISO/IEC 7816-4:2005 §7.5.6, §7.5.7; JICSAP §6.4.9; jpki/myna `libmyna`; OpenSC pull request 959.
"""

import hmac

from warifu.chip.answer import Answered, tries_left
from warifu.chip.files import PinFile
from warifu.chip.machine import Machine
from warifu.chip.pins import MAX_SECRET, PinRecord
from warifu.iso7816 import Command, StatusWord

_NEW_DATA_ONLY = 0x01


def verify(machine: Machine, command: Command) -> bytes:
    """Compare a PIN, or tell the tries left when none is presented: that is never 9000, even when verified."""
    if command.p1:
        raise Answered(StatusWord.WRONG_P1_P2)
    pin = _pin(machine, command.p2)
    record = machine.pins.record(pin)
    if not command.data:
        raise tries_left(record.tries_left)
    if len(command.data) > MAX_SECRET:
        raise Answered(StatusWord.WRONG_LENGTH)
    if not record.tries_left:
        raise Answered(StatusWord.BLOCKED)
    # The try is on stable storage before the comparison, or cutting the power would buy guesses.
    record = machine.pins.spend_try(pin)
    if not hmac.compare_digest(record.secret, command.data):
        machine.distrust(pin)
        raise tries_left(record.tries_left)
    machine.pins.keep(pin, PinRecord(pin.tries, record.secret))
    machine.trust(pin)
    return b""


def change_pin(machine: Machine, command: Command) -> bytes:
    """CHANGE REFERENCE DATA: replace a PIN that has been verified; the old one is not repeated (P1=01).

    Modelled: in an application that has CHANGE KEY instead, the instruction is unknown.
    """
    if machine.application.change_key:
        raise Answered(StatusWord.UNKNOWN_INSTRUCTION)
    if command.p1 != _NEW_DATA_ONLY:
        raise Answered(StatusWord.WRONG_P1_P2)
    return _change(machine, command)


def change_key(machine: Machine, command: Command) -> bytes:
    """CHANGE KEY (``80 32``): the same in the common and resident register applications.

    Source: JICSAP v1.1, as told in soltia48/myna-card `src/card.rs`.
    """
    if not machine.application.change_key:
        raise Answered(StatusWord.UNKNOWN_INSTRUCTION)
    if command.p1:
        raise Answered(StatusWord.WRONG_P1_P2)
    return _change(machine, command)


def _change(machine: Machine, command: Command) -> bytes:
    """Modelled: a new PIN of a wrong length answers 6700; which characters it has is the reader's business."""
    pin = _pin(machine, command.p2)
    if not machine.pins.record(pin).tries_left:
        raise Answered(StatusWord.BLOCKED)
    machine.check_opened(frozenset({pin.fid}) if pin.changeable else frozenset())
    if not pin.shortest <= len(command.data) <= pin.longest:
        raise Answered(StatusWord.WRONG_LENGTH)
    machine.pins.keep(pin, PinRecord(pin.tries, command.data))
    return b""


def _pin(machine: Machine, reference: int) -> PinFile:
    file = machine.addressed(reference)
    if not isinstance(file, PinFile):
        raise Answered(StatusWord.NOT_FOR_THIS_FILE)
    return file
