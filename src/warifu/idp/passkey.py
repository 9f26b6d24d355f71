"""A passkey as the provider keeps it: made within minutes of a login with the card, and what it stands on.

::

    card login ── enrol ──> in use ──copy found──> set aside (until the card removes it)
                              │
       its card's certificate │ good: the login says what was proofed, and when
                              │ held, ended, not to be known: the login says nothing of it, this time
                              │ revoked for cause: never again, until the card is shown anew (`renew`)

A passkey never opens the four attributes: those are read from the card, at the moment, or not at all. It never signs.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from warifu.errors import CardNeeded
from warifu.idp.assurance import LEVELS, Assurance, reaches
from warifu.idp.login import AuthorizationRequest
from warifu.idp.passkey_profile import PasskeyProfile
from warifu.idp.signing_profile import SIGN_SCOPE

UP, UV, BE, BS = 0x01, 0x04, 0x08, 0x10
"""Flags of authenticator data: somebody was there, and verified; may leave the device, and has (WebAuthn §6.1)."""


class Attestation(Enum):
    """What the device's maker says of the key, and whether that may be believed."""

    NONE = "none"
    """Nothing."""
    SELF = "self"
    """The key vouches for itself."""
    UNTRUSTED = "untrusted"
    """Somebody vouches whom the operator does not know."""
    TRUSTED = "trusted"
    """A maker vouches whom the operator trusts."""


@dataclass(frozen=True, slots=True)
class CardEvent:
    """The login by card that a passkey stands on: which answer, which certificate (keyed hash), how sure, when."""

    answer_hash: bytes = field(repr=False)
    certificate_hash: bytes = field(repr=False)
    assurance: Assurance
    at: datetime


@dataclass(frozen=True, slots=True)
class Dropped:
    """That a passkey no longer says who its holder was proofed to be: the CRLReason, and since when."""

    reason: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Passkey:
    """One credential and the assurance of the ceremony that made it.

    `flags` are those of enrolment, `backed_up` is as last seen. `handle_hash` is the SHA-256 of the user handle: the
    handle itself is on the device alone and opens `question`, what to ask the authority about the card's certificate.
    `counter` is the highest signature count seen; 0 for devices that do not count.
    """

    credential_id: bytes = field(repr=False)
    person: str = field(repr=False)
    handle_hash: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    aaguid: bytes
    transports: tuple[str, ...]
    flags: int
    attestation: Attestation
    counter: int
    enrolment_hash: bytes = field(repr=False)
    created_at: datetime
    card: CardEvent
    question: bytes = field(repr=False)
    backed_up: bool
    used_at: datetime | None = None
    dropped: Dropped | None = None
    set_aside_at: datetime | None = None

    @property
    def synced(self) -> bool:
        """Whether the key may leave its device: then nobody knows how many devices have it."""
        return bool(self.flags & BE)

    def assurance(self, profile: PasskeyProfile) -> Assurance:
        """What a login with it may truthfully say, by its flags and what is known of its maker."""
        if self.synced:
            return profile.synced
        return profile.attested if self.attestation is Attestation.TRUSTED else profile.device_bound

    def seen(self, counter: int, *, backed_up: bool, now: datetime) -> "Passkey":
        """After a good assertion."""
        return replace(self, counter=counter, backed_up=backed_up, used_at=now.replace(microsecond=0))

    def set_aside(self, now: datetime) -> "Passkey":
        """After its counter went back: two devices have the key, and one of them is somebody else's, maybe."""
        return replace(self, set_aside_at=now.replace(microsecond=0))

    def drop(self, reason: int, now: datetime) -> "Passkey":
        """After its card's certificate was revoked for cause (CRLReason)."""
        return replace(self, dropped=Dropped(reason, now.replace(microsecond=0)))

    def renewed(self, card: CardEvent, question: bytes) -> "Passkey":
        """The card was shown again: from now on it stands on that."""
        return replace(self, card=card, question=question, dropped=None)


def told(request: AuthorizationRequest, passkey: Passkey, profile: PasskeyProfile) -> Assurance:
    """What a login with this passkey says of itself to who asked so; `acr` is one that was asked for, if any was.

    A passkey answers the origin that asked and no other, so it resists phishing (`phr`); whether its key is in hardware
    (`phrh`) only an attestation tells. Clients of the official service ask for ``aal3 crl``: for those only an attested
    one is enough. Source: OpenID Connect Extended Authentication Profile ACR Values 1.0 §4; RFC 9470 §4.

    Raises:
        CardNeeded: it wants something signed, or none of the levels it asks for is reached.
    """
    check_may_serve(request, profile)
    assurance = passkey.assurance(profile)
    asked = [value for value in request.acr_values if value in LEVELS]
    if not asked:
        return assurance
    reached = {assurance.acr, "phr"} | ({"phrh"} if assurance == profile.attested else set())
    given = [value for value in asked if any(reaches(each, value) for each in reached)]
    if not given:
        raise CardNeeded("the client asks for a higher level than this passkey reaches")
    return replace(assurance, acr=given[0] if given[0] in reached else assurance.acr)


def check_may_serve(request: AuthorizationRequest, profile: PasskeyProfile, *, attested: bool = True) -> None:
    """Check that some passkey could be enough for a request, an `attested` one if makers are trusted at all.

    Raises:
        CardNeeded: none could.
    """
    if SIGN_SCOPE in request.scopes:
        raise CardNeeded("a passkey never signs")
    best = {profile.synced.acr, profile.device_bound.acr, "phr"} | (
        {profile.attested.acr, "phrh"} if attested else set()
    )
    asked = [value for value in request.acr_values if value in LEVELS]
    if asked and not any(reaches(each, value) for each in best for value in asked):
        raise CardNeeded("the client asks for a higher level than a passkey reaches")
