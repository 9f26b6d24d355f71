"""Terminals that work without a PIN: a chain of card-verifiable certificates, then proof of the last one's key.

With the file of an authority's key current, each certificate comes in two commands of ``80 A2``: its body, then its
signature. There are two certificates: an intermediate that the authority issued, and the terminal's, issued by that. A
terminal that then signs a challenge of the card counts like a verified PIN, under the number of the authority's file,
for whatever is opened by it.

Wire: ``80 A2 06 C1``: ``7F21 820233 5F4E 820129`` and the body (issuer's key id 16, subject's key id 16, ``90 03``
exponent, ``91 820100`` modulus); ``80 A2 00 C1``: ``5F37 820100`` and the signature, RSASSA-PKCS1-v1_5 with SHA-256
over the body. Both of extended length.
Source: these two commands are published (soltia48/myna-card, and a public probing script of card terminals). Modelled:
everything else: status words, what follows (GET CHALLENGE of 8 bytes or more, EXTERNAL AUTHENTICATE ``00 82 00 00``
with RSASSA-PKCS1-v1_5 and SHA-256 over it), and that it stands in for the PIN.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from warifu.chip.answer import Answered
from warifu.chip.files import AuthorityFile
from warifu.chip.guest import Guest
from warifu.chip.machine import Machine
from warifu.iso7816 import Command, StatusWord

_BODY_FOLLOWS, _SIGNATURE_FOLLOWS = 0x06C1, 0x00C1
_BODY_HEADER = bytes.fromhex("7F218202335F4E820129")
_SIGNATURE_HEADER = bytes.fromhex("5F37820100")
_BODY, _SIGNATURE, _KEY_ID = 297, 256, 16
_CHAIN = 2
_EXPONENT_HEADER, _MODULUS_HEADER = bytes.fromhex("9003"), bytes.fromhex("91820100")
_SHORTEST_CHALLENGE = 8
"""Below that a proof that was overheard fits again too soon."""


def take_certificate(machine: Machine, command: Command) -> bytes:
    """Half of a certificate."""
    file = machine.file
    if file is None:
        raise Answered(StatusWord.NO_CURRENT_FILE)
    if not isinstance(file, AuthorityFile):
        raise Answered(StatusWord.NOT_FOR_THIS_FILE)
    half = command.p1 << 8 | command.p2
    if half not in (_BODY_FOLLOWS, _SIGNATURE_FOLLOWS):
        raise Answered(StatusWord.WRONG_P1_P2)
    if file.public_key is None:
        raise Answered(StatusWord.CONDITIONS_NOT_SATISFIED)
    guest = machine.guest
    if guest is None or guest.authority is not file:
        guest = machine.guest = Guest(file, file.key_id, file.public_key)
    if half == _BODY_FOLLOWS:
        guest.body = _content(command.data, _BODY_HEADER, _BODY)
    else:
        _believe(guest, _content(command.data, _SIGNATURE_HEADER, _SIGNATURE))
    return b""


def external_authenticate(machine: Machine, command: Command) -> bytes:
    """A terminal proves that it holds the key that was certified last. A challenge serves once."""
    if command.p1 or command.p2:
        raise Answered(StatusWord.WRONG_P1_P2)
    if len(command.data) != _SIGNATURE:
        raise Answered(StatusWord.WRONG_LENGTH)
    guest, challenge = machine.guest, machine.challenge
    machine.challenge = b""
    if guest is None or guest.certified != _CHAIN or len(challenge) < _SHORTEST_CHALLENGE:
        raise Answered(StatusWord.CONDITIONS_NOT_SATISFIED)
    _check(guest.public_key, command.data, challenge)
    machine.trust(guest.authority)
    return b""


def _content(data: bytes, header: bytes, length: int) -> bytes:
    if len(data) != len(header) + length or not data.startswith(header):
        raise Answered(StatusWord.WRONG_DATA)
    return data[len(header) :]


def _believe(guest: Guest, signature: bytes) -> None:
    """Believe the key in the body that waits, if the key believed so far signed it.

    Raises:
        Answered: 6985 no body waits or the chain has its end, 6A88 it names another issuer, 6300 the signature does not
            verify, 6A80 no key.
    """
    body, guest.body = guest.body, None
    if body is None or guest.certified == _CHAIN:
        raise Answered(StatusWord.CONDITIONS_NOT_SATISFIED)
    if body[:_KEY_ID] != guest.key_id:
        raise Answered(StatusWord.NO_REFERENCED_DATA)
    _check(guest.public_key, signature, body)
    guest.public_key = _public_key(body[2 * _KEY_ID :])
    guest.key_id = body[_KEY_ID : 2 * _KEY_ID]
    guest.certified += 1


def _check(key: RSAPublicKey, signature: bytes, signed: bytes) -> None:
    try:
        key.verify(signature, signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise Answered(StatusWord.NOT_MATCHING) from None


def _public_key(objects: bytes) -> RSAPublicKey:
    exponent, modulus = objects[2:5], objects[9:]
    if objects[:2] != _EXPONENT_HEADER or objects[5:9] != _MODULUS_HEADER:
        raise Answered(StatusWord.WRONG_DATA)
    try:
        return RSAPublicNumbers(int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big")).public_key()
    except ValueError:
        raise Answered(StatusWord.WRONG_DATA) from None
