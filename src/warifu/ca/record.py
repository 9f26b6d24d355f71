"""What an authority keeps about each certificate it issued, besides the certificate itself."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from warifu.pki import CertificateKind, Revocation, Standing, Status


class Medium(Enum):
    """What holds the private key. A person has at most one live certificate of a kind on each."""

    CARD = "card"
    PHONE = "phone"


class State(Enum):
    """What became of a certificate. That it has expired follows from the moment, not from the state."""

    ISSUED = "issued"
    """Recorded; not yet known to be in the holder's hands."""
    VALID = "valid"
    """Delivered."""
    HELD = "held"
    """Suspended (一時保留)."""
    REVOKED = "revoked"
    """Lost its effect for good (失効)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One certificate in the authority's record.

    `generation` is the key identifier of the authority's key that signed it, `municipality` the five-digit code whose
    revocation list it belongs to. Moments are UTC, aware, whole seconds. `revocation` is there when held or revoked.
    """

    kind: CertificateKind
    serial_number: int
    generation: bytes
    medium: Medium
    municipality: str
    not_before: datetime
    not_after: datetime
    state: State = State.ISSUED
    revocation: Revocation | None = None

    def has_expired(self, now: datetime) -> bool:
        """Whether `now` is after the last second of validity (RFC 5280 §4.1.2.5)."""
        return now.replace(microsecond=0) > self.not_after

    def is_live(self, now: datetime) -> bool:
        """Whether it stands in the way of another one: neither revoked nor expired (held ones do)."""
        return self.state is not State.REVOKED and not self.has_expired(now)

    def status(self, now: datetime) -> Status:
        """What the authority says about it.

        Of an expired certificate it says unknown, never good, whatever happened before: records of revocation are kept
        until the certificate's nominal end (公的個人認証法施行令 第3条 to 第6条).
        """
        if self.has_expired(now):
            return Standing.UNKNOWN
        return self.revocation or Standing.GOOD
