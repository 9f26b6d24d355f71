"""A person's passkey from enrolment to login, without a store."""

from dataclasses import replace
from typing import Any

from tests.idp.authenticator import Device
from tests.idp.world import NOW, PROVIDER, SECOND, SECRET, Counter
from tests.pki import world as pki
from tests.verifier.scene import anchors
from warifu.idp import (
    CardEvent,
    Ceremony,
    EnrolmentAnswer,
    Passkey,
    PasskeyAnswer,
    PasskeyProfile,
    Provider,
    Purpose,
    check_enrolment,
    check_passkey,
    creation_options,
    request_options,
    seal_for_device,
)
from warifu.verifier import question

PERSON = "5f0c2a6e-0000-4000-8000-00000000000a"
CARD = CardEvent(b"a" * 32, b"c" * 32, PROVIDER.profile.by_card, NOW)
ENTROPY = Counter()


def profile(provider: Provider = PROVIDER) -> PasskeyProfile:
    assert provider.profile.passkeys is not None
    return provider.profile.passkeys


def ceremony(purpose: Purpose, transaction: str = "t") -> Ceremony:
    """One that has just begun."""
    return Ceremony(transaction, NOW + 300 * SECOND).begin(purpose, profile(), NOW, ENTROPY)


def enrol(device: Device, *, person: str = PERSON, makers: tuple[bytes, ...] = (), **wrong: Any) -> Passkey:
    """A passkey that a device has just made, with one thing wrong."""
    begun_now, origin = ceremony(Purpose.ENROL), wrong.pop("origin", PROVIDER.origin)
    options = creation_options(begun_now, PROVIDER, SECRET, (), "a label", attested=bool(makers))
    answer = EnrolmentAnswer.decode(device.create(options, origin, **wrong))
    made, handle = check_enrolment(answer, begun_now, person, CARD, PROVIDER, SECRET, NOW, makers=makers)
    asked = question(pki.authentication_certificate(), anchors())
    return replace(made, question=seal_for_device(asked, SECRET, handle, ENTROPY))


def use(device: Device, passkey: Passkey | None, begun_now: Ceremony | None = None, **wrong: Any) -> Passkey:
    """The passkey after a device answered, with one thing wrong."""
    begun_now, origin = begun_now or ceremony(Purpose.LOGIN), wrong.pop("origin", PROVIDER.origin)
    now = wrong.pop("now", NOW)
    answer = PasskeyAnswer.decode(device.get(request_options(begun_now, PROVIDER), origin, **wrong))
    return check_passkey(answer, begun_now, Purpose.LOGIN, passkey, PROVIDER, now)
