"""SELECT FILE: applications by name, files by number.

Source: ISO/IEC 7816-4:2005 §7.1.1; JICSAP §4.2, §6.4.8; soltia48/myna-card `src/card.rs`, `src/mf.rs`.
"""

from collections.abc import Sequence

from warifu.chip.answer import Answered
from warifu.chip.files import Application
from warifu.chip.machine import Machine
from warifu.iso7816 import Command, StatusWord

_BY_NAME = 0x04
_FILE_IN_APPLICATION = 0x02
_MASTER_FILE = 0x00
_NEXT_OCCURRENCE = 0x02
_NO_CONTROL_INFORMATION = 0x0C
_MAX_NAME = 16


def select(machine: Machine, command: Command) -> bytes:
    """Make an application or a file current. No file control information is ever given.

    A locked application becomes current and is answered with 6283 (JICSAP Table 25: DF locked).

    Modelled: what a card returns when asked for it (P2=00) is not public; here nothing.
    """
    if command.p1 == _FILE_IN_APPLICATION:
        return _select_file(machine, command)
    if command.p1 == _BY_NAME:
        return _select_application(machine, command)
    if command.p1 == _MASTER_FILE:
        return _select_master_file(machine, command)
    raise Answered(StatusWord.WRONG_P1_P2)


def _select_file(machine: Machine, command: Command) -> bytes:
    if command.p2 not in (0, _NO_CONTROL_INFORMATION):
        raise Answered(StatusWord.WRONG_P1_P2)
    if len(command.data) != 2:
        raise Answered(StatusWord.WRONG_LENGTH)
    machine.choose(int.from_bytes(command.data, "big"))
    return b""


def _select_application(machine: Machine, command: Command) -> bytes:
    if command.p2 & ~_NEXT_OCCURRENCE not in (0, _NO_CONTROL_INFORMATION):
        raise Answered(StatusWord.WRONG_P1_P2)
    if not 1 <= len(command.data) <= _MAX_NAME:
        raise Answered(StatusWord.WRONG_LENGTH)
    candidates = _after_current(machine) if command.p2 & _NEXT_OCCURRENCE else machine.applications
    # A name matches from its beginning: JICSAP lets a reader name a family of applications by a part.
    for application in candidates:
        if application.aid.startswith(command.data):
            machine.enter(application)
            if application.locked:
                raise Answered(StatusWord.FILE_DEACTIVATED)
            return b""
    raise Answered(StatusWord.NOT_FOUND)


def _after_current(machine: Machine) -> Sequence[Application]:
    return machine.applications[machine.applications.index(machine.application) + 1 :]


def _select_master_file(machine: Machine, command: Command) -> bytes:
    """``00 A4 00 00`` says yes inside an application and does nothing; no file has an identifier this would find."""
    if command.data:
        raise Answered(StatusWord.NOT_FOUND)
    if machine.application is machine.applications[0]:
        raise Answered(StatusWord.WRONG_P1_P2)
    return b""
