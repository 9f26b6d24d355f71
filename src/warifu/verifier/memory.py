"""Certificates whose issuer's signature verified before, so that it need not be verified again.

Only the signature and the profile are remembered, which cannot change. Validity and revocation are checked each time.
"""

import hashlib
from threading import Lock

from warifu.pki import EndEntityCertificate
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
