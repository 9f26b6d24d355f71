"""Whether a passkey's answer is good: the relying party's steps of WebAuthn §7.1 and §7.2, each refusal by its name.

Bytes are parsed and signatures verified by `fido2`; the decisions are here, so that each has a name and none is left
out: its own server takes any algorithm for a new key, and does not look at the counter, the backup flags, the user
handle or whether the page was in a frame.
"""

import hashlib
import hmac
from collections.abc import Collection
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from fido2 import cbor
from fido2.cose import RS256, CoseKey
from fido2.webauthn import AuthenticatorData, CollectedClientData

from warifu.errors import (
    PasskeyChanged,
    PasskeyCopied,
    PasskeyRefused,
    UnknownPasskey,
    UserNotVerified,
    WrongNonce,
    WrongOrigin,
    WrongPasskeyAlgorithm,
    WrongRelyingParty,
    WrongSignature,
)
from warifu.idp.passkey import BE, BS, UP, UV, CardEvent, Passkey
from warifu.idp.passkey_answer import EnrolmentAnswer, PasskeyAnswer
from warifu.idp.passkey_attestation import attestation_of
from warifu.idp.passkey_ceremony import Ceremony, Purpose, rp_id
from warifu.idp.passkey_profile import PasskeyProfile
from warifu.idp.profile import Provider
from warifu.idp.secret import Secret

_CREATE, _GET = "webauthn.create", "webauthn.get"
_MIN_RSA_BITS = 2048


def check_enrolment(
    answer: EnrolmentAnswer,
    ceremony: Ceremony,
    person: str,
    card: CardEvent,
    provider: Provider,
    secret: Secret,
    now: datetime,
    *,
    makers: Collection[bytes] = (),
) -> tuple[Passkey, bytes]:
    """The new passkey, without its question, and its user handle, which is not kept.

    `makers` are the certificates (DER) of those whose attestations are believed.

    Raises:
        Malformed: it cannot be read.
        WrongNonce, ChallengeExpired, WrongOrigin: as for any challenge.
        WrongRelyingParty, UserNotVerified, PasskeyChanged, WrongPasskeyAlgorithm, PasskeyRefused: as the names say.
    """
    challenge = ceremony.check_out(Purpose.ENROL, now)
    client_data, attested = answer.read()
    _check_client_data(client_data, _CREATE, challenge, provider)
    data, new = attested.auth_data, attested.auth_data.credential_data
    assert new is not None
    flags = _check_flags(data, provider)
    assert provider.profile.passkeys is not None
    _check_key(new.public_key, provider.profile.passkeys)
    handle = ceremony.handle(secret)
    made = Passkey(
        new.credential_id,
        person,
        hashlib.sha256(handle).digest(),
        cbor.encode(new.public_key),
        bytes(new.aaguid),
        answer.transports,
        flags,
        attestation_of(attested, client_data.hash, makers),
        data.counter,
        answer.hash,
        now.replace(microsecond=0),
        card,
        b"",
        bool(flags & BS),
    )
    return made, handle


def check_passkey(
    answer: PasskeyAnswer,
    ceremony: Ceremony,
    purpose: Purpose,
    passkey: Passkey | None,
    provider: Provider,
    now: datetime,
) -> Passkey:
    """The passkey after a good answer; `passkey` is the one of this credential id, if there is one.

    Raises:
        Malformed: it cannot be read.
        WrongNonce, ChallengeExpired, WrongOrigin, WrongSignature: as for any challenge.
        UnknownPasskey, WrongRelyingParty, UserNotVerified, PasskeyChanged, PasskeyRefused: as the names say.
        PasskeyCopied: the counter went back, now or before; the caller then stores `passkey.set_aside(now)`.
    """
    challenge = ceremony.check_out(purpose, now)
    client_data, data = answer.read()
    _check_client_data(client_data, _GET, challenge, provider)
    flags = _check_flags(data, provider)
    handle_hash = hashlib.sha256(answer.user_handle).digest()
    if passkey is None or not hmac.compare_digest(handle_hash, passkey.handle_hash):
        raise UnknownPasskey("no such passkey")
    if (flags ^ passkey.flags) & BE:
        raise PasskeyChanged("whether it may leave its device never changes")
    _check_signature(passkey, data + client_data.hash, answer.signature)
    if passkey.set_aside_at is not None:
        raise PasskeyCopied("this passkey has been set aside")
    _check_counter(passkey, data.counter)
    return passkey.seen(data.counter, backed_up=bool(flags & BS), now=now)


def _check_client_data(client_data: CollectedClientData, kind: str, challenge: bytes, provider: Provider) -> None:
    if client_data.type != kind:
        raise PasskeyRefused("the answer is of another ceremony")
    if not hmac.compare_digest(client_data.challenge, challenge):
        raise WrongNonce
    if client_data.origin != provider.origin or client_data.cross_origin is not False:
        raise WrongOrigin


def _check_flags(data: AuthenticatorData, provider: Provider) -> int:
    """The flags; UP and UV are set, and nothing is backed up that may not be (WebAuthn §6.1.3)."""
    expected = hashlib.sha256((rp_id(provider) or "").encode()).digest()
    if not hmac.compare_digest(data.rp_id_hash, expected):
        raise WrongRelyingParty("the passkey answered for another provider")
    flags = int(data.flags)
    if flags & (UP | UV) != UP | UV:
        raise UserNotVerified("the device did not verify who holds it")
    if flags & BS and not flags & BE:
        raise PasskeyChanged("backed up, though it may not leave its device")
    return flags


def _check_key(key: CoseKey, profile: PasskeyProfile) -> None:
    """One of the algorithms asked for, on its curve, long enough: what can verify a signature at all."""
    if key.get(3) not in profile.algorithms:
        raise WrongPasskeyAlgorithm("the key is of an algorithm that was not asked for")
    try:
        if isinstance(key, RS256):
            numbers: Any = (int.from_bytes(key[-2], "big"), int.from_bytes(key[-1], "big"))
            if RSAPublicNumbers(*numbers).public_key().key_size < _MIN_RSA_BITS:
                raise WrongPasskeyAlgorithm("an RSA key has at least 2048 bits")
        key.verify(b"", b"")
    except InvalidSignature:
        return
    except (ValueError, TypeError, KeyError, OverflowError, UnsupportedAlgorithm) as error:
        raise WrongPasskeyAlgorithm("the key cannot verify anything") from error
    raise WrongPasskeyAlgorithm("the key verifies everything")


def _check_signature(passkey: Passkey, signed: bytes, signature: bytes) -> None:
    key: Any = cbor.decode(passkey.public_key)
    try:
        CoseKey.parse(key).verify(signed, signature)
    except (InvalidSignature, ValueError) as error:
        raise WrongSignature from error


def _check_counter(passkey: Passkey, counter: int) -> None:
    """Devices that count never go back; those that do not always say 0 (WebAuthn §6.1.1, §7.2 step 22)."""
    if (counter or passkey.counter) and counter <= passkey.counter:
        raise PasskeyCopied("the counter went back: two devices have this passkey")
