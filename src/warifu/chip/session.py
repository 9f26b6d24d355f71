"""A session key of secure messaging: what it hides, and how (told in `messaging`)."""

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

from warifu.errors import Malformed

_BLOCK = 16
_PADDING = 0x80
_PADDINGS = tuple(bytes((_PADDING,)) + bytes(_BLOCK - 1 - over) for over in range(_BLOCK))
"""By how many bytes stand over the last whole block."""


class Session:
    """One session key and its counter."""

    __slots__ = ("_block", "_chain", "_counter", "_key", "_last", "dead")

    def __init__(self, key: bytes) -> None:
        self._key = AES(key)
        # One block at a time: the standard's "electronic codebook" is nothing but the cipher itself here.
        self._block = Cipher(self._key, ECB()).encryptor()  # noqa: S305
        # One encryptor for all answers: making one costs more than everything else a command does.
        self._last = 0
        self._chain = Cipher(self._key, CBC(bytes(_BLOCK))).encryptor()
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
        padded = plain + _PADDINGS[len(plain) % _BLOCK]
        # The encryptor goes on from the last block it made; taking that out and this vector in is what a new one does.
        first = _number(padded[:_BLOCK]) ^ self._last ^ _number(self._vector())
        ciphertext = self._chain.update(first.to_bytes(_BLOCK, "big") + padded[_BLOCK:])
        self._last = _number(ciphertext[-_BLOCK:])
        return ciphertext

    def _vector(self) -> bytes:
        return self._block.update(self._counter.to_bytes(_BLOCK, "big"))


def _number(block: bytes) -> int:
    return int.from_bytes(block, "big")
