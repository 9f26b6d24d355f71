"""One secret of the provider, from which everything it must be able to compute again is derived."""

import hashlib
import hmac
from collections.abc import Mapping

from warifu.errors import Malformed


class Secret:
    """A 256-bit key. `derive` gives 32 bytes for a purpose and its parts: HMAC-SHA256 over length-prefixed fields.

    What is derived need not be stored, so that a request repeated after a crash gets the same answer: the code, the
    decision token, and the keyed hash under which a certificate is remembered (never its serial number:
    公的個人認証法 第63条).

    `certificate_keys` are keys of their own for that hash, by generation from 1: what is known under an older one is
    carried over to the newest when its holder logs in. Without them the one derived key is the first generation.
    """

    LENGTH = 32

    def __init__(self, key: bytes, certificate_keys: Mapping[int, bytes] | None = None) -> None:
        if len(key) != self.LENGTH or any(len(one) != self.LENGTH for one in (certificate_keys or {}).values()):
            raise Malformed("a provider's secret has 32 bytes")
        self._key = key
        self._certificate_keys = dict(certificate_keys or {1: self.derive("certificate")})

    def __repr__(self) -> str:
        return "Secret()"

    @property
    def certificate_keys(self) -> tuple[tuple[int, bytes], ...]:
        """Every key in force for hashes of certificates, by generation, the newest first."""
        return tuple(sorted(self._certificate_keys.items(), reverse=True))

    @property
    def certificate_key(self) -> bytes:
        """The newest of them."""
        return self.certificate_keys[0][1]

    def derive(self, purpose: str, *parts: bytes) -> bytes:
        """32 bytes that only the holder of the key can compute; purposes never mix."""
        fields = (purpose.encode(), *parts)
        return hmac.digest(self._key, b"".join(len(part).to_bytes(4, "big") + part for part in fields), hashlib.sha256)


def fingerprint(token: str) -> bytes:
    """SHA-256 of a random token: stored in its place, so that a stolen table opens nothing."""
    return hashlib.sha256(token.encode()).digest()
