"""What passkeys are held to, as data. The official service has none: every value here is ours, after public sources."""

from dataclasses import dataclass
from datetime import timedelta

from warifu.idp.assurance import Assurance

_SYNCED = Assurance("aal2", ("mfa", "pop", "user"))
_DEVICE_BOUND = Assurance("aal2", ("mfa", "pop", "user"))
_ATTESTED = Assurance("aal3", ("mfa", "hwk", "user"))


@dataclass(frozen=True, slots=True)
class PasskeyProfile:
    """The values for passkeys.

    Source: W3C Web Authentication Level 3 (of which the sections are named below); login.gov's WebAuthn set-up
    (public repository 18F/identity-idp), which enrols inside an authenticated session only.
    """

    # Recommended (§5.4): ES256, EdDSA and RS256, which every authenticator in use has one of.
    algorithms: tuple[int, ...] = (-7, -8, -257)
    # Recommended (§15.1): five to ten minutes where the device verifies who holds it.
    ceremony: timedelta = timedelta(minutes=5)
    # Modelled: how long after the card was read a passkey may be made. The card's login ends with it.
    enrol_within: timedelta = timedelta(minutes=5)
    # Modelled: how many one person may have, and how often one login may try.
    most: int = 10
    most_tries: int = 10

    # What a login with a passkey says of itself. Sure: a device that verified who holds it, and a key, are two factors
    # (RFC 8176 §2 `mfa`), somebody was there (`user`) and proved to have the key (`pop`). Whether a finger or a PIN
    # convinced the device it does not tell, so neither is named. Likely: a key that may leave its device is held to
    # the second level (NIST SP 800-63B-4). Modelled: one that may not is held to the same as long as nobody but the
    # device says so; with an attestation by a manufacturer whom the operator trusts, hardware is known (`hwk`), and
    # the level is the card's.
    synced: Assurance = _SYNCED
    device_bound: Assurance = _DEVICE_BOUND
    attested: Assurance = _ATTESTED

    # Modelled: how surely the card's holder was known when the card was issued, face to face.
    ial: str = "ial3"

    # Recommended (§13.4.3): at least 16 bytes.
    challenge_bytes: int = 32
