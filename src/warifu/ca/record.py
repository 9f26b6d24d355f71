"""What an authority keeps about each certificate it issued, besides the certificate itself."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from warifu.pki import CertificateKind, Medium, Revocation, Standing, Status


class State(Enum):
    """What became of a certificate."""

    APPLIED = "applied"
    """A serial number is taken and nothing was handed out: to everybody who asks it was never issued."""
    ISSUED = "issued"
    """Recorded; not yet known to be in the holder's hands."""
    VALID = "valid"
    """Delivered."""
    HELD = "held"
    """Suspended (一時保留)."""
    REVOKED = "revoked"
    """Lost its effect for good (失効)."""
    EXPIRED = "expired"
    """After its end of validity. Never kept in a record: it follows from the moment (`Entry.state_at`)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One certificate in the authority's record.

    `generation` is the key identifier of the authority's key that signed it, `municipality` the five-digit code whose
    revocation list it belongs to. Moments are UTC, aware, whole seconds. `revocation` is there when held or revoked.
    `card` names the card that holds the key, or on whose certificates the phone's stand; None if nobody said. `as_of`
    is the moment of which the register told what the certificate says. `abroad`: it says already that the holder leaves
    the country (公的個人認証法 第7条第2項).
    """

    kind: CertificateKind
    serial_number: int = field(repr=False)
    generation: bytes
    medium: Medium
    municipality: str
    not_before: datetime
    not_after: datetime
    state: State = State.ISSUED
    revocation: Revocation | None = None
    card: str | None = field(default=None, repr=False)
    as_of: datetime | None = None
    abroad: bool = False

    def has_expired(self, now: datetime) -> bool:
        """Whether `now` is after the last second of validity (RFC 5280 §4.1.2.5)."""
        return now.replace(microsecond=0) > self.not_after

    def state_at(self, now: datetime) -> State:
        """The state, in which expired comes before all that happened earlier."""
        return State.EXPIRED if self.has_expired(now) and self.state is not State.APPLIED else self.state

    def is_live(self, now: datetime) -> bool:
        """Whether it stands in the way of another one: handed out, neither revoked nor expired (held ones do)."""
        return self.state_at(now) in {State.ISSUED, State.VALID, State.HELD}

    def may_be_used(self, now: datetime) -> bool:
        """Whether its holder may use it: delivered, or issued to the holder's own phone, and neither held nor over."""
        state = self.state_at(now)
        return state is State.VALID or (state is State.ISSUED and self.medium is Medium.PHONE)

    def status(self, now: datetime) -> Status:
        """What the authority says about it.

        Of an expired certificate it says unknown, never good, whatever happened before: records of revocation are kept
        until the certificate's nominal end (公的個人認証法施行令 第3条 to 第6条).
        """
        if self.state is State.APPLIED or self.has_expired(now):
            return Standing.UNKNOWN
        return self.revocation or Standing.GOOD
