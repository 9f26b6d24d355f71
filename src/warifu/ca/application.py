"""What a municipality sends when somebody applies for a certificate."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from warifu.ca.record import Medium
from warifu.errors import NotAllowed
from warifu.person import BasicAttributes, Municipality
from warifu.pki import CertificateKind

LONGEST = timedelta(days=6 * 366)
"""Six birthdays at most lie between issue and end (公的個人認証法施行規則 第13条, 第49条)."""
LONGEST_OF_NEXT_CARD = timedelta(days=11 * 366)
"""Ten years, and what is left of the one before. Modelled: after the plans for the next card; no rule has it yet."""
_P384 = bytes.fromhex("3076301006072a8648ce3d020106052b81040022")
"""How the SubjectPublicKeyInfo of a P-384 key begins (RFC 5480 §2)."""


@dataclass(frozen=True, slots=True)
class CertificateApplication:
    """An application for one certificate.

    `holder` is an opaque identifier, the same for all certificates of a person; it is kept only as a keyed hash.
    `public_key_info` is DER SubjectPublicKeyInfo; the key pair was made on the medium. `attributes` are for a signing
    certificate only. `not_after` is the end of validity (`pki.not_after`), UTC, aware.
    """

    kind: CertificateKind
    holder: str = field(repr=False)
    municipality: Municipality
    public_key_info: bytes = field(repr=False)
    not_after: datetime
    attributes: BasicAttributes | None = field(default=None, repr=False)
    medium: Medium = Medium.CARD

    def __post_init__(self) -> None:
        if not self.holder:
            raise NotAllowed("an application names its holder")
        if (self.attributes is not None) is not (self.kind is CertificateKind.SIGNING):
            raise NotAllowed("the four basic attributes go into a signing certificate, and into no other")

    @property
    def _longest(self) -> timedelta:
        return LONGEST_OF_NEXT_CARD if self.public_key_info.startswith(_P384) else LONGEST

    def check_validity(self, now: datetime, authority_ends: datetime) -> None:
        """Check the end of validity.

        Raises:
            NotAllowed: it is over already, further away than any rule allows, or after the authority's own end.
        """
        if self.not_after <= now:
            raise NotAllowed("the certificate would have expired when it is issued")
        if self.not_after > now + self._longest:
            raise NotAllowed("the certificate would be valid longer than the sixth birthday, or the next card's tenth")
        if self.not_after > authority_ends:
            raise NotAllowed("the certificate would outlive the authority's own")
