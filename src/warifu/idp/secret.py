"""One secret of the provider, from which everything it must be able to compute again is derived."""

import hashlib
import hmac

from warifu.errors import Malformed


class Secret:
    """A 256-bit key. `derive` gives 32 bytes for a purpose and its parts: HMAC-SHA256 over length-prefixed fields.

    What is derived need not be stored, so that a request repeated after a crash gets the same answer: the code, the
    decision token, and the keyed hash under which a certificate is remembered (never its serial number:
    公的個人認証法 第63条).
    """

    LENGTH = 32

    def __init__(self, key: bytes) -> None:
        if len(key) != self.LENGTH:
            raise Malformed("a provider's secret has 32 bytes")
        self._key = key

    def __repr__(self) -> str:
        return "Secret()"

    def derive(self, purpose: str, *parts: bytes) -> bytes:
        """32 bytes that only the holder of the key can compute; purposes never mix."""
        fields = (purpose.encode(), *parts)
        return hmac.digest(self._key, b"".join(len(part).to_bytes(4, "big") + part for part in fields), hashlib.sha256)


def fingerprint(token: str) -> bytes:
    """SHA-256 of a random token: stored in its place, so that a stolen table opens nothing."""
    return hashlib.sha256(token.encode()).digest()
