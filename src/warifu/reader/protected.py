"""Secure messaging from the terminal's side: what is read in the text application crosses the air under a session key.

The terminal makes a seed and sends it under the application's public key (EF 0006) with SET SESSION KEY (``80 AE``);
the card takes it only after the text PIN. From then on SELECT, VERIFY and READ BINARY go as commands of class 08, their
data and what is read under AES; every other command goes plainly, because the card knows no other form of it.

What it is worth: who listens learns nothing of what is read. It does not help against who stands between: nothing
vouches for EF 0006, nothing authenticates a command or an answer, and the PIN itself went before there was a key.

=============================  ======================================================================================
event                          the session here
=============================  ======================================================================================
set                            both ends count 1 for the first protected command
protected command, any answer  both ends have counted one more, also where the card refused the command
answer 6988 or 69FC            over: `SessionEnded`
answer in plain where the      over: `Malformed`, and nothing of it is believed
session protects, or one that
does not decrypt
answer lost, card gone         over: nobody knows whether the card has counted
power cycle                    over
over                           nothing more is sent that would have been protected: `SessionEnded`; never in plain
                               instead
=============================  ======================================================================================

Wire: SET SESSION KEY carries RSAES-OAEP (SHA-256, MGF1 with SHA-256) of ``A0 22 80 20`` and the seed, 32 bytes; the
AES-128 key is its first 16. The N-th protected command (N from 1) has the initialisation vector AES(key, N as 16
bytes), in both directions; CBC, always padded with 80 00…. SELECT and VERIFY carry ``86`` length ``01`` and the
ciphertext; READ BINARY carries ``96 03 00`` and Le (u16, 0 is 65536) and has an extended Le; it is answered with such
an ``86``.
Source: soltia48/myna-card `src/sm.rs` (measured).
"""

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA256

from warifu.cardmap import CardPublicKey
from warifu.errors import Malformed, SessionEnded
from warifu.iso7816 import MAX_EXTENDED, Command, Response, StatusWord, Tlv, encode_tlv
from warifu.ports import Connection, Entropy
from warifu.reader.exchange import send_once
from warifu.reader.status import check

_SET_SESSION_KEY = (0x80, 0xAE, 0x00, 0x00)
_SEED_HEADER = bytes.fromhex("A0228020")
_SEED, _KEY, _BLOCK = 32, 16, 16
_OAEP = OAEP(MGF1(SHA256()), SHA256(), None)

_SELECT, _VERIFY, _READ_BINARY = 0xA4, 0x20, 0xB0
_CLASS = 0x08
_CIPHERTEXT, _EXPECTED_LENGTH = 0x86, 0x96
_PADDED, _PADDING = b"\x01", b"\x80"
_ENDED = frozenset(
    {
        StatusWord.NO_SECURE_MESSAGING,
        StatusWord.SECURE_MESSAGING_MISSING,
        StatusWord.SECURE_MESSAGING_WRONG,
        StatusWord.SECURE_MESSAGING_DEAD,
    }
)


def set_session_key(connection: Connection, delivery: CardPublicKey, entropy: Entropy) -> "ProtectedConnection":
    """Deliver a session key to the current application; it takes the place of one that there may be.

    Raises:
        PinRequired: the text PIN has not been verified; matching numbers do not do.
        CardRefused: the application has no secure messaging.
    """
    seed = entropy.bytes(_SEED)
    key = RSAPublicNumbers(delivery.exponent, delivery.modulus).public_key()
    check(send_once(connection, Command(*_SET_SESSION_KEY, key.encrypt(_SEED_HEADER + seed, _OAEP))))
    return ProtectedConnection(connection, seed[:_KEY])


class ProtectedConnection:
    """A `Connection` on which SELECT, VERIFY and READ BINARY go under a session key."""

    def __init__(self, connection: Connection, key: bytes) -> None:
        """Go on over a connection whose card has just taken `key`, 16 bytes."""
        self._connection = connection
        self._key = AES(key)
        self._counter = 0
        self._over = False

    def __repr__(self) -> str:
        return "ProtectedConnection(not shown)"

    @property
    def atr(self) -> bytes:
        """Of the connection behind."""
        return self._connection.atr

    def transmit(self, command: bytes) -> bytes:
        """Send a command, protected if it can be, and answer as if it had gone in plain.

        Raises:
            SessionEnded: the card has ended the session, or it ended before; nothing was sent then.
            Malformed: the answer is not protected as it must be.
            AnswerLost, NoCard: as the connection behind.
        """
        plain = Command.decode(command)
        if plain.cla or plain.ins not in (_SELECT, _VERIFY, _READ_BINARY):
            return self._connection.transmit(command)
        if self._over:
            raise SessionEnded
        # Over, until the answer shows that both ends have counted alike.
        self._over = True
        self._counter += 1
        answer = send_once(self._connection, self._protected(plain))
        opened = self._opened(plain, answer)
        self._over = False
        return opened.encode()

    def power_cycle(self) -> None:
        """Pass it on; the card forgets the key."""
        self._over = True
        self._connection.power_cycle()

    def _protected(self, plain: Command) -> Command:
        if plain.ins == _READ_BINARY:
            wanted = encode_tlv(_EXPECTED_LENGTH, b"\0" + ((plain.le or 0) & 0xFFFF).to_bytes(2, "big"))
            return Command(_CLASS, plain.ins, plain.p1, plain.p2, wanted, MAX_EXTENDED)
        padded = plain.data + _PADDING + bytes(-(len(plain.data) + 1) % _BLOCK)
        ciphertext = self._cipher().encryptor().update(padded)
        return Command(_CLASS, plain.ins, plain.p1, plain.p2, encode_tlv(_CIPHERTEXT, _PADDED + ciphertext))

    def _opened(self, plain: Command, answer: Response) -> Response:
        if answer.status_word in _ENDED:
            raise SessionEnded(answer.status_word)
        if plain.ins == _READ_BINARY and answer.status_word == StatusWord.OK:
            data = self._decrypted(answer.data)
            if len(data) > (plain.le or 0):
                raise Malformed("the card read more than it was asked for")
            return Response(data, answer.status_word)
        if answer.data:
            raise Malformed("the card answered in plain where the session protects")
        return answer

    def _decrypted(self, data: bytes) -> bytes:
        """What an answer carries.

        Raises:
            Malformed: not one ``86`` of whole blocks, or not padded.
        """
        only = Tlv.decode(data)
        ciphertext = only.value[1:]
        if only.tag != _CIPHERTEXT or only.value[:1] != _PADDED or not ciphertext or len(ciphertext) % _BLOCK:
            raise Malformed("the card's answer is not protected as the session has it")
        padded = self._cipher().decryptor().update(ciphertext)
        plain = padded.rstrip(b"\0")
        if not plain.endswith(_PADDING) or len(padded) - len(plain) >= _BLOCK:
            raise Malformed("the card's answer does not decrypt")
        return plain[:-1]

    def _cipher(self) -> Cipher[CBC]:
        """The cipher of the command that has been counted last."""
        number = self._counter.to_bytes(_BLOCK, "big")
        # One block from a vector of zeros is the bare cipher.
        vector = Cipher(self._key, CBC(bytes(_BLOCK))).encryptor().update(number)
        return Cipher(self._key, CBC(vector))
