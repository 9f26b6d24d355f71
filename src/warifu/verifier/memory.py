"""What a verifier may remember: signatures that verified, and revocations it saw.

Of a certificate only its issuer's signature and its profile are remembered, which cannot change. Validity and
revocation are checked each time. A revocation, once seen, cannot be taken back; a hold can, so it is not remembered
(公的個人認証法 第15条; phones' authentication certificates resume when the phone is found).
"""

import hashlib
import hmac
from threading import Lock
from typing import Protocol

from warifu.pki import EndEntityCertificate, Revocation
from warifu.verifier.anchors import Anchor, Anchors


class Memory:
    """At most `limit` certificates by the SHA-256 of their DER, each with its anchor; the oldest go first.

    The caller makes one, keeps it in its process and passes it in; it is never written anywhere.
    """

    def __init__(self, limit: int = 10_000) -> None:
        self._limit = limit
        self._seen: dict[bytes, tuple[Anchor, EndEntityCertificate]] = {}
        self._keeping = Lock()

    def __repr__(self) -> str:
        return f"Memory({len(self._seen)} of {self._limit})"

    def __len__(self) -> int:
        return len(self._seen)

    def find(self, certificate: bytes, anchors: Anchors) -> tuple[Anchor, EndEntityCertificate] | None:
        """What was kept about these very bytes, if its issuer is still an anchor."""
        seen = self._seen.get(hashlib.sha256(certificate).digest())
        return seen if seen is not None and seen[0] in anchors else None

    def keep(self, anchor: Anchor, certificate: EndEntityCertificate) -> None:
        """Remember that `anchor` signed `certificate`."""
        fingerprint = hashlib.sha256(certificate.unverified.der).digest()
        with self._keeping:  # logins may be checked in several threads
            while len(self._seen) >= self._limit:
                del self._seen[next(iter(self._seen))]
            self._seen[fingerprint] = (anchor, certificate)


class SeenRevocations(Protocol):
    """Where revocations that were seen are kept, whatever the authority says later; never holds.

    Who keeps them keeps keyed hashes (`revocation_mark`): nobody may search for a serial number in them
    (公的個人認証法 第63条).
    """

    def find(self, issuer_key_id: bytes, serial_number: int) -> Revocation | None:
        """The revocation of this certificate that was seen."""
        ...

    def keep(self, issuer_key_id: bytes, serial_number: int, revocation: Revocation) -> None:
        """Remember it; a hold is not to be kept."""
        ...


_MARK_TAG = b"warifu revoked 1\n\0"


def revocation_mark(secret: bytes, issuer_key_id: bytes, serial_number: int) -> bytes:
    """What stands for a certificate in a memory of revocations, 16 bytes: useless without `secret`.

    Wire: the first half of HMAC-SHA256 over the tag, the issuer's key identifier and the serial number (big-endian),
    each behind its length in one byte.
    """
    serial = serial_number.to_bytes((serial_number.bit_length() + 7) // 8, "big")
    parts = b"".join(bytes((len(part),)) + part for part in (issuer_key_id, serial))
    return hmac.digest(secret, _MARK_TAG + parts, "sha256")[:16]
