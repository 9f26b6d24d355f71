"""Presenting a PIN, and asking how many tries are left, without ever wasting a try.

A PIN of the wrong length or alphabet is refused here, before the card could count it; the last try is spent only on an
explicit word; and a VERIFY whose answer was lost is never repeated: the card may have counted it.
"""

from dataclasses import dataclass

from warifu.cardmap import Application, PinSpec
from warifu.errors import LastTry, Malformed, NotAllowed, PinBlocked
from warifu.iso7816 import Command, StatusWord
from warifu.ports import Connection
from warifu.reader.exchange import exchange, select_file, send_once
from warifu.reader.status import BLOCKED, check, refusal, tries_in

# VERIFY with P2 = 80: the PIN file that is current (JICSAP IC cards with contacts v1.1 §6.4.9).
_VERIFY = (0x00, 0x20, 0x00, 0x80)
# CHANGE REFERENCE DATA with the new PIN alone (P1 = 01), after the old one has been verified; the older applications
# take JICSAP's CHANGE KEY instead (jpki/myna `libmyna`; soltia48/myna-card `src/card.rs`).
_CHANGE = (0x00, 0x24, 0x01, 0x80)
_CHANGE_KEY = (0x80, 0x32, 0x00, 0x80)
_WITH_CHANGE_KEY = frozenset({Application.COMMON, Application.RESIDENT})


@dataclass(frozen=True, slots=True)
class Pin:
    """A PIN of an application, with the name that people know it by."""

    name: str
    spec: PinSpec


def tries_left(connection: Connection, pin: Pin) -> int:
    """The tries left of a PIN of the current application; asking consumes none.

    Wire: VERIFY without data (``00 20 00 80``), answered 63Cx. Other cards may answer 9000 to it while the PIN is
    verified (ISO/IEC 7816-4:2005 §7.5.6): a success has set the counter back, so all tries are left.
    """
    select_file(connection, pin.spec.file)
    response = exchange(connection, Command(*_VERIFY))
    if response.status_word == StatusWord.OK:
        return pin.spec.tries
    if response.status_word in BLOCKED:
        return 0
    if (tries := tries_in(response.status_word)) is not None:
        return tries
    raise refusal(response.status_word, pin.name)


def verify(connection: Connection, pin: Pin, value: str, *, spend_last: bool) -> None:
    """Present a PIN of the current application; it stays verified until the application is left.

    Raises:
        Malformed: wrong length or alphabet; nothing was sent.
        PinBlocked: no tries left, before or by this try.
        LastTry: one try is left and `spend_last` is not set; nothing was sent.
        WrongPin: the try was counted.
        AnswerLost: it may have been counted; ask `tries_left` before trying again.
    """
    data = pin.spec.encode(value)
    tries = tries_left(connection, pin)
    if tries == 0:
        raise PinBlocked(pin_name=pin.name)
    if tries == 1 and not spend_last:
        raise LastTry(tries, pin.name)
    check(send_once(connection, Command(*_VERIFY, data)), pin.name)


def change(connection: Connection, pin: Pin, old: str, new: str, *, spend_last: bool) -> None:
    """Replace a PIN of the current application by another; it stays verified.

    Both are looked at before anything is sent, so that no try is spent on a change that cannot succeed. The command
    goes out once: where its answer is lost, one of the two PINs holds, and only a try tells which.

    Raises:
        NotAllowed: the holder cannot change it by command.
        Malformed: one of them cannot be a PIN of this kind, or they are the same; nothing was sent.
        PinBlocked, LastTry, WrongPin: as `verify`, for the old one.
        AnswerLost: nobody knows which of the two holds.
    """
    if not pin.spec.changeable:
        raise NotAllowed(f"the {pin.name} cannot be changed")
    data = pin.spec.encode_new(new)
    if data == pin.spec.encode(old):
        raise Malformed(f"the new {pin.name} is the old one")
    verify(connection, pin, old, spend_last=spend_last)
    header = _CHANGE_KEY if pin.spec.application in _WITH_CHANGE_KEY else _CHANGE
    check(send_once(connection, Command(*header, data)), pin.name)
