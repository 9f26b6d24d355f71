"""Where a new town takes its keys from: RSA keys from the pool that ships with warifu, or freshly made ones.

Fresh keys are made in threads: OpenSSL does not hold Python's lock while it looks for primes.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed

from cryptography.hazmat.primitives.asymmetric import rsa

from warifu.errors import Unavailable
from warifu.pki import KeySigner
from warifu.town import pool

__all__ = ["Keys", "Progress", "fresh_keys", "pooled_keys"]

Progress = Callable[[str, int, int], None]
"""Called with what is being made, how many are done, and how many there will be."""

_BITS = 2048


class Keys:
    """A pile of RSA keys; each is taken once."""

    def __init__(self, keys: Iterator[rsa.RSAPrivateKey]) -> None:
        self._keys = keys

    @staticmethod
    def make_next() -> KeySigner:
        """A new P-384 key for a card or an authority of the next generation; making one takes no time."""
        return KeySigner.generate("ES384")

    def take(self) -> KeySigner:
        """One key that nobody else has taken.

        Raises:
            Unavailable: there are none left.
        """
        for key in self._keys:
            return KeySigner(key)
        raise Unavailable("no more test keys in the pool: found the town with fresh keys")


def pooled_keys() -> Keys:
    """The keys that ship with warifu; everybody has them."""
    return Keys(pool.private_keys())


def fresh_keys(count: int, progress: Progress) -> Keys:
    """So many new keys."""
    made: list[rsa.RSAPrivateKey] = []
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        jobs = [workers.submit(rsa.generate_private_key, pool.EXPONENT, _BITS) for _ in range(count)]
        progress("keys", 0, count)
        try:
            for job in as_completed(jobs):
                made.append(job.result())
                progress("keys", len(made), count)
        except BaseException:
            workers.shutdown(cancel_futures=True)
            raise
    return Keys(iter(made))
