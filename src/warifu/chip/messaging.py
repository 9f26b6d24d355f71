"""Secure messaging: a session key delivered to an application, and commands of class 08 under it.

A terminal that has verified the PIN sends a seed under the application's public key (SET SESSION KEY, ``80 AE``). From
then on commands of class 08 carry their data, and READ BINARY its answer, under AES; plain commands go on beside them.
Nothing authenticates the commands: this protects a PIN and what is read on their way, not the card.

=====================  ========================================================================================
state                  a command of class 08
=====================  ========================================================================================
no session             SELECT 6882, any other 69FC
session                counted; a data field that is not as it must be: 6988, and the session is dead; else the
                       command is carried out, and what it refuses is told plainly and changes nothing here
dead session           69FC, until another session key is set
=====================  ========================================================================================

A session ends with its application: another is selected, or the card is reset.

Wire: SET SESSION KEY has RSAES-OAEP (SHA-256, MGF1 with SHA-256) of ``A0 22 80 20`` and a seed of 32 bytes; the AES-128
key is its first 16. The N-th command after that (N from 1) has the initialisation vector AES(key, N as 16 bytes), in
both directions. VERIFY and SELECT carry ``86`` length ``01`` and the data, padded with 80 00… always, under AES-CBC;
READ BINARY carries ``96 03 00`` and Le (u16, 0 is 65536), and is answered with such an ``86``. The length of an ``86``
may come in the long form (``86 81 11``).
Source: soltia48/myna-card `src/sm.rs` (measured). Modelled: that OAEP that does not decode answers as a wrong structure
does; that other instructions than these three are unknown here and counted; that a length of 128 and more is written
``82 hh ll``; that a session ends with its application.
"""

from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.hashes import SHA256

from warifu.chip.answer import Answered
from warifu.chip.files import Delivery
from warifu.chip.machine import Machine
from warifu.chip.reading import read_bytes
from warifu.chip.selecting import select
from warifu.chip.session import Session
from warifu.chip.verifying import verify
from warifu.errors import Malformed
from warifu.iso7816 import MAX_EXTENDED, Command, StatusWord, encode_tlv

_SELECT, _VERIFY, _READ_BINARY = 0xA4, 0x20, 0xB0
_OAEP = OAEP(MGF1(SHA256()), SHA256(), None)
_SEED_HEADER = bytes.fromhex("A0228020")
_SEED, _KEY = 32, 16
_CIPHERTEXT = 0x86
_EXPECTED_LENGTH, _EXPECTED_LENGTH_SIZE = bytes.fromhex("960300"), 5
_PADDED = b"\x01"
_SHORTEST_OBJECT = 3
_VALUE_AT = {0x81: 3, 0x82: 4}
"""Where the value begins, by the first byte of a length in the long form."""
_MOST = 0xFF00
"""So much is read at once at most: with padding and header it fits a data object."""


def set_session_key(machine: Machine, command: Command) -> bytes:
    """SET SESSION KEY: begin a session, in place of the one there may be."""
    delivery = machine.application.delivery
    if not isinstance(delivery, Delivery):
        raise Answered(delivery)
    if command.p1 or command.p2:
        raise Answered(StatusWord.WRONG_P1_P2)
    machine.check_opened(delivery.opens_with)
    machine.session = Session(_delivered(delivery, command.data)[:_KEY])
    return b""


def _delivered(delivery: Delivery, ciphertext: bytes) -> bytes:
    """The seed in what was delivered.

    Raises:
        Answered: 6700 not as long as the modulus, 6F00 not below it, 6A80 anything else.
    """
    numbers = delivery.private_key.public_key().public_numbers()
    if len(ciphertext) != delivery.private_key.key_size // 8:
        raise Answered(StatusWord.WRONG_LENGTH)
    if int.from_bytes(ciphertext, "big") >= numbers.n:
        raise Answered(StatusWord.NO_DIAGNOSIS)
    try:
        plain = delivery.private_key.decrypt(ciphertext, _OAEP)
    except ValueError:
        # The same answer as below, or the two would tell an attacker about the padding.
        plain = b""
    if len(plain) != len(_SEED_HEADER) + _SEED or not plain.startswith(_SEED_HEADER):
        raise Answered(StatusWord.WRONG_DATA)
    return plain[len(_SEED_HEADER) :]


def carry_out_protected(machine: Machine, command: Command) -> bytes:
    """Carry out a command of class 08."""
    session = machine.session
    if session is None:
        selects = command.ins == _SELECT
        raise Answered(StatusWord.NO_SECURE_MESSAGING if selects else StatusWord.SECURE_MESSAGING_DEAD)
    if session.dead:
        raise Answered(StatusWord.SECURE_MESSAGING_DEAD)
    session.count()
    instruction = _PROTECTED.get(command.ins)
    if instruction is None:
        raise Answered(StatusWord.UNKNOWN_INSTRUCTION)
    try:
        return instruction(machine, session, command)
    except Malformed:
        session.dead = True
        raise Answered(StatusWord.SECURE_MESSAGING_WRONG) from None


def _with_data(plain: Callable[[Machine, Command], bytes]) -> Callable[[Machine, Session, Command], bytes]:
    """An instruction whose data comes as ``86``, and that brings none."""

    def carry_out(machine: Machine, session: Session, command: Command) -> bytes:
        value = _ciphertext(command)
        if value[:1] != _PADDED:
            raise Malformed("an unknown padding")
        data = session.decrypt(value[1:])
        return plain(machine, Command(0x00, command.ins, command.p1, command.p2, data))

    return carry_out


def _read(machine: Machine, session: Session, command: Command) -> bytes:
    if len(command.data) != _EXPECTED_LENGTH_SIZE or not command.data.startswith(_EXPECTED_LENGTH):
        raise Malformed("an Le in another form")
    le = command.data[3] << 8 | command.data[4] or MAX_EXTENDED
    data = read_bytes(machine, command.p1, command.p2, min(le, _MOST))
    answer = encode_tlv(_CIPHERTEXT, _PADDED + session.encrypt(data))
    if len(answer) > (command.le or 0):
        raise Answered(StatusWord.WRONG_LENGTH)
    return answer


_PROTECTED: Mapping[int, Callable[[Machine, Session, Command], bytes]] = {
    _SELECT: _with_data(select),
    _VERIFY: _with_data(verify),
    _READ_BINARY: _read,
}


def _ciphertext(command: Command) -> bytes:
    """The value of the one data object that a command carries; its length may be in the long form without need.

    Raises:
        Malformed: another object, more than one, or none.
    """
    data = command.data
    if len(data) < _SHORTEST_OBJECT or data[0] != _CIPHERTEXT:
        raise Malformed("another data object")
    start = _VALUE_AT.get(data[1], 2)
    length = data[1] if start == 2 else int.from_bytes(data[2:start], "big")
    if len(data) != start + length:
        raise Malformed("more or less than one data object")
    return data[start:]
