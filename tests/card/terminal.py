"""A terminal's half of secure messaging, written from the published description and not from the chip's code."""

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256

from tests.card.people import DELIVERY
from warifu.town import pool

SEED = bytes(range(32))


def delivery_public_key() -> RSAPublicKey:
    return pool.private_key(DELIVERY).public_key()


def set_session_key(seed: bytes = SEED, *, plain: bytes | None = None) -> bytes:
    """80 AE with the seed, or with something else than a seed, under the card's key."""
    padding = OAEP(MGF1(SHA256()), SHA256(), None)
    ciphertext = delivery_public_key().encrypt(bytes.fromhex("A0228020") + seed if plain is None else plain, padding)
    return bytes.fromhex("80AE0000000100") + ciphertext


class Terminal:
    """Wraps commands and unwraps answers; counts as a terminal does."""

    def __init__(self, seed: bytes = SEED) -> None:
        self._aes = algorithms.AES(seed[:16])
        self.number = 1

    def command(self, ins: int, p1: int, p2: int, data: bytes) -> bytes:
        """SELECT or VERIFY under the session."""
        padded = data + b"\x80"
        padded += bytes(-len(padded) % 16)
        ciphertext = self._cbc().encryptor().update(padded)
        self.number += 1
        return bytes((0x08, ins, p1, p2, len(ciphertext) + 3, 0x86, len(ciphertext) + 1, 1)) + ciphertext

    def read(self, p1: int, p2: int, le: int = 256) -> bytes:
        """READ BINARY under the session."""
        wanted = (le % 65536).to_bytes(2, "big")
        self.number += 1
        return bytes((0x08, 0xB0, p1, p2, 0, 0, 5, 0x96, 3, 0)) + wanted + b"\0\0"

    def answer(self, data: bytes) -> bytes:
        """What the answer to the last command holds."""
        self.number -= 1
        head = {0x82: 4, 0x81: 3}.get(data[1], 2)
        assert data[0] == 0x86
        assert data[head] == 1
        padded = self._cbc().decryptor().update(data[head + 1 :])
        self.number += 1
        plain, _, zeros = padded.rpartition(b"\x80")
        assert not zeros.strip(b"\0")
        return plain

    def _cbc(self) -> Cipher[modes.CBC]:
        block = self.number.to_bytes(16, "big")
        vector = Cipher(self._aes, modes.CBC(bytes(16))).encryptor().update(block)
        return Cipher(self._aes, modes.CBC(vector))
