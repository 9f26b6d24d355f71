"""A session key of secure messaging: what it hides, and how (told in `messaging`)."""

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

from warifu.errors import Malformed

_BLOCK = 16
_PADDING = 0x80


class Session:
    """One session key and its counter."""

    __slots__ = ("_block", "_counter", "_key", "dead")

    def __init__(self, key: bytes) -> None:
        self._key = AES(key)
        # One block at a time: the standard's "electronic codebook" is nothing but the cipher itself here.
        self._block = Cipher(self._key, ECB()).encryptor()  # noqa: S305
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
        return Cipher(self._key, CBC(self._vector())).encryptor().update(padded)

    def _vector(self) -> bytes:
        return self._block.update(self._counter.to_bytes(_BLOCK, "big"))
