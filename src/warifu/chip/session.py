"""A session key of secure messaging: what it hides, and how (told in `messaging`)."""

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

from warifu.errors import Malformed

_BLOCK = 16
_PADDING = 0x80


class Session:
    """One session key and its counter."""

    __slots__ = ("_block", "_chain", "_counter", "_key", "_last", "dead")

    def __init__(self, key: bytes) -> None:
        self._key = AES(key)
        # One block at a time: the standard's "electronic codebook" is nothing but the cipher itself here.
        self._block = Cipher(self._key, ECB()).encryptor()  # noqa: S305
        # One encryptor for all answers: making one costs more than everything else a command does.
        self._last = bytes(_BLOCK)
        self._chain = Cipher(self._key, CBC(self._last)).encryptor()
        self._counter = 0
        self.dead = False

    def __repr__(self) -> str:
        return "Session(not shown)"

    def count(self) -> None:
        """Another command came."""
        self._counter += 1

    def decrypt(self, ciphertext: bytes) -> bytes:
        """What a command of this number carries.

        Raises:
            Malformed: not whole blocks, or not padded.
        """
        if not ciphertext or len(ciphertext) % _BLOCK:
            raise Malformed("not whole blocks")
        padded = Cipher(self._key, CBC(self._vector())).decryptor().update(ciphertext)
        plain = padded.rstrip(b"\0")
        if not plain or plain[-1] != _PADDING or len(padded) - len(plain) >= _BLOCK:
            raise Malformed("the padding is wrong")
        return plain[:-1]

    def encrypt(self, plain: bytes) -> bytes:
        """What the answer to a command of this number carries."""
        padded = plain + bytes((_PADDING,)) + bytes(-(len(plain) + 1) % _BLOCK)
        # The encryptor goes on from the last block it made; taking that out and this vector in is what a new one does.
        first = _xor(padded[:_BLOCK], self._last, self._vector())
        ciphertext = self._chain.update(first + padded[_BLOCK:])
        self._last = ciphertext[-_BLOCK:]
        return ciphertext

    def _vector(self) -> bytes:
        return self._block.update(self._counter.to_bytes(_BLOCK, "big"))


def _xor(first: bytes, second: bytes, third: bytes) -> bytes:
    number = int.from_bytes(first, "big") ^ int.from_bytes(second, "big") ^ int.from_bytes(third, "big")
    return number.to_bytes(_BLOCK, "big")
