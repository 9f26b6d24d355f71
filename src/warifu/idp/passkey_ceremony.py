"""A passkey's ceremony begins: what the browser is asked to do, and what is remembered of it.

One login has one ceremony at a time, with one challenge that is good for one answer. The challenge stays here; the
browser's answer brings it back signed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from ipaddress import ip_address
from urllib.parse import urlsplit

from warifu.errors import ChallengeExpired, NotAllowed, PasskeyLimit, TooManyTries, WrongNonce
from warifu.idp.encoding import base64url
from warifu.idp.login import Login, Status
from warifu.idp.passkey import Passkey
from warifu.idp.passkey_profile import PasskeyProfile
from warifu.idp.profile import Provider
from warifu.idp.secret import Secret
from warifu.ports import Entropy


class Purpose(Enum):
    """What a ceremony is for."""

    ENROL = "enrol"
    LOGIN = "login"
    RENEW = "renew"
    """A passkey that is there already is to stand on the card that was just shown."""


@dataclass(frozen=True, slots=True)
class Ceremony:
    """What is remembered for one login: the challenge that is out, until when and what for, and how many there were.

    `question` is what to ask the authority about the certificate that answered, sealed, until the login is over.
    """

    transaction: str = field(repr=False)
    expires_at: datetime
    question: bytes | None = field(default=None, repr=False)
    tries: int = 0
    purpose: Purpose | None = None
    challenge: bytes | None = field(default=None, repr=False)
    until: datetime | None = None

    def begin(self, purpose: Purpose, profile: PasskeyProfile, now: datetime, entropy: Entropy) -> "Ceremony":
        """A new challenge; the one that was out before is good for nothing any more.

        Raises:
            TooManyTries: this login has had its share.
        """
        if self.tries >= profile.most_tries:
            raise TooManyTries("this login has tried too many passkeys")
        until = now.replace(microsecond=0) + profile.ceremony
        challenge = entropy.bytes(profile.challenge_bytes)
        return replace(self, tries=self.tries + 1, purpose=purpose, challenge=challenge, until=until)

    def spent(self) -> "Ceremony":
        """After an answer, good or bad."""
        return replace(self, purpose=None, challenge=None, until=None)

    def check_out(self, purpose: Purpose, now: datetime) -> bytes:
        """The challenge that is out for this.

        Raises:
            WrongNonce: there is none.
            ChallengeExpired: it is too old.
        """
        if self.challenge is None or self.until is None or self.purpose is not purpose:
            raise WrongNonce
        if now > self.until:
            raise ChallengeExpired
        return self.challenge

    def handle(self, secret: Secret) -> bytes:
        """The user handle of a passkey made now, 32 bytes: the device keeps it, and we do not."""
        assert self.challenge is not None
        return secret.derive("passkey handle", self.transaction.encode(), self.challenge)


def rp_id(provider: Provider) -> str | None:
    """The relying party's identifier, the provider's host; None where browsers make no passkeys.

    They do in secure contexts only, and for names only. Source: WebAuthn §5.1.2 and §13.4.9; Secure Contexts §3.1.
    """
    place = urlsplit(provider.origin)
    host = place.hostname or ""
    local = host == "localhost" or host.endswith(".localhost")
    if place.scheme != "https" and not local:
        return None
    try:
        ip_address(host)
    except ValueError:
        return host
    return None


def check_may_enrol(login: Login, profile: PasskeyProfile, now: datetime) -> None:
    """Check that this login was by card, is allowed, and fresh: nothing else may make or change a passkey.

    Raises:
        NotAllowed: not by card, not allowed yet, or back at the client already.
        ChallengeExpired: the card was read too long ago.
    """
    answered = login.answered
    if login.status_at(now) is Status.EXPIRED:
        raise ChallengeExpired("the login took too long")
    if answered is None or answered.certificate_hash is None or login.status is not Status.ALLOWED:
        raise NotAllowed("a passkey is made after a login with the card")
    if login.code is not None:
        raise NotAllowed("this login is finished")
    if now >= answered.at + profile.enrol_within:
        raise ChallengeExpired("the card was read too long ago")


def check_room(kept: Iterable[Passkey], profile: PasskeyProfile) -> None:
    """Check that a person may have one more.

    Raises:
        PasskeyLimit: that would be too many.
    """
    if len(tuple(kept)) >= profile.most:
        raise PasskeyLimit(f"a person has at most {profile.most} passkeys")


def creation_options(
    ceremony: Ceremony, provider: Provider, secret: Secret, kept: Iterable[Passkey], label: str, *, attested: bool
) -> dict[str, object]:
    """What the browser is asked to make. Wire: PublicKeyCredentialCreationOptionsJSON (WebAuthn §5.4, §5.1.8).

    `label` is what the device shows for it: never a name. `attested` asks for the maker's word.
    """
    profile = provider.profile.passkeys
    assert profile is not None
    assert ceremony.challenge is not None
    handle = base64url(ceremony.handle(secret))
    return {
        "rp": {"id": rp_id(provider), "name": urlsplit(provider.origin).netloc},
        "user": {"id": handle, "name": label, "displayName": label},
        "challenge": base64url(ceremony.challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": each} for each in profile.algorithms],
        "timeout": _milliseconds(profile),
        "excludeCredentials": [_descriptor(each) for each in kept],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "direct" if attested else "none",
    }


def request_options(ceremony: Ceremony, provider: Provider, kept: Iterable[Passkey] = ()) -> dict[str, object]:
    """What the browser is asked to sign with. Wire: PublicKeyCredentialRequestOptionsJSON (WebAuthn §5.5, §5.1.9).

    Without `kept` the device offers what it has for this provider, and the page learns nothing before.
    """
    profile = provider.profile.passkeys
    assert profile is not None
    assert ceremony.challenge is not None
    return {
        "challenge": base64url(ceremony.challenge),
        "timeout": _milliseconds(profile),
        "rpId": rp_id(provider),
        "allowCredentials": [_descriptor(each) for each in kept],
        "userVerification": "required",
    }


def _descriptor(passkey: Passkey) -> dict[str, object]:
    transports = {"transports": list(passkey.transports)} if passkey.transports else {}
    return {"type": "public-key", "id": base64url(passkey.credential_id), **transports}


def _milliseconds(profile: PasskeyProfile) -> int:
    return int(profile.ceremony.total_seconds() * 1000)
