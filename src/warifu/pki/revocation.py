"""What an authority says about a certificate: good, unknown, or revoked since when and why."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, IntEnum

from cryptography import x509


class Reason(IntEnum):
    """Why a certificate lost its effect (RFC 5280 §5.3.1), with J-LIS's meaning.

    Source: the authorities' certification practice statements §4.9.9, as PocketSign's public API documentation quotes
    them.
    """

    UNSPECIFIED = 0
    """Discarded before it was delivered."""
    KEY_COMPROMISE = 1
    """The holder's key is compromised."""
    CA_COMPROMISE = 2
    """The authority's key is compromised."""
    AFFILIATION_CHANGED = 3
    """What the certificate says changed: a move, another name."""
    SUPERSEDED = 4
    """Renewed."""
    CESSATION_OF_OPERATION = 5
    """No longer needed."""
    CERTIFICATE_HOLD = 6
    """Held, because the key may not be safe (一時保留)."""

    @property
    def flag(self) -> x509.ReasonFlags:
        """The same for cryptography."""
        return _FLAGS[self]


_FLAGS = {
    Reason.UNSPECIFIED: x509.ReasonFlags.unspecified,
    Reason.KEY_COMPROMISE: x509.ReasonFlags.key_compromise,
    Reason.CA_COMPROMISE: x509.ReasonFlags.ca_compromise,
    Reason.AFFILIATION_CHANGED: x509.ReasonFlags.affiliation_changed,
    Reason.SUPERSEDED: x509.ReasonFlags.superseded,
    Reason.CESSATION_OF_OPERATION: x509.ReasonFlags.cessation_of_operation,
    Reason.CERTIFICATE_HOLD: x509.ReasonFlags.certificate_hold,
}
_REASONS = {flag: reason for reason, flag in _FLAGS.items()}


class Standing(Enum):
    """Two of the three answers an authority gives (RFC 6960 §2.2); the third is a `Revocation`."""

    GOOD = "good"
    UNKNOWN = "unknown"
    """Never issued by this authority."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """Revoked or held since `at` (UTC, aware, whole seconds).

    The certificate lost its effect at the moment of recording (公的個人認証法 第15条, 第34条).
    """

    at: datetime
    reason: Reason


Status = Standing | Revocation


def reason_of(flag: x509.ReasonFlags | None) -> Reason:
    """The reason for cryptography's flag; none given means unspecified.

    Raises:
        KeyError: a reason that JPKI does not use (removeFromCRL and others).
    """
    return Reason.UNSPECIFIED if flag is None else _REASONS[flag]
