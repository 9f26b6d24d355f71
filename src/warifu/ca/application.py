"""What a municipality, or for a phone its holder, sends when somebody applies for a certificate."""

from dataclasses import dataclass, field
from datetime import datetime

from warifu.ca.profiles import profile_for
from warifu.errors import NotAllowed
from warifu.person import BasicAttributes, Municipality
from warifu.pki import CertificateKind, Medium


@dataclass(frozen=True, slots=True)
class CertificateApplication:
    """An application for one certificate.

    `holder` is an opaque identifier, the same for all certificates of a person; it is kept only as a keyed hash.
    `public_key_info` is DER SubjectPublicKeyInfo; the key pair was made on the medium. `attributes` are for a signing
    certificate only. `not_after` is the end of validity (`pki.not_after`), UTC, aware. `card` and `as_of` are as in
    `Entry`. `signed_with` is for a phone only: the serial number of the card's signing certificate whose key signed the
    application (公的個人認証法 第16条の2第2項, 施行令 第7条の2).
    """

    kind: CertificateKind
    holder: str = field(repr=False)
    municipality: Municipality
    public_key_info: bytes = field(repr=False)
    not_after: datetime
    attributes: BasicAttributes | None = field(default=None, repr=False)
    medium: Medium = Medium.CARD
    card: str | None = field(default=None, repr=False)
    as_of: datetime | None = None
    signed_with: int | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.holder:
            raise NotAllowed("an application names its holder")
        if (self.attributes is not None) is not (self.kind is CertificateKind.SIGNING):
            raise NotAllowed("the four basic attributes go into a signing certificate, and into no other")
        if (self.signed_with is not None) is not (self.medium is Medium.PHONE):
            raise NotAllowed("the application for a phone is signed with the card, and no other is")

    @property
    def says_abroad(self) -> bool:
        """Whether the certificate will say that the holder leaves the country (公的個人認証法 第7条第2項).

        Modelled: the address then begins with these words.
        """
        return self.attributes is not None and self.attributes.address.text.startswith("国外転出")

    def check_validity(self, now: datetime, authority_ends: datetime) -> None:
        """Check the end of validity.

        Raises:
            NotAllowed: it is over already, further away than any rule allows, or after the authority's own end.
        """
        if self.not_after <= now:
            raise NotAllowed("the certificate would have expired when it is issued")
        if self.not_after > now + profile_for(self.kind, self.medium, self.public_key_info).longest:
            raise NotAllowed("the certificate would be valid longer than the sixth birthday, or the next card's tenth")
        if self.not_after > authority_ends:
            raise NotAllowed("the certificate would outlive the authority's own")
