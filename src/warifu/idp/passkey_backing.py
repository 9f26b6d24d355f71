"""What a passkey still says about who its holder is: as much as the card's certificate, asked about now, backs.

The question holds a serial number, so it is sealed twice over: for the minutes between the card's answer and the
enrolment under the provider's secret and that login, and afterwards under the provider's secret and the user handle,
which only the device has. Who has the store and the secret cannot read it; the device that comes back opens it. The
same question about a certificate by which somebody is logged in is sealed under the secret alone, for as long as that.
"""

from collections.abc import Callable
from datetime import datetime
from enum import Enum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from warifu.errors import Expired, Malformed, Revoked, Suspended, WarifuError
from warifu.idp.assurance import Proofed
from warifu.idp.passkey import Passkey
from warifu.idp.passkey_profile import PasskeyProfile
from warifu.idp.secret import Secret
from warifu.pki import Reason
from warifu.ports import Entropy
from warifu.verifier import CertificateQuestion

_NONCE = 12


class Backing(Enum):
    """How the certificate stands on which a passkey was made."""

    GOOD = "good"
    HELD = "held"
    """Suspended: nothing is said as long as it is."""
    ENDED = "ended"
    """Expired, or replaced by a newer one: nothing bad, and the newer card is yet to be shown."""
    DEAD = "dead"
    """Revoked for cause: nothing is said any more until a card is shown."""
    UNKNOWN = "unknown"
    """Nobody can tell now."""


def backing_of(check: Callable[[], object]) -> tuple[Backing, Revoked | None]:
    """Run a check of the certificate and say what follows; a revocation for cause comes along.

    Modelled: `superseded` is the one reason that is no cause, for a renewal or a hold that ended by a new certificate
    gives it; every other reason (death, loss, the card given up) is one.
    """
    try:
        check()
    except WarifuError as cause:
        return backing_for(cause)
    return Backing.GOOD, None


def backing_for(cause: WarifuError) -> tuple[Backing, Revoked | None]:
    """What follows from the error of such a check."""
    if isinstance(cause, Revoked):
        return (Backing.ENDED, None) if cause.reason == Reason.SUPERSEDED else (Backing.DEAD, cause)
    if isinstance(cause, Suspended):
        return Backing.HELD, None
    return (Backing.ENDED if isinstance(cause, Expired) else Backing.UNKNOWN), None


def backed(
    passkey: Passkey, backing: Backing, revoked: Revoked | None, profile: PasskeyProfile, now: datetime
) -> tuple[Passkey, Proofed | None]:
    """The passkey after a look at its certificate, and what its login may say of who its holder was proofed to be."""
    if backing is Backing.DEAD and passkey.dropped is None:
        assert revoked is not None
        passkey = passkey.drop(int(revoked.reason), now)
    if backing is not Backing.GOOD or passkey.dropped is not None:
        return passkey, None
    return passkey, Proofed(profile.ial, passkey.card.at, now.replace(microsecond=0))


# --- sealing ----------------------------------------------------------------------------------------------------------


def seal_for_login(asked: CertificateQuestion, secret: Secret, transaction: str, entropy: Entropy) -> bytes:
    """The question until the login is over."""
    return _seal(asked, secret.derive("card question", transaction.encode()), transaction.encode(), entropy)


def open_of_login(sealed: bytes, secret: Secret, transaction: str) -> CertificateQuestion:
    """The question of a login that goes on.

    Raises:
        Malformed: of another login, or sealed with another secret.
    """
    return _open(sealed, secret.derive("card question", transaction.encode()), transaction.encode())


def seal_for_device(asked: CertificateQuestion, secret: Secret, handle: bytes, entropy: Entropy) -> bytes:
    """The question until the device with this user handle comes back."""
    return _seal(asked, secret.derive("passkey question", handle), b"", entropy)


def open_of_device(sealed: bytes, secret: Secret, handle: bytes) -> CertificateQuestion:
    """The question, for the device has come back.

    Raises:
        Malformed: another device's, or sealed with another secret.
    """
    return _open(sealed, secret.derive("passkey question", handle), b"")


def seal_for_session(asked: CertificateQuestion, secret: Secret, certificate_hash: bytes, entropy: Entropy) -> bytes:
    """The question as long as somebody is logged in with the certificate: who has the secret can open it alone."""
    return _seal(asked, secret.derive("session question", certificate_hash), certificate_hash, entropy)


def open_of_session(sealed: bytes, secret: Secret, certificate_hash: bytes) -> CertificateQuestion:
    """The question about the certificate of a session.

    Raises:
        Malformed: another certificate's, or sealed with another secret.
    """
    return _open(sealed, secret.derive("session question", certificate_hash), certificate_hash)


def _seal(asked: CertificateQuestion, key: bytes, context: bytes, entropy: Entropy) -> bytes:
    nonce = entropy.bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, asked.encode(), context)


def _open(sealed: bytes, key: bytes, context: bytes) -> CertificateQuestion:
    try:
        return CertificateQuestion.decode(AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], context))
    except (InvalidTag, ValueError) as error:
        raise Malformed("the question does not open") from error
