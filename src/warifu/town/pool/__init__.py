"""RSA-2048 test keys that ship with warifu, so that a town starts in seconds and tests make no keys.

They are public: whoever uses one proves nothing. `serve` refuses them (see `refuse_pooled`); the town uses them unless
it is asked for fresh ones.

Wire: ``keys.bin`` holds 192 keys of 256 bytes: the primes p and q, 128 bytes each, big-endian; e is 65537.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa

from warifu.errors import NotAllowed

__all__ = ["COUNT", "EXPONENT", "private_key", "private_keys", "refuse_pooled"]

COUNT = 192
EXPONENT = 65537
_PRIME_LENGTH = 128


def private_key(index: int) -> rsa.RSAPrivateKey:
    """The key number `index`, 0..191.

    The key was checked when it was made; checking it again at every load costs 50 ms each.
    """
    p, q = _primes(index)
    d = rsa.rsa_recover_private_exponent(EXPONENT, p, q)
    numbers = rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, p),
        dmq1=rsa.rsa_crt_dmq1(d, q),
        iqmp=rsa.rsa_crt_iqmp(p, q),
        public_numbers=rsa.RSAPublicNumbers(EXPONENT, p * q),
    )
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def private_keys() -> Iterator[rsa.RSAPrivateKey]:
    """All keys of the pool, in order."""
    return (private_key(index) for index in range(COUNT))


def refuse_pooled(modulus: int, file: Path) -> None:
    """Refuse an RSA public key of the pool, which stands in a file.

    Raises:
        NotAllowed: the private key is public knowledge.
    """
    if modulus in _moduli():
        raise NotAllowed(f"{file}: this is a test key that ships with warifu; everybody has it")


@cache
def _moduli() -> frozenset[int]:
    return frozenset(p * q for p, q in map(_primes, range(COUNT)))


def _primes(index: int) -> tuple[int, int]:
    if not 0 <= index < COUNT:
        raise IndexError(index)
    start = index * 2 * _PRIME_LENGTH
    data = _data()[start : start + 2 * _PRIME_LENGTH]
    return int.from_bytes(data[:_PRIME_LENGTH], "big"), int.from_bytes(data[_PRIME_LENGTH:], "big")


@cache
def _data() -> bytes:
    return files(__name__).joinpath("keys.bin").read_bytes()
