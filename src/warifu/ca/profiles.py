"""The profiles under which certificates are issued, as data: what each kind, on each medium, of each generation has."""

from dataclasses import dataclass
from datetime import timedelta

from warifu.pki import CertificateKind, Medium
from warifu.ports import SignatureAlgorithm


@dataclass(frozen=True, slots=True)
class CertificateProfile:
    """One profile.

    `algorithm` is that of the holder's key and of the authority that issues it; `policy` the object identifier in the
    certificate. `birthdays` is on which birthday after its issue a card's certificate ends at the latest, one later if
    it takes the place of one that was about to end; a phone's ends with the card's (None).
    """

    kind: CertificateKind
    medium: Medium
    algorithm: SignatureAlgorithm
    policy: str
    birthdays: int | None

    @property
    def longest(self) -> timedelta:
        """No certificate of this profile is valid for longer: a year for each birthday, and one for the renewal."""
        return timedelta(days=((self.birthdays or self._of_the_card) + 1) * 366)

    @property
    def _of_the_card(self) -> int:
        return _NEXT_CARD if self.algorithm == "ES384" else _CARD


_CARD = 5
_NEXT_CARD = 10
# SubjectPublicKeyInfo of a P-384 key (RFC 5480 §2) begins so.
_P384 = bytes.fromhex("3076301006072a8648ce3d020106052b81040022")


def _profile(kind: CertificateKind, medium: Medium, algorithm: SignatureAlgorithm) -> CertificateProfile:
    on_card = _NEXT_CARD if algorithm == "ES384" else _CARD
    return CertificateProfile(
        kind, medium, algorithm, kind.policy_on(medium), on_card if medium is Medium.CARD else None
    )


PROFILES: tuple[CertificateProfile, ...] = tuple(
    _profile(kind, medium, algorithm)
    for algorithm in ("RS256", "ES384")
    for medium in Medium
    for kind in CertificateKind
)
"""All of them.

Source: 公的個人認証法施行規則 第13条, 第49条 (the fifth birthday), 第24条の9, 第59条の9 (phones).
Modelled: the next generation's ten birthdays, after the plans for the next card; no rule has them yet.
"""

_BY_WHAT = {(profile.kind, profile.medium, profile.algorithm): profile for profile in PROFILES}


def profile_for(kind: CertificateKind, medium: Medium, public_key_info: bytes) -> CertificateProfile:
    """The profile for a holder's key (DER SubjectPublicKeyInfo); whether the key may be certified is checked later."""
    algorithm: SignatureAlgorithm = "ES384" if public_key_info.startswith(_P384) else "RS256"
    return _BY_WHAT[kind, medium, algorithm]
